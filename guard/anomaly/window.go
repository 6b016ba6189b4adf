package anomaly

import (
	"sync"
	"time"
)

// Window counts events of the last stretch of time, in memory that does not grow. It
// is safe for concurrent use.
type Window struct {
	part time.Duration

	mu     sync.Mutex
	newest tick
	used   bool
	ring   ring
}

// NewWindow counts over so long a time, which is at least 16 ns.
func NewWindow(length time.Duration) *Window {
	return &Window{part: max(1, length/slots)}
}

// Add counts an event. Those that are older than the newest by a whole window are
// not counted; up to that, their order does not matter.
func (w *Window) Add(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := tickAt(t, w.part)
	if !w.used {
		w.used, w.newest = true, at
	}
	w.newest, _ = w.ring.add(w.newest, at)
}

// Count is how many events were added in the window that ends with now; those of its
// oldest sixteenth may be missing. A part of time counts up to 65,535.
func (w *Window) Count(now time.Time) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.used {
		return 0
	}
	return w.ring.sum(w.newest, tickAt(now, w.part))
}
