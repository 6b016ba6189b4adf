package rule

import (
	"math/bits"
	"slices"

	"go.cordon.dev/cordon/internal/condition"
	"go.cordon.dev/cordon/internal/event"
)

// drawer are the steps that want a field to be equal to a text, or to begin or end with
// one, by that text or by so many bytes of it.
type drawer struct {
	handle
	steps map[string][]candidate
}

// handle says which drawer it is.
type handle struct {
	field Field
	how   condition.Compared
	bytes int // of the text, from its beginning or its end; 0: all
}

// of are the steps that a record may satisfy.
func (d *drawer) of(r *event.SecurityRecord) []candidate {
	text := d.field.Text(r)
	if len(text) < d.bytes {
		return nil
	}
	return d.steps[d.part(text)]
}

// part is what of a text finds its steps.
func (h handle) part(text string) string {
	switch h.how {
	case condition.Begins:
		return text[:h.bytes]
	case condition.Ends:
		return text[len(text)-h.bytes:]
	}
	return text
}

// put puts a step where it is found by the need that fewest texts satisfy, or among the
// others.
func (s *shelf) put(c candidate) {
	best, at := handle{}, -1
	for i, n := range c.needs {
		if h := n.handle(); h.narrower(best) {
			best, at = h, i
		}
	}
	if at < 0 {
		s.others = append(s.others, c)
		return
	}
	d, by := s.drawer(best), c.needs[at]
	if best.how == condition.Equal { // it holds of all that is found there
		c.needs = slices.Delete(slices.Clone(c.needs), at, at+1)
	}
	for _, text := range by.With {
		part := d.part(text)
		if !slices.ContainsFunc(d.steps[part], func(o candidate) bool { return o.rule == c.rule && o.step == c.step }) {
			d.steps[part] = append(d.steps[part], c)
		}
	}
}

// handle is that of the drawer for a need; the zero handle when there is none. Texts of
// 1, 2, 4 and so on bytes keep the drawers few.
func (n need) handle() handle {
	switch {
	case n.How == condition.Equal:
		return handle{field: n.of, how: n.How}
	case (n.How == condition.Begins || n.How == condition.Ends) && n.With[0] != "":
		return handle{n.of, n.How, 1 << (bits.Len(uint(len(n.With[0]))) - 1)}
	}
	return handle{}
}

// narrower reports whether fewer texts are in a drawer than in another, as far as can be
// told.
func (h handle) narrower(than handle) bool {
	if than.how == 0 || h.how == 0 || than.how == condition.Equal {
		return than.how == 0 && h.how != 0
	}
	return h.how == condition.Equal || h.bytes > than.bytes
}

func (s *shelf) drawer(h handle) *drawer {
	i := slices.IndexFunc(s.drawers, func(d drawer) bool { return d.handle == h })
	if i < 0 {
		i, s.drawers = len(s.drawers), append(s.drawers, drawer{h, map[string][]candidate{}})
	}
	return &s.drawers[i]
}
