package egress

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// lastDenial is the reason of the newest denial.
func (w *world) lastDenial() policy.Reason {
	b := w.gw.Blocked(1)
	if len(b) == 0 {
		return ""
	}
	return b[0].Decision.Reason
}

func (w *world) wantDenial(why policy.Reason) {
	w.t.Helper()
	eventually(w.t, "a denial", func() bool { return w.lastDenial() != "" })
	if got := w.lastDenial(); got != why {
		w.t.Errorf("denied for %q, want %q", got, why)
	}
}

func TestOnlyJudgedAddressesAreDialed(t *testing.T) {
	h := newHostile(t, nil)
	h.name("allowed.example", "127.0.0.1", "169.254.169.254", "::1", goodAddress, "10.0.0.1")
	h.connect().tunnel("allowed.example:443")
	if d := h.dials(); len(d) != 1 || d[0] != netip.MustParseAddrPort(goodAddress+":443") {
		t.Errorf("dialed %v", d)
	}
}

func TestANameIsLookedUpOnce(t *testing.T) {
	h := newHostile(t, nil)
	c := h.connect().tunnel("allowed.example:443")
	h.name("allowed.example", "127.0.0.1") // too late: what was judged is what was dialed
	c.say(helloFor("allowed.example"))
	eventually(t, "the hello", func() bool { return h.good.got.Load() > 0 })
	if len(h.looked) != 1 {
		t.Errorf("looked up %v", h.looked)
	}
}

func TestARedirectLeadsNowhereElse(t *testing.T) {
	h := newHostile(t, nil)
	h.route(goodAddress+":80", web(t, http.RedirectHandler("http://evil.example/", http.StatusFound)).addr)
	c := h.through()
	c.CheckRedirect = nil
	got, body := get(t, c, "http://allowed.example/")
	if got.StatusCode != http.StatusForbidden || !strings.Contains(body, "evil.example") || h.evil.got.Load() > 0 {
		t.Errorf("%s %s", got.Status, body)
	}
}

func TestEveryPipelinedRequestIsJudged(t *testing.T) {
	h := newHostile(t, nil)
	h.route(goodAddress+":80", web(t, http.HandlerFunc(hello)).addr)
	c := h.connect().say(request("http://allowed.example/1") + request("http://evil.example/2") + request("http://allowed.example/3"))
	for _, want := range []int{200, 403, 200} {
		got := c.answer("GET")
		if _, _ = io.Copy(io.Discard, got.Body); got.StatusCode != want {
			t.Errorf("%s, want %d", got.Status, want)
		}
	}
	if h.evil.got.Load() > 0 || len(h.dials()) != 1 {
		t.Errorf("dialed %v", h.dials())
	}
}

func TestEveryRequestInATunnelIsJudged(t *testing.T) {
	h := newHostile(t, nil)
	good := web(t, http.HandlerFunc(hello))
	h.route(goodAddress+":80", good.addr)
	c := h.connect().tunnel("allowed.example:80")
	c.say("GET /1 HTTP/1.1\r\nHost: allowed.example\r\n\r\n")
	got := c.answer("GET")
	_, _ = io.Copy(io.Discard, got.Body)
	before := good.got.Load()
	c.say("GET /2 HTTP/1.1\r\nHost: evil.example\r\n\r\n")
	if second := c.answer("GET"); got.StatusCode != 200 || second.StatusCode != 400 || good.got.Load() != before {
		t.Errorf("%s, then %s; the origin got %d bytes more", got.Status, second.Status, good.got.Load()-before)
	}
	h.wantDenial(ReasonBadRequest)
}

func TestABodyIsNoRequest(t *testing.T) {
	h := newHostile(t, nil)
	h.route(goodAddress+":80", web(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })).addr)
	hidden := "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n"
	c := h.connect().say(fmt.Sprintf("POST http://allowed.example/ HTTP/1.1\r\nHost: allowed.example\r\nContent-Length: %d\r\n\r\n%s", len(hidden), hidden))
	got := c.answer("POST")
	if body, _ := io.ReadAll(got.Body); string(body) != hidden || len(h.gw.Blocked(0)) > 0 || h.evil.got.Load() > 0 {
		t.Errorf("%s %q", got.Status, body)
	}
}

func TestOnlyWebSocketIsUpgraded(t *testing.T) {
	h := newHostile(t, nil)
	h.route(goodAddress+":80", web(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "%q %q %q", r.Header["Upgrade"], r.Header["Connection"], r.Header["Http2-Settings"])
	})).addr)
	c := h.connect().say("GET http://allowed.example/ HTTP/1.1\r\nHost: allowed.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n")
	got := c.answer("GET")
	if body, _ := io.ReadAll(got.Body); got.StatusCode != http.StatusOK || string(body) != "[] [] []" {
		t.Errorf("%s, the origin saw %s", got.Status, body)
	}
}

func TestASwitchThatNobodyAskedFor(t *testing.T) {
	h := newHostile(t, nil)
	h.route(goodAddress+":80", listen(t, func(c net.Conn) {
		var b [4096]byte
		_, _ = c.Read(b[:])
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		_, _ = io.Copy(io.Discard, c)
	}).addr)
	got, body := get(t, h.through(), "http://allowed.example/")
	if got.StatusCode != http.StatusBadGateway {
		t.Errorf("%s %s", got.Status, body)
	}
}

func TestARequestThatComesBackIsRefused(t *testing.T) {
	h := newHostile(t, nil)
	via := make(chan string, 1)
	h.route(goodAddress+":80", web(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { via <- r.Header.Get("Via") })).addr)
	get(t, h.through(), "http://allowed.example/")
	with("Via: 1.1 somebody, " + <-via)(h.connect())
	h.wantDenial(ReasonLoop)
}

// declining is a PostgreSQL server that says that byte to a question.
func declining(answer string) func(net.Conn) {
	return func(c net.Conn) {
		var b [8]byte
		_, _ = io.ReadFull(c, b[:])
		_, _ = io.WriteString(c, answer)
		_, _ = io.Copy(io.Discard, c)
	}
}

const (
	sslRequest = "\x00\x00\x00\x08\x04\xd2\x16\x2f"
	startup    = "\x00\x00\x00\x11\x00\x03\x00\x00user\x00me\x00\x00"
)

func TestPostgresInTheClear(t *testing.T) {
	h := newHostile(t, nil)
	pg := listen(t, declining("N"))
	h.route(goodAddress+":5432", pg.addr)
	c := h.connect().tunnel("pg.example:5432")
	c.say(sslRequest).expect("N").say(startup).over()
	h.wantDenial(policy.ReasonTLSRequired)
	if n := pg.got.Load(); n != 8 {
		t.Errorf("the server got %d bytes, want the question only", n)
	}
}

func TestPostgresThatAgreesAndGoesOnInTheClear(t *testing.T) {
	h := newHostile(t, nil)
	pg := listen(t, declining("S"))
	h.route(goodAddress+":5432", pg.addr)
	c := h.connect().tunnel("pg.example:5432")
	c.say(sslRequest).expect("S").say(startup).over()
	h.wantDenial(ReasonBadRequest)
	if n := pg.got.Load(); n != 8 {
		t.Errorf("the server got %d bytes", n)
	}
}

func TestPostgresWithTLSPasses(t *testing.T) {
	h := newHostile(t, nil)
	pg := listen(t, declining("S"))
	h.route(goodAddress+":5432", pg.addr)
	hello := helloFor("pg.example")
	h.connect().tunnel("pg.example:5432").say(sslRequest).expect("S").say(hello)
	eventually(t, "the hello", func() bool { return pg.got.Load() == int64(8+len(hello)) })
}

const greeting = "\x4a\x00\x00\x00\x0a8.0.36\x00 and more of the greeting"

// mysqld greets and keeps what it is told.
func mysqld(c net.Conn) {
	_, _ = io.WriteString(c, greeting)
	_, _ = io.Copy(io.Discard, c)
}

func TestMySQLInTheClear(t *testing.T) {
	for name, tt := range map[string]struct {
		login string
		ok    bool
	}{
		"in the clear": {"\x20\x00\x00\x01\x05\xa6\xff\x19" + strings.Repeat("\x00", 28), false},
		"with TLS":     {"\x20\x00\x00\x01\x05\xae\xff\x19" + strings.Repeat("\x00", 28), true},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHostile(t, nil)
			my := listen(t, mysqld)
			h.route(goodAddress+":3306", my.addr)
			c := h.connect().tunnel("my.example:3306").expect(greeting).say(tt.login)
			if tt.ok {
				eventually(t, "the login", func() bool { return my.got.Load() == int64(len(tt.login)) })
				return
			}
			c.over()
			h.wantDenial(policy.ReasonTLSRequired)
			if n := my.got.Load(); n > 0 {
				t.Errorf("the server got %d bytes", n)
			}
		})
	}
}

func TestHTTPAfterAGreeting(t *testing.T) {
	h := newHostile(t, nil)
	odd := listen(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "220 welcome\r\n")
		_, _ = io.Copy(io.Discard, c)
	})
	h.route(goodAddress+":7", odd.addr)
	h.connect().tunnel("open.example:7").expect("220 welcome\r\n").say("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").over()
	h.wantDenial(ReasonBadRequest)
	if n := odd.got.Load(); n > 0 {
		t.Errorf("the server got %d bytes", n)
	}
}

func TestSlowFirstBytesAreNotForwarded(t *testing.T) {
	h := newHostile(t, func(o *Options) { o.Limits.Head = 500 * time.Millisecond })
	c := h.connect().say("CONNECT open.example:80 HTTP/1.1\r\nHost: open.example:80\r\n\r\nGE") // at once: the limit holds for both
	if got := c.answer("CONNECT"); got.StatusCode != http.StatusOK {
		t.Fatal(got.Status)
	}
	c.over()
	h.wantDenial(ReasonBadRequest)
	if n := h.good.got.Load(); n > 0 {
		t.Errorf("the origin got %d bytes", n)
	}
}

func TestSlowHeadsAreCut(t *testing.T) {
	h := newHostile(t, func(o *Options) { o.Limits.Head, o.Limits.Idle = 50*time.Millisecond, 100*time.Millisecond })
	for name, text := range map[string]string{"a head": "GET http://allowed.example/ HTTP/1.1\r\nHost: ", "a greeting": "\x05\x02\x00", "nothing": ""} {
		c := h.connect().say(text)
		if got := c.over(); got != "" {
			t.Errorf("%s: answered %q", name, got)
		}
	}
	eventually(t, "nobody left", func() bool { return h.gw.Stats().Clients == 0 })
}

func TestWhatCannotBeRecordedDoesNotPass(t *testing.T) {
	h := newHostile(t, nil)
	h.mu.Lock()
	h.broken = errors.New("disk full")
	h.mu.Unlock()
	got, body := get(t, h.through(), "http://allowed.example/")
	if got.StatusCode != http.StatusForbidden || !strings.Contains(body, "audit_unavailable") {
		t.Errorf("%s %s", got.Status, body)
	}
	h.connect().tunnel("allowed.example:443").say(helloFor("allowed.example")).over()
	h.wantDenial(ReasonAuditUnavailable)
	if n := h.good.got.Load(); n > 0 {
		t.Errorf("the origin got %d bytes", n)
	}
	if len(h.ends()) > 0 {
		t.Error("what was denied has an end")
	}
}

func TestWhatAnOriginSaysUnaskedIsThrownAway(t *testing.T) {
	h := newHostile(t, nil)
	h.route(goodAddress+":80", listen(t, func(c net.Conn) {
		var b [4096]byte
		_, _ = c.Read(b[:])
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
		_, _ = io.Copy(io.Discard, c)
	}).addr)
	c := h.connect()
	for range 2 {
		c.say(request("http://allowed.example/"))
		got := c.answer("GET")
		if body, _ := io.ReadAll(got.Body); string(body) != "ok" {
			t.Errorf("%s %q", got.Status, body)
		}
	}
	if len(h.dials()) != 2 {
		t.Errorf("dialed %v, want a fresh connection", h.dials())
	}
}
