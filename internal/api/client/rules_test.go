package client_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

func TestCallsOfRules(t *testing.T) {
	key := map[string]string{"Authorization": "Bearer cdn_key"}
	tests := map[string]struct {
		call func(ctx context.Context, c *client.Client) error
		want seen
	}{
		"list": {func(ctx context.Context, c *client.Client) error { _, err := c.Rules(ctx); return err }, seen{"GET /api/v1/rules", "", key}},
		"show": {func(ctx context.Context, c *client.Client) error {
			_, etag, err := c.RuleGet(ctx, "a/b c")
			if etag != `"v1"` {
				t.Errorf("ETag %q", etag)
			}
			return err
		}, seen{"GET /api/v1/rules/a%2Fb%20c", "", key}},
		"change": {func(ctx context.Context, c *client.Client) error {
			_, err := c.RuleUpdate(ctx, "a", api.RuleUpdate{Active: new(bool), Reason: "noise"}, `"v1"`)
			return err
		}, seen{"PUT /api/v1/rules/a", `{"active":false,"reason":"noise"}`, map[string]string{"Authorization": "Bearer cdn_key", "If-Match": `"v1"`}}},
		"add": {func(ctx context.Context, c *client.Client) error {
			_, err := c.RuleCreate(ctx, api.RuleRequest{ID: "a", RuleDraft: api.RuleDraft{Regex: "A-[0-9]{9}"}})
			return err
		}, seen{"POST /api/v1/rules", `{"id":"a","regex":"A-[0-9]{9}","allowlist":{},"description":""}`, key}},
		"remove":      {func(ctx context.Context, c *client.Client) error { return c.RuleDelete(ctx, "a", "") }, seen{"DELETE /api/v1/rules/a", "", key}},
		"remove, why": {func(ctx context.Context, c *client.Client) error { return c.RuleDelete(ctx, "a", "a b") }, seen{"DELETE /api/v1/rules/a?reason=a+b", "", key}},
		"try": {func(ctx context.Context, c *client.Client) error {
			_, err := c.RulesTest(ctx, api.RuleTestRequest{Text: "x"})
			return err
		}, seen{"POST /api/v1/rules/test", `{"text":"x"}`, key}},
		"import, a try": {func(ctx context.Context, c *client.Client) error {
			_, err := c.RulesImport(ctx, api.RuleImportRequest{Content: "x", DryRun: true})
			return err
		}, seen{"POST /api/v1/rules/import", `{"content":"x","dry_run":true}`, key}},
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
