// Package window puts together what one sender says in several messages, so
// that a secret that was split over them is seen when it is complete.
//
//	w := window.New(window.Limits{})
//	passed := w.Offer(sender, message, func(joints []window.Joint) bool { ... scan each joint's text ... })
//
// It keeps the edges of the strings of each sender's last messages, within
// bounds of number and bytes, and scans nothing itself. It may import bzzzlog
// and the standard library.
package window

import (
	"cmp"
	"container/list"
	"hash/maphash"
	"slices"
	"sync"
)

// Limits bound a window. Zero fields have defaults.
type Limits struct {
	Messages int // of one sender. If 0, 4.
	Strings  int // of one message. If 0, 16.
	Edge     int // bytes of either end of a string. If 0, 256.
	Bytes    int // of all senders together. If 0, 32 MiB.
}

func (l Limits) withDefaults() Limits {
	return Limits{
		Messages: cmp.Or(l.Messages, 4), Strings: cmp.Or(l.Strings, 16),
		Edge: cmp.Or(l.Edge, 256), Bytes: cmp.Or(l.Bytes, 32<<20),
	}
}

// Message is one message of a sender.
type Message struct {
	ID   string
	Seq  uint64 // the sender's number, by which its messages are ordered
	Data []byte
}

// Joint is what two or more messages say in a row.
type Joint struct {
	Text  []byte
	Spans []Span // of Text, one for each message, in their order
}

// Span is what one message gave to a joint: Text[From:To].
type Span struct {
	ID       string
	From, To int
	Own      bool // it is of the message that was added
}

// Across returns the ids of the messages that lie in [from, to) of the text, if
// they are several and the message that was added is among them.
func (j Joint) Across(from, to int) []string {
	var ids []string
	own := false
	for _, s := range j.Spans {
		if s.From < to && from < s.To {
			ids, own = append(ids, s.ID), own || s.Own
		}
	}
	ids = slices.Compact(ids)
	if !own || len(ids) < 2 {
		return nil
	}
	return ids
}

// Window holds the last messages of senders. It is safe for concurrent use.
type Window struct {
	limits Limits
	seed   maphash.Seed

	turns [64]sync.Mutex // one sender's messages are judged one after another

	mu      sync.Mutex
	senders map[string]*list.Element // of *sender
	recent  *list.List               // the one who spoke last is first
	bytes   int
}

type sender struct {
	name   string
	pieces []piece // in the order of their arrival
	bytes  int
}

// New returns an empty window.
func New(l Limits) *Window {
	return &Window{limits: l.withDefaults(), seed: maphash.MakeSeed(), senders: map[string]*list.Element{}, recent: list.New()}
}

// Offer asks passes what is to become of a message, given what it says together
// with the others of its sender, and keeps it if it passes. Of one sender's
// messages one is asked about at a time: two halves of a secret that come at
// once would otherwise each complete the other.
func (w *Window) Offer(name string, m Message, passes func([]Joint) bool) bool {
	turn := &w.turns[maphash.String(w.seed, name)%uint64(len(w.turns))]
	turn.Lock()
	defer turn.Unlock()
	if !passes(w.add(name, m)) {
		w.remove(name, m.ID)
		return false
	}
	w.trim(name)
	return true
}

// trim drops what is one too many: a message that is withheld drops nothing.
func (w *Window) trim(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.senders[name]
	if e == nil { // forgotten in the meantime
		return
	}
	if s := e.Value.(*sender); len(s.pieces) > w.limits.Messages {
		w.drop(s, 0)
	}
}

func (w *Window) add(name string, m Message) []Joint {
	p := w.limits.cut(m)
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.sender(name)
	s.pieces = append(s.pieces, p)
	s.bytes, w.bytes = s.bytes+p.size(), w.bytes+p.size()
	for w.bytes > w.limits.Bytes && w.recent.Len() > 1 {
		w.forget(w.recent.Back())
	}
	return join(s.pieces, len(s.pieces)-1)
}

// remove takes a message out: it reached nobody.
func (w *Window) remove(name, id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.senders[name]
	if e == nil {
		return
	}
	s := e.Value.(*sender)
	if i := slices.IndexFunc(s.pieces, func(p piece) bool { return p.id == id }); i >= 0 {
		w.drop(s, i)
	}
}

// Bytes is how much the window holds.
func (w *Window) Bytes() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bytes
}

func (w *Window) sender(name string) *sender {
	if e := w.senders[name]; e != nil {
		w.recent.MoveToFront(e)
		return e.Value.(*sender)
	}
	s := &sender{name: name}
	w.senders[name] = w.recent.PushFront(s)
	return s
}

func (w *Window) drop(s *sender, i int) {
	size := s.pieces[i].size()
	s.bytes, w.bytes = s.bytes-size, w.bytes-size
	s.pieces = slices.Delete(s.pieces, i, i+1)
}

func (w *Window) forget(e *list.Element) {
	s := w.recent.Remove(e).(*sender)
	delete(w.senders, s.name)
	w.bytes -= s.bytes
}
