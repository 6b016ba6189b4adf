package membus

import (
	"sync"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/redact"
)

// subscription is one listener: a bounded queue and the goroutine that empties
// it.
type subscription struct {
	bus     *Bus
	pattern string
	handle  func(event.Event)

	mu      sync.Mutex
	queue   ring
	dropped uint64

	wake    chan struct{} // holds one token when the queue may not be empty
	stop    chan struct{}
	stopped chan struct{}
	once    sync.Once
}

func newSubscription(b *Bus, pattern string, handle func(event.Event)) *subscription {
	return &subscription{
		bus: b, pattern: pattern, handle: handle,
		wake: make(chan struct{}, 1), stop: make(chan struct{}), stopped: make(chan struct{}),
	}
}

// offer queues an event and reports whether another was dropped for it.
func (s *subscription) offer(e event.Event) (dropped bool) {
	s.mu.Lock()
	if dropped = s.queue.push(e); dropped {
		s.dropped++
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return dropped
}

func (s *subscription) take() (event.Event, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.pop()
}

func (s *subscription) run() {
	defer close(s.stopped)
	for {
		select {
		case <-s.stop:
			return
		case <-s.wake:
		}
		s.drain()
	}
}

// drain hands out what is queued, and stops early when the listener leaves.
func (s *subscription) drain() {
	for {
		select {
		case <-s.stop:
			return
		default:
		}
		e, ok := s.take()
		if !ok {
			return
		}
		s.call(e)
	}
}

// call runs the handler. A panic costs that event only: the bus carries wake-ups
// for everyone and must outlive one listener's mistake.
func (s *subscription) call(e event.Event) {
	defer func() {
		if r := recover(); r != nil {
			s.bus.log.Error("handler panicked", "pattern", s.pattern, "topic", e.Topic, "event_id", e.ID,
				"panic", redact.Panic(r), "stack", redact.Stack())
		}
	}()
	s.handle(e)
}

// Unsubscribe implements bus.Subscription.
func (s *subscription) Unsubscribe() {
	s.once.Do(func() {
		s.bus.forget(s)
		close(s.stop)
	})
	<-s.stopped
}

// Dropped implements bus.Subscription.
func (s *subscription) Dropped() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dropped
}
