package natsbus

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/bus"
	"go.cordon.dev/cordon/internal/bus/bustest"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/testport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEmbeddedConformance(t *testing.T) {
	bustest.Run(t, func(t *testing.T) bustest.Pair {
		b := must(t)(Embed(Options{}))
		return bustest.Pair{Pub: b, Sub: b}
	})
}

// Two nodes on one server: every event crosses NATS.
func TestExternalConformance(t *testing.T) {
	bustest.Run(t, func(t *testing.T) bustest.Pair {
		url := listenOn(t, "127.0.0.1:-1").ClientURL()
		return bustest.Pair{Pub: must(t)(Connect(url, Options{})), Sub: must(t)(Connect(url, Options{}))}
	})
}

func must(t *testing.T) func(*Bus, error) *Bus {
	return func(b *Bus, err error) *Bus {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = b.Close() })
		return b
	}
}

// listenOn starts an external server on a loopback address; port -1 is a free
// one.
func listenOn(t *testing.T, addr string) *server.Server {
	t.Helper()
	host, port, ok := strings.Cut(addr, ":")
	if !ok {
		t.Fatal(addr)
	}
	o := &server.Options{Host: host, NoSigs: true, NoLog: true, MaxPayload: bus.MaxData + envelopeRoom}
	if _, err := fmt.Sscan(port, &o.Port); err != nil {
		t.Fatal(err)
	}
	srv, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	go srv.Start()
	if !srv.ReadyForConnections(time.Minute) {
		t.Fatal("NATS server does not start")
	}
	t.Cleanup(func() { stopServer(srv) })
	return srv
}

// healthLog collects what OnHealth is told.
type healthLog struct {
	mu  sync.Mutex
	all []event.BusHealth
}

func (h *healthLog) add(b event.BusHealth) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, b)
}

func (h *healthLog) states() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var s []string
	for _, b := range h.all {
		s = append(s, fmt.Sprint(b.Connected))
	}
	return strings.Join(s, " ")
}

func (h *healthLog) wait(t *testing.T, want string) {
	t.Helper()
	bustest.Eventually(t, "health "+want, func() bool { return h.states() == want })
}

func TestReconnectsAfterTheServerRestarts(t *testing.T) {
	first := listenOn(t, testport.Addr(t)) // nobody takes it while the server is away
	var pubHealth, subHealth healthLog
	pub := must(t)(Connect(first.ClientURL(), Options{OnHealth: pubHealth.add}))
	sub := must(t)(Connect(first.ClientURL(), Options{OnHealth: subHealth.add}))
	near, _ := bustest.Listen(t, pub, "test.>")
	far, _ := bustest.Listen(t, sub, "test.>")
	bustest.Publish(t, pub, bustest.Note{On: "test.a", N: 1})
	far.Wait(t, 1)

	addr := first.Addr().String()
	stopServer(first)
	pubHealth.wait(t, "true false")
	subHealth.wait(t, "true false")
	err := pub.Publish(context.Background(), bustest.Event(t, bustest.Note{On: "test.a", N: 2}))
	if err == nil || !strings.Contains(err.Error(), "not connected") {
		t.Errorf("error %v while the server is down, want one that says so", err)
	}
	near.Wait(t, 2) // this process has it all the same

	listenOn(t, addr)
	pubHealth.wait(t, "true false true")
	subHealth.wait(t, "true false true")
	bustest.Eventually(t, "an event to arrive again", func() bool {
		bustest.Publish(t, pub, bustest.Note{On: "test.a", N: 3})
		return len(far.Events()) > 1
	})
}

// cutAtPing leads to a server, and hangs up on whoever asks whether it is still there,
// once it is armed.
func cutAtPing(t *testing.T, to string) (addr string, armed *atomic.Bool) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	armed = &atomic.Bool{}
	var all sync.WaitGroup
	serve := func(c net.Conn) {
		up, err := net.Dial("tcp", to)
		if err != nil || armed.Load() {
			_ = c.Close()
			return
		}
		all.Go(func() { _, _ = io.Copy(c, up); _ = c.Close() })
		for buf := make([]byte, 4096); ; {
			n, err := c.Read(buf)
			if err != nil || armed.Load() && strings.Contains(string(buf[:n]), "PING") {
				break
			}
			_, _ = up.Write(buf[:n])
		}
		_, _ = c.Close(), up.Close()
	}
	all.Go(func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			all.Go(func() { serve(c) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); all.Wait() })
	return l.Addr().String(), armed
}

// A server that goes while the last events are sent is one that is gone: a node that
// stops with it has stopped well.
func TestAServerThatGoesWithUsIsNoFailure(t *testing.T) {
	addr, armed := cutAtPing(t, listenOn(t, "127.0.0.1:-1").Addr().String())
	b := must(t)(Connect("nats://"+addr, Options{}))
	bustest.Publish(t, b, bustest.Note{On: "test.a"})
	armed.Store(true)
	if err := b.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestServerThatComesLater(t *testing.T) {
	addr := testport.Addr(t)
	var h healthLog
	b := must(t)(Connect("nats://"+addr, Options{OnHealth: h.add}))
	h.wait(t, "false")
	listenOn(t, addr)
	h.wait(t, "false true")
	bustest.Publish(t, b, bustest.Note{On: "test.a"})
}

func TestForeignMessagesAreRefused(t *testing.T) {
	srv := listenOn(t, "127.0.0.1:-1")
	b := must(t)(Connect(srv.ClientURL(), Options{}))
	in, _ := bustest.Listen(t, b, ">")
	foreign, err := nats.Connect(srv.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer foreign.Close()
	good, err := json.Marshal(bustest.Event(t, bustest.Note{On: "test.a"}))
	if err != nil {
		t.Fatal(err)
	}
	send := func(subject string, data []byte) {
		if err := foreign.Publish(subject, data); err != nil {
			t.Fatal(err)
		}
	}
	send("cordon.test.a", []byte("hello"))
	send("cordon.test.a", []byte(`{}`))
	send("cordon.test.b", good) // an event on another's subject
	send("cordon", good)
	send("other.test.a", good)
	send("cordon.test.a", good)
	in.Wait(t, 1)
	if got := b.Refused(); got != 3 {
		t.Errorf("%d messages refused, want 3", got)
	}
	if got := in.Topics(); got != "test.a" {
		t.Errorf("heard %q, want test.a alone", got)
	}
}

func TestSubjectIsPrefixAndTopic(t *testing.T) {
	srv := listenOn(t, "127.0.0.1:-1")
	b := must(t)(Connect(srv.ClientURL(), Options{}))
	foreign, err := nats.Connect(srv.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer foreign.Close()
	sub, err := foreign.SubscribeSync("cordon.test.*.state")
	if err != nil {
		t.Fatal(err)
	}
	if err := foreign.Flush(); err != nil {
		t.Fatal(err)
	}
	e := bustest.Publish(t, b, bustest.Note{On: "test.web-1.state"})
	m, err := sub.NextMsg(time.Minute)
	if err != nil || m.Subject != "cordon.test.web-1.state" || !strings.Contains(string(m.Data), e.ID) {
		t.Errorf("a NATS client heard %v, %v", m, err)
	}
}

func TestServerWithASmallerLimit(t *testing.T) {
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true, MaxPayload: 4096})
	if err != nil {
		t.Fatal(err)
	}
	go srv.Start()
	defer stopServer(srv)
	if !srv.ReadyForConnections(time.Minute) {
		t.Fatal("NATS server does not start")
	}
	b := must(t)(Connect(srv.ClientURL(), Options{}))
	in, _ := bustest.Listen(t, b, "test.a")
	e := bustest.Event(t, bustest.Note{On: "test.a", Text: strings.Repeat("x", 5000)})
	if err := b.Publish(context.Background(), e); err == nil || !strings.Contains(err.Error(), "max_payload") {
		t.Errorf("error %v does not say what to raise", err)
	}
	in.Wait(t, 1)
}

func TestEmbeddedOpensNoPort(t *testing.T) {
	srv, err := startServer(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer stopServer(srv)
	if a := srv.Addr(); a != nil {
		t.Errorf("embedded server listens on %v", a)
	}
}

func TestBadURLsAreRefusedWithoutTheirPassword(t *testing.T) {
	for _, raw := range []string{
		"", "nats://", "bus.example:4222", "http://u:hunter2@bus.example:4222", "nats://u:hunter2@bus.example:4222,",
		"nats://u:hunter2@bus example", "nats://u:hunter2@bus.example:port", "nats://u:hun%ter2@bus.example",
	} {
		b, err := Connect(raw, Options{})
		if err == nil {
			_ = b.Close()
			t.Errorf("%q: connected", raw)
			continue
		}
		if strings.Contains(err.Error(), "hun") {
			t.Errorf("error shows the password: %v", err)
		}
	}
}

func BenchmarkPublishEmbedded(b *testing.B) {
	n, err := Embed(Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer n.Close()
	bustest.Benchmark(b, bustest.Pair{Pub: n, Sub: n})
}
