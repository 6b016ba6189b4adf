package client

import (
	"context"
	"net/http"
	"net/url"

	"go.cordon.dev/cordon/internal/api"
)

// IncidentQuery narrows a list of incidents; zero fields do not.
type IncidentQuery struct {
	Limit       int    // of one page; 0: the server's default
	Cursor      string // NextCursor of the page before
	States      []string
	Severities  []string
	Assignee    string // @me: the caller
	Fingerprint string
	Address     string
	Snoozed     string // true: only those that are put aside; false: only the others
	Sort        string // gravest or newest; empty: gravest
}

// Incidents returns one page, sorted as asked.
func (c *Client) Incidents(ctx context.Context, q IncidentQuery) (api.IncidentPage, error) {
	return get[api.IncidentPage](ctx, c, "/incidents", url.Values{
		"limit": number(q.Limit), "cursor": text(q.Cursor), "state": q.States, "severity": q.Severities,
		"assignee": text(q.Assignee), "fingerprint": text(q.Fingerprint), "address": text(q.Address), "snoozed": text(q.Snoozed), "sort": text(q.Sort),
	})
}

// Incident returns one with its timeline.
func (c *Client) Incident(ctx context.Context, id string) (out api.IncidentDetail, err error) {
	_, err = c.do(ctx, call{method: http.MethodGet, path: path("incidents", id)}, &out)
	return out, err
}

// IncidentAct does something with an incident, as it is now.
func (c *Client) IncidentAct(ctx context.Context, id string, a api.IncidentAct) (out api.Incident, err error) {
	_, err = c.do(ctx, call{method: http.MethodPost, path: path("incidents", id, "act"), body: a}, &out)
	return out, err
}
