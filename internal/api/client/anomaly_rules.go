package client

import (
	"context"
	"net/http"
	"net/url"

	"go.cordon.dev/cordon/internal/api"
)

// AnomalyRules returns all anomaly rules.
func (c *Client) AnomalyRules(ctx context.Context) (api.AnomalyRuleList, error) {
	return get[api.AnomalyRuleList](ctx, c, "/anomaly/rules", nil)
}

// AnomalyRule returns an anomaly rule with its history, and its ETag. origin is file or
// custom, for when there is one of each; empty: the operator's.
func (c *Client) AnomalyRule(ctx context.Context, id, origin string) (rule api.AnomalyRuleDetail, etag string, err error) {
	h, err := c.do(ctx, call{method: http.MethodGet, path: path("anomaly", "rules", id), query: url.Values{"origin": text(origin)}}, &rule)
	return rule, etagOf(h), err
}

// AnomalyRuleCreate adds an anomaly rule.
func (c *Client) AnomalyRuleCreate(ctx context.Context, r api.AnomalyRuleRequest) (api.AnomalyRuleDetail, error) {
	return send[api.AnomalyRuleDetail](ctx, c, http.MethodPost, "/anomaly/rules", r)
}

// AnomalyRuleUpdate changes an anomaly rule and returns it as it is now. ifMatch is the
// ETag the change rests on; empty: whatever the rule is now.
func (c *Client) AnomalyRuleUpdate(ctx context.Context, id string, r api.AnomalyRuleUpdate, ifMatch string) (out api.AnomalyRuleDetail, err error) {
	_, err = c.do(ctx, call{method: http.MethodPut, path: path("anomaly", "rules", id), headers: map[string]string{"If-Match": ifMatch}, body: r}, &out)
	return out, err
}

// AnomalyRuleDelete removes an anomaly rule that an operator added.
func (c *Client) AnomalyRuleDelete(ctx context.Context, id, reason string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: path("anomaly", "rules", id), query: url.Values{"reason": text(reason)}}, nil)
	return err
}

// AnomalyRuleTry tries a draft of an anomaly rule. Nothing is stored.
func (c *Client) AnomalyRuleTry(ctx context.Context, r api.AnomalyTryRequest) (api.AnomalyTry, error) {
	return send[api.AnomalyTry](ctx, c, http.MethodPost, "/anomaly/rules/try", r)
}
