package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"time"

	"go.cordon.dev/cordon/internal/api"
)

// AuditQuery narrows a list of audit records; zero fields do not.
type AuditQuery struct {
	Limit    int    // of one page; 0: the server's default
	Cursor   string // NextCursor of the page before
	Actor    string
	Action   string // exactly, or user.* for all of one object
	Target   string
	From, To time.Time
}

// AuditList returns one page, newest first.
func (c *Client) AuditList(ctx context.Context, q AuditQuery) (api.AuditPage, error) {
	return get[api.AuditPage](ctx, c, "/audit", url.Values{
		"limit": number(q.Limit), "cursor": text(q.Cursor), "actor": text(q.Actor), "action": text(q.Action), "target": text(q.Target),
		"from": instant(q.From), "to": instant(q.To),
	})
}

func instant(t time.Time) []string {
	if t.IsZero() {
		return nil
	}
	return []string{t.UTC().Format(time.RFC3339Nano)}
}

// AuditVerify reads the whole audit log on the server; against is a checkpoint
// that was kept, or nil.
func (c *Client) AuditVerify(ctx context.Context, against *api.AuditCheckpoint) (api.AuditReport, error) {
	var out api.AuditReport
	_, err := c.do(ctx, call{method: http.MethodPost, path: path("audit", "verify"), body: api.AuditVerifyRequest{Checkpoint: against}, within: longDeadline}, &out)
	return out, err
}

// AuditCheckpoint signs the audit log as it is now.
func (c *Client) AuditCheckpoint(ctx context.Context) (api.AuditCheckpoint, error) {
	var out api.AuditCheckpoint
	_, err := c.do(ctx, call{method: http.MethodPost, path: path("audit", "checkpoint"), within: longDeadline}, &out)
	return out, err
}

// UserChange gives a user another role, disables the user or lets them in again.
func (c *Client) UserChange(ctx context.Context, name string, r api.UserChangeRequest) (api.User, error) {
	var out api.User
	_, err := c.do(ctx, call{method: http.MethodPut, path: path("users", name), body: r}, &out)
	return out, err
}

// UserDelete removes a user.
func (c *Client) UserDelete(ctx context.Context, name, reason string) error {
	q := url.Values{}
	if reason != "" {
		q.Set("reason", reason)
	}
	_, err := c.do(ctx, call{method: http.MethodDelete, path: path("users", name), query: q}, nil)
	return err
}

// Backup returns a backup as it is streamed; close it. What ends with an error
// is none.
func (c *Client) Backup(ctx context.Context, r api.BackupRequest) (io.ReadCloser, error) {
	res, err := c.send(ctx, call{method: http.MethodPost, path: path("backup"), body: r, headers: map[string]string{"Accept": "application/gzip"}})
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}
