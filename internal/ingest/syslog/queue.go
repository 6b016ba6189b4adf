package syslog

import (
	"slices"
	"sync"
	"time"
)

// mostWaiting bounds the lines that wait to be recorded, in bytes with what each
// costs beside its text.
const (
	mostWaiting = 16 << 20
	lineCost    = 128
)

// line is one message as it came.
type line struct {
	text     []byte
	received time.Time
}

func (l line) cost() int { return len(l.text) + lineCost }

// queue is the lines that wait. It is safe for concurrent use.
type queue struct {
	mu     sync.Mutex
	change sync.Cond
	lines  []line
	cost   int
	closed bool
	empty  chan struct{} // closed when the queue is, and all was taken
}

func newQueue() *queue {
	q := &queue{empty: make(chan struct{})}
	q.change.L = &q.mu
	return q
}

// offer adds a line if there is room.
func (q *queue) offer(l line) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.add(l)
}

// put adds a line when there is room; false when the queue was closed before.
func (q *queue) put(l line) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.closed && q.cost+l.cost() > mostWaiting {
		q.change.Wait()
	}
	return q.add(l)
}

func (q *queue) add(l line) bool {
	if q.closed || q.cost+l.cost() > mostWaiting {
		return false
	}
	q.lines, q.cost = append(q.lines, l), q.cost+l.cost()
	q.change.Broadcast()
	return true
}

// take waits for lines and returns up to most of them, none when the queue is
// closed and empty.
func (q *queue) take(most int) []line {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.lines) == 0 && !q.closed {
		q.change.Wait()
	}
	if len(q.lines) == 0 {
		return nil
	}
	n := min(most, len(q.lines))
	taken := slices.Clone(q.lines[:n])
	clear(q.lines[:n]) // so that their texts are not kept
	q.lines = q.lines[n:]
	for _, l := range taken {
		q.cost -= l.cost()
	}
	q.change.Broadcast()
	return taken
}

// close lets nothing more in.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.change.Broadcast()
}
