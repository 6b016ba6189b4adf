package client

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"go.cordon.dev/cordon/internal/event"
)

// maxLine is the longest line of a stream: an event's envelope.
const maxLine = 4 << 20

// StreamQuery says where a stream begins and what it holds.
type StreamQuery struct {
	After  event.Cursor // zero: what happens from now on
	Topics []string     // patterns such as leak.>; none: everything
}

// Stream calls each for every event until ctx ends, the server ends the
// stream, or each returns an error, which it then returns. It returns nil when
// the server ended the stream. To resume, give the last record's cursor.
func (c *Client) Stream(ctx context.Context, q StreamQuery, each func(event.Record) error) error {
	res, err := c.send(ctx, call{
		method: http.MethodGet, path: prefix + "/stream", query: url.Values{"topics": q.Topics},
		headers: map[string]string{"Last-Event-ID": q.After.String(), "Accept": "text/event-stream"},
	})
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // given up
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	var at string
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "id":
			at = value
		case "data":
			if err := deliver(at, value, each); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading stream: %w", err)
	}
	return nil
}

func deliver(at, data string, each func(event.Record) error) error {
	cursor, err := event.ParseCursor(at)
	if err != nil {
		return fmt.Errorf("reading stream: %w", err)
	}
	var e event.Event
	if err := json.Unmarshal([]byte(data), &e); err != nil {
		return fmt.Errorf("reading event of stream: %w", err)
	}
	return each(event.Record{Cursor: cursor, Event: e})
}
