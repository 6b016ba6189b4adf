package egress

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// The tests of this file are about what two parts of the gateway do to each other.

// The memory that a long ClientHello took is given back when TLS was taken off.
func TestLongHellosGiveTheirMemoryBack(t *testing.T) {
	v := unveil(t, lookIntoAPI, func(o *Options) { o.Limits.Heads = 32 << 10 })
	o := v.trusting()
	o.ServerName = "api.example"
	for i := range 40 {
		o.NextProtos = append(o.NextProtos, fmt.Sprintf("%0200d", i))
	}
	o.NextProtos = append(o.NextProtos, alpnHTTP1)
	for i := range 8 {
		c, err := v.inTLS("api.example:443", o)
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		_ = c.Close()
		eventually(t, "the end of the client", func() bool { return v.gw.Stats().Clients == 0 })
	}
}

// A request inside TLS does not go out on a connection that has none.
func TestWhatCameInTLSLeavesInTLS(t *testing.T) {
	v := unveil(t, lookInto+"mode: strict\nallowlist: {rules: [{host: both.example}]}\n")
	var clear atomic.Int32
	cert := &tls.Config{Certificates: []tls.Certificate{v.signer.issue(nil, "both.example")}}
	o := listen(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		if first, err := r.Peek(1); err != nil || first[0] == 22 {
			serveTLS(cert, func(c *tls.Conn) { answerAll(c, bufio.NewReader(c), nil) })(behind{c, r})
			return
		}
		answerAll(c, r, &clear)
	})
	v.name("both.example", "203.0.113.40")
	v.route("203.0.113.40:443", o.addr)
	c := v.connect().say("GET http://both.example:443/plain HTTP/1.1\r\nHost: both.example:443\r\n\r\n")
	_, _ = io.Copy(io.Discard, c.answer("GET").Body)
	inside := tls.Client(c.tunnel("both.example:443").Conn, &tls.Config{RootCAs: v.trusting().RootCAs, ServerName: "both.example"})
	_, err := io.WriteString(inside, "GET /inside HTTP/1.1\r\nHost: both.example\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := http.ReadResponse(bufio.NewReader(inside), nil); err != nil || clear.Load() != 1 {
		t.Errorf("%d requests left in the clear, %v", clear.Load(), err)
	}
}

// behind is a connection of which some was read.
type behind struct {
	net.Conn
	r io.Reader
}

func (b behind) Read(p []byte) (int, error) { return b.r.Read(p) }

// answerAll answers requests until they end, and counts them.
func answerAll(w io.Writer, r *bufio.Reader, n *atomic.Int32) {
	for {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		if n != nil {
			n.Add(1)
		}
		_, _ = io.WriteString(w, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	}
}

// mute is a connection on which TLS 1.2 can be agreed on, and nothing said in it.
type mute struct{ net.Conn }

func (m mute) Write(p []byte) (int, error) {
	if len(p) > 0 && p[0] == 23 {
		return 0, errors.New("the connection is broken")
	}
	return m.Conn.Write(p)
}

// An origin that breaks its next connection as soon as TLS is there ends what was asked
// on that, and no more.
func TestAnOriginThatBreaksItsNextConnection(t *testing.T) {
	var dials atomic.Int32
	v := unveil(t, lookIntoAPI, func(o *Options) {
		dial := o.Dial
		o.Dial = func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
			c, err := dial(ctx, to)
			if err == nil && dials.Add(1) > 1 {
				return mute{c}, nil
			}
			return c, err
		}
	})
	v.serve("api.example", "203.0.113.9", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close") // net/http says GOAWAY then
	}), &tls.Config{MaxVersion: tls.VersionTLS12})
	c := v.browser(true)
	for i, want := range []int{http.StatusOK, http.StatusBadGateway, http.StatusBadGateway} {
		got, err := c.Get("https://api.example/")
		if err != nil {
			t.Fatal(i, err)
		}
		if _ = got.Body.Close(); got.StatusCode != want {
			t.Errorf("request %d: %s, want %d", i, got.Status, want)
		}
	}
	c.CloseIdleConnections()
	eventually(t, "the end of the client", func() bool { return v.gw.Stats().Clients == 0 })
}

// finished is the writer of a handler of HTTP/2 that has returned: who touches it
// panics.
type finished struct{}

func (finished) Header() http.Header       { panic("Header after the end") }
func (finished) Write([]byte) (int, error) { panic("Write after the end") }
func (finished) WriteHeader(int)           { panic("WriteHeader after the end") }

// An interim answer of an origin may come while its stream is given up.
func TestAnInterimAnswerAfterTheEndOfItsStream(t *testing.T) {
	v := unveil(t, lookIntoAPI)
	here, there := net.Pipe()
	defer func() { _, _ = here.Close(), there.Close() }()
	c := newClient(v.gw, &door{}, here)
	tunnelFlow := c.begin(EntryConnect)
	defer tunnelFlow.end("")
	in := &place{target: target{"api.example", 443}, f: tunnelFlow, tls: &interception{g: v.gw, name: "api.example"}}
	gone, stop := context.WithCancel(context.Background())
	stop()
	r := httptest.NewRequest("TRACE", "https://api.example/", nil).WithContext(gone)
	r.RequestURI = "/"
	x := newStream(&multiplex{t: &tunnel{c: c, f: tunnelFlow}, in: in}, finished{}, r)
	if x.run() {
		t.Error("a stream that was given up is whole")
	}
	if err := x.interim(http.StatusEarlyHints, nil); err != nil {
		t.Error(err)
	}
}

// A message of MCP that is held ends with its stream.
func TestAHeldMessageEndsWithItsStream(t *testing.T) {
	rule := func(paths string) string {
		return "mode: strict\nallowlist: {rules: [{host: api.example, paths: [" + paths + "], intercept_tls: true}]}\n"
	}
	v := unveil(t, rule("/mcp, /b"))
	body, say := io.Pipe()
	defer func() { _ = say.Close() }()
	req, err := http.NewRequest("POST", "https://api.example/mcp", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Accept": {"application/json, text/event-stream"}, "Content-Type": {"application/json"}}
	ended := make(chan error, 1)
	c := v.browser(true)
	c.Timeout = 0 // it would give the message up itself
	go func() {
		got, err := c.Do(req)
		if err == nil {
			_ = got.Body.Close()
		}
		ended <- err
	}()
	if _, err := io.WriteString(say, `{"jsonrpc":"2.0",`); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the message to be held", func() bool { return v.gw.held.Load() > 0 })
	v.setPolicy(rule("/b"))
	v.gw.Rejudge()
	eventually(t, "the message to be given up", func() bool { return v.gw.held.Load() == 0 })
	_ = say.Close()
	<-ended
}

// A secret whose first letters stand where gRPC has a length is one.
func TestASecretThatBeginsInAPrefixOfGRPC(t *testing.T) {
	v := unveil(t, lookIntoAPI)
	secret := fake(t)
	long := secret + strings.Repeat(" ordinary words", 20_000)
	for _, h2 := range []bool{false, true} {
		for hidden, body := range []string{secret, secret, secret, secret, long} {
			r, err := http.NewRequest("POST", "https://api.example/", strings.NewReader(strings.Repeat("\x00", max(1, 4-hidden))+body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/grpc")
			if got, err := v.browser(h2).Do(r); err == nil {
				_ = got.Body.Close()
			}
			if strings.Contains(v.box.all(), secret[4:]) {
				t.Fatalf("HTTP/2 %v: it left with %d letters in the prefix", h2, hidden+1)
			}
		}
	}
}

// Trailers are paid for like the body before them.
func TestTrailersArePaidFor(t *testing.T) {
	v := unveil(t, "mode: strict\nallowlist: {rules: [{id: api, host: api.example, data_budget: 20KB/day, intercept_tls: true}]}\n")
	var passed atomic.Int64
	v.serve("api.example", "203.0.113.9", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		passed.Add(int64(len(r.Trailer.Get("X-Note"))))
	}), nil)
	c := v.browser(true)
	for range 6 {
		r, err := http.NewRequest("POST", "https://api.example/", io.MultiReader(strings.NewReader("text")))
		if err != nil {
			t.Fatal(err)
		}
		r.Trailer = http.Header{"X-Note": {strings.Repeat("note ", 1000)}}
		if got, err := c.Do(r); err == nil {
			_ = got.Body.Close()
		}
	}
	if n := passed.Load(); n > 20_000 || n == 0 {
		t.Errorf("%d bytes of trailers passed a budget of 20,000", n)
	}
}

// Who adds a secret to what he sends, where one is only noted, pays like others.
func TestALeakThatIsNotedIsPaidFor(t *testing.T) {
	w, _ := inspected(t, "mode: permissive\nallowlist: {rules: [{id: api, host: api.example, data_budget: 20KB/day}]}\n")
	for range 4 {
		post(t, w, "http://api.example/?k="+fake(t), 8_000)
	}
	if got := w.used("api"); got < 20_000 {
		t.Errorf("%d bytes were paid for", got)
	}
}

// A rule that another replaces while its budget runs out leaves the book whole.
func TestARuleWithoutABudgetTakesOver(t *testing.T) {
	w := open(t, thrifty, nil)
	o := listen(t, echo)
	w.name("up.example", "203.0.113.10")
	w.elsewhere(o.addr)
	c := w.connect().tunnel("up.example:9000")
	c.say("\x00hello").expect("\x00hello")
	w.setPolicy(strings.NewReplacer("id: upload", "id: later", ", data_budget: 100KB/day", "").Replace(thrifty))
	w.gw.Rejudge()
	for range 12 {
		text := strings.Repeat("x", 10_000)
		c.say(text).expect(text)
	}
	for _, u := range w.gw.o.Budgets.All(w.gw.o.Clock.Now()) {
		if u.Budget == (policy.Budget{}) {
			t.Errorf("the book has a line of no budget: %+v", u)
		}
	}
}

// A request that is sent once more, and comes to nothing then, too, is one flow with one
// decision.
func TestARetryThatFailsIsRecordedOnce(t *testing.T) {
	w := newFriendly(t)
	w.elsewhere(listen(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		if _, err := http.ReadRequest(r); err == nil {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			_, _ = http.ReadRequest(r) // and it goes without an answer
		}
	}).addr)
	c := w.connect()
	c.say(request("http://ok.example/1")).answer("GET")
	w.elsewhere("127.0.0.1:1") // nobody is there
	if got := c.say(request("http://ok.example/2")).answer("GET"); got.StatusCode != http.StatusBadGateway || len(w.dials()) != 2 {
		t.Fatalf("%s, dialed %v", got.Status, w.dials())
	}
	if d, s := w.decisions(), w.gw.Stats(); len(d) != 2 || s.Allowed != 2 {
		t.Errorf("%d decisions are recorded of two requests, %d counted", len(d), s.Allowed)
	}
}

// While one stream waits for an origin that does not answer, those that need none are
// answered.
func TestAnOriginThatIsAwayHoldsNoOtherStream(t *testing.T) {
	var dials atomic.Int32
	waits, away := make(chan struct{}), make(chan struct{})
	v := unveil(t, "mode: strict\nallowlist: {rules: [{host: api.example, paths: [/ok], intercept_tls: true}]}\n", func(o *Options) {
		dial := o.Dial
		o.Dial = func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
			if dials.Add(1) == 2 {
				close(waits)
				select {
				case <-ctx.Done():
				case <-away:
				}
				return nil, errors.New("nobody answers")
			}
			return dial(ctx, to)
		}
	})
	v.serve("api.example", "203.0.113.9", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close") // net/http says GOAWAY then
	}), nil)
	c := v.browser(true)
	ask := func(path string) int {
		got, err := c.Get("https://api.example" + path)
		if err != nil {
			t.Error(path, err)
			return 0
		}
		_ = got.Body.Close()
		return got.StatusCode
	}
	if code := ask("/ok"); code != http.StatusOK {
		t.Fatal(code)
	}
	codes := make(chan int, 2)
	go func() { codes <- ask("/ok") }()
	<-waits
	go func() { codes <- ask("/ok") }() // it waits for the same
	if code := ask("/denied"); code != http.StatusForbidden {
		t.Errorf("another stream: %d", code)
	}
	close(away)
	for range 2 {
		if code := <-codes; code != http.StatusBadGateway && code != http.StatusOK {
			t.Errorf("a stream that waited: %d", code)
		}
	}
	if code := ask("/ok"); code != http.StatusOK {
		t.Errorf("when the origin is back: %d", code)
	}
}
