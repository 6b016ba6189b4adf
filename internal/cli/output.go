package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/event"
)

// printable makes text from outside safe for a terminal: control and
// formatting characters (ANSI escapes, bidirectional overrides) are shown as
// escapes instead of being obeyed.
func printable(s string) string {
	if !strings.ContainsFunc(s, unsafeRune) && strings.ToValidUTF8(s, "") == s {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unsafeRune(r) || r == unicode.ReplacementChar {
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func unsafeRune(r rune) bool {
	return r != '\n' && r != '\t' && !unicode.IsPrint(r)
}

// oneLine is printable text without line breaks, for a cell of a table.
func oneLine(s string) string {
	return strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(printable(s))
}

// table writes rows under a header, aligned; on a terminal no wider than that.
func table(w io.Writer, header []string, rows [][]string) error {
	safe := make([][]string, len(rows))
	for i, row := range rows {
		for _, c := range row {
			safe[i] = append(safe[i], oneLine(c))
		}
	}
	switch on := w.(type) {
	case screen:
		return fitted(w, on.width, header, safe)
	case folding: // a table among sentences
		return fitted(on.on, on.on.width, header, safe)
	}
	return aligned(w, header, safe)
}

func aligned(w io.Writer, header []string, rows [][]string) error {
	tw := tabwriter.NewWriter(w, 0, 4, between, ' ', 0)
	for _, row := range append([][]string{header}, rows...) {
		fmt.Fprintln(tw, strings.Join(row, "\t"))
	}
	return tw.Flush()
}

// tableOf writes a row for each item, or the text none when there is no item.
func tableOf[T any](w io.Writer, none string, header []string, items []T, row func(T) []string) error {
	if len(items) == 0 {
		_, err := fmt.Fprintln(sentences(w), none)
		return err
	}
	rows := make([][]string, len(items))
	for i, item := range items {
		rows[i] = row(item)
	}
	return table(w, header, rows)
}

// emitList writes items as JSON, JSON lines, or as a table made by text.
func emitList[T any](s *session, items []T, text func(w io.Writer) error) error {
	switch s.global.Format {
	case "json":
		if items == nil {
			items = []T{}
		}
		return writeJSON(s.Stdout, items, "  ")
	case "jsonl":
		for _, it := range items {
			if err := writeJSON(s.Stdout, it, ""); err != nil {
				return err
			}
		}
		return nil
	}
	return text(s.Stdout)
}

// emit writes one value.
func emit(s *session, v any, text func(w io.Writer) error) error {
	switch s.global.Format {
	case "json":
		return writeJSON(s.Stdout, v, "  ")
	case "jsonl":
		return writeJSON(s.Stdout, v, "")
	}
	return text(s.Stdout)
}

func writeJSON(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(event.PlainJSON(b.Bytes()))
	return err
}

// gone says that something is no more: how it went, and its name.
func (s *session) gone(how, name string) error {
	return emit(s, map[string]string{how: name}, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s is %s\n", oneLine(name), how)
		return err
	})
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// mostPerPage is the largest page the API gives.
const mostPerPage = 500

// pages reads a list page by page until it has limit items or the list ends.
// read fetches the page behind a cursor, of at most size items.
func pages[T any](limit int, read func(size int, cursor string) (items []T, next *string, err error)) ([]T, error) {
	var all []T
	for cursor := ""; ; {
		items, next, err := read(min(mostPerPage, limit-len(all)), cursor)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
		if next == nil || len(all) >= limit {
			return all, nil
		}
		cursor = *next
	}
}

// showList reads at most limit items of a list from the server, page by page, and
// shows them: as data, or by text.
func showList[T any](ctx context.Context, s *session, limit int, read func(cl *client.Client, size int, cursor string) ([]T, *string, error), text func(io.Writer, []T) error) error {
	if limit < 1 {
		return usageError("--limit %d: give a number above 0", limit)
	}
	return s.withClient(ctx, true, func(cl *client.Client) error {
		items, err := pages(limit, func(size int, cursor string) ([]T, *string, error) { return read(cl, size, cursor) })
		if err != nil {
			return err
		}
		return emitList(s, items, func(w io.Writer) error { return text(w, items) })
	})
}

// localTime is a time for people: on their clock, with its distance to UTC, because what is
// beside it may come from elsewhere.
func localTime(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 -07:00") }
