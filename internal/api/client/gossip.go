package client

import (
	"context"
	"net/http"
	"net/url"

	"go.cordon.dev/cordon/internal/api"
)

// GossipGateways returns the gossip gateways, by name.
func (c *Client) GossipGateways(ctx context.Context) (api.GossipGateways, error) {
	return get[api.GossipGateways](ctx, c, "/gossip/gateways", nil)
}

// GossipBlocks returns one page of the messages that operators have withheld, the
// latest decision first; all: also those that they let pass again.
func (c *Client) GossipBlocks(ctx context.Context, all bool, limit int, cursor string) (api.GossipBlockPage, error) {
	q := url.Values{"limit": number(limit), "cursor": text(cursor)}
	if all {
		q.Set("all", "true")
	}
	return get[api.GossipBlockPage](ctx, c, "/gossip/blocks", q)
}

// GossipBlock has gateways withhold a message.
func (c *Client) GossipBlock(ctx context.Context, r api.GossipBlockRequest) (api.GossipBlock, error) {
	return send[api.GossipBlock](ctx, c, http.MethodPost, "/gossip/blocks", r)
}

// GossipUnblock lets a message pass again.
func (c *Client) GossipUnblock(ctx context.Context, messageID, reason string) (api.GossipBlock, error) {
	var out api.GossipBlock
	_, err := c.do(ctx, call{method: http.MethodDelete, path: path("gossip", "blocks", messageID), query: filled(url.Values{"reason": text(reason)})}, &out)
	return out, err
}
