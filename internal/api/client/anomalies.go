package client

import (
	"context"
	"net/http"
	"net/url"

	"go.cordon.dev/cordon/internal/api"
)

// AnomalyQuery narrows a list of anomalies; zero fields do not.
type AnomalyQuery struct {
	Limit      int    // of one page; 0: the server's default
	Cursor     string // NextCursor of the page before
	Open       string // true or false
	Kinds      []string
	KeyKind    string
	Key        string
	Severities []string
}

// Anomalies returns one page, newest first.
func (c *Client) Anomalies(ctx context.Context, q AnomalyQuery) (api.AnomalyPage, error) {
	return get[api.AnomalyPage](ctx, c, "/anomalies", url.Values{
		"limit": number(q.Limit), "cursor": text(q.Cursor), "open": text(q.Open), "kind": q.Kinds, "key_kind": text(q.KeyKind), "key": text(q.Key), "severity": q.Severities,
	})
}

// Anomaly returns one.
func (c *Client) Anomaly(ctx context.Context, id string) (out api.Anomaly, err error) {
	_, err = c.do(ctx, call{method: http.MethodGet, path: path("anomalies", id)}, &out)
	return out, err
}

// Report sends what a program saw, for the anomaly sensor. All of it is taken, or
// nothing.
func (c *Client) Report(ctx context.Context, records []api.RecordIn) (out api.EventsTaken, err error) {
	_, err = c.do(ctx, call{method: http.MethodPost, path: path("events"), body: records}, &out)
	return out, err
}
