package anchor

import (
	"encoding/binary"
	"math/bits"
)

// Find appends to hits the occurrences that begin in text[from:], ascending by
// start and then by literal, until len(hits) is cap(hits) or the text ends. next
// is where to go on, len(text) when done: all that begin before it are in hits,
// and none of the others. It allocates nothing.
//
// Occurrences at one place are delivered together, so hits needs room for at
// least s.Room() more; with less, next may be from.
func (s *Set) Find(text []byte, from int, hits []Hit) (_ []Hit, next int) {
	f := search{set: s, text: text, from: from, limit: len(text), base: len(hits), hits: hits}
	if len(s.windows) > 0 {
		f.run()
	}
	return f.hits, max(from, f.limit)
}

// search is a running Find. Windows are met in their order, literals not: one
// may begin after another and have its window before that of the other.
type search struct {
	set   *Set
	text  []byte
	from  int
	limit int // nothing is delivered that begins here or later
	base  int // where our hits begin
	hits  []Hit
}

// run marks and looks up one block after the other. The first is small if there
// is little room for hits, and each has at most twice the size of that before it,
// so that not much is marked again at the next call.
func (f *search) run() {
	var m marks
	words := (cap(f.hits) - f.base) / 16
	at := f.from
	for at < f.stop() && len(f.text)-at >= wordBits+overhang {
		words = min(max(words, 1), len(m))
		n := min(words, (len(f.text)-at-overhang)/wordBits)
		block := f.text[at : at+n*wordBits+overhang]
		f.set.fill(block, m[:n])
		f.lookUp(block, m[:n], at)
		at, words = at+n*wordBits, 2*words
	}
	if at < f.stop() {
		var end tail
		n := (copy(end[:], f.text[at:]) + wordBits - 1) / wordBits
		f.set.fill(end[:n*wordBits+overhang], m[:n])
		f.lookUp(end[:n*wordBits+overhang], m[:n], at)
	}
}

// stop is the first place where no window of a literal can stand that begins
// before the limit.
func (f *search) stop() int { return min(len(f.text), f.limit+f.set.reach) }

// lookUp compares the text with the literals at those of the marked places at
// which it has a hash that some window has. The block is what stands at a place of
// the text, and zeros behind it. Places are gone through some at a time, step by
// step: what comes of one is hard to foretell for a processor, what comes next not.
func (f *search) lookUp(block []byte, words []mark, at int) {
	f.set.sift(block, words)
	var all suspects
	n := 0
	for i, m := range words {
		for word := m.long; word != 0; word &= word - 1 {
			all[n] = f.set.index.suspect(f.set.index.long, block, i*wordBits+bits.TrailingZeros64(word))
			if n++; n == len(all) {
				f.compare(&all, n, at)
				n = 0
			}
		}
		for word := m.short; word != 0; word &= word - 1 {
			all[n] = f.set.index.suspect(f.set.index.short, block, i*wordBits+bits.TrailingZeros64(word))
			if n++; n == len(all) {
				f.compare(&all, n, at)
				n = 0
			}
		}
	}
	f.compare(&all, n, at)
}

// suspect is a place of a block that has a hash of a slot.
type suspect struct{ place, slot uint16 }

// suspects are so many that they are soon looked at while what they point to is
// fetched.
type suspects [32]suspect

func (x *index) suspect(key keyed, block []byte, i int) suspect {
	window := binary.LittleEndian.Uint32(block[i:i+windowSize]) | folds
	return suspect{uint16(i), uint16(slotOf(key.hash(window)))}
}

// compare delivers the literals that stand around the first n suspects of a block
// that is at a place of the text.
func (f *search) compare(all *suspects, n, at int) {
	x := f.set.index
	var parts [len(all)]uint8
	kept := 0
	for _, c := range all[:n] {
		place := at + int(c.place)
		if place < -narrowLow || len(f.text)-place <= narrowHigh {
			f.compareAtEdge(x.of(uint32(c.slot)), place)
			continue
		}
		left := x.narrows[x.which[c.slot%(1<<slotBits)]].among((*around)(f.text[place+narrowLow:]))
		all[kept], parts[kept] = c, left
		if left != 0 {
			kept++
		}
	}
	for i, c := range all[:kept] {
		f.compareParts(x.of(uint32(c.slot)), parts[i], at+int(c.place))
	}
}

// compareParts compares those parts of a slot's entries that have a bit: the first
// eight bytes of each at once.
func (f *search) compareParts(entries []entry, parts uint8, place int) {
	for ; parts != 0; parts &= parts - 1 {
		from, to := partAt(bits.TrailingZeros8(parts), len(entries))
		for i := range entries[from:to] {
			e := &entries[from+i]
			start := place - int(e.at)
			if binary.LittleEndian.Uint64(f.text[start:])&e.mask == e.value {
				f.deliver(e, start)
			}
		}
	}
}

// compareAtEdge is compare where eight bytes of text may not be there.
func (f *search) compareAtEdge(entries []entry, place int) {
	for i := range entries {
		e := &entries[i]
		start := place - int(e.at)
		if start < f.from {
			continue
		}
		var head [headSize]byte
		copy(head[:], f.text[min(start, len(f.text)):])
		if binary.LittleEndian.Uint64(head[:])&e.mask == e.value {
			f.deliver(e, start)
		}
	}
}

// deliver adds a literal of which the first bytes stand at start.
func (f *search) deliver(e *entry, start int) {
	if start < f.from || start >= f.limit || len(f.text)-start < int(e.size) {
		return
	}
	if e.size <= headSize || equalFold(f.text[start+headSize:], f.set.literals[e.literal][headSize:]) {
		f.add(Hit{start, e.literal})
	}
}

// add puts a hit where it belongs. When there is no room for it, nothing is
// delivered from the last place on that has hits.
func (f *search) add(h Hit) {
	if len(f.hits) == cap(f.hits) {
		f.cut(h)
		if h.Start >= f.limit {
			return
		}
	}
	i := len(f.hits)
	f.hits = append(f.hits, h)
	for ; i > f.base && f.hits[i-1].after(h); i-- {
		f.hits[i] = f.hits[i-1]
		f.hits[i-1] = h
	}
}

// cut lowers the limit to the greatest place that has hits, h's included, and
// takes back what is no longer to be delivered.
func (f *search) cut(h Hit) {
	f.limit = h.Start
	if n := len(f.hits); n > f.base {
		f.limit = max(f.limit, f.hits[n-1].Start)
	}
	for n := len(f.hits); n > f.base && f.hits[n-1].Start >= f.limit; n-- {
		f.hits = f.hits[:n-1]
	}
}
