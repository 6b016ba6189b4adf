package ssh

import (
	"errors"
	"sync/atomic"
)

const (
	mostInput = 64 << 20 // bytes that all clients of a decky have sent and no program has read
	freeInput = 64 << 10 // of one channel, which do not count: a client can always type
)

// errInput ends a client when all clients together have sent too much that
// nobody reads.
var errInput = errors.New("more input than is kept of all clients is unread")

// ledger counts bytes up to a bound.
type ledger struct {
	used atomic.Int64
	most int64
}

// change takes so many bytes, or gives them back when n is negative, and reports
// whether there were so many.
func (l *ledger) change(n int64) bool {
	if l.used.Add(n) <= l.most || n <= 0 {
		return true
	}
	l.used.Add(-n)
	return false
}

// holds counts n bytes as what the channel has unread, and reports whether they
// may be kept. The caller holds mu.
func (ch *channel) holds(n int) bool {
	want := int64(max(n-freeInput, 0))
	if !ch.input.change(want - ch.paid) {
		return false
	}
	ch.paid = want
	return true
}
