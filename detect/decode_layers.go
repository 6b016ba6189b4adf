package detect

// Layers are used again, with the memory of their texts, so that decoding costs a
// scan no garbage. A layer is free once nothing that was found refers to it.

const (
	keptText   = 256 << 10 // the longest text whose memory is kept
	keptLayers = 32        // how many layers are, from scan to scan
)

// layers is a session's supply.
type layers struct {
	free []*layer
	held []*layer // by hits, until the segment is settled
}

// take returns a layer to be filled, whose text is empty.
func (p *layers) take() *layer {
	n := len(p.free)
	if n == 0 {
		return &layer{}
	}
	l := p.free[n-1]
	p.free = p.free[:n-1]
	return l
}

// give takes a layer back and wipes it.
func (p *layers) give(l *layer) {
	clear(l.text)
	kept := layer{text: l.text[:0], pieces: l.pieces[:0], view: collage{parts: l.view.parts[:0]}}
	if cap(kept.text) > keptText {
		kept.text = nil
	}
	if cap(kept.pieces)+cap(kept.view.parts) > keptText/16 {
		kept.pieces, kept.view.parts = nil, nil
	}
	*l = kept
	p.free = append(p.free, l)
}

// settle takes back what hits refer to no longer.
func (p *layers) settle() {
	for _, l := range p.held {
		p.give(l)
	}
	clear(p.held)
	p.held = p.held[:0]
	if len(p.free) > keptLayers {
		clear(p.free[keptLayers:])
		p.free = p.free[:keptLayers]
	}
}

// descend scans one decoded text, which is parent's but not its own any more.
func (s *session) descend(child, parent *layer, name string, from mapping) {
	child.parent, child.depth, child.name, child.origin = parent, parent.depth+1, name, from
	n := len(s.hits)
	s.match(child, 0, len(child.text))
	s.peel(child, 0, len(child.text))
	if len(s.hits) > n {
		s.layers.held = append(s.layers.held, child)
		return
	}
	s.layers.give(child)
}
