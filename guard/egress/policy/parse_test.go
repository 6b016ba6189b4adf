package policy_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// older is what the older file calls the allowlist; Cordon itself has one word for it.
const older = "white" + "list"

// problems lists what Parse says about a document, one line each.
func problems(doc string) []string {
	p, err := policy.Parse([]byte(doc))
	if err == nil {
		return nil
	}
	if p != nil {
		return []string{"there is a policy beside the error"}
	}
	return strings.Split(err.Error(), "\n")
}

// Every error says in which line, at which key, what is wrong and what to do.
func TestBadDocuments(t *testing.T) {
	for _, tt := range []struct{ doc, want string }{
		{"", "line 1: document: is empty; begin with"},
		{"# only words", "line 1: document: is empty"},
		{"- a", "line 1: document: is a list; give keys"},
		{"mode: strict\nmode: audit", "line 2: document: "},
		{"mode: [", "line 1: document: "},
		{"a: &x 1\nb: *x", "line 1: document: uses anchors"},
		{"mode: !!str strict", "line 1: document: uses anchors"},
		{"mode: strict\n---\nmode: audit", "line 3: document: is a second YAML document"},
		{"mode: \x01", "line 1: document: holds a control character"},
		{"x: " + strings.Repeat("[", 100), "line 1: document: nests too deeply"},
		{strings.Repeat("- ", 100), "line 1: document: nests too deeply"},
		{manyKeys(1001), "line 1001: document: has a mapping with more than 1000 keys"},
		{"monitoring:\n  - x:\n" + strings.ReplaceAll(manyKeys(1001), "k", "      k"), "line 1003: document: has a mapping with more than 1000 keys"},
		{"description: " + strings.Repeat("a", 17_000), "line 1: document: has a line of more than"},
		{"mode: lax", "line 1: mode: is none of strict, audit, permissive; write one"},
		{"mdoe: strict", "line 1: mdoe: is no key of a policy; did you mean mode?"},
		{"frobnicate: 1", "line 1: frobnicate: is no key of a policy; known here: alerts, allowlist"},
		{"default_policy: block", "line 1: default_policy: is none of deny, allow"},
		{"global:\n  network_enabled: yes", "line 2: global.network_enabled: is no true or false; write true or false"},
		{"global: [1]", "line 1: global: is a list; give keys and values"},
		{"emergency:\n  killswitch: true", "line 2: emergency.killswitch: is no key of a policy; did you mean kill_switch?"},
		{"allowlist:\n  rules:\n    - a.example", "line 3: allowlist.rules[0]: is "},
		{"allowlist:\n  rules:\n    - ports: [443]", "line 3: allowlist.rules[0]: has no host; write a name"},
		{"allowlist:\n  rules:\n    - host: a b", "line 3: allowlist.rules[0].host: host holds a character"},
		{"allowlist:\n  rules:\n    - host: api-*.example.com", "allowlist.rules[0].host: an asterisk stands for whole labels"},
		{"allowlist:\n  rules:\n    - host: a.example:443", "write host: a.example and ports: [443]"},
		{"allowlist:\n  rules:\n    - host: 127.1", "this is the address 127.0.0.1 written otherwise"},
		{"allowlist:\n  rules:\n    - host: 10.0.0.1/8", "write 10.0.0.0/8"},
		{"allowlist:\n  rules:\n    - host: 10.0.0.0/33", "this is no CIDR"},
		{"allowlist:\n  rules:\n    - host: '*.127.0.0.1'", "nothing is below an address"},
		{"allowlist:\n  rules:\n    - {host: a.example, ports: [0]}", "rules[0].ports[0]: is no port"},
		{"allowlist:\n  rules:\n    - {host: a.example, ports: [70000]}", "rules[0].ports[0]: is no port"},
		{"allowlist:\n  rules:\n    - {host: a.example, ports: [9-8]}", "rules[0].ports[0]: is no port"},
		{"allowlist:\n  rules:\n    - {host: a.example, protocols: [quic]}", "is no protocol that this version tells apart"},
		{"allowlist:\n  rules:\n    - {host: a.example, methods: [get]}", "is no HTTP method"},
		{"allowlist:\n  rules:\n    - {host: a.example, methods: [CONNECT]}", "is no HTTP method"},
		{"allowlist:\n  rules:\n    - {host: a.example, paths: [/v1/*]}", "has an asterisk; a path is a prefix already"},
		{"allowlist:\n  rules:\n    - {host: a.example, paths: [/a/../b]}", "is no clean path"},
		{"allowlist:\n  rules:\n    - {host: a.example, tools: [\"a b\"]}", "is no name of a tool; write up to 200 letters"},
		{"allowlist:\n  rules:\n    - {host: a.example, tools: [a], protocols: [http]}", "has tools, and mcp is none of its protocols; add mcp"},
		{"allowlist:\n  rules:\n    - {host: a.example, paths: [/a], protocols: [ssh]}", "has methods or paths, and none of its protocols has them"},
		{"allowlist:\n  rules:\n    - {host: a.example, expires: soon}", "is no date and no time"},
		{"allowlist:\n  rules:\n    - {host: a.example, windows: {from: '8'}}", "is no time of the day"},
		{"allowlist:\n  rules:\n    - {host: a.example, windows: {days: [someday]}}", "is no day of the week"},
		{"allowlist:\n  rules:\n    - {host: a.example, windows: {zone: Europe/Berlin}}", "is no offset from UTC"},
		{"allowlist:\n  rules:\n    - {host: a.example, windows: {from: '08:00', to: '08:00'}}", "opens and closes at the same time"},
		{"allowlist:\n  rules:\n    - {host: a.example, programs: [{}]}", "names no program"},
		{"allowlist:\n  rules:\n    - {host: a.example, programs: [{cwd: srv}]}", "no absolute path"},
		{"allowlist:\n  rules:\n    - {host: a.example, addresses: [b.example]}", "is no address and no CIDR"},
		{"allowlist:\n  rules:\n    - {host: a.example, addresses: [0.0.0.0/0]}", "is not within private space"},
		{"allowlist:\n  rules:\n    - {host: a.example, addresses: [9.9.9.9]}", "is not within private space"},
		{"allowlist:\n  rules:\n    - {host: a.example, addresses: [169.254.0.0/16]}", "is not within private space"},
		{"allowlist:\n  rules:\n    - {host: a.example, description: \"a\\nb\"}", "line breaks, control characters"},
		{"allowlist:\n  rules:\n    - {host: a.example, description: \"a\u202eb\"}", "marks of direction"},
		{"allowlist:\n  rules:\n    - {host: a.example, id: a b}", "is no id"},
		{"allowlist:\n  rules:\n    - {host: a.example, id: x}\n    - {host: b.example, id: x}", `line 4: id: "x" is already used in line 3`},
		{"allowlist: {}\n" + older + ": {}", "line 2: " + older + ": means the same as allowlist"},
		{"databases: {oracle: {enabled: true}}", "line 1: databases.oracle: is no key of a policy"},
		{"databases: {redis: {allowed_hosts: [a b]}}", "databases.redis.allowed_hosts[0]: host holds a character"},
		{"websockets: {default_policy: allow}", "websockets.default_policy: is not deny"},
		{"websockets: {inbound: {allowed_origins: ['*']}}", "this is no origin"},
		{"websockets: {outbound: {allowed_protocols: [http]}}", "is no protocol of WebSockets"},
		{"data_leak_prevention: {blocked_extensions: [pem]}", "is no file extension"},
		{"data_leak_prevention: {personal: maybe}", "is no true or false"},
		{"data_leak_prevention:\n  sensitive_patterns:\n    - 'ok[0-9]{4}'\n    - 'a(b'\n", "line 4: data_leak_prevention.sensitive_patterns[1]: is no regular expression"},
		{"data_leak_prevention: {sensitive_patterns: ['x*']}", "less than three characters"},
		{"data_leak_prevention: {sensitive_patterns: ['ab|[a-z]{9}']}", "less than three characters"},
		{"data_leak_prevention: {sensitive_patterns: ['((abcdefgh){100}){100}']}", "is no regular expression"},
		{"data_leak_prevention: {sensitive_patterns: ['(abcdefgh){900}']}", "too large"},
		{"data_leak_prevention: {sensitive_patterns: [{description: x}]}", "has no pattern"},
		{"data_leak_prevention: {sensitive_patterns: [{pattern: abc, id: x}, {pattern: abd, id: x}]}", "has the id of another pattern"},
		{"data_leak_prevention: {sensitive_patterns: [{pattern: abc, id: 'X Y'}]}", "is no id"},
		{"data_leak_prevention: {sensitive_patterns: [{pattern: abc, colour: red}]}", "is no key of a policy"},
		{"tests: [{request: a.example}]", "has no expect"},
		{"tests: [{expect: deny}]", "has no request"},
		{"tests: [{request: 'GET a.example', expect: deny}]", "a method needs a URL"},
		{"tests: [{request: 'gopher://a.example', expect: deny}]", "the URL's scheme is not known here"},
	} {
		got := problems(tt.doc)
		if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, tt.want) }) {
			t.Errorf("%.80q: %q, want %q", tt.doc, got, tt.want)
		}
	}
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: 1\n", i)
	}
	return b.String()
}

func TestAllProblemsAreSaidAtOnce(t *testing.T) {
	_, err := policy.Parse([]byte("mode: lax\nallowlist:\n  rules:\n    - host: a b\n    - {host: a.example, prots: [1]}\nzzz: 1\n"))
	var lines []int
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatal(err)
	}
	for _, e := range joined.Unwrap() {
		var one *policy.Error
		if !errors.As(e, &one) || one.Key == "" || one.Problem == "" || one.Hint == "" {
			t.Errorf("%v says too little", e)
		}
		lines = append(lines, one.Line)
	}
	if !slices.Equal(lines, []int{1, 4, 5, 6}) {
		t.Errorf("lines %v", lines)
	}
	if n := len(problems("allowlist:\n  rules:\n" + strings.Repeat("    - x: 1\n", 500))); n != 50 {
		t.Errorf("%d problems are said", n)
	}
}

// The file of the older program is read as it is, keeps everything in, and what it
// asks for in vain is listed.
func TestTheOlderFileIsRead(t *testing.T) {
	doc, err := os.ReadFile("testdata/older.policy")
	if err != nil {
		t.Fatal(err)
	}
	p := parse(t, string(doc))
	want := policy.Settings{Mode: policy.Strict, Default: policy.Deny, LocalhostOnly: true, ScanLeaks: true, ScanPersonal: true, Inbound: policy.Inbound{RequireAuth: true},
		Alerts: policy.Alerts{Blocked: 100, Window: 5 * time.Minute, Baseline: true}}
	if got := fmt.Sprint(p.Settings()); got != fmt.Sprint(want) {
		t.Errorf("%s, want %v", got, want)
	}
	for line, want := range map[string]policy.Reason{
		"https://api.github.com/": policy.ReasonNetworkDisabled, "localhost:8080": policy.ReasonLocalhostOnly,
		"127.0.0.1:8080": policy.ReasonLocalhostOnly, "localhost:5432": policy.ReasonDatabase, "redis://localhost": policy.ReasonDatabase,
		"ws://localhost/x": policy.ReasonWebSocket, "localhost:53": policy.ReasonDNS, "a.malicious.com:443": policy.ReasonNetworkDisabled,
	} {
		if d := p.Decide(asked(t, line)); d.Reason != want {
			t.Errorf("%s: %s %s, want %s", line, d.Result, d.Reason, want)
		}
	}
	var keys []string
	for _, u := range p.Unsupported() {
		if u.Line == 0 || u.Meaning == "" {
			t.Errorf("%+v", u)
		}
		keys = append(keys, u.Key)
	}
	for _, key := range []string{
		"global.logging", "global.alerts", "global.rate_limiting", "global.timeout", "http_clients", "external_apis", "event_systems", "sockets",
		"network_file_systems", "monitoring", "emergency.contacts", "dns.custom_resolvers", "dns.log_queries", "data_leak_prevention.enabled",
		"data_leak_prevention.max_request_size", "data_leak_prevention.blocked_headers", "databases.mongodb.require_auth", "databases.redis.require_password",
		"databases.databricks_sql.enabled", "websockets.endpoints", "websockets.inbound.max_connections", "websockets.outbound.enabled",
	} {
		if !slices.Contains(keys, key) {
			t.Errorf("%s is ignored in silence", key)
		}
	}
}

// The older program's own steps: a host is added, the network enabled.
func TestTheOlderFileIsEdited(t *testing.T) {
	doc, err := os.ReadFile("testdata/older.policy")
	if err != nil {
		t.Fatal(err)
	}
	rule, _ := policy.ParseTarget("prod-db.example.com:5432")
	edited, err := policy.Edit(doc, policy.AddRule(policy.Rule{Host: "api.example.com", Description: "official API"}), policy.AddRule(rule), policy.SetNetwork(true))
	if err != nil {
		t.Fatal(err)
	}
	p := parse(t, string(edited))
	for line, want := range map[string]policy.Reason{
		"https://api.example.com/":            policy.ReasonRule,
		"prod-db.example.com:5432":            policy.ReasonRule, // the rule names the port
		"postgres://prod-db.example.com tls":  policy.ReasonRule,
		"postgres://prod-db.example.com":      policy.ReasonTLSRequired,
		"postgres://api.example.com:5433 tls": policy.ReasonDatabase, // this one does not
		"https://paste.example/":              policy.ReasonDefaultPolicy,
		"https://a.malicious.com/":            policy.ReasonDenylist,
	} {
		if d := p.Decide(asked(t, line)); d.Reason != want {
			t.Errorf("%s: %s %s, want %s", line, d.Result, d.Reason, want)
		}
	}
	if lines := strings.Count(string(edited), "\n") - strings.Count(string(doc), "\n"); lines != 4 {
		t.Errorf("%d new lines", lines)
	}
}

func TestRulesForWhatNoRuleOpensAreNoted(t *testing.T) {
	p := parse(t, `allowlist: {rules: [{host: 169.254.169.254}, {host: metadata.google.internal}, {host: "fe80::/64"}, {host: 0.0.0.0/0}, {host: 10.0.0.0/8}]}`)
	var keys []string
	for _, u := range p.Unsupported() {
		keys = append(keys, u.Key)
	}
	if want := []string{"allowlist.rules[0].host", "allowlist.rules[1].host", "allowlist.rules[2].host"}; !slices.Equal(keys, want) {
		t.Errorf("%q, want %q", keys, want)
	}
}

func TestOlderRules(t *testing.T) {
	p := parse(t, older+`:
  rules:
    - domain: "api.example.com"
      protocol: "https"
      ports: [443]
      description: "checked"
      added_by: "admin"
      added_date: "2024-01-01"
      expires: "2030-12-31"
    - domain: "localhost:5432"
`)
	rules := p.Rules()
	if len(rules) != 2 || rules[0].Words() != "api.example.com:443 https before 2031-01-01T00:00:00Z (checked)" || rules[1].Words() != "localhost:5432" {
		t.Errorf("%+v", rules)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(policy.Starter())
	older, err := os.ReadFile("testdata/older.policy")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(older)
	for _, s := range []string{"allowlist: {rules: [{host: a.example, ports: [1-2]}]}", "? a", "&a", "- -", "mode: |\n strict", "a: {", "tests: [{request: x}]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		p, err := policy.Parse(doc)
		if (p == nil) != (err != nil) {
			t.Errorf("policy %v beside error %v", p, err)
		}
		for _, r := range p.Rules() {
			if r.ID == "" || r.Host == "" {
				t.Errorf("rule %+v", r)
			}
		}
		p.Test()
		if d := p.Decide(policy.Request{Host: "169.254.169.254", Port: 80}); d.Allowed() {
			t.Error("a document opens the metadata service")
		}
	})
}
