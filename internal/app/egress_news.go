package app

import "sync"

// news wakes everybody who waits for it, once for each time that it is told.
type news struct {
	mu   sync.Mutex
	wake chan struct{} // closed when it is told
}

func newNews() *news { return &news{wake: make(chan struct{})} }

// next is closed the next time that it is told.
func (n *news) next() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.wake
}

func (n *news) tell() {
	n.mu.Lock()
	defer n.mu.Unlock()
	close(n.wake)
	n.wake = make(chan struct{})
}
