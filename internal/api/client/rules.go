package client

import (
	"context"
	"net/http"
	"net/url"

	"go.cordon.dev/cordon/internal/api"
)

// Rules returns the detection rules.
func (c *Client) Rules(ctx context.Context) ([]api.Rule, error) {
	list, err := get[api.RuleList](ctx, c, "/rules", nil)
	return list.Items, err
}

// RuleGet returns a rule with its history, and its ETag.
func (c *Client) RuleGet(ctx context.Context, id string) (rule api.RuleDetail, etag string, err error) {
	h, err := c.do(ctx, call{method: http.MethodGet, path: path("rules", id)}, &rule)
	return rule, etagOf(h), err
}

// RuleUpdate changes a rule and returns it as it is now. ifMatch is the ETag
// the change rests on; empty: whatever the rule is now.
func (c *Client) RuleUpdate(ctx context.Context, id string, r api.RuleUpdate, ifMatch string) (api.RuleDetail, error) {
	var out api.RuleDetail
	_, err := c.do(ctx, call{method: http.MethodPut, path: path("rules", id), headers: map[string]string{"If-Match": ifMatch}, body: r}, &out)
	return out, err
}

// RuleCreate adds a custom rule.
func (c *Client) RuleCreate(ctx context.Context, r api.RuleRequest) (api.RuleDetail, error) {
	return send[api.RuleDetail](ctx, c, http.MethodPost, "/rules", r)
}

// RuleDelete removes a custom or imported rule.
func (c *Client) RuleDelete(ctx context.Context, id, reason string) error {
	q := url.Values{}
	if reason != "" {
		q.Set("reason", reason)
	}
	_, err := c.do(ctx, call{method: http.MethodDelete, path: path("rules", id), query: q}, nil)
	return err
}

// RulesTest tries the rules in force on a text, or the draft alone when there
// is one.
func (c *Client) RulesTest(ctx context.Context, r api.RuleTestRequest) (api.RuleTest, error) {
	return send[api.RuleTest](ctx, c, http.MethodPost, "/rules/test", r)
}

// RulesImport takes over the rules of a file, or says what that would do.
func (c *Client) RulesImport(ctx context.Context, r api.RuleImportRequest) (api.RuleImport, error) {
	return send[api.RuleImport](ctx, c, http.MethodPost, "/rules/import", r)
}
