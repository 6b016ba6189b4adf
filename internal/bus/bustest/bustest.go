// Package bustest is the conformance suite of the bus: what every
// implementation promises, as tests.
//
// Level 1: test code; it may import bus and what bus may import.
package bustest

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/bus"
	"go.cordon.dev/cordon/internal/event"
)

// Pair is two ends of one bus: what one publishes the other hears. They are the
// same value where one end is all there is.
type Pair struct{ Pub, Sub bus.Bus }

// Run checks a bus. Open is called once per scenario and returns a fresh bus;
// the suite closes both ends.
func Run(t *testing.T, open func(t *testing.T) Pair) {
	scenarios := []struct {
		name string
		run  func(*testing.T, Pair)
	}{
		{"fans out to every matching listener", fanOut},
		{"matches patterns as NATS does", wildcards},
		{"delivers the event as it was", fidelity},
		{"keeps each publisher's order", order},
		{"drops the oldest of a slow listener and never blocks the publisher", slowListener},
		{"a slow listener does not slow others", slowAmongFast},
		{"Unsubscribe waits for the handler and ends delivery", unsubscribe},
		{"outlives a handler that panics", panics},
		{"Close waits for handlers and refuses what comes after", closing},
		{"carries 64 KiB and 1 MiB, and refuses more", sizes},
		{"refuses what is not an event or a pattern", badInput},
		{"refuses a publisher whose context has ended", endedContext},
		{"bears concurrent use", concurrent},
	}
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			p := open(t)
			t.Cleanup(func() { closeBoth(t, p) })
			s.run(t, p)
		})
	}
}

func closeBoth(t *testing.T, p Pair) {
	for _, b := range []bus.Bus{p.Pub, p.Sub} {
		if err := b.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
}

// Note is the payload of the suite's events.
type Note struct {
	On   string `json:"-"` // the topic
	From int    `json:"from"`
	N    int    `json:"n"`
	Text string `json:"text,omitempty"`
}

// Topic implements event.Payload.
func (n Note) Topic() (string, error) { return n.On, event.CheckTopic(n.On) }

// Schema implements event.Payload.
func (Note) Schema() int { return 1 }

// Event makes an event of a note.
func Event(t testing.TB, n Note) event.Event {
	t.Helper()
	h := event.Header{Time: time.Now(), Source: "node-1/bustest", Severity: event.High, Subject: "s <&> \u2028", CorrelationID: "c"}
	e, err := event.New(h, n)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Publish publishes a note and fails the test if the bus refuses it.
func Publish(t testing.TB, b bus.Bus, n Note) event.Event {
	t.Helper()
	e := Event(t, n)
	if err := b.Publish(context.Background(), e); err != nil {
		t.Fatalf("Publish: %v", err)
	}
	return e
}

// Inbox collects what a listener hears.
type Inbox struct {
	mu     sync.Mutex
	events []event.Event
}

// Listen subscribes an inbox to a pattern.
func Listen(t testing.TB, b bus.Bus, pattern string) (*Inbox, bus.Subscription) {
	t.Helper()
	in := &Inbox{}
	sub, err := b.Subscribe(pattern, in.add)
	if err != nil {
		t.Fatalf("Subscribe(%q): %v", pattern, err)
	}
	return in, sub
}

func (in *Inbox) add(e event.Event) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.events = append(in.events, e)
}

// Events is what has been heard so far.
func (in *Inbox) Events() []event.Event {
	in.mu.Lock()
	defer in.mu.Unlock()
	return append([]event.Event(nil), in.events...)
}

// Topics joins the topics of what has been heard so far.
func (in *Inbox) Topics() string {
	var topics []string
	for _, e := range in.Events() {
		topics = append(topics, e.Topic)
	}
	return strings.Join(topics, " ")
}

// Wait polls until n events are there.
func (in *Inbox) Wait(t testing.TB, n int) []event.Event {
	t.Helper()
	Eventually(t, fmt.Sprintf("%d events", n), func() bool { return len(in.Events()) >= n })
	return in.Events()
}

// Eventually polls until cond holds, and fails the test if it never does.
func Eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !cond(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		runtime.Gosched()
		time.Sleep(time.Millisecond)
	}
}

// Benchmark measures publishing to one listener, until it has heard all that
// it did not drop.
func Benchmark(b *testing.B, p Pair) {
	last := make(chan struct{})
	_, err := p.Sub.Subscribe("test.*", func(e event.Event) {
		if e.Topic == "test.last" {
			close(last)
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	e := Event(b, Note{On: "test.a", Text: strings.Repeat("x", 500)})
	for b.Loop() {
		if err := p.Pub.Publish(context.Background(), e); err != nil {
			b.Fatal(err)
		}
	}
	Publish(b, p.Pub, Note{On: "test.last"})
	<-last
}
