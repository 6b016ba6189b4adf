package detect

import (
	"bytes"
	"slices"
)

// layer is a text in which rules are tried: the input's view, or what a decoder
// made of a part of its parent.
type layer struct {
	text   []byte
	parent *layer
	depth  int
	name   string
	// origin is where the text stood in the parent's; of the input it is nil. If
	// exact is false, that is always the whole encoded part.
	origin mapping
	exact  bool
	// inPlace is true of a text that is the parent's but for marks and glue.
	inPlace bool

	// What origins of the usual kinds are made of; see decode_layers.go.
	pieces  []piece
	view    collage
	stretch stretch
	run     run
	named   named
}

// mapping knows where a decoded text comes from.
type mapping interface {
	// span maps a stretch of the text, which is not empty, to the stretch of the
	// parent's text it was decoded from.
	span(i, j int) (from, to int)
}

func (l *layer) span(i, j int) (from, to int) { return l.origin.span(i, j) }

// seenThrough counts the layers whose marks and glue were taken away. A hit
// carried over from an earlier segment has none any more.
func (l *layer) seenThrough() int {
	n := 0
	for ; l != nil; l = l.parent {
		if l.inPlace {
			n++
		}
	}
	return n
}

// toRoot maps a stretch of the layer to the view, and says whether exactly.
func (l *layer) toRoot(i, j int) (from, to int, exact bool) {
	exact = true
	for ; l.parent != nil; l = l.parent {
		i, j = l.span(i, j)
		exact = exact && l.exact
	}
	return i, j, exact
}

// path lists the decoders from the outermost in; nil for the input itself.
func (l *layer) path() []string {
	var names []string
	for ; l.parent != nil; l = l.parent {
		names = append(names, l.name)
	}
	slices.Reverse(names)
	return names
}

// lineCounter knows how many lines lie before a segment.
type lineCounter struct {
	lines int
	last  int64 // offset after the last line end
}

// locate fills in line and column of hits that are sorted by place.
func (c lineCounter) locate(hits []hit, v view) {
	at := v.lo
	for i := range hits {
		to := int(hits[i].from - v.base)
		c.count(v, at, to)
		at = max(at, to)
		hits[i].finding.Line = c.lines + 1
		hits[i].finding.Column = int(hits[i].from-c.last) + 1
	}
}

// advance moves the counter over a segment.
func (c *lineCounter) advance(v view) { c.count(v, v.lo, v.hi) }

func (c *lineCounter) count(v view, from, to int) {
	if from >= to {
		return
	}
	part := v.text[from:to]
	if i := bytes.LastIndexByte(part, '\n'); i >= 0 {
		c.lines += bytes.Count(part, []byte{'\n'})
		c.last = v.base + int64(from+i+1)
	}
}
