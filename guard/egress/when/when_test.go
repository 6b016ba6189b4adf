package when_test

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/guard/egress/when"
)

// noon is a Wednesday.
var noon = time.Date(2026, 7, 15, 12, 30, 0, 0, time.UTC)

// seen is a request of which everything is known.
func seen() policy.Request {
	return policy.Request{
		Time: noon, Host: "api.example.com", Port: 8080, Address: netip.MustParseAddr("10.1.2.3"), Protocol: policy.HTTP, Method: "POST", Path: "/v1/upload",
		Entry: "http", Program: policy.Program{Exe: "/usr/bin/curl", Cmdline: "curl -T x", Cwd: "/srv/app", User: "deploy", Jail: "ci"},
	}
}

func holds(t *testing.T, expression string, r policy.Request) policy.Truth {
	t.Helper()
	c, err := when.New().Compile(expression)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return c.Holds(&r)
}

func TestEverythingThatIsKnownCanBeAskedFor(t *testing.T) {
	for _, expression := range []string{
		`host == "api.example.com" && host.endsWith(".example.com")`, `port in [80, 8080]`, `address == "10.1.2.3"`, `address.within("10.0.0.0/8")`,
		`!address.within("fd00::/8")`, `protocol == "http" && !tls`, `method == "POST"`, `path.startsWith("/v1/")`, `path.matches("^/v[0-9]+/")`, `entry == "http"`,
		`program.exe == "/usr/bin/curl" && program.user != "root"`, `program.cmdline.contains("-T") && program.cwd == "/srv/app" && program.jail == "ci"`,
		`has(program.exe)`, `time.hour == 12 && time.minute == 30 && time.weekday == "wed"`, `time.at("+13:00").weekday == "thu"`, `time.at("-05:00").hour == 7`,
		`time.now < timestamp("2030-01-01T00:00:00Z")`, `["GET", "POST"].exists(m, m == method)`, `time.now.getHours("+01:00") == 13`,
	} {
		if got := holds(t, expression, seen()); got != policy.True {
			t.Errorf("%s: %v", expression, got)
		}
		if got := holds(t, "!("+expression+")", seen()); got != policy.False {
			t.Errorf("not %s: %v", expression, got)
		}
	}
}

// What is not known yet leaves a condition open, what never will be makes it fail,
// and neither matters where the rest decides.
func TestWhatIsNotKnown(t *testing.T) {
	early := policy.Request{Time: noon, Host: "api.example.com", Port: 443}
	hidden := policy.Request{Time: noon, Host: "api.example.com", Port: 443, Protocol: policy.TLS, Address: netip.MustParseAddr("9.9.9.9")}
	shell := hidden
	shell.Protocol = policy.SSH
	for _, tt := range []struct {
		expression string
		r          policy.Request
		want       policy.Truth
	}{
		{`method == "GET"`, early, policy.Undecided},
		{`path.startsWith("/v1")`, early, policy.Undecided},
		{`address.within("9.0.0.0/8")`, early, policy.Undecided},
		{`protocol == "http"`, early, policy.Undecided},
		{`!tls`, early, policy.Undecided},
		{`host == "other.example" && method == "GET"`, early, policy.False},
		{`method == "GET" && host == "other.example"`, early, policy.False},
		{`method == "GET" || port == 443`, early, policy.True},
		{`program.exe == "/usr/bin/curl"`, early, policy.Failed},
		{`program.exe != "/usr/bin/curl"`, early, policy.Failed},
		{`has(program.exe) && program.exe == "/usr/bin/curl"`, early, policy.False},
		{`entry == "http"`, early, policy.Failed},
		{`method == "GET"`, hidden, policy.Failed},
		{`method != "POST"`, hidden, policy.Failed},
		{`method != "POST"`, shell, policy.Failed},
		{`tls && address.within("9.0.0.0/8")`, hidden, policy.True},
		{`method == "CONNECT"`, policy.Request{Time: noon, Host: "a.example", Port: 1, Method: "CONNECT", Protocol: policy.HTTP}, policy.Undecided},
		{`path != "/"`, policy.Request{Time: noon, Host: "a.example", Port: 1, Method: "GET", Protocol: policy.HTTP}, policy.Failed},
		{`time.hour > 3`, policy.Request{Host: "a.example", Port: 1}, policy.Failed},
		{`program.cmdline != "x"`, policy.Request{Program: policy.Program{Cmdline: strings.Repeat("x", 10_000)}}, policy.Failed},
		{`10 / (port - 443) > 0`, early, policy.Failed},
	} {
		if got := holds(t, tt.expression, tt.r); got != tt.want {
			t.Errorf("%s of %s %q: %v, want %v", tt.expression, tt.r.Host, tt.r.Protocol, got, tt.want)
		}
	}
}

// A mistake is found when the policy is read, and says where it is.
func TestMistakesAreFoundWhenThePolicyIsRead(t *testing.T) {
	for _, tt := range []struct{ expression, want string }{
		{`hots == "a"`, "column 1: undeclared reference to 'hots'"},
		{`port == "443"`, "column 6: found no matching overload"},
		{`program.exee == "a"`, "column 8: undefined field 'exee'"},
		{`host`, "it is string and has to be true or false"},
		{`host ==`, "column 8: "},
		{`host.matches("(")`, "invalid matches argument"},
		{`host.matches(path)`, "matches needs a pattern, written out"},
		{`path.matches("` + strings.Repeat("(a{1,100}){1,10}", 20) + `")`, "regex program size"},
		{`address.within("10.0.0.1/8")`, "within needs a CIDR such as 10.0.0.0/8, written out"},
		{`time.at("Europe/Berlin").hour > 1`, "at needs an offset such as +01:00, written out"},
		{`time.now.getHours("Europe/Berlin") > 1`, "getHours needs an offset such as +01:00, written out"},
		{`timestamp("soon") < time.now`, "invalid timestamp argument"},
		{`[1,2,3].all(a, [1,2,3].all(b, [1,2,3].all(c, a+b+c < port)))`, "comprehension exceeds nesting limit"},
		{strings.Repeat("(", 40) + "tls" + strings.Repeat(")", 40), "column "},
		{`tls` + strings.Repeat(" || tls", 600), "column "},
		{`path.contains(program.cmdline)`, "it may cost too much to compute"},
	} {
		_, err := when.New().Compile(tt.expression)
		var at *policy.ConditionError
		if !errors.As(err, &at) || at.Line < 1 || at.Column < 1 || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.80s: %v, want %s", tt.expression, err, tt.want)
		}
	}
}

func rules(t *testing.T, text string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse([]byte(text), policy.WithConditions(when.New()))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A rule applies under its condition only, whatever becomes known when; what cannot
// be judged keeps the request in, by either list.
func TestRulesWithConditions(t *testing.T) {
	p := rules(t, `
allowlist:
  rules:
    - {id: day, host: office.example, when: 'time.at("+01:00").hour >= 8 && time.weekday != "sun"'}
    - {id: read, host: api.example, when: 'method in ["GET", "HEAD"]'}
    - {id: deploy, host: git.example, when: 'program.user == "deploy"'}
    - {host: '*.shop.example'}
    - {host: 10.0.0.0/8}
denylist:
  rules:
    - {id: writes, host: '*.shop.example', when: 'method != "GET"'}
    - {id: big, host: '*', when: 'port > 60000'}
    - {id: odd, host: '*', ports: [50000]}
`)
	for _, tt := range []struct {
		host   string
		port   uint16
		change func(*policy.Request)
		want   string
	}{
		{"office.example", 443, nil, "allow rule day"},
		{"office.example", 443, func(r *policy.Request) { r.Time = noon.Add(-8 * time.Hour) }, "deny when_mismatch day"},
		{"api.example", 80, nil, "allow rule read"}, // so far
		{"api.example", 80, func(r *policy.Request) { r.Protocol, r.Method, r.Path = policy.HTTP, "GET", "/" }, "allow rule read"},
		{"api.example", 80, func(r *policy.Request) { r.Protocol, r.Method, r.Path = policy.HTTP, "PUT", "/" }, "deny when_mismatch read"},
		{"api.example", 443, func(r *policy.Request) { r.Protocol, r.TLS = policy.TLS, true }, "deny when_failed read"},
		{"git.example", 443, nil, "deny when_failed deploy"},
		{"git.example", 443, func(r *policy.Request) { r.Program.User = "deploy" }, "allow rule deploy"},
		{"a.shop.example", 80, nil, "allow rule *.shop.example"}, // so far
		{"a.shop.example", 80, func(r *policy.Request) { r.Protocol, r.Method, r.Path = policy.HTTP, "PUT", "/" }, "deny denylist writes"},
		{"a.shop.example", 80, func(r *policy.Request) { r.Protocol, r.Method, r.Path = policy.HTTP, "GET", "/" }, "allow rule *.shop.example"},
		{"a.shop.example", 443, func(r *policy.Request) { r.Protocol, r.TLS = policy.TLS, true }, "deny denylist writes"},
		{"10.1.1.1", 61000, nil, "deny denylist big"},
		{"10.1.1.1", 50000, nil, "deny denylist odd"},
		{"10.1.1.1", 80, nil, "allow rule 10.0.0.0/8"},
	} {
		r := policy.Request{Time: noon, Host: tt.host, Port: tt.port}
		if tt.change != nil {
			tt.change(&r)
		}
		d := p.Decide(r)
		if got := fmt.Sprintf("%s %s %s", d.Result, d.Reason, d.RuleID); got != tt.want {
			t.Errorf("%+v: %s (%s), want %s", r, got, d.Detail, tt.want)
		}
	}
	d := p.Decide(policy.Request{Time: noon, Host: "a.shop.example", Port: 443, Protocol: policy.TLS})
	if !strings.Contains(d.Detail, "its when could not be judged") {
		t.Errorf("the decision says %q", d.Detail)
	}
}

// The error of a rule names the line of the document in which the mistake is.
func TestLinesOfMistakes(t *testing.T) {
	for doc, want := range map[string]string{
		"allowlist:\n  rules:\n    - host: a.example\n      when: hots == 'a'":                            "line 4: allowlist.rules[0].when: is no condition: column 1: undeclared",
		"allowlist:\n  rules:\n    - host: a.example\n      when: |\n        tls &&\n        hots == 'a'": "line 6: allowlist.rules[0].when: is no condition: column 1: undeclared",
		"denylist:\n  rules:\n    - host: a.example\n      when: ''":                                      "line 4: denylist.rules[0].when: is empty",
		"allowlist:\n  rules:\n    - {host: a.example, when: [a]}":                                        "line 3: allowlist.rules[0].when: is a list",
	} {
		_, err := policy.Parse([]byte(doc), policy.WithConditions(when.New()))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", doc, err, want)
		}
	}
}

// What the documentation shows of policies is read, with its conditions.
func TestTheExamplesOfTheDocumentation(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/egress.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(doc), "```yaml\n")[1:]
	if len(blocks) < 2 {
		t.Fatal("there are no examples")
	}
	for _, b := range blocks {
		if example, _, _ := strings.Cut(b, "```"); !strings.HasPrefix(example, "egress:") { // that is cordon.yaml
			rules(t, example)
		}
	}
}

// No expression panics, none holds a policy up, and what is compiled says the same
// twice.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{`method == "GET"`, `[1,2].all(x, x < port)`, `program.exe.matches("^/usr/")`, `time.at("+01:00").hour in [1,2]`, `address.within("::/0")`, `{"a": 1}[host] == 1`, `type(program) == type(time)`, `dyn(host).x`, `program == program`, `string(time.now) + path != ""`, `time == time.at("+01:00")`} {
		f.Add(s, "GET", "/x", "/usr/bin/x")
	}
	compiler := when.New()
	f.Fuzz(func(t *testing.T, expression, method, path, exe string) {
		c, err := compiler.Compile(expression)
		if err != nil {
			var at *policy.ConditionError
			if !errors.As(err, &at) || cmp.Or(at.Problem) == "" {
				t.Fatalf("%q: %v", expression, err)
			}
			return
		}
		for _, r := range []policy.Request{
			{}, {Host: "a.example", Port: 1, Time: noon}, {Protocol: policy.HTTP, Method: method, Path: path, Program: policy.Program{Exe: exe}, Time: noon},
		} {
			if a, b := c.Holds(&r), c.Holds(&r); a != b || a > policy.Undecided {
				t.Errorf("%q: %v, then %v", expression, a, b)
			}
		}
	})
}

func BenchmarkDecide(b *testing.B) {
	for _, bb := range []struct{ name, rule string }{
		{"no condition", `{host: api.example.com}`},
		{"three comparisons", `{host: api.example.com, when: 'method == "POST" && time.hour >= 8 && program.user == "deploy"'}`},
		{"pattern", `{host: api.example.com, when: 'path.matches("^/v[0-9]+/upload$")'}`},
	} {
		p, err := policy.Parse([]byte("allowlist: {rules: ["+bb.rule+", {host: 10.0.0.0/8}]}"), policy.WithConditions(when.New()))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(bb.name, func(b *testing.B) {
			r := seen()
			if d := p.Decide(r); !d.Allowed() {
				b.Fatalf("%+v", d)
			}
			b.ReportAllocs()
			for b.Loop() {
				p.Decide(r)
			}
		})
	}
}
