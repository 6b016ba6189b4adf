package policy_test

import (
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// A secret may go to the host that it is for, and nowhere else.
func TestCredentialsGoWhereTheyBelong(t *testing.T) {
	p := parse(t, `
mode: strict
global: {network_enabled: true}
allowlist:
  rules:
    - {id: forge, host: forge.example, credentials: [github-pat, "v1:ab12:00ff"]}
    - {id: other, host: other.example}
`)
	pat, one, third := policy.Secret{Rule: "github-pat"}, policy.Secret{Rule: "generic-api-key", Fingerprint: "v1:ab12:00ff"}, policy.Secret{Rule: "generic-api-key", Fingerprint: "v1:ab12:0100"}
	for _, tt := range []struct {
		host    string
		secrets []policy.Secret
		want    policy.Reason
	}{
		{"forge.example", nil, policy.ReasonRule},
		{"forge.example", []policy.Secret{pat}, policy.ReasonRule},
		{"forge.example", []policy.Secret{pat, one}, policy.ReasonRule},
		{"forge.example", []policy.Secret{pat, third}, policy.ReasonLeak},
		{"other.example", []policy.Secret{pat}, policy.ReasonLeak},
		{"third.example", []policy.Secret{pat}, policy.ReasonDefaultPolicy},
	} {
		if d := p.Decide(policy.Request{Host: tt.host, Port: 443, Secrets: tt.secrets}); d.Reason != tt.want {
			t.Errorf("%s, %v: %s, want %s", tt.host, tt.secrets, d.Reason, tt.want)
		}
	}
}

func TestWhatCannotBeLookedAtIsDenied(t *testing.T) {
	for mode, want := range map[string]policy.Decision{
		"strict":     {Result: policy.Deny, Reason: policy.ReasonNotScanned},
		"permissive": {Result: policy.Allow, Would: policy.Deny, Reason: policy.ReasonNotScanned},
	} {
		p := parse(t, "mode: "+mode+"\nglobal: {network_enabled: true}\nallowlist: {rules: [{host: a.example}]}\n")
		d := p.Decide(policy.Request{Host: "a.example", Port: 443, Unseen: "it is too long"})
		if d.Result != want.Result || d.Would != want.Would || d.Reason != want.Reason || d.AllowCommand != "" {
			t.Errorf("%s: %+v", mode, d)
		}
	}
}
