package policy

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// test is an entry of the document's tests.
type test struct {
	name   string
	line   int
	r      Request
	expect Result
	reason Reason // "" if any will do
	rule   string // likewise
}

// TestResult is what became of one entry of the document's tests.
type TestResult struct {
	Name   string
	Line   int
	Passed bool
	Got    Decision
	Want   string // what the entry expects, in words
}

// Test asks the policy what its own tests ask, in the order of the file. They are
// about rules: the answers are those of strict mode with the network enabled,
// whatever the switches say now, so that nobody has to change tests in an emergency.
func (p *Policy) Test() []TestResult {
	if p == nil {
		return nil
	}
	atRest := *p
	s := &atRest.settings
	s.Mode, s.NetworkEnabled, s.KillSwitch, s.LocalhostOnly = Strict, true, false, false
	results := make([]TestResult, 0, len(p.tests))
	for _, t := range p.tests {
		results = append(results, t.run(&atRest))
	}
	return results
}

func (t test) run(p *Policy) TestResult {
	got := p.Decide(t.r)
	passed := got.Result == t.expect && (t.reason == "" || got.Reason == t.reason) && (t.rule == "" || got.RuleID == t.rule)
	want := string(t.expect)
	if t.reason != "" {
		want += " because of " + string(t.reason)
	}
	if t.rule != "" {
		want += " by rule " + t.rule
	}
	return TestResult{Name: t.name, Line: t.line, Passed: passed, Got: got, Want: want}
}

func (p *Policy) readTests(top *mapping) {
	for _, v := range top.items("tests") {
		m := v.mapping()
		if m == nil {
			v.wrong("is no test", `write {request: "GET https://api.example.com/v1", expect: allow}`)
			continue
		}
		p.tests = append(p.tests, readTest(m))
		m.done()
	}
}

func readTest(m *mapping) test {
	t := test{line: m.line, name: plainText(m, "name"), expect: Deny}
	if v, ok := m.get("request"); !ok {
		m.wrong("has no request", `write request: "GET https://api.example.com/v1" or request: db.example.com:5432`)
	} else if err := t.r.parse(v.text()); err != nil {
		v.wrong(err.Error(), `write "METHOD URL", a URL, or HOST:PORT`)
	} else if t.name == "" {
		t.name = v.text()
	}
	readTestDetails(m, &t)
	if _, ok := m.fields["expect"]; !ok {
		m.wrong("has no expect", "write expect: allow or expect: deny")
	}
	t.expect = Result(oneOf(m, "expect", string(Deny), string(Allow)))
	t.reason, t.rule = Reason(m.text("reason")), m.text("rule")
	return t
}

func readTestDetails(m *mapping, t *test) {
	if v, ok := m.get("address"); ok {
		a, err := netip.ParseAddr(v.text())
		if err != nil {
			v.wrong("is no address", "write the address that the name would resolve to")
		}
		t.r.Address = a
	}
	if v, ok := m.get("protocol"); ok {
		if t.r.Protocol = Protocol(v.text()); !t.r.Protocol.Known() {
			v.wrong("is no protocol that this version tells apart", "write one as in protocols of a rule")
		}
	}
	if v, ok := m.get("program"); ok {
		p := readProgram(v)
		t.r.Program = Program{Exe: p.Exe, Cmdline: p.Cmdline, Cwd: p.Cwd, User: p.User, Jail: p.Jail}
	}
	if v, ok := m.get("at"); ok {
		t.r.Time, _ = readTime(v)
	}
	for _, v := range m.items("calls") {
		t.r.Tools = append(t.r.Tools, v.text())
	}
	t.r.TLS = m.flag("tls", t.r.TLS)
	if m.flag("leak", false) {
		t.r.Secrets = []Secret{{Rule: "test"}}
	}
}

// ParseRequest reads "METHOD URL", a URL or HOST:PORT, as tests and people write
// requests. A method without one in the text is GET where the URL is of HTTP.
func ParseRequest(text string) (Request, error) {
	var r Request
	err := r.parse(text)
	return r, err
}

func (r *Request) parse(text string) error {
	method, where, spaced := strings.Cut(strings.TrimSpace(text), " ")
	if !spaced {
		method, where = "", method
	}
	where = strings.TrimSpace(where)
	if !strings.Contains(where, "://") {
		if spaced {
			return fmt.Errorf("a method needs a URL")
		}
		return r.parseTarget(where)
	}
	u, err := url.Parse(where)
	if err != nil {
		return fmt.Errorf("this is no URL")
	}
	return r.parseURL(method, u)
}

func (r *Request) parseTarget(where string) error {
	host, ports := splitTarget(where)
	port, err := strconv.ParseUint(ports, 10, 16)
	if ports != "" && (err != nil || port == 0) {
		return fmt.Errorf("the part behind the host is no port from 1 to 65535")
	}
	r.Port = uint16(port)
	r.Host, err = NormalHost(host)
	return err
}

// schemePorts are the schemes of URLs that requests are read from.
var schemePorts = map[string]struct {
	protocol Protocol
	port     uint16
}{
	"http": {HTTP, 80}, "https": {HTTPS, 443}, "ws": {WS, 80}, "wss": {WSS, 443},
	"postgres": {Postgres, 5432}, "postgresql": {Postgres, 5432}, "mysql": {MySQL, 3306},
	"redis": {Redis, 6379}, "rediss": {Redis, 6379}, "mongodb": {MongoDB, 27017},
	"ssh": {SSH, 22}, "smtp": {SMTP, 25}, "dns": {DNS, 53}, "tcp": {TCP, 0}, "udp": {UDP, 0}, "tls": {TLS, 443},
}

func (r *Request) parseURL(method string, u *url.URL) error {
	scheme, ok := schemePorts[strings.ToLower(u.Scheme)]
	if !ok {
		return fmt.Errorf("the URL's scheme is not known here")
	}
	r.Protocol, r.Port = scheme.protocol, scheme.port
	if u.Port() != "" {
		port, err := strconv.ParseUint(u.Port(), 10, 16)
		if err != nil || port == 0 {
			return fmt.Errorf("the URL's port is none")
		}
		r.Port = uint16(port)
	}
	r.TLS = u.Scheme == "https" || u.Scheme == "wss" || u.Scheme == "rediss" || u.Scheme == "tls"
	if r.Protocol.bit()&bitHTTPLike != 0 {
		r.Method, r.Path = method, "/"
		if method == "" {
			r.Method = "GET"
		}
		if p := u.EscapedPath(); p != "" {
			r.Path, _ = CleanPath(p)
		}
	}
	host, err := NormalHost(u.Hostname())
	r.Host = host
	return err
}
