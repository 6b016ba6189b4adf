package dlp

import (
	"bytes"
	"container/list"
	"hash/maphash"
	"slices"
	"sync"
	"time"
)

// What is remembered of one program, and of how many. A piece is at most mostWord
// bytes, so that a program costs less than 8 KB.
const (
	mostBegun    = 16
	mostLooseOld = 12
	mostTried    = 1 << 11 // pairs that are known to make no secret
	mostPrograms = 512
)

// trails are what programs sent lately that may be a part of a secret. What was
// not asked for in Limits.Recall is wiped.
type trails struct {
	recall time.Duration
	seed   maphash.Seed

	mu    sync.Mutex
	by    map[string]*list.Element
	order list.List // of *trail, that used last in front
	timer *time.Timer
}

func newTrails(recall time.Duration) *trails {
	return &trails{recall: recall, seed: maphash.MakeSeed(), by: map[string]*list.Element{}}
}

// of finds what is remembered of a program, and forgets the one that was silent
// longest when there are too many.
func (t *trails) of(program string) *trail {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.by[program]; e != nil {
		t.order.MoveToFront(e)
		e.Value.(*trail).used = time.Now()
		return e.Value.(*trail)
	}
	if t.order.Len() >= mostPrograms {
		t.drop(t.order.Back())
	}
	one := &trail{all: t, program: program, used: time.Now()}
	t.by[program] = t.order.PushFront(one)
	return one
}

func (t *trails) drop(e *list.Element) {
	one := e.Value.(*trail)
	one.forget(time.Time{})
	t.order.Remove(e)
	delete(t.by, one.program)
}

// arm has what is remembered wiped in time.
func (t *trails) arm() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer == nil {
		t.timer = time.AfterFunc(t.recall, t.sweep)
	}
}

// sweep wipes what is old, and comes again as long as something is remembered.
func (t *trails) sweep() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.timer = nil
	old := time.Now().Add(-t.recall)
	for e := t.order.Back(); e != nil; {
		next := e.Prev()
		one := e.Value.(*trail)
		if one.forget(old) && one.used.Before(old) { // else somebody may be about to add to it
			t.drop(e)
		}
		e = next
	}
	if t.order.Len() > 0 {
		t.timer = time.AfterFunc(t.recall/2, t.sweep)
	}
}

// trail is what one program sent.
type trail struct {
	all     *trails
	program string
	used    time.Time // under all.mu

	mu           sync.Mutex
	begun, loose []shred // the oldest first
	names        []shred // that it asked for; see names.go
	tried        map[uint64]struct{}
}

// shred is a piece that was sent.
type shred struct {
	text    []byte
	message uint64
	at      time.Time
	chained bool // it was sent in pieces itself
	small   bool // as of a piece
}

// waits says whether something was begun that a word may finish.
func (t *trail) waits() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.begun) > 0
}

// forget wipes what is older than a moment, or, if that is zero, all; and says
// whether nothing is left.
func (t *trail) forget(than time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.begun, t.loose, t.names = wiped(t.begun, than), wiped(t.loose, than), wiped(t.names, than)
	if len(t.begun)+len(t.loose) == 0 {
		t.tried = nil
	}
	return len(t.begun)+len(t.loose)+len(t.names) == 0
}

func wiped(all []shred, than time.Time) []shred {
	kept := all[:0]
	for _, s := range all {
		if !than.IsZero() && s.at.After(than) {
			kept = append(kept, s)
			continue
		}
		clear(s.text)
	}
	clear(all[len(kept):])
	return kept
}

// keep remembers a piece, in the place of the oldest if there are too many. One that
// is there already becomes the newest, and stays what it was.
func keep(all []shred, s shred, most int) []shred {
	at := slices.IndexFunc(all, func(old shred) bool { return bytes.Equal(old.text, s.text) })
	switch {
	case at >= 0:
		s = all[at]
		all = slices.Delete(all, at, at+1)
	case len(all) >= most:
		clear(all[0].text)
		all = slices.Delete(all, 0, 1)
		fallthrough
	default:
		s.text = bytes.Clone(s.text)
	}
	s.at = time.Now()
	return append(all, s)
}

// pairs are what the pieces of a message make with those of others, and of its own; the
// pieces are remembered.
func (t *trail) pairs(message uint64, pieces []piece) *pairs {
	out := &pairs{}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range pieces {
		for _, b := range t.begun {
			t.pair(out, b, message, b.text, p.text, p)
		}
		if !p.begun {
			continue
		}
		for _, l := range t.loose {
			t.pair(out, l, message, p.text, l.text, p)
		}
		t.within(out, message, p, pieces)
	}
	for _, p := range pieces {
		switch {
		case p.begun:
			t.begun = keep(t.begun, p.shred(message), mostBegun)
		case p.loose:
			t.loose = keep(t.loose, p.shred(message), mostLooseOld)
		}
	}
	return out
}

// within notes what a beginning makes with the other pieces of its text.
func (t *trail) within(out *pairs, message uint64, begun piece, pieces []piece) {
	for _, p := range pieces {
		if p.at != begun.at {
			t.pair(out, begun.shred(message), message, begun.text, p.text, p)
		}
	}
}

// shred is the piece as it is remembered.
func (p piece) shred(message uint64) shred {
	return shred{text: p.text, message: message, small: p.small}
}

// pair notes two pieces that are to be looked at together, unless they were. Of one
// message they are only where few words stand beside them: a long text has words
// enough that make a secret by chance.
func (t *trail) pair(out *pairs, old shred, message uint64, left, right []byte, p piece) {
	same := old.message == message
	if same && !(old.small && p.small) || len(out.text) > mostPaired || bytes.Equal(left, right) {
		return
	}
	var h maphash.Hash
	h.SetSeed(t.all.seed)
	_, _ = h.Write(left)
	_ = h.WriteByte(0)
	_, _ = h.Write(right)
	if _, done := t.tried[h.Sum64()]; done {
		return
	}
	if len(t.tried) >= mostTried || t.tried == nil {
		t.tried = make(map[uint64]struct{}, mostBegun)
	}
	t.tried[h.Sum64()] = struct{}{}
	out.add(left, right, p, old.chained, same)
}

// bytes is how much is remembered of all programs.
func (t *trails) bytes() (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for e := t.order.Front(); e != nil; e = e.Next() {
		n += e.Value.(*trail).bytes()
	}
	return n
}

func (t *trail) bytes() (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, all := range [...][]shred{t.begun, t.loose, t.names} {
		for _, s := range all {
			n += len(s.text)
		}
	}
	return n
}
