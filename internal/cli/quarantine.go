package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type quarantineCmd struct {
	List   quarantineListCmd   `cmd:"" help:"List entries, newest first."`
	Show   quarantineShowCmd   `cmd:"" help:"Show one entry with its findings and its history."`
	Review quarantineReviewCmd `cmd:"" help:"Say what an entry is."`
	Lookup quarantineLookupCmd `cmd:"" help:"Read a secret from standard input and say where it was seen."`
}

type quarantineListCmd struct {
	Source   string   `help:"Only of this source."`
	Rule     string   `help:"Only of this rule."`
	Severity []string `enum:"low,medium,high,critical" help:"Only of these severities."`
	Open     bool     `help:"Only entries that nobody has reviewed."`
	Limit    int      `default:"50" help:"At most this many."`
}

func (c *quarantineListCmd) Run(ctx context.Context, s *session) error {
	q := client.QuarantineQuery{Source: c.Source, Rule: c.Rule, Severities: c.Severity}
	if c.Open {
		q.Reviewed = new(bool)
	}
	return showList(ctx, s, c.Limit, func(cl *client.Client, size int, cursor string) ([]api.Quarantine, *string, error) {
		q.Limit, q.Cursor = size, cursor
		p, err := cl.QuarantineList(ctx, q)
		return p.Items, p.NextCursor, err
	}, quarantineTable)
}

func quarantineTable(w io.Writer, items []api.Quarantine) error {
	header := []string{"ID", "TIME", "SEVERITY", "SECRET", "WHERE", "REVIEW", "CONTENT"}
	return tableOf(w, "nothing in quarantine", header, items, func(q api.Quarantine) []string {
		return []string{
			q.ID, q.Timestamp.Local().Format(time.DateTime), q.Severity, q.SecretType, place(q), verdict(q), focus(q.RedactedContent, 60),
		}
	})
}

// focus cuts a text to a width, in characters, around what was redacted in it,
// so that a row shows why it is there.
func focus(text string, width int) string {
	r := []rune(text)
	if len(r) <= width {
		return text
	}
	from := 0
	if i := strings.Index(text, "****"); i >= 0 {
		at := utf8.RuneCountInString(text[:i])
		from = min(max(0, at-width/2), len(r)-width)
	}
	out := slices.Clone(r[from : from+width])
	if from > 0 {
		out[0] = '…'
	}
	if from+width < len(r) {
		out[width-1] = '…'
	}
	return string(out)
}

// place says where a message was: source and position, or the file.
func place(q api.Quarantine) string {
	switch {
	case q.Position != nil:
		return q.Source + " #" + strconv.FormatUint(*q.Position, 10)
	case q.Label != "":
		return q.Source + " " + q.Label
	}
	return q.Source
}

func verdict(q api.Quarantine) string {
	if q.ReviewAction == nil {
		return "open"
	}
	return *q.ReviewAction
}

type quarantineShowCmd struct {
	ID string `arg:"" help:"The entry's id."`
}

func (c *quarantineShowCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		q, _, err := cl.QuarantineGet(ctx, c.ID)
		if err != nil {
			return err
		}
		return emit(s, q, func(w io.Writer) error { return showQuarantine(sentences(w), q) })
	})
}

func showQuarantine(w io.Writer, q api.QuarantineDetail) error {
	facts := [][2]string{
		{"id", q.ID}, {"time", localTime(q.Timestamp)},
		{"secret", fmt.Sprintf("%s (rule %s, confidence %.2f)", q.SecretType, q.Rule, q.Confidence)},
		{"severity", q.Severity}, {"where", place(q.Quarantine)}, {"message", q.MessageID},
		{"from", q.From}, {"type", q.MessageType}, {"core key", q.CoreKey},
		{"occurrences", strconv.Itoa(q.Occurrences)}, {"disposition", q.Disposition},
		{"fingerprint", q.Fingerprint}, {"review", verdict(q.Quarantine)}, {"reason", q.ReviewReason},
	}
	for _, f := range facts {
		if f[1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%-12s %s\n", f[0], oneLine(f[1])); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\n%s\n", printable(q.RedactedContent))
	if err == nil && q.Recommendation != "" {
		_, err = fmt.Fprintf(w, "\nWhat to do: %s\n", printable(q.Recommendation))
	}
	return err
}

type quarantineReviewCmd struct {
	ID     string `arg:"" help:"The entry's id."`
	Action string `arg:"" enum:"false_positive,confirmed,uncertain" help:"false_positive, confirmed or uncertain."`
	Reason string `help:"Why; it is kept in the audit log."`
}

func (c *quarantineReviewCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		q, err := cl.QuarantineReview(ctx, c.ID, client.Review{Action: c.Action, Reason: c.Reason})
		if err != nil {
			return err
		}
		return emit(s, q, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "%s is %s\n", q.ID, verdict(q))
			return err
		})
	})
}
