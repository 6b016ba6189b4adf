package policy_test

import (
	"strings"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// Whether TLS is looked into: a rule's own word, else that of the policy; also where
// the mode lets pass what no rule covers.
func TestWhetherTLSIsLookedInto(t *testing.T) {
	const rules = "allowlist:\n  rules:\n    - host: open.example\n    - {host: yes.example, intercept_tls: true}\n    - {host: no.example, intercept_tls: false}\ndenylist:\n  rules:\n    - host: never.example\n"
	for _, tt := range []struct {
		head, host string
		want       bool
	}{
		{"mode: strict\n", "open.example", false},
		{"mode: strict\n", "yes.example", true},
		{"mode: strict\n", "no.example", false},
		{"data_leak_prevention: {intercept_tls: true}\n", "open.example", true},
		{"data_leak_prevention: {intercept_tls: true}\n", "yes.example", true},
		{"data_leak_prevention: {intercept_tls: true}\n", "no.example", false},
		{"data_leak_prevention: {enabled: false, intercept_tls: true}\n", "open.example", true},
		{"default_policy: allow\ndata_leak_prevention: {intercept_tls: true}\n", "any.example", true},
		{"default_policy: allow\n", "any.example", false},
		{"mode: audit\ndata_leak_prevention: {intercept_tls: true}\n", "any.example", true},
		{"mode: audit\ndata_leak_prevention: {intercept_tls: true}\n", "never.example", true},
		{"mode: audit\ndata_leak_prevention: {intercept_tls: true}\n", "no.example", false},
		{"mode: audit\nglobal: {network_enabled: false}\ndata_leak_prevention: {intercept_tls: true}\n", "any.example", true},
	} {
		p, err := policy.Parse([]byte(tt.head + rules))
		if err != nil {
			t.Fatal(err)
		}
		for _, secrets := range [][]policy.Secret{nil, {{Rule: "x"}}} {
			d := p.Decide(policy.Request{Host: tt.host, Port: 443, Protocol: policy.TLS, TLS: true, Intercepts: true, Secrets: secrets})
			if d.Intercept != tt.want {
				t.Errorf("%s%s: %+v, want intercept %t", tt.head, tt.host, d, tt.want)
			}
		}
	}
}

// Methods and paths hold for https only where somebody sees them.
func TestMethodsAndPathsOfWhatIsLookedInto(t *testing.T) {
	const doc = "allowlist:\n  rules:\n    - {id: api, host: api.example, protocols: [https], methods: [GET], paths: [/v1], intercept_tls: "
	hidden := policy.Request{Host: "api.example", Port: 443, Protocol: policy.TLS, TLS: true, Intercepts: true}
	seen := func(method, path string) policy.Request {
		r := hidden
		r.Protocol, r.Method, r.Path = policy.HTTPS, method, path
		return r
	}
	blind := hidden
	blind.Intercepts = false
	for _, tt := range []struct {
		name, choice string
		r            policy.Request
		want         policy.Reason
	}{
		{"not seen yet", "true", hidden, policy.ReasonRule},
		{"asked by who cannot look", "true", blind, policy.ReasonUnseen},
		{"not to be looked into", "false", hidden, policy.ReasonUnseen},
		{"as the rule says", "true", seen("GET", "/v1/x"), policy.ReasonRule},
		{"another method", "true", seen("POST", "/v1/x"), policy.ReasonMethod},
		{"another path", "true", seen("GET", "/v2"), policy.ReasonPath},
		{"no HTTP inside", "true", policy.Request{Host: "api.example", Port: 443, Protocol: policy.Redis, TLS: true, Intercepts: true}, policy.ReasonProtocol},
	} {
		p, err := policy.Parse([]byte(doc + tt.choice + "}\n"))
		if err != nil {
			t.Fatal(err)
		}
		if d := p.Decide(tt.r); d.Reason != tt.want || d.Allowed() != (tt.want == policy.ReasonRule) {
			t.Errorf("%s: %+v, want %s", tt.name, d, tt.want)
		}
	}
}

func TestInterceptionIsReadComparedAndWritten(t *testing.T) {
	if _, err := policy.Parse([]byte("allowlist:\n  rules:\n    - {host: a.example, intercept_tls: perhaps}\n")); err == nil || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("%v", err)
	}
	parse := func(doc string) *policy.Policy {
		p, err := policy.Parse([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	a := parse("allowlist:\n  rules:\n    - {id: a, host: a.example, intercept_tls: false}\n")
	b := parse("data_leak_prevention: {intercept_tls: true}\nallowlist:\n  rules:\n    - {id: a, host: a.example, intercept_tls: true}\n    - {id: b, host: b.example, intercept_tls: true}\n")
	var texts []string
	for _, d := range policy.Diff(a, b) {
		texts = append(texts, d.Text)
	}
	want := "data_leak_prevention.intercept_tls was false and becomes true|intercepttls from false to true|would add: b.example looked into"
	if got := strings.Join(texts, "|"); got != want {
		t.Errorf("%s", got)
	}
}
