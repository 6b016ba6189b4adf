package when_test

import (
	"net/netip"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// A question for a name is judged by what a condition says of who asks and when;
// what it says of the connection is open until there is one.
func TestConditionsCountForQuestions(t *testing.T) {
	curl := policy.Program{Exe: "/usr/bin/curl", User: "deploy"}
	p := rules(t, `
mode: strict
allowlist:
  rules:
    - {host: mine.example, when: 'program.user == "deploy"'}
    - {host: late.example, when: 'time.hour > 20'}
    - {host: web.example, when: 'port == 443 && protocol == "tls" && method == "GET" && entry == "http"'}
    - {host: there.example, when: 'address.within("203.0.113.0/24")'}
    - {host: part.example}
denylist:
  rules:
    - {host: part.example, when: 'method == "POST" && path.startsWith("/upload")'}
    - {host: mine.example, when: 'program.exe == "/usr/bin/nc"'}
`)
	for _, tt := range []struct {
		host    string
		program policy.Program
		address string
		want    policy.Result
	}{
		{"mine.example", curl, "", policy.Allow},
		{"mine.example", policy.Program{Exe: "/usr/bin/curl", User: "guest"}, "", policy.Deny},
		{"mine.example", policy.Program{Exe: "/usr/bin/nc", User: "deploy"}, "", policy.Deny},
		{"mine.example", policy.Program{}, "", policy.Deny},
		{"late.example", curl, "", policy.Deny},
		{"web.example", curl, "", policy.Allow},
		{"there.example", curl, "", policy.Allow},
		{"there.example", curl, "203.0.113.9", policy.Allow},
		{"there.example", curl, "198.51.100.9", policy.Deny},
		{"part.example", curl, "", policy.Allow},
	} {
		r := policy.Request{Time: noon, Host: tt.host, Protocol: policy.DNS, Program: tt.program}
		if tt.address != "" {
			r.Address = netip.MustParseAddr(tt.address)
		}
		if d := p.Decide(r); d.Result != tt.want {
			t.Errorf("%s %s by %+v: %s, %s", tt.host, tt.address, tt.program, d.Result, d.Reason)
		}
	}
}
