package client

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"go.cordon.dev/cordon/internal/api"
)

// EventQuery narrows a search of the event log; zero fields do not.
type EventQuery struct {
	Limit         int    // of one page; 0: the server's default
	Cursor        string // NextCursor of the page before
	Topics        []string
	Severities    []string
	Since, Until  time.Time
	Subject       string
	CorrelationID string
}

// Events returns one page, newest first. One with few events need not be the last.
func (c *Client) Events(ctx context.Context, q EventQuery) (api.EventLogPage, error) {
	return get[api.EventLogPage](ctx, c, "/events", url.Values{
		"limit": number(q.Limit), "cursor": text(q.Cursor), "topic": q.Topics, "severity": q.Severities, "since": instant(q.Since), "until": instant(q.Until),
		"subject": text(q.Subject), "correlation_id": text(q.CorrelationID),
	})
}

// Event returns one.
func (c *Client) Event(ctx context.Context, id string) (out api.EventRecord, err error) {
	_, err = c.do(ctx, call{method: http.MethodGet, path: path("events", id)}, &out)
	return out, err
}
