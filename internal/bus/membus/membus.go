// Package membus is the bus inside one process: no server, no encoding, the
// same promises. natsbus stands on it for the listeners of its own process.
//
// Level 1: it may import bus and what bus may import.
package membus

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"go.cordon.dev/cordon/internal/bus"
	"go.cordon.dev/cordon/internal/event"
)

// Options are the parts of a bus that have a default.
type Options struct {
	Log    *slog.Logger         // If nil, discards.
	OnDrop func(pattern string) // Called for every event a slow listener loses; must return at once. If nil, only counted.
}

// Bus implements bus.Bus. New makes one.
type Bus struct {
	log    *slog.Logger
	onDrop func(string)

	mu     sync.RWMutex
	subs   map[*subscription]struct{}
	closed bool
}

var _ bus.Bus = (*Bus)(nil)

// New opens a bus.
func New(o Options) *Bus {
	b := &Bus{log: o.Log, onDrop: o.OnDrop, subs: map[*subscription]struct{}{}}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	if b.onDrop == nil {
		b.onDrop = func(string) {}
	}
	return b
}

// Publish implements bus.Bus.
func (b *Bus) Publish(ctx context.Context, e event.Event) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("publishing %s: %w", e.Topic, err)
	}
	if err := bus.Check(e); err != nil {
		return fmt.Errorf("publishing: %w", err)
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.closed {
		return fmt.Errorf("publishing %s: %w", e.Topic, bus.ErrClosed)
	}
	for s := range b.subs {
		if event.Match(s.pattern, e.Topic) && s.offer(e) {
			b.onDrop(s.pattern)
		}
	}
	return nil
}

// Subscribe implements bus.Bus.
func (b *Bus) Subscribe(pattern string, handle func(event.Event)) (bus.Subscription, error) {
	if err := event.CheckPattern(pattern); err != nil {
		return nil, fmt.Errorf("subscribing: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, fmt.Errorf("subscribing to %s: %w", pattern, bus.ErrClosed)
	}
	s := newSubscription(b, pattern, handle)
	b.subs[s] = struct{}{}
	go s.run()
	return s, nil
}

func (b *Bus) forget(s *subscription) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.subs, s)
}

// Close implements bus.Bus.
func (b *Bus) Close() error {
	b.mu.Lock()
	b.closed = true
	var open []*subscription
	for s := range b.subs {
		open = append(open, s)
	}
	b.mu.Unlock()
	for _, s := range open {
		s.Unsubscribe()
	}
	return nil
}
