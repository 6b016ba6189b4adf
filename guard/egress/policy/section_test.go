package policy_test

import (
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// story is a document and what it answers, written as in the scenarios.
type story struct{ name, doc, asks string }

func (s story) run(t *testing.T) {
	t.Run(s.name, func(t *testing.T) {
		p := parse(t, s.doc)
		for line := range strings.Lines(s.asks) {
			if strings.TrimSpace(line) != "" {
				scenario(t, p, strings.TrimRight(line, "\n"))
			}
		}
	})
}

func TestSections(t *testing.T) {
	for _, s := range []story{
		{"a database that is allowed", `
databases:
  postgresql: {enabled: true, allowed_hosts: [db.example, "old.example:6543"], require_ssl: true}
`, `
  db.example:5432                     allow rule databases.postgresql:db.example
  postgres://db.example tls           allow rule
  postgres://db.example               deny tls_required
  db.example:443                      deny port_mismatch
  db.example:5432 ssh                 deny protocol_mismatch
  old.example:6543                    allow rule
  old.example:5432                    deny port_mismatch
  postgres://other.example tls        deny default_policy
  db.example:5432 =10.0.0.5           deny private_address
`},
		{"a database that is off", `
default_policy: allow
databases: {redis: {enabled: false, allowed_hosts: [r.example]}}
allowlist:
  rules:
    - {host: wide.example}
    - {host: port.example, ports: [6379]}
    - {host: protocol.example, protocols: [redis]}
    - {host: range.example, ports: [6000-7000]}
`, `
  r.example:6379                      deny database_disabled
  redis://r.example                   deny database_disabled
  r.example:6380                      allow default_policy
  redis://r.example:6380              deny database_disabled
  wide.example:6379                   deny database_disabled
  redis://wide.example:1              deny database_disabled
  redis://port.example                allow rule
  redis://protocol.example:1          allow rule
  range.example:6379                  deny database_disabled
`},
		{"encryption is asked for whatever the rule", `
databases: {mariadb: {require_ssl: true}}
allowlist: {rules: [{host: db.example, protocols: [mysql]}]}
`, `
  mysql://db.example                  deny tls_required
  mysql://db.example tls              allow rule
`},
		{"what nobody recognises at a database's port is the database", `
databases: {redis: {require_ssl: true}, postgresql: {require_ssl: true}}
allowlist: {rules: [{host: a.example}, {host: b.example, ports: [6379], protocols: [tcp]}]}
`, `
  a.example:6379                      allow rule
  a.example:6379 tcp                  deny tls_required
  b.example:6379 tcp                  deny tls_required
  a.example:5432 tcp                  deny tls_required
  a.example:6379 tls                  allow rule
  a.example:6379 ssh                  allow rule
  a.example:6380 tcp                  allow rule
  a.example:3306 tcp                  allow rule
`},
		{"Databricks", `
databases: {databricks: {allowed_hosts: [a.cloud.databricks.com]}}
`, `
  https://a.cloud.databricks.com/sql  allow rule
  http://a.cloud.databricks.com:443/  deny protocol_mismatch
`},
		{"names are asked for elsewhere", `
dns: {enabled: false}
allowlist: {rules: [{host: 9.9.9.9}, {host: 9.9.9.10, ports: [53]}]}
`, `
  9.9.9.9:53                          deny dns_disabled
  9.9.9.9:853                         allow rule
  9.9.9.9:5353 dns                    deny dns_disabled
  9.9.9.10:53 dns                     allow rule
`},
		{"WebSockets are off", `
websockets: {outbound: {enabled: false}}
allowlist: {rules: [{host: a.example}, {host: b.example, protocols: [https, wss]}]}
`, `
  wss://a.example/chat                deny websocket_denied
  ws://a.example/chat                 deny websocket_denied
  https://a.example/                  allow rule
  wss://b.example/chat                allow rule
`},
		{"WebSockets to some hosts", `
websockets: {outbound: {allowed_hosts: [chat.example], allowed_protocols: [wss], blocked_hosts: ["*", bad.example]}}
`, `
  wss://chat.example/x                allow rule
  ws://chat.example/x                 deny protocol_mismatch
  https://chat.example/x              deny protocol_mismatch
  https://bad.example/                deny denylist
`},
		{"a denylist goes before every rule", `
default_policy: allow
denylist:
  rules:
    - {id: evil, host: '*.evil.example', reason: known}
    - {host: 192.0.2.0/24}
    - {host: ssh.example, ports: [22]}
allowlist: {rules: [{host: '*'}, {host: good.evil.example}]}
`, `
  good.evil.example:443               deny denylist evil
  evil.example:443                    allow rule
  192.0.2.9:443                       deny denylist
  a.example:443 =192.0.2.9            deny denylist
  a.example:443 =::ffff:192.0.2.9     deny denylist
  a.example:443 =64:ff9b::192.0.2.9   deny denylist
  [2002:c000:209::1]:443              deny denylist
  [2002:c000:309::1]:443              allow default_policy
  ssh.example:22                      deny denylist
  ssh.example:443                     allow rule
`},
		{"a denylist of everything is a floor", `
default_policy: allow
mode: permissive
denylist: {rules: [{host: '*'}]}
allowlist: {rules: [{host: a.example}, {host: 127.0.0.1}]}
`, `
  a.example:443                       deny denylist
  127.0.0.1:80                        deny denylist
  [::1]:80                            deny denylist
  9.9.9.9:53                          deny denylist
`},
		{"a denied localhost has addresses", `
denylist: {rules: [{host: localhost}]}
allowlist: {rules: [{host: 127.0.0.0/8}, {host: localhost}]}
`, `
  localhost:80                        deny denylist
  127.0.0.5:80                        deny denylist
  [::1]:80                            deny denylist
`},
		{"only this machine", `
emergency: {localhost_only: true}
allowlist: {rules: [{host: a.example}, {host: 10.0.0.0/8}]}
`, `
  localhost:80                        allow localhost_only
  127.0.0.1:80                        allow localhost_only
  [::1]:80                            allow localhost_only
  a.example:80                        deny localhost_only
  a.example:80 =127.0.0.1             deny localhost_only
  10.0.0.1:80                         deny localhost_only
  0.0.0.0:80                          deny localhost_only
`},
		{"files that may not leave", `
data_leak_prevention: {blocked_extensions: [.pem, .ENV]}
allowlist: {rules: [{host: a.example}]}
`, `
  PUT http://a.example/x/key.PEM      deny blocked_extension
  POST http://a.example/.env          deny blocked_extension
  GET http://a.example/ca.pem         allow rule
  PUT http://a.example/x/key.pem/y    allow rule
  PUT http://b.example/key.pem        deny default_policy
`},
	} {
		s.run(t)
	}
}

func TestWithoutAPolicyNothingLeaves(t *testing.T) {
	var p *policy.Policy
	for _, r := range []policy.Request{{}, {Host: "localhost", Port: 80}, {Host: "a.example", Port: 443}} {
		if d := p.Decide(r); d.Result != policy.Deny || d.Reason != policy.ReasonNoPolicy {
			t.Errorf("%+v: %+v", r, d)
		}
	}
	if len(p.Rules())+len(p.Test())+len(p.Unsupported()) != 0 || p.Settings().Default != policy.Deny {
		t.Error("a nil policy has something to say")
	}
}

// A host that is not in normal form is denied in every mode: what does not compare
// cannot be judged.
func TestHostsOutOfFormAreDenied(t *testing.T) {
	p := parse(t, "mode: audit\ndefault_policy: allow\nallowlist: {rules: [{host: '*'}]}")
	for _, host := range []string{
		"", "API.example.com", "api.example.com.", "a..b", ".a", "127.1", "0x7f000001", "2130706433", "[::1]", "::ffff:127.0.0.1", "fe80::1%eth0", "0c0f::5", "2001:DB8::1", "2001:db8:0:0:0:0:0:1",
		"a b", "a\x00b", "%6c", "bücher.example", "ａ.example", "256.1.1.1", "01.2.3.4", "1.2.3", "a:80", strings.Repeat("a.", 200) + "a",
	} {
		if d := p.Decide(policy.Request{Host: host, Port: 80}); d.Reason != policy.ReasonBadHost || d.AllowCommand != "" || strings.Contains(d.Detail, host) && host != "" {
			t.Errorf("%q: %+v", host, d)
		}
	}
}

func TestWhatWouldAllowIt(t *testing.T) {
	p := parse(t, "allowlist: {rules: [{host: a.example, ports: [443]}, {host: '2001:db8::1', ports: [1]}]}")
	for _, tt := range []struct{ ask, want string }{
		{"b.example:443", `cordon egress add b.example:443 "why"`},
		{"a.example:22", `cordon egress add a.example:22 "why"`},
		{"[2001:db8::1]:80", `cordon egress add [2001:db8::1]:80 "why"`},
		{"a.example:443 =10.0.0.5", `cordon egress add 10.0.0.5:443 "why"`},
		{"169.254.169.254:80", ""},
	} {
		if d := p.Decide(asked(t, tt.ask)); d.AllowCommand != tt.want || d.Allowed() {
			t.Errorf("%s: %+v", tt.ask, d)
		}
	}
	off := parse(t, "global: {network_enabled: false}")
	if d := off.Decide(asked(t, "a.example:443")); d.AllowCommand != "cordon egress enable" {
		t.Errorf("%+v", d)
	}
}

// What the commands say is true: whoever types them is let through.
func TestTheCommandAllowsIt(t *testing.T) {
	doc := []byte("databases: {redis: {enabled: false}}\ndns: {enabled: false}\nemergency: {localhost_only: true}\nglobal: {network_enabled: false}\nallowlist: {rules: [{host: a.example, ports: [443], methods: [GET]}]}")
	for _, ask := range []string{"b.example:443", "a.example:22", "POST https://a.example/x", "a.example:443 =10.0.0.5", "[2001:db8::1]:80", "127.0.0.1:80", "redis://cache.example:7000", "9.9.9.9:53 dns"} {
		r := asked(t, ask)
		for range 4 {
			d := parse(t, string(doc)).Decide(r)
			if d.Allowed() {
				break
			}
			doc = obey(t, doc, d.AllowCommand)
		}
		if d := parse(t, string(doc)).Decide(r); !d.Allowed() {
			t.Errorf("%s: %+v", ask, d)
		}
	}
}

func obey(t *testing.T, doc []byte, command string) []byte {
	t.Helper()
	words := strings.Fields(command)
	change := policy.SetNetwork(true)
	if words[2] == "add" {
		rule, err := policy.ParseTarget(words[3])
		if err != nil {
			t.Fatal(err)
		}
		change = policy.AddRule(rule)
	}
	edited, err := policy.Edit(doc, change)
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	return edited
}

func TestTheStartersOwnTestsPass(t *testing.T) {
	p := parse(t, string(policy.Starter()))
	results := p.Test()
	if len(results) == 0 || len(p.Unsupported()) != 0 {
		t.Errorf("%v, %v", results, p.Unsupported())
	}
	for _, r := range results {
		if !r.Passed {
			t.Errorf("%+v", r)
		}
	}
}

// Tests are about rules: switches and modes do not fail them.
func TestTestsHoldInEveryPosition(t *testing.T) {
	for _, switches := range []string{"mode: audit", "mode: permissive", "emergency: {kill_switch: true}", "emergency: {localhost_only: true}", "global: {network_enabled: false}"} {
		p := parse(t, switches+`
allowlist: {rules: [{host: a.example}]}
tests:
  - {request: "a.example:443", expect: allow, reason: rule}
  - {request: "b.example:443", expect: deny, reason: default_policy}
`)
		for _, r := range p.Test() {
			if !r.Passed {
				t.Errorf("%s: %+v", switches, r)
			}
		}
	}
}

func TestTheTestsBlock(t *testing.T) {
	p := parse(t, `
allowlist: {rules: [{id: api, host: a.example, ports: [443], expires: "2026-12-31", programs: [/usr/bin/curl]}]}
tests:
  - {request: "https://a.example/x", program: /usr/bin/curl, at: "2026-06-01", expect: allow, rule: api}
  - {name: wrong, request: "a.example:443", expect: allow}
  - {request: "a.example:443", program: {exe: /usr/bin/curl}, at: "2027-01-01", expect: deny, reason: expired}
  - {request: "a.example:443", program: /usr/bin/curl, at: "2026-06-01", address: 10.0.0.1, expect: deny, reason: private_address}
  - {request: "https://a.example/x", program: /usr/bin/curl, at: "2026-06-01", leak: true, expect: deny, reason: leak}
`)
	var passed []bool
	for _, r := range p.Test() {
		passed = append(passed, r.Passed)
		if r.Name == "" || r.Line == 0 || r.Want == "" {
			t.Errorf("%+v", r)
		}
	}
	want := []bool{true, false, true, true, true}
	for i := range want {
		if i >= len(passed) || passed[i] != want[i] {
			t.Fatalf("passed %v, want %v: %+v", passed, want, p.Test())
		}
	}
}

func TestDryRun(t *testing.T) {
	at := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	p := parse(t, "allowlist: {rules: [{host: a.example}, {host: b.example}]}")
	var recorded []policy.Recorded
	for _, r := range []struct {
		host string
		was  policy.Result
	}{{"a.example", policy.Allow}, {"b.example", policy.Deny}, {"c.example", policy.Allow}, {"d.example", policy.Allow}, {"e.example", policy.Deny}} {
		recorded = append(recorded, policy.Recorded{Request: policy.Request{Time: at, Host: r.host, Port: 443}, Result: r.was})
	}
	o := policy.DryRun(p, recorded)
	if o.String() != "would newly block 2 and newly allow 1 of 5" || o.NewlyAllowed[0].Recorded.Request.Host != "b.example" || o.NewlyBlocked[0].Now.Reason != policy.ReasonDefaultPolicy {
		t.Errorf("%+v", o)
	}
}

func TestDiff(t *testing.T) {
	a := parse(t, "allowlist: {rules: [{id: x, host: a.example, ports: [443]}, {id: y, host: b.example}, {id: z, host: c.example}]}")
	b := parse(t, "mode: audit\ndatabases: {redis: {enabled: false}}\nallowlist: {rules: [{id: z, host: c.example}, {id: x, host: a.example, ports: [80, 443], expires: '2027-01-01'}, {id: w, host: d.example, description: new}]}")
	var got []string
	for _, d := range policy.Diff(a, b) {
		got = append(got, d.Kind+" "+d.What+": "+d.Text)
	}
	want := []string{
		"changed mode: mode was strict and becomes audit",
		"changed databases, dns and websockets.outbound: databases, dns and websockets.outbound was empty and becomes databases.redis off",
		"removed rule y: would remove: b.example",
		"changed rule x: ports from [443] to [80 443]; expires from none to 2027-01-02T00:00:00Z",
		"added rule w: would add: d.example (new)",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if d := policy.Diff(nil, a); len(d) != 7 { // three switches, alerts, three rules
		t.Errorf("from nothing: %+v", d)
	}
}
