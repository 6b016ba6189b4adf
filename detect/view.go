package detect

import (
	"math"
	"sort"
)

// A view shows a part of a text rearranged: strings without the operators that
// put them together, a value behind its name. Nothing is decoded by it, so it
// consists of stretches of the text and some punctuation.

// collage is the text of a view with where each part comes from.
type collage struct {
	text  []byte
	parts []patch
}

// patch says that the collage's text from at on, up to the next patch, is the
// source's [from,to), or stands for it when the lengths differ.
type patch struct{ at, from, to int }

// keep appends src[from:to] as it is.
func (c *collage) keep(src []byte, from, to int) {
	if from < to {
		c.parts = append(c.parts, patch{len(c.text), from, to})
		c.text = append(c.text, src[from:to]...)
	}
}

// say appends words that stand for the source's [from,to), which is not empty.
func (c *collage) say(words string, from, to int) {
	c.parts = append(c.parts, patch{len(c.text), from, to})
	c.text = append(c.text, words...)
}

// span maps a stretch of the collage to the source: the shortest stretch that
// holds all it comes from.
func (c *collage) span(i, j int) (int, int) {
	k := max(0, sort.Search(len(c.parts), func(k int) bool { return c.parts[k].at > i })-1)
	from, to := math.MaxInt, 0
	for ; k < len(c.parts) && c.parts[k].at < max(j, i+1); k++ {
		p, end := c.parts[k], c.endOf(k)
		if end-p.at == p.to-p.from {
			p.from, p.to = p.from+max(0, i-p.at), p.to-max(0, end-j)
		}
		from, to = min(from, p.from), max(to, p.to)
	}
	return from, to
}

func (c *collage) endOf(k int) int {
	if k+1 < len(c.parts) {
		return c.parts[k+1].at
	}
	return len(c.text)
}

// newView returns a layer for a view in the making: its collage is the text.
func (w *sweep) newView() *layer {
	l := w.s.layers.take()
	l.view.text = l.text
	return l
}

// drop gives a view back that shows nothing.
func (w *sweep) drop(l *layer) {
	l.text = l.view.text
	w.s.layers.give(l)
}

// show scans a view.
func (w *sweep) show(l *layer, name string) {
	l.text = l.view.text
	from, to := l.view.span(0, len(l.text))
	if !w.s.allowed(w.l, from, to, int64(len(l.text))) {
		w.s.layers.give(l)
		return
	}
	l.exact, l.inPlace = true, true
	w.s.descend(l, w.l, name, &l.view)
}
