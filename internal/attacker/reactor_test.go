package attacker

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
)

// memory is a Store that keeps what it was told.
type memory struct {
	mu     sync.Mutex
	log    []event.Record
	at     event.Cursor
	seen   []Observation
	broken error
}

func (m *memory) Cursor(context.Context, string) (event.Cursor, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at, m.broken
}

func (m *memory) Events(_ context.Context, after event.Cursor, limit int) (out []event.Record, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.log {
		if r.Cursor.Seq > after.Seq && len(out) < limit {
			out = append(out, r)
		}
	}
	return out, nil
}

func (m *memory) Observe(_ context.Context, _ string, next event.Cursor, all []Observation, _ string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken == nil {
		m.at, m.seen = next, append(m.seen, all...)
	}
	return m.broken
}

func (m *memory) put(e event.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.log = append(m.log, event.Record{Cursor: event.Cursor{Day: "2026-11-22", Seq: int64(len(m.log) + 1)}, Event: e})
}

func (m *memory) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken = err
}

func (m *memory) observed() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.seen)
}

// What was in the log, what comes, what cannot be read, and a store that goes away:
// everything is observed once.
func TestReactorFollowsTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, wake := &memory{}, make(chan struct{}, 1)
		started := event.SessionStarted{Contact: event.Contact{Decky: "web-1", Service: "ssh", SourceIP: "203.0.113.9", OccurredAt: noon}}
		for range batch + 10 {
			m.put(eventOf(t, started))
		}
		r, err := New(Deps{Store: m, Node: "n/attacker", Wake: wake})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- r.Run(ctx) }()
		synctest.Wait()
		if n := m.observed(); n != batch+10 {
			t.Errorf("%d observed at the start", n)
		}
		m.put(event.Event{ID: id.New(), Topic: event.TopicSessionStarted, Data: []byte("[]")})
		m.put(eventOf(t, started))
		wake <- struct{}{}
		synctest.Wait()
		if n := m.observed(); n != batch+11 {
			t.Errorf("%d observed behind one that cannot be read", n)
		}
		m.fail(errors.New("away"))
		m.put(eventOf(t, started))
		time.Sleep(time.Minute)
		m.fail(nil)
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if n := m.observed(); n != batch+12 {
			t.Errorf("%d observed after the store came back", n)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestReactorNeedsItsParts(t *testing.T) {
	for _, d := range []Deps{{}, {Store: &memory{}}, {Node: "n"}} {
		if _, err := New(d); err == nil {
			t.Errorf("%+v makes a reactor", d)
		}
	}
}
