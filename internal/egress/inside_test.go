package egress

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// post sends a body inside TLS, with these fields, and returns the status; 0 when there
// is no answer.
func (v *veiled) post(c *http.Client, body string, fields ...string) int {
	v.t.Helper()
	r, err := http.NewRequest(http.MethodPost, "https://api.example/mcp", strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	got, err := c.Do(r)
	if err != nil {
		return 0
	}
	defer func() { _ = got.Body.Close() }()
	if _, err := io.Copy(io.Discard, got.Body); err != nil {
		return 0
	}
	return got.StatusCode
}

// A rule for tools of MCP opens the way to what is inside TLS for these tools alone, in
// both versions of HTTP.
func TestToolsHoldInsideTLS(t *testing.T) {
	mcp := []string{"Content-Type", "application/json", "Accept", "application/json, text/event-stream", "Mcp-Session-Id", "1868a90c"}
	for version, h2 := range versions {
		t.Run(version, func(t *testing.T) {
			v := unveil(t, "mode: strict\nallowlist: {rules: [{id: tools, host: api.example, protocols: [mcp], tools: [search], intercept_tls: true}]}\n")
			c := v.browser(h2)
			for _, tt := range []struct {
				body   string
				fields []string
				want   int
				reason policy.Reason
			}{
				{calls("search"), mcp, 200, policy.ReasonRule},
				{calls("delete_all"), mcp, 403, policy.ReasonTool},
				{"[" + calls("search") + "," + calls("delete_all") + "]", mcp, 403, policy.ReasonTool},
				{`{"note":"no JSON-RPC"}`, mcp, 403, policy.ReasonProtocol},
				{"a=b", nil, 403, policy.ReasonProtocol},
				{strings.Replace(calls("search"), "hello", fake(t), 1), mcp, 403, policy.ReasonLeak},
			} {
				if got := v.post(c, tt.body, tt.fields...); got != tt.want {
					t.Errorf("%s: %d, want %d", tt.body, got, tt.want)
				}
				if d := v.decisions(); d[len(d)-1].Decision.Reason != tt.reason {
					t.Errorf("%s: %s, want %s", tt.body, d[len(d)-1].Decision.Reason, tt.reason)
				}
			}
			if got := v.box.all(); strings.Count(got, "search") != 1 || strings.Contains(got, "delete_all") || strings.Contains(got, "a=b") {
				t.Errorf("the origin got %q", got)
			}
		})
	}
}

// What a rule has a data_budget for is counted inside TLS as well, to the byte.
func TestADataBudgetHoldsInsideTLS(t *testing.T) {
	for version, h2 := range versions {
		t.Run(version, func(t *testing.T) {
			v := unveil(t, "mode: strict\nallowlist: {rules: [{id: api, host: api.example, data_budget: 20KB/day, intercept_tls: true}]}\n")
			c := v.browser(h2)
			body, passed := strings.Repeat("ordinary words. ", 512), 0
			for range 5 {
				if v.post(c, body) == http.StatusOK {
					passed++
				}
			}
			if passed < 1 || passed > 2 {
				t.Errorf("%d bodies of %d bytes passed a budget of 20,000", passed, len(body))
			}
			if got := 16 * strings.Count(v.box.all(), "ordinary words. "); got > 20_000 || got < passed*len(body) {
				t.Errorf("the origin got %d bytes of bodies", got)
			}
			if d := v.decisions(); d[len(d)-1].Decision.Reason != policy.ReasonDataBudget {
				t.Errorf("the last decision: %+v", d[len(d)-1].Decision)
			}
		})
	}
}

// A condition about the method waits for the request where TLS is looked into, and
// fails where it is not.
func TestAConditionWaitsForWhatIsInsideTLS(t *testing.T) {
	const rule = "mode: strict\nallowlist: {rules: [{id: api, host: api.example, when: 'method == \"POST\"'%s}]}\n"
	v := unveil(t, fmt.Sprintf(rule, ", intercept_tls: true"))
	c := v.browser(true)
	if got := v.post(c, "words"); got != http.StatusOK {
		t.Errorf("POST: %d", got)
	}
	got, err := c.Get("https://api.example/")
	if err != nil {
		t.Fatal(err)
	}
	_ = got.Body.Close()
	if got.StatusCode != http.StatusForbidden {
		t.Errorf("GET: %s", got.Status)
	}
	hidden := unveil(t, fmt.Sprintf(rule, ""))
	if got := hidden.post(hidden.browser(true), "words"); got != 0 {
		t.Errorf("hidden: %d", got)
	}
}
