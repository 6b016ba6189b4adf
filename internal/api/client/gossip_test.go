package client_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

func TestCallsOfGossip(t *testing.T) {
	key := map[string]string{"Authorization": "Bearer cdn_key"}
	tests := map[string]struct {
		call func(ctx context.Context, c *client.Client) error
		want seen
	}{
		"gateways": {func(ctx context.Context, c *client.Client) error { _, err := c.GossipGateways(ctx); return err }, seen{"GET /api/v1/gossip/gateways", "", key}},
		"blocked messages": {func(ctx context.Context, c *client.Client) error {
			_, err := c.GossipBlocks(ctx, true, 5, "c")
			return err
		}, seen{"GET /api/v1/gossip/blocks?all=true&cursor=c&limit=5", "", key}},
		"block a message": {func(ctx context.Context, c *client.Client) error {
			_, err := c.GossipBlock(ctx, api.GossipBlockRequest{MessageID: "m/1", Reason: "x"})
			return err
		}, seen{"POST /api/v1/gossip/blocks", `{"message_id":"m/1","reason":"x"}`, key}},
		"unblock a message": {func(ctx context.Context, c *client.Client) error {
			_, err := c.GossipUnblock(ctx, "m/1", "a drill")
			return err
		}, seen{"DELETE /api/v1/gossip/blocks/m%2F1?reason=a+drill", "", key}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, got := recording(t, 200, `{}`)
			if err := tt.call(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, *got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
