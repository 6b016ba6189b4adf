package cli

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// screen is standard output that is a terminal, whose width tables are held to.
type screen struct {
	io.Writer
	width int // in columns
}

// onScreen is w as tables are to see it. A pipe, a file and --wide have no width.
func onScreen(w io.Writer, wide bool) io.Writer {
	f, ok := w.(*os.File)
	if !ok || wide || !isTerminal(w) {
		return w
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width < narrowest {
		return w
	}
	return screen{w, width}
}

const (
	narrowest = 20 // a terminal that says less does not know its width
	cellFloor = 12 // no cell is cut to fewer characters; it would say nothing
	wordFloor = 40 // no longer word decides how wide a column is
	between   = 2  // columns between two cells
)

// dispensable are the columns that a narrow terminal does without, the first one
// first. The first column of a table, which names the row, and what is not listed
// here always stay.
func dispensable() []string {
	return []string{
		"FINGERPRINT", "FORK", "PREFIX", "NO ROOM", "NOT SCANNED", "HITS 7D", "ORIGIN", "ARCHETYPE", "HOSTNAME",
		"BUDGET", "METHODS", "EXPIRES", "PER HOUR", "DROPPED", "CONFIDENCE", "RESTARTS", "CREATED", "SCOPES",
		"LAST USED", "LAST LOGIN", "ATTEMPTS", "STATUS", "UP TO", "WEBHOOKS", "TOPICS", "PENDING", "PROTOCOLS",
		"PROTOCOL", "PORTS", "WHEN", "SOURCE", "SEEN BY", "ASSIGNEE", "TIMES", "EVENTS", "NODES", "RELAYED",
		"FORMAT", "DETECTED BY", "SINCE", "STAYED", "LOGINS", "DECKIES", "USED", "SESSIONS", "BYTES OUT", "ALLOWED",
		"AUTHOR", "BY", "ADDRESS", "KIND", "SERVICE", "SERVICES", "NODE", "PROGRAM", "LAST SEEN", "FIRST SEEN",
		"OPENED", "ASKED", "QUEUED", "CAME", "LAST TRIED", "TIME", "REVIEW", "FROM", "WHERE",
	}
}

// prose says whether a column tells what to do: it is broken into lines, never cut.
func prose(name string) bool { return name == "DETAIL" || name == "WHAT TO DO" || name == "ERROR" }

// fitted holds a table to a width: it leaves out dispensable columns until the others
// fit with their long cells cut, and names what it left out. A table that does not
// fit so either is shown row by row, with all of its columns.
func fitted(w io.Writer, width int, header []string, rows [][]string) error {
	kept, left, ok := keep(header, rows, width)
	if !ok {
		return stacked(w, width, header, rows)
	}
	widths := share(header, rows, kept, width)
	var lines [][]string
	for _, row := range rows {
		lines = append(lines, broken(header, row, kept, widths)...)
	}
	if err := aligned(w, broken(header, header, kept, widths)[0], lines); err != nil || len(left) == 0 {
		return err
	}
	_, err := fmt.Fprintln(w, cut("--wide shows also: "+strings.Join(left, ", "), width))
	return err
}

// keep chooses the columns that are shown, and names those that are left out; ok is
// false if they do not fit. The first to go are those that say nothing in any row.
func keep(header []string, rows [][]string, width int) (kept []int, left []string, ok bool) {
	for i := range header {
		kept = append(kept, i)
	}
	fits := func() bool { return sum(floors(header, rows, kept)) <= width }
	if !fits() {
		kept = slices.DeleteFunc(kept, func(k int) bool { return k > 0 && silent(rows, k) })
	}
	for _, name := range dispensable() {
		if fits() {
			break
		}
		if i := slices.Index(header, name); i > 0 && slices.Contains(kept, i) {
			kept, left = slices.DeleteFunc(kept, func(k int) bool { return k == i }), append(left, name)
		}
	}
	return kept, left, fits()
}

// silent says that a column is empty in every row.
func silent(rows [][]string, column int) bool {
	return !slices.ContainsFunc(rows, func(row []string) bool { return row[column] != "" })
}

// share gives each column the width it needs; what is missing is taken from the
// widest, which may be cut.
func share(header []string, rows [][]string, kept []int, width int) []int {
	needs, least := natural(header, rows, kept), floors(header, rows, kept)
	for sum(needs) > width {
		widest := -1
		for i := range needs {
			if needs[i] > least[i] && (widest < 0 || needs[i] > needs[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return needs
		}
		needs[widest]--
	}
	return needs
}

// natural are the widths of columns that nothing is cut from.
func natural(header []string, rows [][]string, kept []int) []int {
	widths := make([]int, len(kept))
	for i, k := range kept {
		widths[i] = utf8.RuneCountInString(header[k])
		for _, row := range rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[k]))
		}
	}
	return widths
}

// floors are the least widths of columns. The first is never cut, so that it can be
// given to other commands.
func floors(header []string, rows [][]string, kept []int) []int {
	widths := natural(header, rows, kept)
	for i, k := range kept {
		if i > 0 {
			widths[i] = min(widths[i], max(cellFloor, utf8.RuneCountInString(header[k]), longestWord(header[k], rows, k)))
		}
	}
	return widths
}

// longestWord is how wide a column of prose has to be for none of its words to be
// broken: they may be commands to copy. Very long ones are broken all the same.
func longestWord(name string, rows [][]string, column int) int {
	longest := 0
	for _, row := range rows {
		for _, word := range strings.Fields(row[column]) {
			longest = max(longest, utf8.RuneCountInString(word))
		}
	}
	if !prose(name) || longest > wordFloor {
		return 0
	}
	return longest
}

// sum is how wide a line of these columns is.
func sum(widths []int) int {
	total := between * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	return total
}

// broken are the lines of one row: what is prose may need several.
func broken(header, row []string, kept, widths []int) [][]string {
	cells, height := make([][]string, len(kept)), 1
	for i, k := range kept {
		cells[i] = []string{cut(row[k], widths[i])}
		if prose(header[k]) {
			cells[i] = wrap(row[k], widths[i])
		}
		height = max(height, len(cells[i]))
	}
	lines := make([][]string, height)
	for n := range lines {
		lines[n] = make([]string, len(kept))
		for i := range kept {
			if n < len(cells[i]) {
				lines[n][i] = cells[i][n]
			}
		}
	}
	return lines
}

// wrap breaks s between words into lines of at most n characters, and a longer word
// where a line ends.
func wrap(s string, n int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(s) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case utf8.RuneCountInString(*last)+1+utf8.RuneCountInString(word) <= n:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
		for r := []rune(lines[len(lines)-1]); len(r) > n; r = r[n:] {
			lines = append(lines[:len(lines)-1], string(r[:n]), string(r[n:]))
		}
	}
	return lines
}

// cut shortens s to n characters, the last of which then says that it goes on.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:n-1]), " ") + "…"
}

// stacked shows each row as a line with its first cell, and a line for each other
// cell that says anything, whole.
func stacked(w io.Writer, width int, header []string, rows [][]string) error {
	var b strings.Builder
	label := 0
	for _, name := range header {
		label = max(label, utf8.RuneCountInString(name))
	}
	room := max(cellFloor, width-label-2*between)
	for _, row := range rows {
		fmt.Fprintln(&b, row[0])
		for i, cell := range row[1:] {
			if cell != "" {
				fmt.Fprintf(&b, "  %-*s  %s\n", label, header[i+1], strings.Join(wrap(cell, room), "\n"+strings.Repeat(" ", label+2*between)))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
