package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"go.cordon.dev/cordon/internal/api"
)

// Egress returns how the egress sensor stands.
func (c *Client) Egress(ctx context.Context) (api.EgressStatus, error) {
	return get[api.EgressStatus](ctx, c, "/egress", nil)
}

// EgressQuery narrows a list of decisions; zero fields do not.
type EgressQuery struct {
	Limit   int    // of one page; 0: the server's default
	Cursor  string // NextCursor of the page before
	Verdict string // allow, deny
	Host    string
	Program string
	Rule    string
	Reason  string
	Leaks   bool // only those in which secrets were found
}

// EgressDecisions returns one page, newest first.
func (c *Client) EgressDecisions(ctx context.Context, q EgressQuery) (api.EgressDecisionPage, error) {
	v := url.Values{
		"limit": number(q.Limit), "cursor": text(q.Cursor), "verdict": text(q.Verdict), "host": text(q.Host),
		"program": text(q.Program), "rule": text(q.Rule), "reason": text(q.Reason),
	}
	if q.Leaks {
		v.Set("leaks", "true")
	}
	return get[api.EgressDecisionPage](ctx, c, "/egress/decisions", v)
}

// EgressFlows returns the open connections of the node.
func (c *Client) EgressFlows(ctx context.Context) ([]api.EgressFlow, error) {
	list, err := get[api.EgressFlowList](ctx, c, "/egress/flows", nil)
	return list.Items, err
}

// EgressDestinations returns the hosts that were asked for last; limit 0 is the
// server's default.
func (c *Client) EgressDestinations(ctx context.Context, limit int) ([]api.EgressDestination, error) {
	list, err := get[api.EgressDestinationList](ctx, c, "/egress/destinations", url.Values{"limit": number(limit)})
	return list.Items, err
}

// EgressBudgets returns what has left by rules with a data_budget.
func (c *Client) EgressBudgets(ctx context.Context) ([]api.EgressBudget, error) {
	list, err := get[api.EgressBudgetList](ctx, c, "/egress/budgets", nil)
	return list.Items, err
}

// EgressStats counts decisions of the last days; 0 is the server's default.
func (c *Client) EgressStats(ctx context.Context, days int) (api.EgressStats, error) {
	return get[api.EgressStats](ctx, c, "/egress/stats", url.Values{"days": number(days)})
}

// EgressKillSwitch returns the node's kill switch.
func (c *Client) EgressKillSwitch(ctx context.Context) (api.EgressKillSwitch, error) {
	return get[api.EgressKillSwitch](ctx, c, "/egress/killswitch", nil)
}

// egressWait is how long the server may wait before it answers, in seconds.
const egressWait = 50

// EgressWait returns how things are as soon as they are not as they were seen, at the
// latest after some 50 seconds. seen is the mark of an earlier answer, or empty.
func (c *Client) EgressWait(ctx context.Context, seen string) (now api.EgressNow, err error) {
	v := url.Values{"seen": text(seen), "wait": number(egressWait)}
	_, err = c.do(ctx, call{method: http.MethodGet, path: path("egress", "changes"), query: v, within: egressWait*time.Second + callDeadline}, &now)
	return now, err
}

// EgressTurn turns the kill switch and returns it as it is then.
func (c *Client) EgressTurn(ctx context.Context, r api.EgressKillSwitchRequest) (api.EgressKillSwitch, error) {
	return send[api.EgressKillSwitch](ctx, c, http.MethodPost, "/egress/killswitch", r)
}

// EgressHear returns whether a message of MCP may be passed on.
func (c *Client) EgressHear(ctx context.Context, r api.EgressHearRequest) (api.EgressDecideAnswer, error) {
	return send[api.EgressDecideAnswer](ctx, c, http.MethodPost, "/egress/hear", r)
}

// EgressCA returns the certificate that programs trust when TLS is looked into.
func (c *Client) EgressCA(ctx context.Context) (api.EgressCA, error) {
	return get[api.EgressCA](ctx, c, "/egress/ca", nil)
}

// EgressChecks returns what only the node itself can look at.
func (c *Client) EgressChecks(ctx context.Context) (api.EgressChecks, error) {
	return get[api.EgressChecks](ctx, c, "/egress/checks", nil)
}

// EgressRotateCA replaces that certificate and its key, and returns the new one.
func (c *Client) EgressRotateCA(ctx context.Context, r api.EgressCARequest) (api.EgressCA, error) {
	return send[api.EgressCA](ctx, c, http.MethodPost, "/egress/ca/rotate", r)
}

// EgressVerify verifies the node's audit.log.
func (c *Client) EgressVerify(ctx context.Context) (api.EgressAuditReport, error) {
	return send[api.EgressAuditReport](ctx, c, http.MethodPost, "/egress/audit/verify", nil)
}

// EgressPolicy returns the policy in force, and its ETag.
func (c *Client) EgressPolicy(ctx context.Context) (p api.EgressPolicy, etag string, err error) {
	h, err := c.do(ctx, call{method: http.MethodGet, path: path("egress", "policy")}, &p)
	return p, etagOf(h), err
}

// EgressPut replaces the policy. ifMatch is the ETag the change rests on;
// empty: whatever the policy is now.
func (c *Client) EgressPut(ctx context.Context, r api.EgressPolicyRequest, ifMatch string) (p api.EgressPolicy, err error) {
	_, err = c.do(ctx, call{method: http.MethodPut, path: path("egress", "policy"), headers: map[string]string{"If-Match": ifMatch}, body: r}, &p)
	return p, err
}

// EgressEdit changes one thing of the policy.
func (c *Client) EgressEdit(ctx context.Context, r api.EgressEditRequest) (api.EgressPolicy, error) {
	return send[api.EgressPolicy](ctx, c, http.MethodPost, "/egress/policy/edit", r)
}

// EgressVersions lists versions of the policy, newest first: those before the
// number before, 0 begins with the newest.
func (c *Client) EgressVersions(ctx context.Context, before int64, limit int) (api.EgressVersionPage, error) {
	return get[api.EgressVersionPage](ctx, c, "/egress/policy/versions", url.Values{"before": number(int(before)), "limit": number(limit)})
}

// EgressVersion returns one version of the policy.
func (c *Client) EgressVersion(ctx context.Context, version int64) (p api.EgressPolicy, err error) {
	_, err = c.do(ctx, call{method: http.MethodGet, path: path("egress", "policy", "versions", strconv.FormatInt(version, 10))}, &p)
	return p, err
}

// EgressRollback goes back to a version of the policy.
func (c *Client) EgressRollback(ctx context.Context, r api.EgressRollbackRequest) (api.EgressPolicy, error) {
	return send[api.EgressPolicy](ctx, c, http.MethodPost, "/egress/policy/rollback", r)
}

// EgressDryRun says what a policy would change.
func (c *Client) EgressDryRun(ctx context.Context, r api.EgressDryRunRequest) (api.EgressDryRun, error) {
	return send[api.EgressDryRun](ctx, c, http.MethodPost, "/egress/policy/dry-run", r)
}

// EndpointQuery narrows a list of endpoints; zero fields do not.
type EndpointQuery struct {
	Limit   int    // of one page; 0: the server's default
	Cursor  string // NextCursor of the page before
	State   string // new, reviewed
	Program string
	Host    string
}

// EgressEndpoints returns one page, first seen last first.
func (c *Client) EgressEndpoints(ctx context.Context, q EndpointQuery) (api.EgressEndpointPage, error) {
	return get[api.EgressEndpointPage](ctx, c, "/egress/endpoints", url.Values{
		"limit": number(q.Limit), "cursor": text(q.Cursor), "state": text(q.State), "program": text(q.Program), "host": text(q.Host),
	})
}

// EgressEndpoint returns an endpoint and its ETag.
func (c *Client) EgressEndpoint(ctx context.Context, id string) (p api.EgressEndpoint, etag string, err error) {
	h, err := c.do(ctx, call{method: http.MethodGet, path: path("egress", "endpoints", id)}, &p)
	return p, etagOf(h), err
}

// EgressReview judges an endpoint and returns it as it is then. ifMatch is the
// ETag the judgement rests on, key the Idempotency-Key; both may be empty.
func (c *Client) EgressReview(ctx context.Context, id string, r api.EgressEndpointReview, ifMatch, key string) (p api.EgressEndpoint, err error) {
	_, err = c.do(ctx, call{
		method: http.MethodPost, path: path("egress", "endpoints", id, "review"), headers: map[string]string{"If-Match": ifMatch, "Idempotency-Key": key}, body: r,
	}, &p)
	return p, err
}

// EgressBaselines returns what is usual for programs and hosts, at most limit; 0 is the
// server's default.
func (c *Client) EgressBaselines(ctx context.Context, program, host string, limit int) ([]api.EgressBaseline, error) {
	list, err := get[api.EgressBaselineList](ctx, c, "/egress/baselines", url.Values{"program": text(program), "host": text(host), "limit": number(limit)})
	return list.Items, err
}

// EgressPrograms returns the programs that asked last; limit 0 is the server's
// default.
func (c *Client) EgressPrograms(ctx context.Context, limit int) ([]api.EgressProgram, error) {
	list, err := get[api.EgressProgramList](ctx, c, "/egress/programs", url.Values{"limit": number(limit)})
	return list.Items, err
}
