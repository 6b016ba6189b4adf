package notify_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/notify/format/generic"
	"go.cordon.dev/cordon/internal/notify/notifytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hidden is part of every test webhook's path. It must never be written down.
const hidden = "PATH-IS-A-CREDENTIAL"

// rig is a notifier over an in-memory store and a clock that stands still.
type rig struct {
	t     *testing.T
	store *notifytest.Memory
	clock *clock.Fake
	deps  notify.Deps
	opts  notify.Options
	log   *buffer
	wake  chan struct{}
	n     *notify.Notifier
}

func newRig(t *testing.T) *rig {
	r := &rig{
		t: t, store: notifytest.NewMemory(), clock: clock.NewFake(time.Now().Truncate(time.Second)),
		log: &buffer{}, wake: make(chan struct{}, 1),
	}
	r.deps = notify.Deps{
		Queue: r.store, Ferry: r.store, Waiting: r.store, Subscriptions: r.store, Letters: r.store, Silences: r.store, Formats: []notify.Format{generic.New()},
		Sealer: sealer{'k'}, Guard: refuseAll, Node: "node-1/notify",
		Clock: r.clock, Wake: r.wake, Log: slog.New(slog.NewJSONHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	r.opts = notify.Options{Gather: -1, Retry: notify.Retry{Jitter: func(most time.Duration) time.Duration { return most }}}
	t.Cleanup(func() {
		if strings.Contains(r.log.String(), hidden) {
			t.Errorf("the log holds a webhook's path:\n%s", r.log.String())
		}
	})
	return r
}

// run starts the notifier; the returned function stops it and waits.
func (r *rig) run() (stop func()) {
	r.t.Helper()
	n, err := notify.New(r.deps, r.opts)
	if err != nil {
		r.t.Fatal(err)
	}
	r.n = n
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- n.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			r.t.Errorf("Run returned %v, want nil after it was told to stop", err)
		}
	})
	r.t.Cleanup(stop)
	return stop
}

// say appends n events to the log and wakes the notifier.
func (r *rig) say(n int) []event.Event {
	r.t.Helper()
	var es []event.Event
	for range n {
		es = append(es, notifytest.Event(r.t, r.clock.Now()))
	}
	if err := r.store.Append(context.Background(), es...); err != nil {
		r.t.Fatal(err)
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
	return es
}

// until waits for a condition; the clock stands.
func (r *rig) until(what string, ok func() bool) {
	r.t.Helper()
	r.pass(0, what, ok)
}

// pass lets time go by in steps until a condition holds.
func (r *rig) pass(step time.Duration, what string, ok func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("never happened: %s; the log ends\n%s", what, tail(r.log.String()))
		}
		if step > 0 {
			r.clock.Advance(step)
		}
	}
}

// tail is the end of a log.
func tail(s string) string { return s[max(0, len(s)-4000):] }

// states counts a subscription's deliveries by state.
func (r *rig) states(subscription string) map[notify.DeliveryState]int {
	count := map[notify.DeliveryState]int{}
	for _, d := range r.store.Deliveries(subscription) {
		count[d.State]++
	}
	return count
}

// attempted reports that n deliveries were attempted at least once.
func (r *rig) attempted(subscription string, n int) func() bool {
	return func() bool {
		ds := r.store.Deliveries(subscription)
		return len(slices.DeleteFunc(ds, func(d notify.Delivery) bool { return d.Attempts == 0 })) >= n
	}
}

func (r *rig) delivered(subscription string, n int) func() bool {
	return func() bool { return r.states(subscription)[notify.Delivered] == n }
}

func (r *rig) subscription(name string) notify.Subscription {
	r.t.Helper()
	subs, err := r.store.ListSubscriptions(context.Background())
	if err != nil {
		r.t.Fatal(err)
	}
	i := slices.IndexFunc(subs, func(s notify.Subscription) bool { return s.ID == name })
	if i < 0 {
		r.t.Fatalf("no subscription %q", name)
	}
	return subs[i]
}

// endpoint is a receiver that remembers what it got.
type endpoint struct {
	*httptest.Server
	mu   sync.Mutex
	got  []received
	code int
}

type received struct {
	header http.Header
	body   []byte
	id     string
}

// newEndpoint answers with answer, or with 204 when it is nil.
func newEndpoint(t *testing.T, answer http.HandlerFunc) *endpoint {
	ep := &endpoint{code: http.StatusNoContent}
	ep.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		ep.mu.Lock()
		ep.got = append(ep.got, received{req.Header.Clone(), body, req.Header.Get("webhook-id")})
		code := ep.code
		ep.mu.Unlock()
		if answer != nil {
			answer(w, req)
			return
		}
		w.WriteHeader(code)
	}))
	t.Cleanup(ep.Close)
	return ep
}

func (ep *endpoint) answer(code int) {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	ep.code = code
}

func (ep *endpoint) received() []received {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	return slices.Clone(ep.got)
}

// ids returns the webhook-ids in order of arrival.
func (ep *endpoint) ids() []string {
	var ids []string
	for _, g := range ep.received() {
		ids = append(ids, g.id)
	}
	return ids
}

// hook is a subscription to an endpoint of this machine.
func hook(name string, ep *endpoint) notify.Subscription {
	s := notifytest.Subscription(name, ep.URL+"/"+hidden+"?key="+hidden)
	s.AllowPrivate = true
	return s
}

func refuseAll(_, address string, _ syscall.RawConn) error {
	return errors.New("address " + address + " is not allowed")
}

// sealer is a stand-in for the authenticated cipher: it refuses what another
// key sealed, and its output differs on every call as with a nonce.
type sealer struct{ key byte }

func (s sealer) Seal(plain []byte) ([]byte, error) {
	out := []byte{byte(rand.N(256)), byte(rand.N(256)), s.key}
	for _, b := range plain {
		out = append(out, b^s.key)
	}
	return out, nil
}

func (s sealer) Open(sealed []byte) ([]byte, error) {
	if len(sealed) < 3 || sealed[2] != s.key {
		return nil, errors.New("sealed under another key")
	}
	var out []byte
	for _, b := range sealed[3:] {
		out = append(out, b^s.key)
	}
	return out, nil
}

// buffer is a log's destination.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }

func contains(b []byte, text string) bool { return bytes.Contains(b, []byte(text)) }

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// tell appends one event to the log and wakes the notifier.
func (r *rig) tell(severity event.Severity, p event.Payload) event.Event {
	r.t.Helper()
	e, err := event.New(event.Header{Time: r.clock.Now(), Source: "node-1/x", Severity: severity, Subject: "s"}, p)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.store.Append(context.Background(), e); err != nil {
		r.t.Fatal(err)
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
	return e
}
