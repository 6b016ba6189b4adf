package postgres

import (
	"io"
	"sync/atomic"
)

// What all clients of a decky hold at a time, and what of it each may have without
// asking: a small statement is always answered.
const (
	mostHeld = 64 << 20
	freeHeld = 64 << 10
)

// ledger counts bytes up to mostHeld.
type ledger struct{ used atomic.Int64 }

// change takes bytes, or gives them back when the number is negative, and reports
// whether there were so many.
func (l *ledger) change(bytes int64) bool {
	if l.used.Add(bytes) <= mostHeld || bytes <= 0 {
		return true
	}
	l.used.Add(-bytes)
	return false
}

// holdings is what one client holds, in bytes.
type holdings struct {
	of     *ledger
	heard  int // the message that is answered, and its words
	effort int // what its statements took so far: steps, and bytes that they made
	stored int // statements and portals
	kept   int // tables
	paid   int64
}

// settle makes the ledger agree with what is held, and reports whether there is so
// much.
func (a *holdings) settle() bool {
	owed := max(int64(a.heard+a.effort+a.stored+a.kept)-freeHeld, 0)
	if owed == a.paid {
		return true
	}
	if !a.of.change(owed - a.paid) {
		return false
	}
	a.paid = owed
	return true
}

// hears counts bytes of a message as they come.
func (a *holdings) hears(n int) bool {
	a.heard += n
	return a.settle()
}

// answered says that nothing is held of the last message.
func (a *holdings) answered() {
	a.heard, a.effort = 0, 0
	a.settle() // never more than before
}

// close gives all back.
func (a *holdings) close() {
	a.of.change(-a.paid)
	a.paid = 0
}

// counted reads what a client holds from then on.
type counted struct {
	r io.Reader
	a *holdings
}

// Read implements io.Reader.
func (c counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	if !c.a.hears(n) {
		return n, outOfMemory().as("FATAL")
	}
	return n, err
}
