package egress

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }

// both versions of HTTP are to behave alike.
var versions = map[string]bool{"HTTP/1.1": false, "HTTP/2.0": true}

func TestASecretDoesNotLeaveInsideTLS(t *testing.T) {
	secret := fake(t)
	for version, h2 := range versions {
		for name, request := range leaks(t, secret) {
			t.Run(version+", "+name, func(t *testing.T) {
				v := unveil(t, lookInto+leakPolicy)
				r := request()
				r.URL.Scheme = "https"
				got, err := v.browser(h2).Do(r)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = got.Body.Close() }()
				var p problem
				if err := json.NewDecoder(got.Body).Decode(&p); err != nil || got.StatusCode != http.StatusForbidden || p.Reason != policy.ReasonLeak || !strings.Contains(p.Detail, "api.example:443: aws-access-key-id in the ") {
					t.Errorf("%s, %+v, %v", got.Status, p, err)
				}
				if got.Proto != version {
					t.Errorf("it came by %s", got.Proto)
				}
				v.gw.Sever("the test is over")
				if strings.Contains(v.box.all(), secret) {
					t.Error("the origin got it")
				}
				all := v.decisions()
				last := all[len(all)-1]
				if last.Decision.Allowed() || len(last.Findings) != 1 || last.Protocol != policy.HTTPS || !last.TLS {
					t.Errorf("%+v", last)
				}
				for i := range all {
					all[i].Method = "" // which whoever stores it redacts
				}
				if strings.Contains(fmt.Sprintf("%+v", all), secret) {
					t.Error("it stands in the record")
				}
			})
		}
	}
}

func TestInAuditASecretLeavesInsideTLSAndIsRecorded(t *testing.T) {
	secret := fake(t)
	for version, h2 := range versions {
		t.Run(version, func(t *testing.T) {
			v := unveil(t, lookInto+auditPolicy)
			got, err := v.browser(h2).Post("https://api.example/note", "text/plain", strings.NewReader("x "+secret+" y"))
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(got.Body); err != nil || string(text) != "thanks" || !strings.Contains(v.box.all(), secret) {
				t.Errorf("%s %q %v", got.Status, text, err)
			}
			_ = got.Body.Close()
			eventually(t, "the end of the flow", func() bool { return len(v.ends()) >= 1 })
			end := v.ends()[0]
			if len(end.Findings) != 1 || end.Decision.Would != policy.Deny || end.URL.Reveal() != "https://api.example/note" || end.BytesOut == 0 || end.BytesIn == 0 {
				t.Errorf("%+v", end)
			}
		})
	}
}

// What the rule says of methods and paths holds inside; each request is judged by
// itself, and those that are refused do not end the others.
func TestMethodsAndPathsHoldInsideTLS(t *testing.T) {
	for version, h2 := range versions {
		t.Run(version, func(t *testing.T) {
			v := unveil(t, "mode: strict\nallowlist: {rules: [{id: api, host: api.example, protocols: [https], methods: [GET], paths: [/v1], intercept_tls: true}]}\n")
			c := v.browser(h2)
			for _, tt := range []struct {
				method, path string
				want         int
			}{{"GET", "/v1/a", 200}, {"POST", "/v1/a", 403}, {"GET", "/v2", 403}, {"GET", "/v1/%2e%2e/v2", 403}, {"GET", "/v1/b?q=1", 200}} {
				r, err := http.NewRequest(tt.method, "https://api.example"+tt.path, nil)
				if err != nil {
					t.Fatal(err)
				}
				got, err := c.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, got.Body)
				_ = got.Body.Close()
				if got.StatusCode != tt.want || (got.Header.Get("X-Cordon-Decision") == "deny") != (tt.want == 403) {
					t.Errorf("%s %s: %s", tt.method, tt.path, got.Status)
				}
			}
			if got := v.box.all(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "GET/v1/b?q=1") {
				t.Errorf("the origin got %q", got)
			}
		})
	}
}

// A connection to the origin serves one request after the other, also those that may
// not be sent twice; when the origin has closed it, another one is made.
func TestAConnectionIsUsedAgainInsideTLS(t *testing.T) {
	v := unveil(t, lookInto+leakPolicy)
	var close atomic.Bool
	v.serve("api.example", "203.0.113.9", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, _ = io.Copy(io.Discard, r.Body); close.Load() {
			w.Header().Set("Connection", "close")
		}
		_, _ = io.WriteString(w, "thanks")
	}), nil)
	c := v.browser(false)
	post := func() {
		t.Helper()
		got, err := c.Post("https://api.example/", "text/plain", strings.NewReader("note"))
		if err != nil || got.StatusCode != 200 {
			t.Fatalf("%v, %v", got, err)
		}
		_, _ = io.Copy(io.Discard, got.Body)
		_ = got.Body.Close()
	}
	for range 3 {
		post()
	}
	if n := len(v.dials()); n != 1 {
		t.Errorf("%d connections for three requests", n)
	}
	close.Store(true)
	post()
	close.Store(false)
	post()
	if n := len(v.dials()); n != 2 {
		t.Errorf("%d connections after the origin closed one", n)
	}
}

// Without interception such a rule applies to no TLS, as before.
func TestWhatIsNotLookedIntoIsAsItWas(t *testing.T) {
	for _, tt := range []struct {
		rule string
		want bool
	}{{"methods: [GET]", false}, {"intercept_tls: false", true}} {
		v := unveil(t, "mode: strict\nallowlist: {rules: [{id: api, host: api.example, "+tt.rule+"}]}\n")
		o := &tls.Config{ServerName: "api.example", RootCAs: v.signer.pool()} // the origin's own, not ours
		c, err := v.inTLS("api.example:443", o)
		if (err == nil) != tt.want {
			t.Errorf("%s: %v", tt.rule, err)
		}
		_ = c.Close()
	}
}

func TestBothEndsSpeakTheSameInsideTLS(t *testing.T) {
	for _, tt := range []struct {
		offer, has []string
		want       string
	}{
		{[]string{"h2", "http/1.1"}, []string{"h2", "http/1.1"}, "h2"},
		{[]string{"h2", "http/1.1"}, []string{"http/1.1"}, "http/1.1"},
		{[]string{"http/1.1"}, []string{"h2", "http/1.1"}, "http/1.1"},
		{nil, []string{"h2", "http/1.1"}, ""},
		{[]string{"made-up", "http/1.1"}, []string{"made-up", "http/1.1"}, "http/1.1"},
		{[]string{"made-up"}, []string{"made-up"}, "made-up"},
	} {
		v := unveil(t, lookInto+leakPolicy)
		asked := make(chan []string, 1)
		cert := v.signer.issue(nil, "api.example")
		o := listen(t, serveTLS(&tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: tt.has, GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
			asked <- h.SupportedProtos
			return nil, nil
		}}, echo))
		v.route("203.0.113.9:443", o.addr)
		conf := v.trusting()
		conf.ServerName, conf.NextProtos = "api.example", tt.offer
		c, err := v.inTLS("api.example:443", conf)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.ConnectionState().NegotiatedProtocol; got != tt.want {
			t.Errorf("%q and %q: the client got %q", tt.offer, tt.has, got)
		}
		if got := <-asked; slices.Contains(got, "made-up") != (tt.want == "made-up") {
			t.Errorf("%q: the origin was asked for %q", tt.offer, got)
		}
		_ = c.Close()
	}
}

// An origin that does not prove who it is is refused before the client says a word,
// in every mode: the client can no longer see it for itself.
func TestAnOriginHasToProveWhoItIs(t *testing.T) {
	stranger := newSigner(t)
	for name, tt := range map[string]struct {
		cert func(v *veiled) tls.Certificate
		want string
	}{
		"expired": {func(v *veiled) tls.Certificate {
			return v.signer.issue(func(c *x509.Certificate) {
				c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
			}, "api.example")
		}, "has expired"},
		"not valid yet": {func(v *veiled) tls.Certificate {
			return v.signer.issue(func(c *x509.Certificate) {
				c.NotBefore, c.NotAfter = time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
			}, "api.example")
		}, "not valid yet"},
		"for another host":        {func(v *veiled) tls.Certificate { return v.signer.issue(nil, "evil.example") }, "is for another host"},
		"by an unknown authority": {func(*veiled) tls.Certificate { return stranger.issue(nil, "api.example") }, "whom this machine trusts"},
		"by the gateway's own":    {func(v *veiled) tls.Certificate { c, _ := v.authority.Leaf("api.example"); return *c }, "whom this machine trusts"},
		"for clients, not servers": {func(v *veiled) tls.Certificate {
			return v.signer.issue(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }, "api.example")
		}, "does not hold"},
	} {
		for _, mode := range []string{leakPolicy, auditPolicy} {
			t.Run(name, func(t *testing.T) {
				v := unveil(t, lookInto+mode)
				v.serve("api.example", "203.0.113.9", v.box, &tls.Config{Certificates: []tls.Certificate{tt.cert(v)}})
				_, err := v.browser(true).Get("https://api.example/?q=secret")
				if err == nil || !strings.Contains(err.Error(), "tls: access denied") {
					t.Errorf("the client was told %v", err)
				}
				all := v.decisions()
				last := all[len(all)-1].Decision
				if last.Allowed() || last.Reason != ReasonUpstreamCertificate || !strings.Contains(last.Detail, tt.want) || v.box.all() != "" {
					t.Errorf("%+v, the origin got %q", last, v.box.all())
				}
			})
		}
	}
}

func TestAClientThatDoesNotTrustTheGatewayIsNamed(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		v := unveil(t, lookInto+leakPolicy)
		_, err := v.inTLS("api.example:443", &tls.Config{ServerName: "api.example", RootCAs: v.signer.pool(), MinVersion: version, MaxVersion: version})
		if err == nil {
			t.Fatal("it was content")
		}
		eventually(t, "the denial", func() bool { return slices.Equal(v.reasons(), []string{string(ReasonClientRefuses)}) })
	}
}

func TestAnOriginThatWantsToKnowTheClient(t *testing.T) {
	v := unveil(t, lookInto+leakPolicy)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		v.serve("api.example", "203.0.113.9", v.box, &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: version, MaxVersion: version})
		if _, err := v.browser(true).Get("https://api.example/"); err == nil || !strings.Contains(err.Error(), "access denied") {
			t.Errorf("%v", err)
		}
	}
	if got := v.reasons(); !slices.Equal(got, []string{string(ReasonClientCertificate), string(ReasonClientCertificate)}) {
		t.Errorf("%v", got)
	}
}

// What is spoken inside TLS is judged like what is spoken without it.
func TestOtherProtocolsInsideTLS(t *testing.T) {
	for _, tt := range []struct {
		name, rule, first string
		serve             func(w io.ReadWriter)
		want              string // that comes back; empty: it is refused
	}{
		{"Redis", "protocols: [redis, https]", "*1\r\n$4\r\nPING\r\n", say("+PONG\r\n"), "+PONG\r\n"},
		{"Redis where HTTP is allowed", "protocols: [https]", "*1\r\n$4\r\nPING\r\n", say("+PONG\r\n"), ""},
		{"something unknown", "ports: [443]", "\x01\x02hello", say("ok"), "ok"},
		{"something unknown where HTTP is allowed", "protocols: [https]", "\x01\x02hello", say("ok"), ""},
		{"SMTP, whose server greets", "protocols: [smtp, https]", "", say("220 mail.example ESMTP\r\n"), "220 mail.example ESMTP\r\n"},
		{"TLS within TLS", "ports: [443]", helloFor("api.example"), say("ok"), ""},
		{"HTTP/2 that nobody agreed on", "ports: [443]", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", say("ok"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := unveil(t, lookInto+"mode: strict\nallowlist: {rules: [{host: api.example, "+tt.rule+"}]}\n")
			cert := v.signer.issue(nil, "api.example")
			o := listen(t, serveTLS(&tls.Config{Certificates: []tls.Certificate{cert}}, func(c io.ReadWriter) { tt.serve(c) }))
			v.route("203.0.113.9:443", o.addr)
			conf := v.trusting()
			conf.ServerName = "api.example"
			c, err := v.inTLS("api.example:443", conf)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(c, tt.first)
			got := make([]byte, len(tt.want)+1)
			n, _ := io.ReadAtLeast(c, got, max(1, len(tt.want)))
			if string(got[:n]) != tt.want && (tt.want != "" || strings.Contains(string(got[:n]), "ok") || strings.Contains(string(got[:n]), "PONG")) {
				t.Errorf("it got %q", got[:n])
			}
			_ = c.Close()
			if denied := len(v.reasons()) > 0; denied != (tt.want == "") {
				t.Errorf("denied: %v", v.reasons())
			}
		})
	}
}

// say answers the first bytes, or says it at once when it greets.
func say(text string) func(io.ReadWriter) {
	return func(c io.ReadWriter) {
		if !strings.HasPrefix(text, "220") {
			_, _ = c.Read(make([]byte, 4096))
		}
		_, _ = io.WriteString(c, text)
		_, _ = c.Read(make([]byte, 1)) // until the other end goes
	}
}

func TestWebSocketsInsideTLS(t *testing.T) {
	upgrade := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		_, _ = io.ReadFull(rw, make([]byte, 12)) // a masked frame of six bytes
		_, _ = io.WriteString(c, "\x81\x06frames")
		_, _ = io.Copy(c, rw)
		_ = c.Close()
	})
	for rule, want := range map[string]int{"wss": 101, "https": 403} {
		v := unveil(t, "mode: strict\nallowlist: {rules: [{host: api.example, protocols: ["+rule+"], intercept_tls: true}]}\n")
		v.serve("api.example", "203.0.113.9", upgrade, nil)
		conf := v.trusting()
		conf.ServerName = "api.example"
		c, err := v.inTLS("api.example:443", conf)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, "GET /feed HTTP/1.1\r\nHost: api.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
		r := bufio.NewReader(c)
		got, err := http.ReadResponse(r, nil)
		if err != nil || got.StatusCode != want {
			t.Fatalf("%s: %v, %v", rule, got, err)
		}
		if want == 101 {
			_, _ = io.WriteString(c, "\x81\x86\x00\x00\x00\x00frames")
			if text := make([]byte, 8); true {
				if _, err := io.ReadFull(r, text); err != nil || string(text) != "\x81\x06frames" {
					t.Errorf("%q, %v", text, err)
				}
			}
			for _, d := range v.decisions() {
				if d.Method != "" && d.Protocol != policy.WSS {
					t.Errorf("%+v", d)
				}
			}
		}
		_ = c.Close()
	}
}

// A policy that wants TLS looked into cuts what moves without that.
func TestANewPolicyThatLooksIntoTLSCutsWhatIsHidden(t *testing.T) {
	v := unveil(t, leakPolicy)
	c, err := v.inTLS("api.example:443", &tls.Config{ServerName: "api.example", RootCAs: v.signer.pool()})
	if err != nil {
		t.Fatal(err)
	}
	if n := v.gw.Rejudge(); n != 0 {
		t.Errorf("%d were cut by the policy that was there before", n)
	}
	v.setPolicy(lookInto + leakPolicy)
	if n := v.gw.Rejudge(); n != 1 {
		t.Errorf("%d were cut", n)
	}
	if _, err := io.ReadAll(c); err == nil {
		t.Error("it ended in peace")
	}
}

func TestWithoutAnAuthorityNothingIsLookedIntoAndNothingPasses(t *testing.T) {
	w := open(t, lookInto+leakPolicy, nil)
	w.name("api.example", "203.0.113.9")
	w.route("203.0.113.9:443", listen(t, echo).addr)
	c := w.connect().tunnel("api.example:443").say(helloFor("api.example"))
	if got := c.over(); got != accessDenied {
		t.Errorf("it got %q", got)
	}
	if d := w.decisions(); d[len(d)-1].Decision.Reason != ReasonUnsupported {
		t.Errorf("%+v", d)
	}
}
