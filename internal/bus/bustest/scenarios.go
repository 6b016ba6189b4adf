package bustest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/bus"
	"go.cordon.dev/cordon/internal/event"
)

const last = "test.last" // published at the end, so that a listener knows that no more comes

func fanOut(t *testing.T, p Pair) {
	var inboxes []*Inbox
	for range 5 {
		in, _ := Listen(t, p.Sub, "test.>")
		inboxes = append(inboxes, in)
	}
	e := Publish(t, p.Pub, Note{On: "test.a", N: 1})
	for i, in := range inboxes {
		if got := in.Wait(t, 1); got[0].ID != e.ID {
			t.Errorf("listener %d heard %s, want %s", i, got[0].ID, e.ID)
		}
	}
}

func wildcards(t *testing.T, p Pair) {
	topics := []string{"test", "test.a", "test.b", "test.a.x", "test.a.x.y", "other.a"}
	want := map[string]string{
		"test":     "test",
		"test.a":   "test.a",
		"test.*":   "test.a test.b test.last",
		"test.>":   "test.a test.b test.a.x test.a.x.y test.last",
		"*.a":      "test.a other.a",
		"test.*.x": "test.a.x",
		"*.*.>":    "test.a.x test.a.x.y",
	}
	all, _ := Listen(t, p.Sub, ">")
	inboxes := map[string]*Inbox{}
	for pattern := range want {
		inboxes[pattern], _ = Listen(t, p.Sub, pattern)
	}
	for _, topic := range append(topics, last) {
		Publish(t, p.Pub, Note{On: topic})
	}
	all.Wait(t, len(topics)+1)
	for pattern, in := range inboxes {
		in.Wait(t, len(strings.Fields(want[pattern])))
		if got := in.Topics(); got != want[pattern] {
			t.Errorf("%s heard %q, want %q", pattern, got, want[pattern])
		}
	}
}

func fidelity(t *testing.T, p Pair) {
	in, _ := Listen(t, p.Sub, "test.größe")
	sent := Publish(t, p.Pub, Note{On: "test.größe", N: -1, Text: "<script>&\u2028\x00\x1b[31m"})
	if diff := cmp.Diff(sent, in.Wait(t, 1)[0]); diff != "" {
		t.Errorf("event changed on its way (-sent +heard):\n%s", diff)
	}
}

func order(t *testing.T, p Pair) {
	const publishers, each = 4, 200 // less than QueueSize: nothing is dropped
	in, sub := Listen(t, p.Sub, "test.*")
	var wg sync.WaitGroup
	for from := range publishers {
		wg.Go(func() {
			for n := range each {
				if err := p.Pub.Publish(context.Background(), Event(t, Note{On: "test.a", From: from, N: n})); err != nil {
					t.Errorf("Publish: %v", err)
				}
			}
		})
	}
	wg.Wait()
	next := map[int]int{}
	for _, e := range in.Wait(t, publishers*each) {
		n := note(t, e)
		if n.N != next[n.From] {
			t.Fatalf("publisher %d: heard %d, want %d", n.From, n.N, next[n.From])
		}
		next[n.From]++
	}
	if sub.Dropped() != 0 {
		t.Errorf("%d events dropped", sub.Dropped())
	}
}

func note(t testing.TB, e event.Event) (n Note) {
	t.Helper()
	if err := e.Decode(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// stuck is a listener that stands in its first event until released.
type stuck struct {
	Inbox
	entered, release chan struct{}
	once             sync.Once
}

func listenStuck(t *testing.T, b bus.Bus, pattern string) (*stuck, bus.Subscription) {
	s := &stuck{entered: make(chan struct{}), release: make(chan struct{})}
	sub, err := b.Subscribe(pattern, func(e event.Event) {
		s.once.Do(func() { close(s.entered); <-s.release })
		s.add(e)
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, sub
}

func slowListener(t *testing.T, p Pair) {
	const extra = 100
	s, sub := listenStuck(t, p.Sub, "test.a")
	fast, _ := Listen(t, p.Sub, last)
	Publish(t, p.Pub, Note{On: "test.a", N: 0})
	<-s.entered
	for n := range bus.QueueSize + extra { // returns though nobody reads
		Publish(t, p.Pub, Note{On: "test.a", N: n + 1})
	}
	Publish(t, p.Pub, Note{On: last})
	fast.Wait(t, 1)
	if got := sub.Dropped(); got != extra {
		t.Errorf("%d events dropped, want %d", got, extra)
	}
	close(s.release)
	heard := s.Wait(t, 1+bus.QueueSize)
	for i, e := range heard[1:] {
		if got, want := note(t, e).N, extra+1+i; got != want {
			t.Fatalf("event %d after the jam is %d, want %d: the oldest are the ones to lose", i, got, want)
		}
	}
}

func slowAmongFast(t *testing.T, p Pair) {
	s, _ := listenStuck(t, p.Sub, "test.a")
	defer close(s.release)
	fast, sub := Listen(t, p.Sub, "test.a")
	for n := range 50 {
		Publish(t, p.Pub, Note{On: "test.a", N: n})
	}
	fast.Wait(t, 50)
	if sub.Dropped() != 0 {
		t.Errorf("the fast listener lost %d events", sub.Dropped())
	}
}

func unsubscribe(t *testing.T, p Pair) {
	s, sub := listenStuck(t, p.Sub, "test.a")
	all, _ := Listen(t, p.Sub, "test.>")
	Publish(t, p.Pub, Note{On: "test.a", N: 1})
	Publish(t, p.Pub, Note{On: "test.a", N: 2})
	<-s.entered
	done := make(chan struct{})
	go func() { defer close(done); sub.Unsubscribe() }()
	select {
	case <-done:
		t.Error("Unsubscribe returned while the handler was running")
	default:
	}
	close(s.release)
	<-done
	heard := len(s.Events())
	if heard == 0 {
		t.Error("Unsubscribe returned before the running handler did")
	}
	sub.Unsubscribe() // again: nothing
	Publish(t, p.Pub, Note{On: "test.a", N: 3})
	Publish(t, p.Pub, Note{On: last})
	all.Wait(t, 4)
	if got := len(s.Events()); got != heard {
		t.Errorf("%d events came after Unsubscribe", got-heard)
	}
}

func panics(t *testing.T, p Pair) {
	in := &Inbox{}
	_, err := p.Sub.Subscribe("test.a", func(e event.Event) {
		if note(t, e).N == 1 {
			panic("boom")
		}
		in.add(e)
	})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		Publish(t, p.Pub, Note{On: "test.a", N: n})
	}
	if got := in.Wait(t, 2); note(t, got[0]).N != 0 || note(t, got[1]).N != 2 {
		t.Errorf("heard %v, want all but the one that panicked", got)
	}
}

func closing(t *testing.T, p Pair) {
	s, sub := listenStuck(t, p.Sub, "test.a")
	Publish(t, p.Pub, Note{On: "test.a"})
	<-s.entered
	closed := make(chan error, 1)
	go func() { closed <- p.Sub.Close() }()
	close(s.release)
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
	if len(s.Events()) != 1 {
		t.Error("Close returned before the running handler did")
	}
	sub.Unsubscribe() // after Close: nothing
	if err := p.Sub.Publish(context.Background(), Event(t, Note{On: "test.a"})); !errors.Is(err, bus.ErrClosed) {
		t.Errorf("Publish after Close: %v, want ErrClosed", err)
	}
	if _, err := p.Sub.Subscribe("test.a", func(event.Event) {}); !errors.Is(err, bus.ErrClosed) {
		t.Errorf("Subscribe after Close: %v, want ErrClosed", err)
	}
	if err := p.Sub.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

func sizes(t *testing.T, p Pair) {
	in, _ := Listen(t, p.Sub, "test.a")
	for i, size := range []int{64 << 10, bus.MaxData} {
		e := Event(t, Note{On: "test.a"})
		e.Data = []byte(`"` + strings.Repeat("<", size-2) + `"`)
		if err := p.Pub.Publish(context.Background(), e); err != nil {
			t.Fatalf("payload of %d bytes: %v", size, err)
		}
		if got := in.Wait(t, i+1)[i]; string(got.Data) != string(e.Data) {
			t.Errorf("payload of %d bytes came as %d bytes", size, len(got.Data))
		}
	}
	e := Event(t, Note{On: "test.a"})
	e.Data = []byte(`"` + strings.Repeat("x", bus.MaxData-1) + `"`)
	err := p.Pub.Publish(context.Background(), e)
	if err == nil || !strings.Contains(err.Error(), "1048577 bytes is larger than 1048576") {
		t.Errorf("payload of one byte too many: error %v does not say so", err)
	}
}

func badInput(t *testing.T, p Pair) {
	bad := map[string]func(*event.Event){
		"wildcard topic": func(e *event.Event) { e.Topic = "test.>" },
		"empty topic":    func(e *event.Event) { e.Topic = "" },
		"no id":          func(e *event.Event) { e.ID = "" },
		"torn payload":   func(e *event.Event) { e.Data = []byte("{") },
		"severity":       func(e *event.Event) { e.Severity = 9 },
	}
	for name, spoil := range bad {
		e := Event(t, Note{On: "test.a"})
		spoil(&e)
		if err := p.Pub.Publish(context.Background(), e); err == nil {
			t.Errorf("%s: published", name)
		}
	}
	for _, pattern := range []string{"", "a..b", "a.>.b", "a b", "a.", "a*"} {
		if _, err := p.Sub.Subscribe(pattern, func(event.Event) {}); err == nil {
			t.Errorf("pattern %q: subscribed", pattern)
		}
	}
}

func endedContext(t *testing.T, p Pair) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := p.Pub.Publish(ctx, Event(t, Note{On: "test.a"})); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

// concurrent has listeners come and go while publishers publish, and the bus
// closed in the midst of it: the race detector and the deadlock are the judges.
func concurrent(t *testing.T, p Pair) {
	steady, _ := Listen(t, p.Sub, "test.>")
	var wg sync.WaitGroup
	for from := range 4 {
		wg.Go(func() {
			for n := range 100 {
				err := p.Pub.Publish(context.Background(), Event(t, Note{On: "test.a", From: from, N: n}))
				if err != nil {
					t.Errorf("Publish: %v", err)
				}
			}
		})
		wg.Go(func() {
			for range 50 {
				sub, err := p.Sub.Subscribe("test.*", func(event.Event) {})
				if err != nil {
					t.Errorf("Subscribe: %v", err)
					return
				}
				sub.Unsubscribe()
			}
		})
	}
	wg.Wait()
	steady.Wait(t, 400)
	for range 3 {
		wg.Go(func() { _ = p.Sub.Close() })
	}
	wg.Wait()
}
