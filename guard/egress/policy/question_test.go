package policy_test

import (
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// A name may be asked for by whoever may go there in some way.
func TestQuestionsForNames(t *testing.T) {
	for _, s := range []story{
		{"a name that some rule lets out", `
allowlist:
  rules:
    - {host: api.example, ports: [443], protocols: [https], methods: [GET], paths: [/v1]}
    - {host: "*.below.example"}
    - {host: mine.example, programs: [/usr/bin/curl]}
    - {host: old.example, expires: "2020-01-01"}
denylist: {rules: [{host: api.below.example}, {host: port.below.example, ports: [25]}]}
`, `
  api.example dns                     allow rule
  api.example dns =203.0.113.1        allow rule
  api.example dns =10.0.0.1           deny private_address
  api.example dns =169.254.169.254    deny metadata_address
  x.api.example dns                   deny default_policy
  below.example dns                   deny default_policy
  a.b.below.example dns               allow rule
  api.below.example dns               deny denylist
  port.below.example dns              allow rule
  mine.example dns                    deny program_mismatch
  mine.example dns exe=/usr/bin/curl  allow rule
  metadata.google.internal dns        deny metadata_address
`},
		{"a name server itself is a destination like others", `
allowlist: {rules: [{host: api.example, ports: [443]}]}
`, `
  api.example:53 dns                  deny port_mismatch
`},
		{"nobody asks", `
dns: {enabled: false}
allowlist: {rules: [{host: api.example}, {host: mx.example, protocols: [dns]}]}
`, `
  api.example dns                     deny dns_disabled
  mx.example dns                      allow rule
`},
		{"names that may only be asked for", `
dns: {allowed_domains: [mx.example], blocked_domains: [bad.example]}
default_policy: deny
`, `
  mx.example dns                      allow rule
  mx.example:25                       deny port_mismatch
  bad.example dns                     deny denylist
`},
		{"the network is off", `
global: {network_enabled: false}
allowlist: {rules: [{host: api.example}]}
`, `
  api.example dns                     deny network_disabled
`},
		{"a name that leads inside", `
allowlist: {rules: [{host: db.example, ports: [5432], addresses: [10.0.0.0/8]}]}
`, `
  db.example dns =10.0.0.5            allow rule
  db.example dns =192.168.0.5         deny private_address
`},
	} {
		s.run(t)
	}
}

func TestNamesThatLookLikeData(t *testing.T) {
	const doc = "allowlist: {rules: [{host: '*.cdn.example'}, {host: '*.lists.example', protocols: [dns, https]}]}\n"
	for _, row := range []struct {
		mode, host string
		want       policy.Result
		reason     policy.Reason
	}{
		{"strict", "x.cdn.example", policy.Deny, policy.ReasonTunnel},
		{"permissive", "x.cdn.example", policy.Deny, policy.ReasonTunnel},
		{"audit", "x.cdn.example", policy.Allow, policy.ReasonTunnel},
		{"strict", "x.lists.example", policy.Allow, policy.ReasonRule},
		{"strict", "x.other.example", policy.Deny, policy.ReasonDefaultPolicy},
	} {
		d := parse(t, "mode: "+row.mode+"\n"+doc).Decide(policy.Request{Host: row.host, Protocol: policy.DNS, Tunnel: "2 KB of names"})
		if d.Result != row.want || d.Reason != row.reason {
			t.Errorf("%s %s: %s %s, want %s %s", row.mode, row.host, d.Result, d.Reason, row.want, row.reason)
		}
	}
}
