package client

import (
	"context"
	"net/http"
	"net/url"

	"go.cordon.dev/cordon/internal/api"
)

// Webhooks returns all webhooks, with the presets and formats there are.
func (c *Client) Webhooks(ctx context.Context) (api.WebhookList, error) {
	return get[api.WebhookList](ctx, c, "/webhooks", nil)
}

// Webhook returns one webhook and its ETag.
func (c *Client) Webhook(ctx context.Context, id string) (w api.Webhook, etag string, err error) {
	h, err := c.do(ctx, call{method: http.MethodGet, path: path("webhooks", id)}, &w)
	return w, etagOf(h), err
}

// WebhookCreate adds a webhook; the answer is the only one with a secret that
// the server made.
func (c *Client) WebhookCreate(ctx context.Context, r api.WebhookRequest) (api.WebhookSaved, error) {
	return send[api.WebhookSaved](ctx, c, http.MethodPost, "/webhooks", r)
}

// WebhookUpdate replaces a webhook's settings; an empty etag changes it whatever
// it is now.
func (c *Client) WebhookUpdate(ctx context.Context, id, etag string, r api.WebhookUpdate) (api.WebhookSaved, error) {
	var out api.WebhookSaved
	_, err := c.do(ctx, call{method: http.MethodPut, path: path("webhooks", id), headers: map[string]string{"If-Match": etag}, body: r}, &out)
	return out, err
}

// WebhookRemove removes a webhook.
func (c *Client) WebhookRemove(ctx context.Context, id, reason string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: path("webhooks", id), query: filled(url.Values{"reason": text(reason)})}, nil)
	return err
}

// WebhookTest sends a test event and tells how it went.
func (c *Client) WebhookTest(ctx context.Context, id string, r api.WebhookAction) (api.WebhookTested, error) {
	return act[api.WebhookTested](ctx, c, r, id, "test")
}

// WebhookEnable lets a paused or tripped webhook deliver again.
func (c *Client) WebhookEnable(ctx context.Context, id string, r api.WebhookAction) (api.Webhook, error) {
	return act[api.Webhook](ctx, c, r, id, "enable")
}

// WebhookPause pauses a webhook.
func (c *Client) WebhookPause(ctx context.Context, id string, r api.WebhookAction) (api.Webhook, error) {
	return act[api.Webhook](ctx, c, r, id, "pause")
}

// DeliveryQuery narrows a list of deliveries; zero fields do not.
type DeliveryQuery struct {
	Limit  int    // of one page; 0: the server's default
	Cursor string // NextCursor of the page before
	State  string
}

// Deliveries returns one page of a webhook's deliveries, newest first.
func (c *Client) Deliveries(ctx context.Context, id string, q DeliveryQuery) (api.DeliveryPage, error) {
	var out api.DeliveryPage
	_, err := c.do(ctx, call{method: http.MethodGet, path: path("webhooks", id, "deliveries"), query: filled(url.Values{
		"limit": number(q.Limit), "cursor": text(q.Cursor), "state": text(q.State),
	})}, &out)
	return out, err
}

// Redeliver sends a delivery again.
func (c *Client) Redeliver(ctx context.Context, id, delivery string, r api.WebhookAction) (api.Redelivered, error) {
	return act[api.Redelivered](ctx, c, r, id, "deliveries", delivery, "redeliver")
}

// RedeliverDead sends dead letters of a webhook again: all, or a range.
func (c *Client) RedeliverDead(ctx context.Context, id string, r api.WebhookRedeliver) (api.Redelivered, error) {
	return send[api.Redelivered](ctx, c, http.MethodPost, "/webhooks/"+url.PathEscape(id)+"/redeliver", r)
}

// act does something to a webhook.
func act[T any](ctx context.Context, c *Client, r api.WebhookAction, segments ...string) (T, error) {
	var out T
	_, err := c.do(ctx, call{method: http.MethodPost, path: path(append([]string{"webhooks"}, segments...)...), body: r}, &out)
	return out, err
}

// filled leaves out what is not given.
func filled(q url.Values) url.Values {
	for name, values := range q {
		if len(values) == 0 {
			delete(q, name)
		}
	}
	return q
}
