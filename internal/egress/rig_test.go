package egress

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/guard/egress/when"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a gateway with everything around it: a policy, names with addresses,
// and origins that stand for addresses of the real world.
type world struct {
	t    *testing.T
	gw   *Gateway
	addr string // of the gateway

	policy atomic.Pointer[policy.Policy]
	stopOn atomic.Pointer[string] // why the kill switch is on
	looks  atomic.Bool            // of notYet

	mu      sync.Mutex
	names   map[string][]netip.Addr
	looked  []string // names that were looked up
	routes  map[netip.AddrPort]string
	dialed  []netip.AddrPort
	decided []Record
	ended   []Record
	broken  error // the recorder's error
	done    chan struct{}
	stop    context.CancelFunc // of Serve
}

// open makes a world with a policy; tune may change the options.
func open(t *testing.T, doc string, tune func(*Options)) *world {
	t.Helper()
	w := &world{t: t, names: map[string][]netip.Addr{}, routes: map[netip.AddrPort]string{}, done: make(chan struct{})}
	w.setPolicy(doc)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.addr = l.Addr().String()
	o := Options{Judge: w, Recorder: w, Switch: w, Resolver: w, Dial: w.dial, Limits: Limits{Drain: 50 * time.Millisecond}}
	if tune != nil {
		tune(&o)
	}
	if w.gw, err = New(o); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	go func() {
		defer close(w.done)
		if err := w.gw.Serve(ctx, l); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { cancel(); <-w.done })
	return w
}

func (w *world) setPolicy(doc string) {
	w.t.Helper()
	p, err := policy.Parse([]byte(doc), policy.WithConditions(when.New()))
	if err != nil {
		w.t.Fatal(err)
	}
	w.policy.Store(p)
}

func (w *world) Decide(r policy.Request) policy.Decision { return w.policy.Load().Decide(r) }

func (w *world) On() (bool, string) {
	why := w.stopOn.Load()
	if why == nil {
		return false, ""
	}
	return true, *why
}

func (w *world) kill(why string) { w.stopOn.Store(&why); w.gw.Sever(why) }

func (w *world) Decided(_ context.Context, r Record) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.decided = append(w.decided, r)
	return w.broken
}

func (w *world) Ended(r Record) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = append(w.ended, r)
}

// decisions is a copy of what was recorded so far.
func (w *world) decisions() []Record {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.decided)
}

func (w *world) ends() []Record {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.ended)
}

// LookupNetIP implements Resolver over names.
func (w *world) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	name := strings.TrimSuffix(host, ".")
	w.looked = append(w.looked, name)
	found := w.names[name]
	if len(found) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return slices.Clone(found), nil
}

// name gives a name its addresses.
func (w *world) name(host string, addrs ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.names[host] = nil
	for _, a := range addrs {
		w.names[host] = append(w.names[host], netip.MustParseAddr(a))
	}
}

// route lets an address of the world lead to a listener of the test.
func (w *world) route(addrPort, listener string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.routes[netip.MustParseAddrPort(addrPort)] = listener
}

// elsewhere is where every address leads that has no route.
func (w *world) elsewhere(listener string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.routes[netip.AddrPort{}] = listener
}

// dial goes where routes lead, and notes where somebody wanted to go.
func (w *world) dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	w.mu.Lock()
	w.dialed = append(w.dialed, to)
	listener, ok := w.routes[to]
	if !ok {
		listener, ok = w.routes[netip.AddrPort{}]
	}
	w.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("dialing %s: connection refused", to)
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", listener)
}

// dials is where the gateway wanted to go.
func (w *world) dials() []netip.AddrPort {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.dialed)
}

// origin is a server that keeps what it was sent.
type origin struct {
	addr string
	got  atomic.Int64 // bytes
	text sync.Map     // connection -> what it said, as *strings.Builder
}

// listen serves each connection with serve until the test ends.
func listen(t *testing.T, serve func(net.Conn)) *origin {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &origin{addr: l.Addr().String()}
	var all sync.WaitGroup
	var mu sync.Mutex
	open, over := map[net.Conn]bool{}, false
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[c] = true
			if over { // it came with the end
				_ = c.Close()
			}
			mu.Unlock()
			all.Go(func() {
				defer func() { _ = c.Close() }()
				serve(&heard{c, o})
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		over = true
		for c := range open {
			_ = c.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return o
}

// heard counts what an origin was sent.
type heard struct {
	net.Conn
	o *origin
}

func (h *heard) Read(p []byte) (int, error) {
	n, err := h.Conn.Read(p)
	h.o.got.Add(int64(n))
	return n, err
}

func (h *heard) CloseWrite() error { return h.Conn.(*net.TCPConn).CloseWrite() }

// web is an origin that speaks HTTP.
func web(t *testing.T, h http.Handler) *origin {
	return listen(t, func(c net.Conn) {
		done := make(chan struct{})
		srv := &http.Server{Handler: h, ConnState: func(_ net.Conn, s http.ConnState) {
			if s == http.StateClosed || s == http.StateHijacked {
				close(done)
			}
		}}
		_ = srv.Serve(&once{c: c})
		<-done
	})
}

// once is a listener with one connection.
type once struct {
	c    net.Conn
	took bool
}

func (o *once) Accept() (net.Conn, error) {
	if o.took {
		return nil, io.EOF
	}
	o.took = true
	return o.c, nil
}
func (o *once) Close() error   { return nil }
func (o *once) Addr() net.Addr { return o.c.LocalAddr() }

// echo says back what it hears.
func echo(c net.Conn) { _, _ = io.Copy(c, c) }

// raw is a connection to the gateway.
type raw struct {
	t *testing.T
	w *world
	net.Conn
	r *bufio.Reader
}

func (w *world) connect() *raw {
	w.t.Helper()
	c, err := net.Dial("tcp", w.addr)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(time.Minute)) // a test that hangs fails
	w.t.Cleanup(func() { _ = c.Close() })
	return &raw{w.t, w, c, bufio.NewReader(c)}
}

func (c *raw) say(text string) *raw {
	c.t.Helper()
	if _, err := io.WriteString(c.Conn, text); err != nil {
		c.t.Fatalf("saying %q: %v", text, err)
	}
	return c
}

// tunnel opens a tunnel by CONNECT.
func (c *raw) tunnel(hostPort string) *raw {
	c.t.Helper()
	c.say("CONNECT " + hostPort + " HTTP/1.1\r\nHost: " + hostPort + "\r\n\r\n")
	if got := c.answer("CONNECT"); got.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(got.Body)
		c.t.Fatalf("CONNECT %s: %s %s", hostPort, got.Status, body)
	}
	return c
}

// socks opens a tunnel by SOCKS5, and returns the reply's code.
func (c *raw) socks(host string, port uint16) byte {
	c.t.Helper()
	c.say("\x05\x01\x00" + "\x05\x01\x00\x03" + string(rune(len(host))) + host + string([]byte{byte(port >> 8), byte(port)}))
	var reply [12]byte
	if _, err := io.ReadFull(c.r, reply[:]); err != nil {
		c.t.Fatalf("SOCKS: %v", err)
	}
	return reply[3]
}

// answer reads one answer.
func (c *raw) answer(method string) *http.Response {
	c.t.Helper()
	got, err := http.ReadResponse(c.r, &http.Request{Method: method})
	if err != nil {
		c.t.Fatalf("reading an answer: %v", err)
	}
	return got
}

// expect reads exactly this text.
func (c *raw) expect(text string) *raw {
	c.t.Helper()
	b := make([]byte, len(text))
	n, err := io.ReadFull(c.r, b)
	if err != nil || string(b) != text {
		c.t.Fatalf("got %q, %v, want %q", b[:n], err, text)
	}
	return c
}

// over reads to the end and returns what came.
func (c *raw) over() string {
	c.t.Helper()
	b, err := io.ReadAll(c.r) // a reset is an end, too
	if ne := net.Error(nil); errors.As(err, &ne) && ne.Timeout() {
		c.t.Fatalf("the connection stayed open; it said %q", b)
	}
	return string(b)
}

// eventually waits for what happens at the same time as the test.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never came: %s", what)
		}
	}
}
