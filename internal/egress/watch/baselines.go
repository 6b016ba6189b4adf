package watch

import (
	"container/list"
	"maps"
	"slices"

	"cmp"
)

// maxPairs bounds the pairs whose baselines are kept: some two kilobytes each.
// Of more, one that is still being learned goes first, so that who asks for a
// million hosts costs nothing that was learned.
const maxPairs = 4096

// Pair is a program and a host it talks to.
type Pair struct{ Program, Host string }

// Saved is a baseline as the store keeps it.
type Saved struct {
	Pair
	State []byte
}

// Baselines knows what each program usually sends to each host.
type Baselines struct {
	byPair map[Pair]*list.Element
	young  list.List // of *member that are being learned; front: seen last
	grown  list.List // of *member that may speak; likewise
	dirty  map[Pair]*member
	gone   map[Pair]bool
}

type member struct {
	Pair
	series series
	grown  bool
}

// observe counts a sample and returns what is unusual about it.
func (b *Baselines) observe(s Sample) []deviation {
	if !s.Allowed && !s.End {
		return nil
	}
	m := b.of(Pair{s.Program, s.Host})
	sent, asked := float64(max(s.BytesOut, 0)), 1.0
	if s.End {
		asked = 0
	}
	turned, found := m.series.add(s.Time, sent, asked)
	if turned || len(found) > 0 {
		b.dirty[m.Pair] = m
	}
	if !m.grown && m.series.warm() {
		e := b.byPair[m.Pair]
		b.young.Remove(e)
		m.grown = true
		b.byPair[m.Pair] = b.grown.PushFront(m)
	}
	for i := range found {
		found[i].Pair, found[i].at = m.Pair, s.Time
	}
	return found
}

// of finds a pair's baseline, or begins one.
func (b *Baselines) of(p Pair) *member {
	b.ready()
	if e := b.byPair[p]; e != nil {
		m := e.Value.(*member)
		b.listOf(m).MoveToFront(e)
		return m
	}
	m := &member{Pair: p}
	b.put(m)
	return m
}

func (b *Baselines) ready() {
	if b.byPair == nil {
		b.byPair, b.dirty, b.gone = map[Pair]*list.Element{}, map[Pair]*member{}, map[Pair]bool{}
	}
}

func (b *Baselines) listOf(m *member) *list.List {
	if m.grown {
		return &b.grown
	}
	return &b.young
}

func (b *Baselines) put(m *member) {
	if len(b.byPair) >= maxPairs {
		b.forget()
	}
	b.byPair[m.Pair] = b.listOf(m).PushFront(m)
	delete(b.gone, m.Pair)
}

// forget drops what was seen least recently.
func (b *Baselines) forget() {
	from := &b.young
	if from.Len() == 0 {
		from = &b.grown
	}
	m := from.Remove(from.Back()).(*member)
	delete(b.byPair, m.Pair)
	delete(b.dirty, m.Pair)
	if m.series.kept {
		b.gone[m.Pair] = true
	}
}

// restore takes stored baselines, those that were seen last at the end.
func (b *Baselines) restore(saved []Saved) {
	b.ready()
	for _, s := range saved {
		m := &member{Pair: s.Pair}
		if b.byPair[s.Pair] != nil || m.series.decode(s.State) != nil {
			continue
		}
		m.grown = m.series.warm()
		b.put(m)
	}
}

// changes are what the store does not have, in one order.
func (b *Baselines) changes() (saved []Saved, gone []Pair) {
	for _, p := range slices.SortedFunc(maps.Keys(b.dirty), comparePairs) {
		saved = append(saved, Saved{p, b.dirty[p].series.encode()})
	}
	return saved, slices.SortedFunc(maps.Keys(b.gone), comparePairs)
}

func (b *Baselines) stored() {
	for _, m := range b.dirty {
		m.series.kept = true
	}
	clear(b.dirty)
	clear(b.gone)
}

func comparePairs(a, b Pair) int {
	return cmp.Or(cmp.Compare(a.Program, b.Program), cmp.Compare(a.Host, b.Host))
}
