package egress

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// Whoever opens connections by the thousand and sends half a head on each, or
// nothing, takes no more descriptors than there are clients allowed, and keeps
// nobody out; a tunnel that is open stays open.
func TestHalfHeadsByTheThousandKeepNobodyOut(t *testing.T) {
	const limit, hostile = 300, 3000
	w := befriended(t, func(o *Options) { // nobody goes for being slow
		o.Limits.Clients, o.Limits.Head, o.Limits.Idle = limit, time.Hour, time.Hour
	})
	w.route("203.0.113.1:7", listen(t, echo).addr)
	tunnel := w.connect().tunnel("ok.example:7").say("\x01a").expect("\x01a")
	halves := []string{"", "G", "GET http://ok.example/ HTTP/1.1\r\nHost: ok.ex", "CONNECT ok.example:4", "\x05\x01", "GET http://ok.example/ HTTP/1.1\r\nX: " + strings.Repeat("y", 4000)}
	for i := range hostile {
		_, _ = io.WriteString(w.connect().Conn, halves[i%len(halves)]) // it may have been cut already
		if i%500 == 499 {
			if _, body := get(t, w.through(), "http://ok.example/?size=3"); body != "xxx" {
				t.Fatalf("after %d half heads: %q", i+1, body)
			}
		}
		if n := w.gw.Stats().Clients; n > limit {
			t.Fatalf("%d clients at a time", n)
		}
	}
	tunnel.say("\x01b").expect("\x01b")
	if turned := w.gw.Stats().TurnedAway; turned < hostile-limit {
		t.Errorf("%d were turned away", turned)
	}
}

// Long heads that never end hold no more memory together than they may: who comes
// with another long one is told so, who comes with a short one is served.
func TestLongHeadsWithoutEndHoldBoundedMemory(t *testing.T) {
	w := befriended(t, func(o *Options) { o.Limits.Heads = 200 << 10 })
	long := "GET http://ok.example/ HTTP/1.1\r\nHost: ok.example\r\nX: " + strings.Repeat("y", 40<<10)
	var hostile []*raw
	for range 3 { // each takes 60 KB beyond its first 4
		hostile = append(hostile, w.connect().say(long))
	}
	eventually(t, "their heads were read", func() bool { return w.gw.heads.Left() < 60<<10 })
	if got := w.connect().say(long + "\r\n\r\n").answer("GET"); got.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("one more: %s", got.Status)
	}
	if got := w.connect().say(request("http://ok.example/")).answer("GET"); got.StatusCode != http.StatusOK {
		t.Errorf("a short one: %s", got.Status)
	}
	for _, c := range hostile {
		resets(c.Conn)
	}
	eventually(t, "what they held is free", func() bool { return w.gw.heads.Left() == 200<<10 })
	if got := w.connect().say(long + "\r\n\r\n").answer("GET"); got.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %s", got.Status)
	}
}

// Of clients who owe a request, one goes for whoever comes when the house is full.
func TestAFullHouseMakesRoom(t *testing.T) {
	w := befriended(t, func(o *Options) { o.Limits.Clients = 2 })
	w.connect()
	w.connect()
	eventually(t, "two clients", func() bool { return w.gw.Stats().Clients == 2 })
	if got := w.connect().say(request("http://ok.example/")).answer("GET"); got.StatusCode != http.StatusOK {
		t.Error(got.Status)
	}
	if s := w.gw.Stats(); s.TurnedAway != 1 || s.Clients != 2 {
		t.Errorf("%+v", s)
	}
}

// Where all have something under way, who comes later is turned away.
func TestAFullHouseOfTunnelsTurnsOthersAway(t *testing.T) {
	w := befriended(t, func(o *Options) { o.Limits.Clients = 2 })
	w.route("203.0.113.1:7", listen(t, echo).addr)
	one := w.connect().tunnel("ok.example:7")
	two := w.connect().tunnel("ok.example:7")
	if got := w.connect().over(); got != "" {
		t.Errorf("the third heard %q", got)
	}
	if s := w.gw.Stats(); s.TurnedAway != 1 || s.Clients != 2 {
		t.Errorf("%+v", s)
	}
	one.say("\x01a").expect("\x01a")
	two.say("\x01b").expect("\x01b")
}

// A body that unpacks to more than anybody looks through is refused, in bounded
// memory, and the gateway goes on.
func TestABodyThatUnpacksWithoutEndIsRefused(t *testing.T) {
	bomb := gzipped(strings.Repeat("\x00", 64<<20))
	w, box := inspected(t, leakPolicy)
	for what, fields := range map[string]string{"as it is": "", "as an encoding": "Content-Encoding: gzip\r\n", "twice encoded": "Content-Encoding: gzip, gzip\r\n"} {
		body := bomb
		if what == "twice encoded" {
			body = gzipped(bomb)
		}
		text := fmt.Sprintf("POST http://api.example/ HTTP/1.1\r\nHost: api.example\r\n%sContent-Length: %d\r\n\r\n%s", fields, len(body), body)
		if got := w.connect().say(text).answer("POST"); got.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", what, got.Status)
		}
	}
	for _, r := range w.gw.Blocked(0) {
		if r.Decision.Reason != policy.ReasonNotScanned {
			t.Errorf("%+v", r.Decision)
		}
	}
	if got := box.all(); strings.Contains(got, "<nil>") {
		t.Errorf("the origin got a whole bomb: %.200q", got)
	}
	if got, _ := get(t, w.client(), "http://api.example/"); got.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %s", got.Status)
	}
}

// resets ends a connection with a reset.
func resets(c net.Conn) {
	if h, is := c.(*heard); is {
		c = h.Conn
	}
	_ = c.(*net.TCPConn).SetLinger(0)
	_ = c.Close()
}

// reads reads until a text has come.
func reads(c net.Conn, until string) {
	var all []byte
	for b := make([]byte, 1); !strings.Contains(string(all), until); all = append(all, b[0]) {
		if _, err := c.Read(b); err != nil {
			return
		}
	}
}

// An origin that resets the connection, at whatever stage, costs the client its
// answer and nothing else: it hears of it, the flow ends and says why, and the
// next one is served.
func TestAnOriginThatResetsAtEveryStage(t *testing.T) {
	says := func(text string) func(net.Conn) {
		return func(c net.Conn) { reads(c, "\r\n\r\n"); _, _ = io.WriteString(c, text); resets(c) }
	}
	const sized = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
	for what, tt := range map[string]struct {
		origin func(net.Conn)
		body   int // of the request
		status int // of the answer; 0: it breaks off, or never begins
	}{
		"before the request":       {resets, 0, 502},
		"in the request's head":    {func(c net.Conn) { reads(c, "POST"); resets(c) }, 0, 502},
		"behind the head":          {says(""), 0, 502},
		"in the request's body":    {func(c net.Conn) { reads(c, "bbbb"); resets(c) }, 200 << 10, 502},
		"in the status line":       {says("HTTP/1.1 2"), 0, 502},
		"in the answer's fields":   {says("HTTP/1.1 200 OK\r\nX: a"), 0, 502},
		"behind 100 Continue":      {says("HTTP/1.1 100 Continue\r\n\r\n"), 4, 502},
		"behind the answer's head": {says(sized), 0, 0},
		"in the answer's body":     {says(sized + "half"), 0, 0},
		"in a chunk":               {says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf"), 0, 0},
		"between chunks":           {says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"), 0, 0},
		"in the trailers":          {says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\nX-Su"), 0, 0},
		"in a body without length": {says("HTTP/1.1 200 OK\r\n\r\nhalf"), 0, 0},
	} {
		t.Run(what, func(t *testing.T) {
			w := newFriendly(t)
			w.elsewhere(listen(t, tt.origin).addr)
			got, err := w.through().Post("http://ok.example/", "text/plain", strings.NewReader(strings.Repeat("b", tt.body)))
			if err == nil {
				_, err = io.Copy(io.Discard, got.Body)
				_ = got.Body.Close()
			}
			switch {
			case tt.status == 0 && err == nil:
				t.Errorf("a broken answer looked whole: %s", got.Status)
			case tt.status != 0 && (err != nil || got.StatusCode != tt.status || got.Header.Get("X-Cordon-Decision") != "allow"):
				t.Errorf("%v %v", got, err)
			}
			w.isAtRest(t)
		})
	}
}

// isAtRest waits until nothing is live, wants a reason in the last end, and has
// the next client served.
func (w *world) isAtRest(t *testing.T) {
	t.Helper()
	eventually(t, "all flows end", func() bool { return w.gw.Stats().Flows == 0 && len(w.ends()) > 0 })
	if ends := w.ends(); ends[len(ends)-1].Cut == "" {
		t.Errorf("the end gives no reason: %+v", ends)
	}
	w.elsewhere(web(t, http.HandlerFunc(obliging)).addr)
	if _, body := get(t, w.through(), "http://ok.example/?size=3"); body != "xxx" {
		t.Errorf("the next client heard %q", body)
	}
}

func TestATunnelThatIsResetAtEveryStage(t *testing.T) {
	for what, tt := range map[string]struct {
		origin func(net.Conn)
		client func(*raw)
	}{
		"by the origin, before a word":     {resets, func(c *raw) { _ = c.over() }},
		"by the origin, behind a word":     {func(c net.Conn) { reads(c, "a"); resets(c) }, func(c *raw) { c.say("\x01a"); _ = c.over() }},
		"by the origin, behind a greeting": {func(c net.Conn) { _, _ = io.WriteString(c, "220 hi\r\n"); reads(c, "a"); resets(c) }, func(c *raw) { c.expect("220 hi\r\n").say("\x01a"); _ = c.over() }},
		"by the origin, inside a greeting": {func(c net.Conn) { _, _ = io.WriteString(c, "22"); resets(c) }, func(c *raw) { _ = c.over() }},
		"by the client, before a word":     {silent, func(c *raw) { resets(c.Conn) }},
		"by the client, behind a word":     {echo, func(c *raw) { c.say("\x01a").expect("\x01a"); resets(c.Conn) }},
		"by the client, behind half a TLS": {silent, func(c *raw) { c.say("\x16\x03\x01"); resets(c.Conn) }},
	} {
		for _, entry := range []string{"connect", "socks5"} {
			t.Run(what+"/"+entry, func(t *testing.T) {
				w := newFriendly(t)
				granted := make(chan struct{})
				w.route("203.0.113.1:7", listen(t, func(c net.Conn) { <-granted; tt.origin(c) }).addr)
				c := w.connect()
				c.t = t
				if entry == "connect" {
					c.tunnel("ok.example:7")
				} else if code := c.socks("ok.example", 7); code != 0 {
					t.Error(code)
				}
				close(granted)
				tt.client(c)
				eventually(t, "the flow ends", func() bool { return w.gw.Stats().Flows == 0 && w.gw.Stats().Clients == 0 })
				if _, body := get(t, w.through(), "http://ok.example/?size=3"); body != "xxx" {
					t.Errorf("the next client heard %q", body)
				}
			})
		}
	}
}

// An origin's connection that nobody answers, then a dial that is refused: both
// are told apart from a denial.
func TestAnOriginThatCannotBeReachedIsNoDenial(t *testing.T) {
	for what, err := range map[string]error{"refused": syscall.ECONNREFUSED, "no route": syscall.EHOSTUNREACH, "out of descriptors": syscall.EMFILE, "something": errors.New("else")} {
		w := befriended(t, func(o *Options) { o.Dial = failsWith(err) })
		got, body := get(t, w.through(), "http://ok.example/")
		if got.StatusCode != http.StatusBadGateway || !strings.Contains(body, `"reason":"unreachable"`) || got.Header.Get("X-Cordon-Decision") != "allow" {
			t.Errorf("%s: %s %s", what, got.Status, body)
		}
	}
}

// silent says nothing and hears all that comes, for as long as the connection
// lasts: it does not end its half when the client ends its own.
func silent(c net.Conn) {
	for b := make([]byte, 100); ; {
		if _, err := c.Read(b); err != nil && !errors.Is(err, io.EOF) {
			return
		}
	}
}

func failsWith(err error) func(context.Context, netip.AddrPort) (net.Conn, error) {
	return func(context.Context, netip.AddrPort) (net.Conn, error) { return nil, err }
}
