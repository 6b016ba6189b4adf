package api

import (
	"container/list"
	"context"
	"net/http"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

// How many answers are remembered for repeats, and for how long. Behind that,
// a repeated review stores the same judgement once more.
const (
	answersKept = 1024
	answersLife = 24 * time.Hour
)

// reviews serialises reviews and remembers the answers to those that carry an
// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header).
type reviews[T any] struct {
	one sync.Mutex // held while one review compares and stores

	clock clock.Clock
	mu    sync.Mutex
	byKey map[string]*list.Element
	order list.List // front: newest
}

type remembered[T any] struct {
	key, request string
	at           time.Time
	done         chan struct{} // closed when out is there, or when the request failed
	out          *T
}

func newReviews[T any](c clock.Clock) *reviews[T] {
	return &reviews[T]{clock: c, byKey: map[string]*list.Element{}}
}

// once runs do for the first request with a key and gives its answer to the
// repeats; failures are not remembered. A key that comes with another request
// is refused.
func (r *reviews[T]) once(ctx context.Context, key, request string, do func() (*T, error)) (*T, error) {
	for {
		m, first := r.claim(key, request)
		if m.request != request {
			return nil, invalid("header.Idempotency-Key", "was used for another request; use a new one")
		}
		if first {
			return r.settle(m, do)
		}
		select {
		case <-m.done:
		case <-ctx.Done():
			return nil, problem(http.StatusConflict, "the first request with this Idempotency-Key is still under way; try again")
		}
		if m.out != nil {
			return m.out, nil
		}
	}
}

// claim returns the memory of a key; first says that the caller is to fill it.
func (r *reviews[T]) claim(key, request string) (m *remembered[T], first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	if e, ok := r.byKey[key]; ok {
		if m = e.Value.(*remembered[T]); now.Sub(m.at) < answersLife {
			return m, false
		}
		r.remove(e)
	}
	if r.order.Len() >= answersKept {
		r.remove(r.order.Back())
	}
	m = &remembered[T]{key: key, request: request, at: now, done: make(chan struct{})}
	r.byKey[key] = r.order.PushFront(m)
	return m, true
}

// settle forgets the memory also when do panics: whoever finds it without an answer
// would look for it again and again.
func (r *reviews[T]) settle(m *remembered[T], do func() (*T, error)) (*T, error) {
	defer func() {
		if m.out == nil {
			r.forget(m)
		}
		close(m.done)
	}()
	out, err := do()
	if err != nil {
		return nil, err
	}
	m.out = out
	return out, nil
}

func (r *reviews[T]) forget(m *remembered[T]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.byKey[m.key]; ok && e.Value == m {
		r.remove(e)
	}
}

func (r *reviews[T]) remove(e *list.Element) {
	r.order.Remove(e)
	delete(r.byKey, e.Value.(*remembered[T]).key)
}
