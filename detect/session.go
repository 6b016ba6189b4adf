package detect

import (
	"bytes"
	"slices"
)

// session is the scratch space of one running scan; it is pooled.
type session struct {
	rs      *RuleSet
	view    view
	report  *Report
	limit   *limit
	budget  int64
	hits    []hit
	windows []window // per rule: where the regex is still to be tried
	open    []int32  // rules with a window
	tried   []int    // per rule: nothing before this offset is tried again
	reached []int    // per rule: end of what its matches hold so far
	spent   []int    // per rule: bytes tried so far
}

// window is a stretch text[from:to] around keywords; empty if to is 0.
type window struct{ from, to int }

// hit is a finding with what it takes to weigh it against others.
type hit struct {
	finding    Finding
	layer      *layer // nil when carried over from an earlier segment
	start, end int    // in the layer
	depth      int
	exact      bool // from and to hold nothing but this secret
	from       int64
	to         int64 // in the input
	compiled   *compiled
}

func newSession(rs *RuleSet) *session {
	n := len(rs.active)
	return &session{rs: rs, windows: make([]window, n), tried: make([]int, n), reached: make([]int, n), spent: make([]int, n)}
}

// release drops everything that refers to the input.
func (s *session) release() {
	clear(s.hits[:cap(s.hits)])
	s.hits, s.view, s.report, s.limit = s.hits[:0], view{}, nil, nil
}

// scan returns the findings that a segment owns, sorted by place. The slice is
// valid until the next call.
func (s *session) scan(v view, report *Report) []hit {
	s.view, s.report, s.budget = v, report, s.rs.opts.MaxDecoded
	if s.limit != nil {
		s.budget = min(s.budget, s.limit.left.Load())
		defer s.settle(s.budget)
	}
	clear(s.hits)
	s.hits = s.hits[:0]
	root := &layer{text: v.text}
	s.match(root, v.lo, min(len(v.text), v.hi+s.rs.context))
	s.peel(root, v.lo, v.hi)
	slices.SortStableFunc(s.hits, byPlace)
	return s.hits
}

// settle takes what a segment used of its budget off that of the whole input.
func (s *session) settle(budget int64) { s.limit.left.Add(s.budget - budget) }

// spend counts decoded bytes.
func (s *session) spend(n int64) {
	s.budget -= n
	s.report.Decoded += n
	if s.limit != nil {
		s.limit.decoded.Add(n)
	}
}

// match runs the rules over a layer; literals are looked for in text[lo:hi].
func (s *session) match(l *layer, lo, hi int) {
	clear(s.tried)
	clear(s.reached)
	clear(s.spent)
	rs := s.rs
	rs.anchors.find(l.text[lo:hi], func(id int32, at int) {
		for _, a := range rs.owners[id] {
			if a.leading {
				s.tryAt(l, rs.active[a.rule], lo+at)
			} else {
				s.tryAround(l, rs.active[a.rule], lo+at)
			}
		}
	})
	for _, i := range s.open {
		s.flush(l, rs.active[i])
	}
	s.open = s.open[:0]
	for _, i := range rs.always {
		s.search(l, rs.active[i], max(0, lo-1), len(l.text))
	}
}

// patience is how many times the length of a text a rule may try of it place by
// place.
const patience = 4

// tryAt runs the regex anchored at a literal its matches begin with, also
// within an earlier match: what begins in it and ends behind it is another
// secret, while what ends with it is the same seen from a later name. In a text
// that lures it into too many long tries, the places are searched as one instead,
// which takes linear time.
func (s *session) tryAt(l *layer, c *compiled, at int) {
	if at < s.tried[c.index] || !c.gate.open(l.text, at) || c.head != nil && !c.head.match(l.text, at) {
		return
	}
	s.tried[c.index] = at + 1
	if s.spent[c.index] > patience*(len(l.text)+c.span) {
		s.tryAround(l, c, at)
		return
	}
	re, from, to := c.whole.at(l.text, at)
	s.spent[c.index] += to - from
	m := re.FindSubmatchIndex(l.text[from:to])
	if m == nil {
		return
	}
	m[0] = at - from
	if end := from + m[1]; end > s.reached[c.index] && (s.record(l, c, m, from, to) || s.allowsMatch(c, l.text[at:end])) {
		s.reached[c.index] = end
	}
}

// tryAround asks for the regex to be run around a literal that a match holds.
// Overlapping stretches become one, so that the work stays linear.
func (s *session) tryAround(l *layer, c *compiled, at int) {
	from, to := max(0, at-c.before-1), min(len(l.text), at+max(c.span, c.behind)+1)
	w := &s.windows[c.index]
	switch {
	case w.to == 0:
		s.open = append(s.open, c.index)
		*w = window{from, to}
	case from <= w.to:
		w.to = max(w.to, to)
	default:
		s.search(l, c, w.from, w.to)
		*w = window{from, to}
	}
}

func (s *session) flush(l *layer, c *compiled) {
	w := &s.windows[c.index]
	s.search(l, c, w.from, w.to)
	*w = window{}
}

// search records every match in text[from:to]. A match that begins at the cut
// edge of a window may be half of something and holds no keyword.
func (s *session) search(l *layer, c *compiled, from, to int) {
	for at := from; at < to; {
		m := c.search.FindSubmatchIndex(l.text[at:to])
		if m == nil {
			return
		}
		cut := m[0] == 0 && at > 0 && at == from
		next := at + max(1, m[0]+1)
		if !cut && (s.record(l, c, m, at, to) || s.allowsMatch(c, l.text[at+m[0]:at+m[1]])) {
			next = at + max(1, m[1])
		}
		at = next
	}
}

// record turns a match into a hit unless something speaks against it. The
// match's indices count from the offset from; the regex saw no further than to.
func (s *session) record(l *layer, c *compiled, m []int, from, to int) bool {
	g := 2 * c.group
	if m[g] < 0 {
		g = 0
	}
	start, end := from+m[g], from+m[g+1]
	if end == to {
		end = grow(l.text, end)
	}
	if start == end || l.parent == nil && !s.owns(from+m[0]) || s.allowsMatch(c, l.text[from+m[0]:from+m[1]]) {
		return false
	}
	confidence, end, ok := s.judge(l, c, start, end)
	if !ok {
		return false
	}
	h := hit{layer: l, start: start, end: end, depth: l.depth, compiled: c}
	a, b, exact := l.toRoot(start, end)
	h.exact = exact
	if l.parent != nil && !s.owns(a) || s.inlineAllowed(a, b) {
		return false
	}
	h.from, h.to = s.view.base+int64(a), s.view.base+int64(b)
	h.finding = newFinding(c.rule, l, h, confidence)
	s.hits = append(s.hits, h)
	return true
}

func newFinding(r *Rule, l *layer, h hit, confidence float64) Finding {
	secret := l.text[h.start:h.end]
	return Finding{
		Rule: r, Start: h.from, End: h.to, Secret: NewSecret(secret), Redacted: Redact(secret, r.SecretType),
		Confidence: confidence, Severity: r.Severity, Decoders: l.path(),
	}
}

// owns says whether the segment is responsible for what begins at offset at.
func (s *session) owns(at int) bool { return at >= s.view.lo && at < s.view.hi }

func (s *session) inlineAllowed(a, b int) bool {
	return s.rs.opts.InlineAllow && inlineAllowed(s.view.text, a, b)
}

// allowsMatch asks the allowlists over whole matches. What such a match holds
// is let through with it.
func (s *session) allowsMatch(c *compiled, match []byte) bool {
	return s.rs.allow.allowsMatch(match) || c.allow.allowsMatch(match)
}

// judge asks the allowlists, the entropy and the validator.
func (s *session) judge(l *layer, c *compiled, start, end int) (float64, int, bool) {
	secret := l.text[start:end]
	if placeholder(secret, c.rule.Generic) || s.rs.allow.allows(l.text, start, end) || c.allow.allows(l.text, start, end) {
		return 0, 0, false
	}
	if c.rule.Entropy > 0 && Entropy(secret) < c.rule.Entropy {
		return 0, 0, false
	}
	confidence := c.rule.Confidence
	if c.check != nil {
		v := c.check(l.text, start, end)
		if v.reject {
			return 0, 0, false
		}
		if v.confidence > 0 {
			confidence = v.confidence
		}
		end = max(end, v.end)
	}
	return confidence, end, confidence >= s.rs.opts.MinConfidence
}

// grow follows a secret that was longer than the regex was allowed to see, so
// that all of it is redacted.
func grow(text []byte, end int) int {
	for end < len(text) && (base64Value(text[end]) >= 0 || bytes.IndexByte([]byte("=.~"), text[end]) >= 0) {
		end++
	}
	return end
}
