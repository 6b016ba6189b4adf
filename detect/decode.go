package detect

import (
	"math/bits"

	"go.cordon.dev/cordon/detect/internal/sift"
)

// peel decodes what is encoded in text[lo:hi] of a layer, rearranges what is
// written in parts, and runs the rules and itself over each result.
func (s *session) peel(l *layer, lo, hi int) {
	w := sweep{s: s, l: l, text: l.text, lo: lo, hi: hi, lines: s.lines}
	s.lines = nil // what is decoded on the way takes its own
	if lo == 0 && (l.parent != nil || s.view.base == 0) {
		w.start()
	}
	w.tildes()
	sieve := sift.New(l.text, max(0, lo-stretchSize), hi+contextSize)
	var p sift.Place
	for sieve.Next(&p) {
		w.place(&p)
	}
	w.end(sieve.End())
	s.lines = w.lines
}

// sweep is one pass over text[lo:hi] of a layer, and what it has begun.
type sweep struct {
	s      *session
	l      *layer
	text   []byte
	lo, hi int
	done   [markKinds]int // for each kind of mark: what begins before was looked at
	lines  []piece        // runs of digits on lines that follow each other
	joined seams
	fields *layer
	halves halves

	directory int // of ZIP archives: those that begin before were read
	documents documents
}

// The kinds of marks that stretches are decoded for.
const (
	escapeMark = iota
	percentMark
	entityMark
	sectionMark
	printableMark
	listMark
	pairMark // of hex
	wideMark
	packedMark
	fieldMark
	pointMark // of code points
	documentMark
	markKinds
)

// place looks at 64 bytes in which something may be encoded.
func (w *sweep) place(p *sift.Place) {
	for m := p.Runs; m != 0; m &= m - 1 {
		w.runBefore(p, bits.TrailingZeros64(m))
	}
	for m := p.Seams; m != 0; m &= m - 1 {
		w.seam(p.At + bits.TrailingZeros64(m))
	}
	for m := p.Halves; m != 0; m &= m - 1 {
		w.half(p.At + bits.TrailingZeros64(m) - 1)
	}
	for m := p.Pairs; m != 0; m &= m - 1 {
		w.hexPairs(p.At + bits.TrailingZeros64(m))
	}
	for m := p.Blanks; m != 0; m &= m - 1 {
		w.part(p.At + bits.TrailingZeros64(m) + 1)
	}
	for m := p.Marks; m != 0; m &= m - 1 {
		w.mark(p.At + bits.TrailingZeros64(m))
	}
}

// mark looks at one place where something encoded may begin.
func (w *sweep) mark(i int) {
	switch w.text[i] {
	case '\\':
		w.marked(i, &escapes)
		w.listLine(i)
	case '%':
		w.percent(i)
	case '&':
		w.marked(i, &entities)
		w.bzip2(i)
	case '=', ':':
		w.valueMark(i)
	case '0':
		w.hexList(i)
	case 'v', 'V':
		w.value(i)
	case 'P':
		w.gitPack(i)
	case 'U':
		w.unicode(i)
	case 'B':
		w.buffer(i)
	case '\r', '\n':
		w.lineEnd(i)
	case 0:
		w.wide(i)
	default:
		w.packed(i)
	}
}

// percent looks at a percent sign: before a byte, before u and a code point, or at the
// head of a document.
func (w *sweep) percent(i int) {
	switch byteAt(w.text, i+1) {
	case 'P':
		w.document(i)
	case 'u':
		w.codePoints(i)
	default:
		w.marked(i, &percents)
	}
}

// valueMark looks at an equals sign or colon that a mark may begin with or stand behind.
func (w *sweep) valueMark(i int) {
	switch next := byteAt(w.text, i+1); {
	case next == '\\':
		w.marked(i+1, &escapes)
	case w.text[i] == '=':
		w.marked(i, &quotedPrintable)
	}
}

// lineEnd looks at a line end behind a character that a value may follow.
func (w *sweep) lineEnd(i int) {
	if byteAt(w.text, i-1) == '=' {
		w.marked(i-1, &quotedPrintable)
	}
	w.nextLine(i)
}

// end finishes what was begun; nothing from to on was swept.
func (w *sweep) end(to int) {
	w.lastRun(to)
	w.flushJoined()
	w.flushHalves()
	w.flushFields()
	w.lastDocuments()
}

// reach is the text and what follows it in the input, where that is in memory: what is
// compressed is read to its end, not to that of the segment.
func (w *sweep) reach() []byte {
	if w.l.parent == nil && w.s.view.all != nil {
		return w.s.view.all
	}
	return w.text
}

// mostLent is how many times the budget of a segment an input may have beside it.
const mostLent = 3

// lend adds to the budget what the input up to to brings along, once: what begins in a
// segment and ends behind it has some of what the others have. It is bounded, because
// what is decoded is in memory.
func (w *sweep) lend(to int) {
	s := w.s
	if w.l.parent != nil || s.limit != nil || to <= len(w.text) {
		return
	}
	segments := (int64(to-len(w.text)) + segmentSize - 1) / segmentSize
	if more := min(segments, mostLent) - s.lent; more > 0 {
		s.budget += more * s.rs.opts.MaxDecoded
		s.lent += more
	}
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

// readable says whether b reads as text, of one, two or four bytes to a character.
func readable(b []byte) bool { return printable(b) || wideText(b) || quadText(b) }
