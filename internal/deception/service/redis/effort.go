package redis

import "sync/atomic"

// maxEffort bounds the steps of one request, those of a transaction or script
// included. The real server would answer nobody for hours.
const maxEffort = 4 << 20

// spend counts steps that a command is about to take, and reports whether it
// may.
func (k *call) spend(n int) bool {
	k.c.effort += max(n, 0)
	return k.c.effort <= maxEffort
}

// afford is spend that tells the client when it may not.
func (k *call) afford(n int) bool {
	if !k.spend(n) {
		k.r.fail(errMemory)
		return false
	}
	return true
}

// cost is about what a command takes that looks at the whole of its keys, or
// without keys at all of them. What the real server calls fast may still have
// to move what lies behind the place that it changes.
func (k *call) cost() int {
	keys := k.cmd.keys(k.args)
	n := len(k.args)
	if len(keys) == 0 && !k.cmd.is("fast") {
		n += k.db.keys.len()
	}
	for _, key := range keys {
		v, _ := k.db.keys.get(key)
		switch {
		case v == nil:
		case v.kind == kString:
			n += v.len() / 8
		case k.cmd.is("fast"):
			n += v.len() / 16
		default:
			n += v.len()
		}
	}
	return n
}

// matches is the function with its cost: a pattern that takes too long finds
// nothing more.
func (k *call) matches(pattern, s string, fold bool) bool {
	return k.spend(len(pattern)*max(len(s), 1)/16) && matches(pattern, s, fold)
}

// What lies in memory between a client and the keyspace: requests that are
// being read, replies and messages that wait. The first bytes of each request
// and reply are free, so that nobody keeps others from being heard.
const (
	maxTransit     = 128 << 20
	maxTransitEach = 24 << 20 // of one attacker
	free           = 64 << 10
)

// ledger counts bytes up to a bound, and in the ledger above it.
type ledger struct {
	used  atomic.Int64
	most  int64
	above *ledger
}

func (l *ledger) take(n int64) bool {
	if l == nil {
		return true
	}
	if l.used.Add(n) <= l.most && l.above.take(n) {
		return true
	}
	l.used.Add(-n)
	return false
}

func (l *ledger) give(n int64) {
	for ; l != nil; l = l.above {
		l.used.Add(-n)
	}
}

// loan is what one client has taken from a ledger for its request and reply.
type loan struct {
	from *ledger
	size int64 // of request and reply together
	paid int64 // taken
}

// need says that n more bytes are held.
func (l *loan) need(n int64) bool {
	if l == nil {
		return true
	}
	if l.size += n; l.size <= l.paid+free {
		return true
	}
	if !l.from.take(l.size - l.paid) {
		l.size -= n // it is not held: there may be room for an answer that says so
		return false
	}
	l.paid = l.size
	return true
}

// shrink says that no more than so many bytes are held any more.
func (l *loan) shrink(size int64) {
	if l.size = size; l.paid > size {
		l.from.give(l.paid - size)
		l.paid = size
	}
}

// done gives back all but what is free of the bytes that are still held.
func (l *loan) done(held int) {
	l.from.give(l.paid)
	l.size, l.paid = int64(held), 0
}
