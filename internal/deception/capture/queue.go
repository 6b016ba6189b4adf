package capture

import (
	"sync"

	"go.cordon.dev/cordon/internal/deception/service"
)

// What waits to be stored, at most. Whoever has more waits himself.
const (
	maxQueued      = 8_192
	maxQueuedBytes = 96 << 20
)

// queue holds observations in their order. It is bounded by number and by bytes; an
// observation that alone is larger than the bound is let into an empty one.
type queue struct {
	mu      sync.Mutex
	room    *sync.Cond
	items   []service.Observation
	bytes   int
	closed  bool
	refused uint64
	ready   chan struct{} // has a value when there is something to look at
}

func newQueue() *queue {
	q := &queue{ready: make(chan struct{}, 1)}
	q.room = sync.NewCond(&q.mu)
	return q
}

// put waits for room. After close it returns at once, and what it was given is
// counted as lost.
func (q *queue) put(o service.Observation) {
	size := sizeOf(o)
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.closed && len(q.items) > 0 && (len(q.items) >= maxQueued || q.bytes+size > maxQueuedBytes) {
		q.room.Wait()
	}
	if q.closed {
		q.refused++
		return
	}
	q.items = append(q.items, o)
	q.bytes += size
	if n := len(q.items); n == 1 || n == batchRows {
		q.ring()
	}
}

func (q *queue) ring() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// take returns what has waited longest: at most so many, and no more bytes than
// that unless one alone has them.
func (q *queue) take(most, bytes int) []service.Observation {
	q.mu.Lock()
	defer q.mu.Unlock()
	n, size := 0, 0
	for n < len(q.items) && n < most {
		next := sizeOf(q.items[n])
		if n > 0 && size+next > bytes {
			break
		}
		size += next
		n++
	}
	out := append([]service.Observation(nil), q.items[:n]...)
	clear(q.items[:n]) // what was taken is not held on to
	if q.items = q.items[n:]; len(q.items) == 0 {
		q.items = nil
	} else {
		q.ring()
	}
	q.bytes -= size
	q.room.Broadcast()
	return out
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items)
}

// close ends putting; what is in the queue can still be taken.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.room.Broadcast()
	q.ring()
}

func (q *queue) isClosed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed
}

func (q *queue) lost() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.refused
}

// overhead is about what an observation takes without what it holds.
const overhead = 256

// sizeOf is about how many bytes an observation keeps in memory.
func sizeOf(o service.Observation) int {
	n := overhead + len(o.Raw)
	for _, f := range o.Fields {
		n += len(f.Name) + len(f.Value)
	}
	if c := o.Credential; c != nil {
		n += len(c.Principal) + len(c.Secret)
		for _, f := range c.Details {
			n += len(f.Name) + len(f.Value)
		}
	}
	if a := o.Artifact; a != nil {
		n += len(a.Path) + len(a.Data)
	}
	if o.Frame != nil {
		n += len(o.Frame.Data)
	}
	return n
}
