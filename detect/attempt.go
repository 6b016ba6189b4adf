package detect

// This file tries the regexes: where a literal tells
// that a match can begin, and where a text was written to make that dear, over
// the text as a whole.

const (
	// patience is how many steps for each byte of a text a rule may take to try
	// its places one by one, beside those that any text may cost. Package regexp
	// takes as long for a byte of a text that lures it.
	patience   = 256
	atAnyPrice = 1 << 18
	// trySteps is what one place may cost before package regexp is asked.
	trySteps = 1 << 15
	// searchSteps likewise, for each start of a search.
	searchSteps = 512
	// plainSteps is what a byte that package regexp looks at counts.
	plainSteps = 1024
)

// tryAt runs the regex at a literal its matches begin with, also within an
// earlier match: what begins in it and ends behind it is another secret, while
// what ends with it is the same seen from a later name. In a text that lures it
// into too many long tries, the places are searched as one instead, which takes
// linear time.
func (s *session) tryAt(l *layer, c *compiled, at int, begun bool) {
	if c.gate != nil && !c.gate.open(&s.sight, l.text, at) {
		return
	}
	m := s.markOf(c)
	if at == m.tried-1 {
		return
	}
	m.tried = at + 1
	if m.spent > patience*len(l.text)+atAnyPrice {
		m.bytes = true
		s.later(l, c, at, at+1)
		return
	}
	caps, to := s.matchAt(l.text, c, at, m)
	if caps == nil {
		if begun {
			s.unfinished(l, c, at)
		}
		return
	}
	if end := caps[1]; end > m.reached && s.counts(l, c, caps, to) {
		s.catchUp(l, c, m, at)
		m.reached = max(m.reached, end)
	}
}

// catchUp searches what was noted before text[at], which a match there would hide.
func (s *session) catchUp(l *layer, c *compiled, m *mark, at int) {
	if m.to == 0 || m.from >= at || m.bytes {
		return
	}
	end := m.to
	m.to = min(end, at)
	s.search(l, c, m)
	m.from, m.to = m.to, end
}

// matchAt returns the groups of the match that begins at text[at], nil if there
// is none, and how far the regex saw. The groups are valid until the next call.
func (s *session) matchAt(text []byte, c *compiled, at int, m *mark) (caps []int, to int) {
	to = c.sees(text, at)
	if p := c.tries.compiled(); p != nil {
		ok, left := s.machine.At(p, text[:to], at, s.caps, trySteps)
		m.spent += trySteps - max(0, left)
		if ok {
			return s.caps, to
		}
		if left >= 0 {
			return nil, to
		}
	}
	caps, to = c.tries.at(text, at)
	m.spent += plainSteps * (to - at)
	return caps, to
}

// sees is where the text ends for a match that begins at text[at]: a regex
// without an upper bound is not followed for ever.
func (c *compiled) sees(text []byte, at int) int {
	if c.endless {
		return min(len(text), at+c.span+1)
	}
	return len(text)
}

// later notes that matches can begin in text[from:to]. Overlapping stretches
// become one, so that the work stays linear.
func (s *session) later(l *layer, c *compiled, from, to int) {
	m := s.markOf(c)
	near := 0
	if m.bytes {
		near = c.span
	}
	switch {
	case m.to == 0:
		s.open = append(s.open, c.index)
		m.from, m.to = from, to
	case from > m.to+near || to < m.from-near:
		s.search(l, c, m)
		m.from, m.to = from, to
	default:
		m.from, m.to = min(m.from, from), max(m.to, to)
	}
}

// search looks through the stretch that was noted.
func (s *session) search(l *layer, c *compiled, m *mark) {
	if m.bytes {
		s.searchBytes(l, c, max(0, m.from-1), min(len(l.text), m.to+c.span+1))
		return
	}
	m.reached = s.searchStarts(l, c, max(m.from, m.reached), m.to)
}

// searchStarts records every match that begins in text[from:to] and returns the
// end of the last that counts, or from.
func (s *session) searchStarts(l *layer, c *compiled, from, to int) (reached int) {
	steps := trySteps + searchSteps*(to-from)
	reached = from
	for at := from; at < to; {
		ok, left := s.find(l.text, c, at, to, steps)
		if left < 0 {
			s.searchBytes(l, c, max(0, at-1), min(len(l.text), to+c.span+1))
			return reached
		}
		if !ok {
			return reached
		}
		steps = left
		next := s.caps[0] + 1
		if at = s.keep(l, c, s.caps, c.sees(l.text, s.caps[0])); at > next {
			reached = at
		}
	}
	return reached
}

// find looks for the first match that begins in text[from:to]; left is negative
// when that is not to be had for so many steps.
func (s *session) find(text []byte, c *compiled, from, to, steps int) (ok bool, left int) {
	p := c.tries.compiled()
	if p == nil {
		return false, -1
	}
	if !c.endless {
		return s.machine.Find(p, text, from, to, s.caps, steps)
	}
	for at := from; at < to && !ok && steps >= 0; at++ {
		ok, steps = s.machine.Find(p, text[:c.sees(text, at)], at, at+1, s.caps, steps)
	}
	return ok, steps
}

// searchBytes records every match in text[from:to]. A match that begins at the
// cut edge of a window may be half of something and holds no keyword.
func (s *session) searchBytes(l *layer, c *compiled, from, to int) {
	for at := from; at < to; {
		m := c.tries.search(l.text[at:to])
		if m == nil {
			return
		}
		shift(m, at)
		if m[0] == at && at > 0 && at == from {
			at++
			continue
		}
		at = s.keep(l, c, m, to)
	}
}

// keep records a match and says where the next can begin: behind it if it
// counts, else behind its start.
func (s *session) keep(l *layer, c *compiled, m []int, to int) int {
	start, end := m[0], m[1]
	if s.counts(l, c, m, to) {
		return max(start+1, end)
	}
	return start + 1
}

// counts records a match, and says whether it is a finding or allowed.
func (s *session) counts(l *layer, c *compiled, m []int, to int) bool {
	if c.rule.Near > 0 && !c.keywordNear(l.text, m[0]) {
		return false
	}
	return s.record(l, c, m, to) || s.allowsMatch(c, l.text[m[0]:m[1]])
}

// keywordNear says whether a keyword stands as near to a match that begins at
// text[at] as the rule wants it.
func (c *compiled) keywordNear(text []byte, at int) bool {
	from, to := max(0, at-longest(c.words)-c.rule.Near), min(len(text), at+c.span+c.rule.Near)
	for _, w := range c.words {
		if holdsFold(text[from:min(len(text), to+len(w))], w) {
			return true
		}
	}
	return false
}

// holdsFold says whether text holds a word, which is in small letters, in any case.
func holdsFold(text []byte, word string) bool {
	for i := 0; i+len(word) <= len(text); i++ {
		k := 0
		for k < len(word) && lower(text[i+k]) == word[k] {
			k++
		}
		if k == len(word) {
			return true
		}
	}
	return false
}
