package client

import (
	"context"
	"net/http"
	"net/url"

	"go.cordon.dev/cordon/internal/api"
)

// Playbooks returns all playbooks.
func (c *Client) Playbooks(ctx context.Context) ([]api.Playbook, error) {
	list, err := get[api.PlaybookList](ctx, c, "/playbooks", nil)
	return list.Items, err
}

// ActionQuery narrows a list of actions; zero fields do not.
type ActionQuery struct {
	Limit    int    // of one page; 0: the server's default
	Cursor   string // NextCursor of the page before
	State    string
	Playbook string
}

// PlaybookActions returns one page of what playbooks wanted done, newest first.
func (c *Client) PlaybookActions(ctx context.Context, q ActionQuery) (api.ActionPage, error) {
	return get[api.ActionPage](ctx, c, "/playbooks/actions", url.Values{
		"limit": number(q.Limit), "cursor": text(q.Cursor), "state": text(q.State), "playbook": text(q.Playbook),
	})
}

// ActionDecide approves or rejects what a playbook asks for.
func (c *Client) ActionDecide(ctx context.Context, id string, approve bool, r api.ActionDecision) (api.Action, error) {
	return c.actionDo(ctx, id, map[bool]string{true: "approve", false: "reject"}[approve], r)
}

// ActionUndo takes back what a playbook did.
func (c *Client) ActionUndo(ctx context.Context, id string, r api.ActionDecision) (api.Action, error) {
	return c.actionDo(ctx, id, "undo", r)
}

func (c *Client) actionDo(ctx context.Context, id, verb string, r api.ActionDecision) (api.Action, error) {
	var out api.Action
	_, err := c.do(ctx, call{method: http.MethodPost, path: path("playbooks", "actions", id, verb), body: r}, &out)
	return out, err
}
