package egress

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

const redirectRules = `
mode: strict
allowlist:
  rules:
    - {host: allowed.example, ports: [80, 443]}
    - {host: 203.0.113.50, ports: [80, 443, 7000]}
    - {host: mail.example, ports: [25]}
denylist: {rules: [{host: listed.example}]}
`

// standIns are addresses that stand for names.
type standIns map[string]string

func (s standIns) NameOf(a netip.Addr) (string, bool) {
	name, ours := s[a.String()]
	return name, ours || strings.HasPrefix(a.String(), "198.18.")
}

// redirected opens the transparent door of a world, and returns a connection through
// it that led to an address.
func (w *world) redirected(to string) *raw {
	w.t.Helper()
	return w.redirectedAs(func(net.Conn) (netip.AddrPort, error) { return netip.MustParseAddrPort(to), nil })
}

func (w *world) redirectedAs(original func(net.Conn) (netip.AddrPort, error)) *raw {
	w.t.Helper()
	w.gw.original = original // nobody has connected yet
	l, err := ListenTransparent(w.t.Context(), "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := w.gw.ServeTransparent(ctx, l); err != nil {
			w.t.Error(err)
		}
	}()
	w.t.Cleanup(func() { cancel(); <-done })
	proxy := w.addr
	defer func() { w.addr = proxy }()
	w.addr = l.Addr().String()
	return w.connect()
}

func redirectWorld(t *testing.T) *world {
	w := open(t, redirectRules, func(o *Options) {
		o.Names = standIns{"198.18.0.5": "allowed.example", "198.18.0.6": "evil.example", "198.18.0.25": "mail.example"}
	})
	w.name("allowed.example", "203.0.113.1", "203.0.113.2")
	w.name("mail.example", "203.0.113.25")
	w.name("evil.example", "203.0.113.66")
	w.name("listed.example", "203.0.113.50")
	w.elsewhere(listen(t, echo).addr)
	return w
}

// Each row is where a connection led, what its client says, and where it ends up.
func TestRedirectedConnections(t *testing.T) {
	const get = "GET / HTTP/1.1\r\nHost: allowed.example\r\n\r\n"
	for _, row := range []struct {
		name, to, says string
		dialed         string // empty: nowhere
		host           string // that is recorded
		reason         policy.Reason
	}{
		{"an address that stands for a name", "198.18.0.5:443", helloFor("allowed.example"), "203.0.113.1:443 203.0.113.2:443", "allowed.example", policy.ReasonRule},
		{"an address that stands for a denied name", "198.18.0.6:443", helloFor("evil.example"), "", "evil.example", policy.ReasonDefaultPolicy},
		{"TLS for another name there", "198.18.0.5:443", helloFor("evil.example"), "203.0.113.1:443 203.0.113.2:443", "allowed.example", ReasonHostMismatch},
		{"an address that stands for nothing", "198.18.0.9:443", helloFor("allowed.example"), "", "198.18.0.9", ReasonStaleAddress},
		{"TLS tells the name", "203.0.113.2:443", helloFor("allowed.example"), "203.0.113.2:443", "allowed.example", policy.ReasonRule},
		{"TLS tells a name that is elsewhere", "203.0.113.66:443", helloFor("allowed.example"), "", "203.0.113.66", ReasonHostMismatch},
		{"TLS tells a denied name", "203.0.113.66:443", helloFor("evil.example"), "", "evil.example", policy.ReasonDefaultPolicy},
		{"TLS tells no name", "203.0.113.2:443", helloFor(""), "", "203.0.113.2", policy.ReasonDefaultPolicy},
		{"HTTP tells a name that is elsewhere", "203.0.113.66:80", get, "", "203.0.113.66", ReasonHostMismatch},
		{"HTTP tells two names", "203.0.113.2:80", "GET / HTTP/1.1\r\nHost: allowed.example\r\nHost: evil.example\r\n\r\n", "", "203.0.113.2", policy.ReasonDefaultPolicy},
		{"TLS tells an allowed name at an allowed address that is another's", "203.0.113.50:443", helloFor("allowed.example"), "203.0.113.50:443", "203.0.113.50", policy.ReasonRule},
		{"HTTP tells an allowed name at an allowed address that is another's", "203.0.113.50:80", get, "203.0.113.50:80", "203.0.113.50", policy.ReasonRule},
		{"an address that a rule names", "203.0.113.50:7000", "\xff\xfe\xfd\xfc", "203.0.113.50:7000", "203.0.113.50", policy.ReasonRule},
		{"an address that a rule names, under a name that is shut", "203.0.113.50:443", helloFor("listed.example"), "203.0.113.50:443", "203.0.113.50", policy.ReasonDenylist},
		{"an address that no rule names", "203.0.113.66:7000", "\xff\xfe\xfd\xfc", "", "203.0.113.66", policy.ReasonDefaultPolicy},
		{"a port that the name's rule does not have", "203.0.113.2:22", "SSH-2.0-x\r\n", "", "203.0.113.2", policy.ReasonDefaultPolicy},
		{"the metadata service", "169.254.169.254:80", "GET / HTTP/1.1\r\nHost: allowed.example\r\n\r\n", "", "allowed.example", policy.ReasonMetadataAddress},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := redirectWorld(t)
			c := w.redirected(row.to).say(row.says)
			eventually(t, "the decision", func() bool { return len(w.decisions()) > 0 })
			d := w.decisions()[0]
			if d.Entry != EntryTransparent || d.Host != row.host || d.Decision.Reason != row.reason {
				t.Errorf("%s %s: %+v", d.Entry, d.Host, d.Decision)
			}
			dials := w.dials()
			if (row.dialed == "") != (len(dials) == 0) || len(dials) > 0 && !strings.Contains(row.dialed, dials[0].String()) {
				t.Errorf("dialed %v, want %q", dials, row.dialed)
			}
			_ = c.Close()
		})
	}
}

func TestARedirectedRequest(t *testing.T) {
	w := redirectWorld(t)
	w.route("203.0.113.2:80", web(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(rw, "hello "+r.Host) })).addr)
	c := w.redirected("203.0.113.2:80").say("GET /x HTTP/1.1\r\nHost: allowed.example\r\nConnection: close\r\n\r\n")
	body, _ := io.ReadAll(c.answer("GET").Body)
	if string(body) != "hello allowed.example" {
		t.Errorf("%q", body)
	}
}

// What a rule lets go to a host goes there, and not to another address that a rule names
// as well, for who says there that he means the host.
func TestARuleForANameIsForNoOtherAddress(t *testing.T) {
	secret := fake(t)
	const rules = "mode: strict\nallowlist: {rules: [{host: api.example, methods: [GET, POST], credentials: [aws-access-key-id]}, {host: 203.0.113.50, methods: [METHODS]}]}\n"
	for name, tt := range map[string]struct {
		methods, says string
		reason        policy.Reason // empty: it passes
	}{
		"a method of the name's rule":     {"GET", "POST / HTTP/1.1\r\nHost: api.example\r\nContent-Length: 2\r\n\r\nhi", policy.ReasonMethod},
		"a credential of the name's rule": {"GET, POST", "POST / HTTP/1.1\r\nHost: api.example\r\nContent-Length: 20\r\n\r\n" + secret, policy.ReasonLeak},
		"what the address's rule lets":    {"GET", "GET / HTTP/1.1\r\nHost: api.example\r\n\r\n", ""},
		"a name that no rule has":         {"GET", "GET / HTTP/1.1\r\nHost: other.example\r\n\r\n", ReasonBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := inspected(t, strings.Replace(rules, "METHODS", tt.methods, 1))
			box := &mailbox{}
			w.route("203.0.113.50:80", web(t, box).addr)
			res := w.redirected("203.0.113.50:80").say(tt.says).answer("POST")
			_, _ = io.Copy(io.Discard, res.Body)
			if (res.StatusCode == http.StatusOK) != (tt.reason == "") || strings.Contains(box.all(), secret) {
				t.Errorf("%s; the address was sent %q", res.Status, box.all())
			}
			if d := w.decisions(); tt.reason != "" && d[len(d)-1].Decision.Reason != tt.reason {
				t.Errorf("%+v", d[len(d)-1])
			}
		})
	}
}

// A client that knows of no proxy is told in its own language.
func TestRedirectedClientsAreTold(t *testing.T) {
	w := redirectWorld(t)
	res := w.redirected("203.0.113.66:80").say("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").answer("GET")
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusForbidden || !strings.Contains(string(body), "cordon egress add evil.example:80") {
		t.Errorf("HTTP: %d %s", res.StatusCode, body)
	}
	w = redirectWorld(t)
	if got := w.redirected("203.0.113.66:443").say(helloFor("evil.example")).over(); got != accessDenied {
		t.Errorf("TLS: %q", got)
	}
}

// A server that speaks first is heard.
func TestARedirectedServerSpeaksFirst(t *testing.T) {
	w := redirectWorld(t)
	w.route("203.0.113.25:25", listen(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "220 mail ESMTP\r\n")
		_, _ = io.Copy(io.Discard, c)
	}).addr)
	w.redirected("198.18.0.25:25").expect("220 mail ESMTP\r\n")
}

// A connection that nobody redirected leads to the door itself.
func TestTheDoorLeadsNowhereByItself(t *testing.T) {
	w := open(t, "mode: audit\n", nil)
	c := w.redirectedAs(originalDestination).say("\xff\xfe\xfd\xfc")
	c.over()
	if d := w.decisions()[0]; d.Decision.Reason != ReasonLoop || len(w.dials()) > 0 {
		t.Errorf("%+v, dialed %v", d.Decision, w.dials())
	}
}

// The gateway's own connection, redirected to its own door, ends there.
func TestAConnectionDoesNotGoRound(t *testing.T) {
	var w *world
	door := make(chan string, 1)
	w = open(t, "mode: strict\nallowlist: {rules: [{host: 203.0.113.7}]}\n", func(o *Options) {
		o.Dial = func(ctx context.Context, _ netip.AddrPort) (net.Conn, error) {
			at := <-door
			door <- at
			var d net.Dialer
			return d.DialContext(ctx, "tcp", at)
		}
	})
	c := w.redirected("203.0.113.7:7000")
	door <- c.RemoteAddr().String()
	c.say("\xff\xfe\xfd\xfc").over()
	for _, d := range w.decisions() {
		if d.Decision.Reason == ReasonLoop {
			return
		}
	}
	t.Errorf("no loop was seen in %d decisions", len(w.decisions()))
}

// CONNECT and SOCKS5 to an address that stands for a name are for the name.
func TestProxiesKnowStandIns(t *testing.T) {
	for name, ask := range map[string]func(*world) string{
		"connect": func(w *world) string { w.connect().tunnel("198.18.0.5:443").say("x"); return "allowed.example" },
		"socks5":  func(w *world) string { w.connect().socks("198.18.0.5", 443); return "allowed.example" },
		"denied": func(w *world) string {
			if got := w.connect().say("CONNECT 198.18.0.6:443 HTTP/1.1\r\nHost: x\r\n\r\n").answer("CONNECT"); got.StatusCode != http.StatusForbidden {
				w.t.Errorf("status %d", got.StatusCode)
			}
			return "evil.example"
		},
	} {
		w := redirectWorld(t)
		host := ask(w)
		eventually(t, "the flow", func() bool {
			return len(w.decisions()) > 0 || len(w.gw.Flows(0)) > 0 && w.gw.Flows(0)[0].Address.IsValid()
		})
		for _, d := range w.decisions() {
			if d.Host != host {
				t.Errorf("%s: %+v", name, d)
			}
		}
		if dials := w.dials(); host == "allowed.example" && (len(dials) == 0 || !strings.HasPrefix(dials[0].String(), "203.0.113.")) {
			t.Errorf("%s: dialed %v", name, dials)
		}
	}
}
