package detect

// Watch is told of what a scan passes by, so that others can look for what no rule
// knows without decoding everything once more. What it is given belongs to the
// scan: it is valid during the call only.
type Watch struct {
	// Text is told of every text before rules are tried in it: the input, a
	// segment at a time, and whatever was decoded from it. If nil, nobody is.
	Text func(Text)
	// Begun is told where the format of a provider begins in a text and is not
	// finished, because its word ends there: t.Bytes[start:end] is the beginning of
	// what could be a secret if more followed. If nil, nobody is.
	Begun func(t Text, start, end int)
}

// Text is one that a scan looks at.
type Text struct {
	Bytes []byte
	l     *layer
	s     *session
}

// Decoded says whether the text came out of a decoder.
func (t Text) Decoded() bool { return t.l.parent != nil }

// Decoders are the encodings passed to reach the text, outermost first.
func (t Text) Decoders() []string { return t.l.path() }

// Span is the stretch of the input that Bytes[i:j] is, or was decoded from. j is
// greater than i.
func (t Text) Span(i, j int) (from, to int64) {
	a, b, _ := t.l.toRoot(i, j)
	return t.s.view.base + int64(a), t.s.view.base + int64(b)
}

// ScanWatched is Scan with a watch over it.
func (s *Scanner) ScanWatched(buf []byte, emit func(Finding) bool, w Watch) Report {
	return s.scan(buf, emit, &w)
}

// shown tells the watch of a layer.
func (s *session) shown(l *layer) {
	if s.watch != nil && s.watch.Text != nil {
		s.watch.Text(Text{l.text, l, s})
	}
}

// longestBegun bounds the beginning of a secret, in bytes.
const longestBegun = 256

// unfinished tells the watch of a format that begins at text[at] and does not match,
// if nothing but the end of its word is in its way.
func (s *session) unfinished(l *layer, c *compiled, at int) {
	if !s.watchesBegun(c) {
		return
	}
	end := at
	for end < len(l.text) && tokenByte(l.text[end]) {
		end++
	}
	for end > at && l.text[end-1] == '.' { // of a sentence
		end--
	}
	p := c.tries.compiled()
	if p == nil || end == at || end-at > longestBegun || !s.machine.Short(p, l.text[:end], at, trySteps) {
		return
	}
	s.watch.Begun(Text{l.text, l, s}, at, end)
}

// watchesBegun says whether somebody wants to know where the rule's format begins.
func (s *session) watchesBegun(c *compiled) bool {
	return s.watch != nil && s.watch.Begun != nil && !c.rule.Generic && c.gate == nil
}

// tokenByte says whether b can be within a token as most providers make them.
func tokenByte(b byte) bool { return wordByte(b) || b == '-' || b == '.' }
