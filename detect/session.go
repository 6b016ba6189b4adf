package detect

import (
	"bytes"
	"slices"

	"go.cordon.dev/cordon/detect/internal/anchor"
	"go.cordon.dev/cordon/detect/internal/match"
)

// session is the scratch space of one running scan; it is pooled. What is reset
// for a scan is in proportion to what the last one did, not to the rules.
type session struct {
	rs         *RuleSet
	walk       walk
	view       view
	report     *Report
	limit      *limit
	watch      *Watch // nil: nobody watches
	budget     int64
	lent       int64 // budgets of segments, in this scan
	root       layer
	hits       []hit
	generation uint32 // of the layer at hand
	marks      []mark // per rule
	open       []int32
	found      []anchor.Hit
	runs       []anchor.Span
	zones      [len(tiers)]zone
	begun      []int // heads at a place
	sight      sight
	machine    match.Machine
	caps       []int
	buf        []byte // of a stream
	guess      guesser
	lines      []piece // memory for runs of digits
	layers     layers
}

// mark is what a session knows of a rule in the layer at hand.
type mark struct {
	generation uint32 // if not the session's, nothing is known
	tried      int    // one more than the place that was tried last
	reached    int    // end of what the matches hold so far
	spent      int    // steps taken so far
	from, to   int    // starts that are still to be searched; none if to is 0
	bytes      bool   // they are searched as one
}

// hit is a finding with what it takes to weigh it against others.
type hit struct {
	finding    Finding
	layer      *layer // nil when carried over from an earlier segment
	start, end int    // in the layer
	depth      int
	exact      bool // from and to hold nothing but this secret
	named      bool // the text before it names the rule's provider
	from       int64
	to         int64 // in the input
	compiled   *compiled
}

func newSession(rs *RuleSet) *session {
	return &session{
		rs: rs, marks: make([]mark, len(rs.active)), found: make([]anchor.Hit, 0, max(foundSize, rs.room())), caps: make([]int, 2*(rs.groups+1)),
		runs:  make([]anchor.Span, 0, runRoom),
		sight: sight{least: rs.least},
	}
}

// room is the most literals that begin at one place.
func (rs *RuleSet) room() int {
	n := rs.formats.literals.Room()
	for i := range rs.values {
		n = max(n, rs.values[i].literals.Room())
	}
	return n
}

// foundSize is how many literals are looked for at a time.
const foundSize = 1024

// release drops everything that refers to the input.
func (s *session) release() {
	clear(s.hits)
	s.layers.settle()
	s.hits, s.view, s.report, s.limit, s.watch, s.lent = s.hits[:0], view{}, nil, nil, nil, 0
	s.root, s.walk = layer{}, walk{pending: s.walk.pending[:0]}
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
	s.layers.settle()
	s.root = layer{text: v.text}
	s.match(&s.root, max(0, v.lo-s.rs.behind), v.hi+s.rs.context)
	s.peel(&s.root, v.lo, v.hi)
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

// match runs the rules over a layer; literals are looked for that begin in
// text[lo:hi].
func (s *session) match(l *layer, lo, hi int) {
	s.forget()
	s.shown(l)
	rs := s.rs
	s.visitAll(l, &rs.formats, lo, hi)
	s.matchNear(l, lo, hi)
	for _, i := range s.open {
		c := rs.active[i]
		s.search(l, c, s.markOf(c))
	}
	s.open = s.open[:0]
	for _, i := range rs.always {
		s.searchStarts(l, rs.active[i], max(0, lo-1), len(l.text))
	}
}

// visitAll tries the rules at their literals that begin in text[lo:hi].
func (s *session) visitAll(l *layer, f *finder, lo, hi int) {
	if lo >= hi {
		return
	}
	text := l.text[:min(len(l.text), hi+f.longest)]
	for at := lo; at < min(hi, len(text)); {
		s.found, at = f.literals.Find(text, at, s.found[:0])
		for _, p := range s.found {
			if p.Start >= hi {
				return
			}
			owners := f.owners[p.Literal]
			for i := range owners {
				s.visit(l, &owners[i], p.Start)
			}
		}
	}
}

// visit tries a rule where one of its literals begins.
func (s *session) visit(l *layer, o *owner, at int) {
	if o.first != 0 && l.text[at] != o.first || o.word && at > 0 && wordByte(l.text[at-1]) {
		return
	}
	if o.look == noOutlook {
		s.later(l, s.rs.active[o.rule], max(0, at-int(o.high)), min(len(l.text), at-int(o.low)+1))
		return
	}
	c, look := s.rs.active[o.rule], s.rs.outlook(o)
	begun := o.leads && s.watchesBegun(c) && look.begun(l.text, at)
	if !begun && !look.goesOn(o, l.text, at) {
		return
	}
	if !o.leads {
		if from, to := look.reach(o, l.text, at); from < to {
			s.later(l, c, from, to)
		}
		return
	}
	if from := at - int(o.high); from >= 0 {
		s.tryAt(l, c, from, begun)
	}
}

// forget starts a layer of which nothing is known.
func (s *session) forget() {
	s.sight.at = -1
	if s.generation++; s.generation == 0 {
		clear(s.marks)
		s.generation = 1
	}
}

// markOf returns what is known of a rule.
func (s *session) markOf(c *compiled) *mark {
	m := &s.marks[c.index]
	if m.generation != s.generation {
		*m = mark{generation: s.generation}
	}
	return m
}

// record turns a match into a hit unless something speaks against it. The regex
// saw no further than to.
func (s *session) record(l *layer, c *compiled, m []int, to int) bool {
	g := 2 * c.group
	if m[g] < 0 {
		g = 0
	}
	start, end := m[g], m[g+1]
	if end == to {
		end = grow(l.text, end)
	}
	if start == end || l.parent == nil && !s.owns(m[0]) || s.allowsMatch(c, l.text[m[0]:m[1]]) {
		return false
	}
	confidence, end, ok := s.judge(l, c, start, end)
	if !ok {
		return false
	}
	h := hit{layer: l, start: start, end: end, depth: l.depth, compiled: c, named: providerNamed(l.text, start, c.rule.Provider)}
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
	if c.digit && !holdsDigit(secret) {
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
	confidence = min(confidence, mostSure(secret))
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
