package detect

// peel decodes what is encoded in text[lo:hi] of a layer, and runs the rules
// and itself over each result.
func (s *session) peel(l *layer, lo, hi int) {
	s.peelRuns(l, lo, hi)
	s.peelMarked(l, lo, hi, escapes)
	s.peelMarked(l, lo, hi, percents)
	s.peelCompressed(l, lo, hi)
}

// descend scans one decoded text.
func (s *session) descend(child *layer) {
	child.depth = child.parent.depth + 1
	s.match(child, 0, len(child.text))
	s.peel(child, 0, len(child.text))
}

// allowed says whether n bytes, decoded from parent's text[from:to], are within
// the limits, and takes them off the budget. If not, that is noted.
func (s *session) allowed(parent *layer, from, to int, n int64) bool {
	switch {
	case parent.depth >= s.rs.opts.MaxDepth:
		s.note(parent, from, to, ReasonDepth)
		return false
	case n > s.budget:
		s.budget = 0
		s.note(parent, from, to, ReasonBudget)
		return false
	}
	s.spend(n)
	return true
}

// note reports a stretch of a layer as not scanned, once for each segment that
// owns its start.
func (s *session) note(l *layer, from, to int, why Reason) {
	a, b, _ := l.toRoot(from, to)
	if s.owns(a) {
		s.report.note(NotScanned{Start: s.view.base + int64(a), End: s.view.base + int64(b), Reason: why})
	}
}

// sampleSize is how much of a text is looked at to tell whether it is text.
const sampleSize = 24

// textual says whether the start, the middle or the end of b reads as text.
func textual(b []byte) bool {
	if len(b) <= sampleSize {
		return printable(b)
	}
	mid := (len(b) - sampleSize) / 2
	return printable(b[:sampleSize]) || printable(b[mid:mid+sampleSize]) || printable(b[len(b)-sampleSize:])
}
