package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

type eventCmd struct {
	List eventListCmd `cmd:"" help:"Search the event log, newest first."`
	Show eventShowCmd `cmd:"" help:"Show one event, with all that it says."`
}

type eventListCmd struct {
	Topic    []string `help:"Only these topics: a pattern such as leak.> or decky.*.traffic; may repeat."`
	Severity []string `enum:"info,low,medium,high,critical" help:"Only of these severities."`
	Since    string   `placeholder:"TIME" help:"Only what happened then or later: RFC 3339, or how long ago, such as 2h."`
	Until    string   `placeholder:"TIME" help:"Only what happened before: RFC 3339, or how long ago."`
	Subject  string   `help:"Only where the subject holds this text, in whatever case."`
	Cause    string   `placeholder:"ID" help:"Only what this cause led to: the correlation id of an event."`
	Limit    int      `default:"50" help:"At most this many."`
}

func (c *eventListCmd) Run(ctx context.Context, s *session) error {
	q := client.EventQuery{Topics: c.Topic, Severities: c.Severity, Subject: c.Subject, CorrelationID: c.Cause}
	var err error
	if q.Since, err = moment("--since", c.Since, time.Now()); err != nil {
		return err
	}
	if q.Until, err = moment("--until", c.Until, time.Now()); err != nil {
		return err
	}
	return showList(ctx, s, c.Limit, func(cl *client.Client, size int, cursor string) ([]api.EventRecord, *string, error) {
		q.Limit, q.Cursor = size, cursor
		p, err := cl.Events(ctx, q)
		return p.Items, p.NextCursor, err
	}, eventTable)
}

// moment reads a time, or how long ago it was; empty is none.
func moment(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	ago, err := readSpan(text)
	if err != nil || ago < 0 {
		return time.Time{}, usageError("%s %s: give a time such as 2026-03-14T12:00:00Z, or how long ago, such as 2h or 7d", flag, text)
	}
	return now.Add(-ago), nil
}

func eventTable(w io.Writer, items []api.EventRecord) error {
	header := []string{"ID", "TIME", "SEVERITY", "TOPIC", "SOURCE", "SUBJECT"}
	return tableOf(w, "no events", header, items, func(e api.EventRecord) []string {
		return []string{e.ID, e.Time.Local().Format(time.DateTime), e.Severity, e.Topic, e.Source, e.Subject}
	})
}

type eventShowCmd struct {
	ID string `arg:"" help:"The event's id."`
}

func (c *eventShowCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, true, func(cl *client.Client) error {
		e, err := cl.Event(ctx, c.ID)
		if err != nil {
			return err
		}
		return emit(s, e, func(w io.Writer) error { return showEvent(w, e) })
	})
}

func showEvent(w io.Writer, e api.EventRecord) error {
	for _, f := range [][2]string{
		{"topic", e.Topic}, {"time", e.Time.Format(time.RFC3339Nano)}, {"severity", e.Severity}, {"source", e.Source},
		{"subject", e.Subject}, {"cause", e.CorrelationID}, {"place", e.Place},
	} {
		if f[1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%-9s %s\n", f[0], oneLine(f[1])); err != nil {
			return err
		}
	}
	var data bytes.Buffer
	if err := json.Indent(&data, e.Data, "", "  "); err != nil {
		return fmt.Errorf("data of event %s: %w", e.ID, err)
	}
	_, err := fmt.Fprintln(w, printable(data.String()))
	return err
}
