package deception

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/testport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// parrot says who it is, and back what it is told.
type parrot struct{ host string }

func (p parrot) Serve(_ context.Context, c net.Conn, s *service.Session) {
	fmt.Fprintln(c, p.host)
	lines := bufio.NewScanner(c)
	for lines.Scan() {
		if lines.Text() == "panic" {
			panic(lines.Text())
		}
		s.Record(service.Command, lines.Bytes())
		fmt.Fprintln(c, lines.Text())
	}
}

func parrots(port uint16) service.Kind {
	return service.Kind{Name: "parrot", Port: port, New: func(s service.Setup) (service.Service, error) {
		var c struct{}
		if err := s.Config.Decode(&c); err != nil {
			return nil, err
		}
		return parrot{s.Persona.Hostname}, nil
	}}
}

type rig struct {
	*Fleet
	t     *testing.T
	sink  *servicetest.Sink
	clock *clock.Fake
	log   *bytes.Buffer
	mu    sync.Mutex
	told  []string
}

func newRig(t *testing.T, limits Limits) *rig {
	t.Helper()
	r := &rig{t: t, sink: &servicetest.Sink{}, clock: clock.NewFake(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)), log: &bytes.Buffer{}}
	var err error
	r.Fleet, err = New(Deps{
		Kinds: []service.Kind{parrots(0)}, Sink: r.sink, Limits: limits, Clock: r.clock, Log: slog.New(slog.NewTextHandler(r.log, nil)),
		Told: func(s Status) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.told = append(r.told, s.Name+" "+string(s.State))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.end)
	return r
}

func (r *rig) set(specs ...Spec) {
	r.t.Helper()
	if err := r.Set(specs); err != nil {
		r.t.Fatal(err)
	}
}

func spec(name string, ports ...uint16) Spec {
	s := Spec{Name: name, Archetype: "linux-server", Address: "127.0.0.1"}
	for _, p := range ports {
		s.Services = append(s.Services, ServiceSpec{Kind: "parrot", Port: p})
	}
	return s
}

// client connects to the first service of the decky at index i and reads its
// greeting.
func (r *rig) client(i int) (net.Conn, *bufio.Reader) {
	r.t.Helper()
	at := r.Deckies()[i]
	c, err := net.Dial("tcp", net.JoinHostPort(at.Address, fmt.Sprint(at.Services[0].Port)))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	b := bufio.NewReader(c)
	if line, err := b.ReadString('\n'); err == nil && strings.TrimSpace(line) != at.Hostname {
		r.t.Errorf("the decky says %q, want its host name %q", line, at.Hostname)
	}
	return c, b
}

func TestADeckyTakesDownWhatItsClientsDo(t *testing.T) {
	r := newRig(t, Limits{})
	r.set(spec("web-1", 0))
	if s := r.Deckies()[0]; s.State != Running || !s.Services[0].Listening || s.Hostname == "" || s.Distro == "" {
		t.Fatalf("status %+v", s)
	}
	c, b := r.client(0)
	fmt.Fprintln(c, "hello")
	if line, err := b.ReadString('\n'); line != "hello\n" || err != nil {
		t.Fatalf("answer %q, error %v", line, err)
	}
	_ = c.Close()
	end := r.sink.Wait(t, service.Disconnected, 1)[0]
	if end.Decky != "web-1" || end.Service != "parrot" || end.Client.String() != c.LocalAddr().String() || servicetest.Field(end, "reason") != "closed" || end.Number != 3 {
		t.Errorf("the end is %+v", end)
	}
}

// A change of one decky leaves the clients of the others alone.
func TestOnlyWhatChangedIsStartedAgain(t *testing.T) {
	r := newRig(t, Limits{})
	r.set(spec("a", 0), spec("b", 0))
	stay, reader := r.client(0)
	gone, goneReader := r.client(1)
	changed := spec("b", 0)
	changed.Hostname = "other"
	r.set(spec("a", 0), changed, spec("c", 0))
	if _, err := goneReader.ReadString('\n'); !errors.Is(err, io.EOF) && err == nil {
		t.Error("the client of a changed decky was kept")
	}
	_ = gone.Close()
	fmt.Fprintln(stay, "still here")
	if line, err := reader.ReadString('\n'); line != "still here\n" {
		t.Errorf("answer %q, error %v", line, err)
	}
	if c, _ := r.client(1); c == nil || r.Deckies()[1].Hostname != "other" {
		t.Error("the changed decky is not there")
	}
	if got := servicetest.Field(r.sink.Wait(t, service.Disconnected, 1)[0], "reason"); got != "the decky stopped" {
		t.Errorf("reason %q", got)
	}
}

// A fleet that stays as it is costs nothing, however often it is looked at.
func TestNothingIsMadeAnewThatStays(t *testing.T) {
	r, made := newRig(t, Limits{}), 0
	r.deps.Kinds = []service.Kind{{Name: "parrot", New: func(service.Setup) (service.Service, error) { made++; return parrot{}, nil }}}
	all := func() []Spec { return []Spec{spec("a", 0), spec("b", 0)} }
	r.set(all()...)
	first := made
	k := keeper(t, r, &memory{wanted: all()[:1]}, all()[1:]...)
	if err := k.turn(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := made
	for range 10 {
		if err := errors.Join(r.Check(all()), k.turn(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	if first == 0 || made != before {
		t.Errorf("%d services were made at first, and %d more for deckies that stay", first, made-before)
	}
	r.end()
	stopped := made
	r.set(spec("b", 0), spec("a", 0))
	if made != stopped {
		t.Errorf("%d services are made for a fleet that does not run", made-stopped)
	}
}

func TestAPortThatIsTakenIsSaidAndTriedAgain(t *testing.T) {
	l, err := net.Listen("tcp", testport.Addr(t)) // nobody else takes it in between
	if err != nil {
		t.Fatal(err)
	}
	busy := addrPort(l.Addr()).Port()
	r := newRig(t, Limits{})
	r.set(spec("a", busy))
	if s := r.Deckies()[0]; s.State != Failed || !strings.Contains(s.Detail, "in use") {
		t.Errorf("status %+v", s)
	}
	_ = l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	for end := time.Now().Add(time.Minute); r.Deckies()[0].State != Running; time.Sleep(time.Millisecond) {
		if r.clock.Waiting() > 0 {
			r.clock.Advance(retryEvery)
		}
		if time.Now().After(end) {
			t.Fatalf("never opened: %+v", r.Deckies()[0])
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if got := strings.Join(r.told, ", "); got != "a failed, a running, a stopped" {
		t.Errorf("told %q", got)
	}
}

func TestAFleetThatEndedBeginsAnew(t *testing.T) {
	r := newRig(t, Limits{})
	r.set(spec("a", 0))
	r.client(0)
	run := func(during func()) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- r.Run(ctx) }()
		for end := time.Now().Add(time.Minute); r.Deckies()[0].State != Running; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("never opened")
			}
		}
		during()
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	run(func() {})
	if s := r.Deckies()[0]; s.State != Stopped || s.Services[0].Clients != 0 {
		t.Errorf("after the end: %+v", s)
	}
	run(func() { r.client(0) })
	r.set(spec("b", 0)) // between two runs
	run(func() { r.client(0) })
}

// One fault in a service costs one client, and what he said is not in the log.
func TestAServiceThatPanicsHarmsNobodyElse(t *testing.T) {
	r := newRig(t, Limits{})
	r.set(spec("a", 0))
	c, b := r.client(0)
	fmt.Fprintln(c, "panic")
	if _, err := b.ReadString('\n'); err == nil {
		t.Error("the client is still served")
	}
	if got := servicetest.Field(r.sink.Wait(t, service.Disconnected, 1)[0], "reason"); got != "the service failed" {
		t.Errorf("reason %q", got)
	}
	r.client(0)
	r.end()
	if log := r.log.String(); !strings.Contains(log, "decky_panic") || !strings.Contains(log, "fleet_test.go") {
		t.Errorf("log %s", log)
	}
}

func TestOneHostDoesNotKeepTheOthersOut(t *testing.T) {
	r := newRig(t, Limits{PerHost: 2})
	r.set(spec("a", 0))
	one, _ := r.client(0)
	r.client(0)
	_, third := r.client(0)
	if _, err := third.ReadString('\n'); err == nil {
		t.Error("a third client of one address is served")
	}
	if s := r.Deckies()[0].Services[0]; s.Clients != 2 || s.Sessions != 2 || s.Refused != 1 {
		t.Errorf("counted %+v", s)
	}
	_ = one.Close()
	r.sink.Wait(t, service.Disconnected, 1)
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if _, b := r.client(0); b.Buffered() == 0 && r.Deckies()[0].Services[0].Sessions == 3 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the place of a client that left is not given away")
		}
	}
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func TestHostsOfIPv6AreNetworks(t *testing.T) {
	c := newCrowd(Limits{Clients: 10, PerHost: 1})
	a, b, other := addr("2001:db8::1"), addr("2001:db8::2"), addr("2001:db8:0:1::1")
	if !c.enter(a) || c.enter(b) || !c.enter(other) || !c.enter(addr("192.0.2.1")) || c.enter(addr("::ffff:192.0.2.1")) {
		t.Error("one /64 is not one host, or two are")
	}
	c.leave(a)
	if !c.enter(b) {
		t.Error("the place was not given back")
	}
}

func TestEveryFaultOfASpecIsNamed(t *testing.T) {
	r := newRig(t, Limits{})
	bad := Spec{Name: "a b", Archetype: "toaster", Address: "localhost", Services: []ServiceSpec{{Kind: "gopher"}, {Kind: "parrot", Port: 7}, {Kind: "parrot", Port: 7}}}
	odd := spec("ok", 0)
	odd.Services[0].Config = service.Config{"no_such": true}
	err := r.Set([]Spec{bad, odd, spec("ok", 0)})
	for _, want := range []string{"a b", "toaster", "localhost", "gopher", "port 7", "no_such", "earlier decky"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
	if len(r.Deckies()) != 0 {
		t.Error("a list with faults was taken")
	}
}
