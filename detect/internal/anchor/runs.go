package anchor

import "math/bits"

// Span is a stretch text[Start:End].
type Span struct{ Start, End int }

// Runs appends to out the stretches of text[from:] that consist of at least
// least bytes of the class, as long as they can be, until len(out) is cap(out)
// or the text ends. next is where to go on, len(text) when done. What stands
// before from is not looked at: a stretch that has begun there begins at from.
// It allocates nothing, and costs the same whatever the text; where there are
// no vectors, less the fewer and the longer the stretches are.
func (c *Class) Runs(text []byte, least, from int, out []Span) (_ []Span, next int) {
	if c.kernel == Portable {
		return c.runsPortable(text, max(1, least), from, out)
	}
	r := runSearch{least: max(1, least), open: -1, next: -1, out: out}
	r.plan()
	r.search(c, text, from)
	if r.open >= 0 {
		r.report(r.open, len(text))
	}
	if r.next < 0 {
		r.next = max(from, len(text))
	}
	return r.out, r.next
}

// runSearch is a running search with vectors.
type runSearch struct {
	least int
	open  int // where the run begins that is long enough and not at its end; -1: there is none
	next  int // where to go on because there is no more room; -1: there is
	out   []Span
	steps [7]runStep
	count int // of the steps
}

// runStep makes of bits where so many members end the bits where more do. The last
// word that it was given is carried over to the next.
type runStep struct {
	shift uint8
	last  uint64
}

// plan prepares the steps that tell where so many members end as a run has at
// least: each doubles their number but for the last. Runs of more than a word are
// found as such of a word.
func (r *runSearch) plan() {
	for n := 1; n < r.whole(); r.count++ {
		step := min(n, r.whole()-n)
		r.steps[r.count].shift = uint8(step)
		n += step
	}
}

// whole is how many members the steps ask for.
func (r *runSearch) whole() int { return min(r.least, wordBits) }

// search classifies one block after the other, small ones where there is little
// room, so that not much is classified again at the next call.
func (r *runSearch) search(c *Class, text []byte, at int) {
	var m [blockSize]uint64
	words := min(1+(cap(r.out)-len(r.out))/2, len(m))
	for r.next < 0 && len(text)-at >= wordBits {
		n := min(words, (len(text)-at)/wordBits)
		c.classify(text[at:at+n*wordBits], m[:n])
		at = r.words(m[:n], at)
	}
	if rest := len(text) - at; r.next < 0 && rest > 0 {
		var t tail
		copy(t[:], text[at:])
		c.classify(t[:wordBits], m[:1])
		m[0] &= 1<<rest - 1
		r.words(m[:1], at)
	}
}

// words goes through marks of which the first stands for the byte at, and
// returns the place behind the last.
func (r *runSearch) words(words []uint64, at int) int {
	for _, word := range words {
		ends := word
		for k := range r.steps[:r.count] {
			step := &r.steps[k]
			before := ends
			ends &= ends<<(step.shift%wordBits) | step.last>>((wordBits-step.shift)%wordBits)
			step.last = before
		}
		if ends != 0 || r.open >= 0 {
			if r.word(word, ends, at); r.next >= 0 {
				return at
			}
		}
		at += wordBits
	}
	return at
}

// word handles the run that goes on from the word before, those that end within,
// and that which may go on in the next. In ends are the places where enough
// members end.
func (r *runSearch) word(word, ends uint64, at int) {
	if r.open >= 0 {
		n := bits.TrailingZeros64(^word)
		if n == wordBits {
			return
		}
		r.report(r.open, at+n)
		r.open = -1
		ends &= ^uint64(0) << n
	}
	for ends != 0 && r.next < 0 {
		i := bits.TrailingZeros64(ends)
		start, end := at+i+1-r.whole(), i+bits.TrailingZeros64(^(word>>i))
		if end == wordBits {
			r.open = start
			return
		}
		r.report(start, at+end)
		ends &= ^uint64(0) << end
	}
}

// report delivers a run that is long enough. If there is no room, the search ends
// and goes on there.
func (r *runSearch) report(start, end int) {
	switch {
	case end-start < r.least || r.next >= 0:
	case len(r.out) == cap(r.out):
		r.next = start
	default:
		r.out = append(r.out, Span{start, end})
	}
}

// runsPortable probes bytes at such distances that no run slips through.
func (c *Class) runsPortable(text []byte, least, from int, out []Span) ([]Span, int) {
	for i := from; i+least <= len(text); {
		k := i + least - 1
		for k >= i && c.member[text[k]] {
			k--
		}
		if k >= i {
			i = k + 1
			continue
		}
		if len(out) == cap(out) {
			return out, i
		}
		end := i + least
		for end < len(text) && c.member[text[end]] {
			end++
		}
		out = append(out, Span{i, end})
		i = end
	}
	return out, max(from, len(text))
}
