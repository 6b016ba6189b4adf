package client_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

func TestCallsOfTheEgressSensor(t *testing.T) {
	key := map[string]string{"Authorization": "Bearer cdn_key"}
	tests := map[string]struct {
		call func(ctx context.Context, c *client.Client) error
		want seen
	}{
		"status": {func(ctx context.Context, c *client.Client) error { _, err := c.Egress(ctx); return err }, seen{"GET /api/v1/egress", "", key}},
		"decisions": {func(ctx context.Context, c *client.Client) error {
			_, err := c.EgressDecisions(ctx, client.EgressQuery{Limit: 5, Cursor: "c", Verdict: "deny", Host: "a b", Program: "/bin/x", Rule: "r", Reason: "expired"})
			return err
		}, seen{"GET /api/v1/egress/decisions?cursor=c&host=a+b&limit=5&program=%2Fbin%2Fx&reason=expired&rule=r&verdict=deny", "", key}},
		"flows":        {func(ctx context.Context, c *client.Client) error { _, err := c.EgressFlows(ctx); return err }, seen{"GET /api/v1/egress/flows", "", key}},
		"destinations": {func(ctx context.Context, c *client.Client) error { _, err := c.EgressDestinations(ctx, 9); return err }, seen{"GET /api/v1/egress/destinations?limit=9", "", key}},
		"stats":        {func(ctx context.Context, c *client.Client) error { _, err := c.EgressStats(ctx, 0); return err }, seen{"GET /api/v1/egress/stats", "", key}},
		"switch":       {func(ctx context.Context, c *client.Client) error { _, err := c.EgressKillSwitch(ctx); return err }, seen{"GET /api/v1/egress/killswitch", "", key}},
		"baselines": {func(ctx context.Context, c *client.Client) error {
			_, err := c.EgressBaselines(ctx, "/bin/x", "", 5)
			return err
		}, seen{"GET /api/v1/egress/baselines?limit=5&program=%2Fbin%2Fx", "", key}},
		"wait": {func(ctx context.Context, c *client.Client) error { _, err := c.EgressWait(ctx, "m"); return err }, seen{"GET /api/v1/egress/changes?seen=m&wait=50", "", key}},
		"turn": {func(ctx context.Context, c *client.Client) error {
			_, err := c.EgressTurn(ctx, api.EgressKillSwitchRequest{Active: true, Reason: "x"})
			return err
		}, seen{"POST /api/v1/egress/killswitch", `{"active":true,"reason":"x"}`, key}},
		"ca": {func(ctx context.Context, c *client.Client) error { _, err := c.EgressCA(ctx); return err }, seen{"GET /api/v1/egress/ca", "", key}},
		"rotate": {func(ctx context.Context, c *client.Client) error {
			_, err := c.EgressRotateCA(ctx, api.EgressCARequest{Reason: "x"})
			return err
		}, seen{"POST /api/v1/egress/ca/rotate", `{"reason":"x"}`, key}},
		"verify": {func(ctx context.Context, c *client.Client) error { _, err := c.EgressVerify(ctx); return err }, seen{"POST /api/v1/egress/audit/verify", "", key}},
		"policy": {func(ctx context.Context, c *client.Client) error {
			_, etag, err := c.EgressPolicy(ctx)
			if etag != `"v1"` {
				t.Errorf("ETag %q", etag)
			}
			return err
		}, seen{"GET /api/v1/egress/policy", "", key}},
		"put": {func(ctx context.Context, c *client.Client) error {
			_, err := c.EgressPut(ctx, api.EgressPolicyRequest{Document: "d", Reason: "x"}, `"v1"`)
			return err
		}, seen{"PUT /api/v1/egress/policy", `{"document":"d","reason":"x"}`, map[string]string{"Authorization": "Bearer cdn_key", "If-Match": `"v1"`}}},
		"edit": {func(ctx context.Context, c *client.Client) error {
			_, err := c.EgressEdit(ctx, api.EgressEditRequest{Action: "add", Target: "h", Reason: "x"})
			return err
		}, seen{"POST /api/v1/egress/policy/edit", `{"action":"add","target":"h","reason":"x"}`, key}},
		"versions": {func(ctx context.Context, c *client.Client) error { _, err := c.EgressVersions(ctx, 7, 5); return err }, seen{"GET /api/v1/egress/policy/versions?before=7&limit=5", "", key}},
		"version":  {func(ctx context.Context, c *client.Client) error { _, err := c.EgressVersion(ctx, 3); return err }, seen{"GET /api/v1/egress/policy/versions/3", "", key}},
		"budgets":  {func(ctx context.Context, c *client.Client) error { _, err := c.EgressBudgets(ctx); return err }, seen{"GET /api/v1/egress/budgets", "", key}},
		"rollback": {func(ctx context.Context, c *client.Client) error {
			_, err := c.EgressRollback(ctx, api.EgressRollbackRequest{Version: 3, Reason: "x"})
			return err
		}, seen{"POST /api/v1/egress/policy/rollback", `{"version":3,"reason":"x"}`, key}},
		"endpoints": {func(ctx context.Context, c *client.Client) error {
			_, err := c.EgressEndpoints(ctx, client.EndpointQuery{Limit: 5, Cursor: "c", State: "new", Program: "/bin/x", Host: "h"})
			return err
		}, seen{"GET /api/v1/egress/endpoints?cursor=c&host=h&limit=5&program=%2Fbin%2Fx&state=new", "", key}},
		"endpoint": {func(ctx context.Context, c *client.Client) error {
			_, etag, err := c.EgressEndpoint(ctx, "e1")
			if etag != `"v1"` {
				t.Errorf("ETag %q", etag)
			}
			return err
		}, seen{"GET /api/v1/egress/endpoints/e1", "", key}},
		"review": {func(ctx context.Context, c *client.Client) error {
			_, err := c.EgressReview(ctx, "e1", api.EgressEndpointReview{Verdict: "deny", Reason: "x"}, `"v1"`, "k")
			return err
		}, seen{"POST /api/v1/egress/endpoints/e1/review", `{"verdict":"deny","reason":"x"}`, map[string]string{"Authorization": "Bearer cdn_key", "If-Match": `"v1"`, "Idempotency-Key": "k"}}},
		"programs": {func(ctx context.Context, c *client.Client) error { _, err := c.EgressPrograms(ctx, 9); return err }, seen{"GET /api/v1/egress/programs?limit=9", "", key}},
		"dry run": {func(ctx context.Context, c *client.Client) error {
			_, err := c.EgressDryRun(ctx, api.EgressDryRunRequest{Document: "d"})
			return err
		}, seen{"POST /api/v1/egress/policy/dry-run", `{"document":"d"}`, key}},
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
