package egress

import (
	"fmt"
	"io"
	"net/http"
	"testing"
)

// A condition holds through the gateway as the request becomes known: by name, by
// address, by what is spoken, and at last by method and path.
func TestConditionsThroughTheGateway(t *testing.T) {
	w := open(t, `
allowlist:
  rules:
    - {id: read, host: api.example, when: 'method == "GET" && path.startsWith("/v1/") && address.within("203.0.113.0/24")'}
    - {id: proxy, host: socks.example, when: 'entry == "socks5" && protocol == "tcp"'}
`, nil)
	o := web(t, http.HandlerFunc(hello))
	w.name("api.example", "203.0.113.10")
	w.name("socks.example", "203.0.113.11")
	w.elsewhere(o.addr)
	ask := func(method, path string) string {
		c := w.connect().say(method + " http://api.example" + path + " HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n")
		resp := c.answer(method)
		_, _ = io.Copy(io.Discard, resp.Body)
		return fmt.Sprintf("%d", resp.StatusCode)
	}
	for _, tt := range []struct{ method, path, want string }{
		{"GET", "/v1/x", "200"}, {"DELETE", "/v1/x", "403"}, {"GET", "/v2/x", "403"}, {"GET", "/v1/../v2", "403"},
	} {
		if got := ask(tt.method, tt.path); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.method, tt.path, got, tt.want)
		}
	}
	w.name("api.example", "198.51.100.1")
	if got := ask("GET", "/v1/x"); got != "403" {
		t.Errorf("at another address: %s", got)
	}
	w.name("api.example", "203.0.113.10")
	w.connect().tunnel("api.example:443").say(helloFor("api.example")).over()
	w.wantLast("when_failed")
	sent := o.got.Load()
	if code := w.connect().socks("socks.example", 9000); code != 0 {
		t.Errorf("SOCKS: %d", code)
	}
	resp := w.connect().say("CONNECT socks.example:9000 HTTP/1.1\r\nHost: socks.example:9000\r\n\r\n").answer("CONNECT")
	if resp.StatusCode != http.StatusForbidden || o.got.Load() != sent {
		t.Errorf("CONNECT: %s", resp.Status)
	}
}

// Some servers take a method in whatever case for the one in capitals, so that what is
// said of that one is said of it.
func TestAConditionAboutAMethodInSmallLetters(t *testing.T) {
	w := open(t, `
allowlist: {rules: [{id: all, host: api.example}]}
denylist: {rules: [{id: keep, host: api.example, when: 'method == "DELETE"'}]}
`, nil)
	w.name("api.example", "203.0.113.10")
	w.elsewhere(web(t, http.HandlerFunc(hello)).addr)
	for method, want := range map[string]int{"DELETE": 403, "delete": 403, "Delete": 403, "GET": 200} {
		c := w.connect().say(method + " http://api.example/x HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n")
		if got := c.answer("GET").StatusCode; got != want {
			t.Errorf("%s: %d, want %d", method, got, want)
		}
	}
}

// wantLast checks the reason of the last denial.
func (w *world) wantLast(reason string) {
	w.t.Helper()
	eventually(w.t, "a denial for "+reason, func() bool {
		all := w.decisions()
		d := all[len(all)-1].Decision
		return !d.Allowed() && string(d.Reason) == reason
	})
}
