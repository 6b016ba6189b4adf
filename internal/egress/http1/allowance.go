package http1

import (
	"errors"
	"sync/atomic"
)

// ErrCrowded is the error of Fill when readers that share an Allowance have used
// it up.
var ErrCrowded = errors.New("too much is being read at a time")

// Allowance is how many bytes readers may hold together beyond the small buffer
// that each begins with: who sends long heads on thousands of connections, and ends
// none, takes no more. It is safe for concurrent use.
type Allowance struct{ left atomic.Int64 }

// NewAllowance makes one of that many bytes.
func NewAllowance(bytes int64) *Allowance {
	a := &Allowance{}
	a.left.Store(bytes)
	return a
}

func (a *Allowance) take(n int) bool {
	if a == nil || a.left.Add(-int64(n)) >= 0 {
		return true
	}
	a.left.Add(int64(n))
	return false
}

// Left is how much nobody holds now.
func (a *Allowance) Left() int64 { return a.left.Load() }

// Share has the reader grow only as far as a allows. It is called before the first
// Fill; without it a reader grows up to the limit it is given.
func (r *Reader) Share(a *Allowance) { r.shared = a }

// giveBack returns what the buffer took, which is no longer held.
func (r *Reader) giveBack() {
	if r.shared != nil {
		r.shared.left.Add(int64(r.took))
	}
	r.took = 0
}
