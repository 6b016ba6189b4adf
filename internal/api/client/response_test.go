package client_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

func TestCallsOfResponse(t *testing.T) {
	known := operations(t)
	for name, tt := range map[string]struct {
		call       func(ctx context.Context, c *client.Client) error
		line, body string
	}{
		"block list":         {func(ctx context.Context, c *client.Client) error { _, err := c.Blocks(ctx, true, 5, "c"); return err }, "GET /api/v1/decisions?all=true&cursor=c&limit=5", ""},
		"block list for nft": {func(ctx context.Context, c *client.Client) error { _, err := c.BlockText(ctx, "nft"); return err }, "GET /api/v1/decisions?format=nft", ""},
		"new block": {func(ctx context.Context, c *client.Client) error {
			_, err := c.BlockCreate(ctx, api.BlockRequest{Network: "203.0.113.9", Minutes: 5, Reason: "x"})
			return err
		}, "POST /api/v1/decisions", `{"network":"203.0.113.9","minutes":5,"reason":"x"}`},
		"ended block": {func(ctx context.Context, c *client.Client) error {
			_, err := c.BlockEnd(ctx, "i", api.BlockEnd{Reason: "x"})
			return err
		}, "POST /api/v1/decisions/i/end", `{"reason":"x"}`},
		"playbooks": {func(ctx context.Context, c *client.Client) error { _, err := c.Playbooks(ctx); return err }, "GET /api/v1/playbooks", ""},
		"actions": {func(ctx context.Context, c *client.Client) error {
			_, err := c.PlaybookActions(ctx, client.ActionQuery{State: "pending", Playbook: "p", Limit: 5, Cursor: "c"})
			return err
		}, "GET /api/v1/playbooks/actions?cursor=c&limit=5&playbook=p&state=pending", ""},
		"approved action": {func(ctx context.Context, c *client.Client) error {
			_, err := c.ActionDecide(ctx, "i", true, api.ActionDecision{Reason: "x"})
			return err
		}, "POST /api/v1/playbooks/actions/i/approve", `{"reason":"x"}`},
		"rejected action": {func(ctx context.Context, c *client.Client) error {
			_, err := c.ActionDecide(ctx, "i", false, api.ActionDecision{Reason: "x"})
			return err
		}, "POST /api/v1/playbooks/actions/i/reject", `{"reason":"x"}`},
		"preview of a silence": {func(ctx context.Context, c *client.Client) error {
			r := api.SilenceRequest{Topics: []string{"leak.>"}, Fingerprints: []string{"v1:0a:0b"}, Rules: []string{"r"}, Sources: []string{"s"}, MaxSeverity: "low"}
			_, err := c.SilencePreview(ctx, r, 7)
			return err
		}, "GET /api/v1/silences/preview?days=7&fingerprint=v1%3A0a%3A0b&max_severity=low&rule=r&source=s&topic=leak.%3E", ""},
		"undone action": {func(ctx context.Context, c *client.Client) error {
			_, err := c.ActionUndo(ctx, "i", api.ActionDecision{Reason: "x"})
			return err
		}, "POST /api/v1/playbooks/actions/i/undo", `{"reason":"x"}`},
	} {
		t.Run(name, func(t *testing.T) {
			c, got := recording(t, 200, "{}")
			if err := tt.call(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			want := seen{tt.line, tt.body, map[string]string{"Authorization": "Bearer cdn_key"}}
			if diff := cmp.Diff(want, *got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if path, _, _ := strings.Cut(got.Call, "?"); !known.MatchString(path) {
				t.Errorf("%s is no operation of the API", path)
			}
		})
	}
}
