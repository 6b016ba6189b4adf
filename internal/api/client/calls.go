package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"go.cordon.dev/cordon/internal/api"
)

// Me returns who the server takes the caller for.
func (c *Client) Me(ctx context.Context) (api.Me, error) {
	return get[api.Me](ctx, c, "/me", nil)
}

// Overview returns counters and the quarantine entries of the last hours; 0
// hours are the server's default.
func (c *Client) Overview(ctx context.Context, hours int) (api.Overview, error) {
	return get[api.Overview](ctx, c, "/overview", url.Values{"hours": number(hours)})
}

// QuarantineQuery narrows a list of quarantine entries; zero fields do not.
type QuarantineQuery struct {
	Limit      int    // of one page; 0: the server's default
	Cursor     string // NextCursor of the page before
	Source     string
	Rule       string
	Severities []string
	Reviewed   *bool
	Print      string // fingerprint
}

// QuarantineList returns one page, newest first.
func (c *Client) QuarantineList(ctx context.Context, q QuarantineQuery) (api.QuarantinePage, error) {
	v := url.Values{"limit": number(q.Limit), "cursor": text(q.Cursor), "source": text(q.Source), "rule": text(q.Rule), "severity": q.Severities, "fingerprint": text(q.Print)}
	if q.Reviewed != nil {
		v.Set("reviewed", strconv.FormatBool(*q.Reviewed))
	}
	return get[api.QuarantinePage](ctx, c, "/quarantine", v)
}

// QuarantineGet returns an entry with all that belongs to it, and its ETag.
func (c *Client) QuarantineGet(ctx context.Context, id string) (entry api.QuarantineDetail, etag string, err error) {
	h, err := c.do(ctx, call{method: http.MethodGet, path: path("quarantine", id)}, &entry)
	return entry, etagOf(h), err
}

// Review is a judgement of a quarantine entry.
type Review struct {
	Action  string // false_positive, confirmed, uncertain
	Reason  string // may be empty
	IfMatch string // ETag the judgement rests on; empty: whatever the entry is now
	Key     string // Idempotency-Key; empty: a repeat judges again
}

// QuarantineReview judges an entry and returns it as it is now.
func (c *Client) QuarantineReview(ctx context.Context, id string, r Review) (api.Quarantine, error) {
	var out api.Quarantine
	_, err := c.do(ctx, call{
		method: http.MethodPost, path: path("quarantine", id, "review"),
		headers: map[string]string{"If-Match": r.IfMatch, "Idempotency-Key": r.Key},
		body:    api.ReviewRequest{Action: r.Action, Reason: r.Reason},
	}, &out)
	return out, err
}

// FindingQuery narrows a list of findings; zero fields do not.
type FindingQuery struct {
	Limit       int    // of one page; 0: the server's default
	Cursor      string // NextCursor of the page before
	Source      string
	Rule        string
	Severities  []string
	Fingerprint string
}

// FindingList returns one page, newest first.
func (c *Client) FindingList(ctx context.Context, q FindingQuery) (api.FindingPage, error) {
	return get[api.FindingPage](ctx, c, "/findings", url.Values{
		"limit": number(q.Limit), "cursor": text(q.Cursor), "source": text(q.Source), "rule": text(q.Rule),
		"severity": q.Severities, "fingerprint": text(q.Fingerprint),
	})
}

// Sources returns the leak sources.
func (c *Client) Sources(ctx context.Context) ([]api.Source, error) {
	list, err := get[api.SourceList](ctx, c, "/sources", nil)
	return list.Items, err
}

// DetectionMetrics returns counters per day (2006-01-02); empty bounds are the
// server's default.
func (c *Client) DetectionMetrics(ctx context.Context, from, to string) ([]api.DetectionDay, error) {
	list, err := get[api.DetectionMetrics](ctx, c, "/metrics/detection", url.Values{"from": text(from), "to": text(to)})
	return list.Items, err
}

// Health returns how the node is doing.
func (c *Client) Health(ctx context.Context) (api.Health, error) {
	return get[api.Health](ctx, c, "/health", nil)
}

// Workers returns the workers of all nodes.
func (c *Client) Workers(ctx context.Context) ([]api.Worker, error) {
	list, err := get[api.WorkerList](ctx, c, "/workers", nil)
	return list.Items, err
}

// WorkerStop stops a worker and returns it as it is then.
func (c *Client) WorkerStop(ctx context.Context, name string, r api.WorkerRequest) (api.Worker, error) {
	return c.worker(ctx, name, "stop", r)
}

// WorkerStart starts a stopped worker again and returns it as it is then.
func (c *Client) WorkerStart(ctx context.Context, name string, r api.WorkerRequest) (api.Worker, error) {
	return c.worker(ctx, name, "start", r)
}

func (c *Client) worker(ctx context.Context, name, action string, r api.WorkerRequest) (api.Worker, error) {
	var out api.Worker
	_, err := c.do(ctx, call{method: http.MethodPost, path: path("workers", name, action), body: r}, &out)
	return out, err
}

// ConfigReload makes the server read its configuration file again.
func (c *Client) ConfigReload(ctx context.Context, r api.ReloadRequest) (api.Reloaded, error) {
	return send[api.Reloaded](ctx, c, http.MethodPost, "/config/reload", r)
}

// Users returns all users.
func (c *Client) Users(ctx context.Context) ([]api.User, error) {
	list, err := get[api.UserList](ctx, c, "/users", nil)
	return list.Items, err
}

// UserCreate adds a user.
func (c *Client) UserCreate(ctx context.Context, r api.UserRequest) (api.User, error) {
	return send[api.User](ctx, c, http.MethodPost, "/users", r)
}

// UserSetPassword replaces a user's password.
func (c *Client) UserSetPassword(ctx context.Context, name string, r api.PasswordRequest) error {
	_, err := c.do(ctx, call{method: http.MethodPut, path: path("users", name, "password"), body: r}, nil)
	return err
}

// Keys returns all API keys.
func (c *Client) Keys(ctx context.Context) ([]api.APIKey, error) {
	list, err := get[api.APIKeyList](ctx, c, "/api-keys", nil)
	return list.Items, err
}

// KeyCreate makes an API key; the answer is the only one that holds it.
func (c *Client) KeyCreate(ctx context.Context, r api.APIKeyRequest) (api.APIKeyCreated, error) {
	return send[api.APIKeyCreated](ctx, c, http.MethodPost, "/api-keys", r)
}

// KeyRevoke ends an API key.
func (c *Client) KeyRevoke(ctx context.Context, name string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: path("api-keys", name)}, nil)
	return err
}

func get[T any](ctx context.Context, c *Client, path string, q url.Values) (T, error) {
	var out T
	_, err := c.do(ctx, call{method: http.MethodGet, path: prefix + path, query: filled(q)}, &out)
	return out, err
}

func send[T any](ctx context.Context, c *Client, method, path string, body any) (T, error) {
	var out T
	_, err := c.do(ctx, call{method: method, path: prefix + path, body: body}, &out)
	return out, err
}

const prefix = "/api/v1"

// path joins segments below the prefix; what a segment holds stays in it.
func path(segments ...string) string {
	p := prefix
	for _, s := range segments {
		p += "/" + url.PathEscape(s)
	}
	return p
}

func text(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func number(n int) []string {
	if n == 0 {
		return nil
	}
	return []string{strconv.Itoa(n)}
}
