package detect

import (
	"math/bits"

	"go.cordon.dev/cordon/detect/internal/sift"
)

// tile is how many blocks of 64 bytes are described at a time.
const tile = 16

// peel decodes what is encoded in text[lo:hi] of a layer, rearranges what is
// written in parts, and runs the rules and itself over each result.
func (s *session) peel(l *layer, lo, hi int) {
	w := sweep{s: s, l: l, text: l.text, lo: lo, hi: hi, lines: s.lines}
	s.lines = nil // what is decoded on the way takes its own
	if lo == 0 && (l.parent != nil || s.view.base == 0) {
		w.start()
	}
	from, to := max(0, lo-stretchSize), min(len(l.text), hi+contextSize)
	w.run = w.runBefore(from)
	var blocks [tile]sift.Block
	at := from
	for at < to {
		n := sift.Scan(blocks[:min(tile, (to-at+sift.Width-1)/sift.Width)], l.text, at)
		for i := range n {
			w.block(at, &blocks[i])
			at += sift.Width
		}
	}
	w.end(min(at, len(l.text)))
	s.lines = w.lines
}

// sweep is one pass over text[lo:hi] of a layer, and what it has begun.
type sweep struct {
	s      *session
	l      *layer
	text   []byte
	lo, hi int
	done   [markKinds]int // for each kind of mark: what begins before was looked at
	run    int            // start of the digits that reach to the block's end, or -1
	lines  []piece        // runs of digits on lines that follow each other
	before uint64         // digits of the block before
	quoted uint64         // 1 if the block before ends with a quotation mark
	carry  uint64         // 1 if it ends with a quotation mark and glue
	joined seams
	fields *collage
	halves halves
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
	markKinds
)

const allBits = ^uint64(0)

// block looks at 64 bytes from at on.
func (w *sweep) block(at int, b *sift.Block) {
	w.digits(at, b.Digits)
	if b.Quotes|w.quoted|w.carry != 0 {
		w.quotes(at, b)
	}
	w.before = b.Digits
	if threes := (b.Digits ^ b.Digits>>3) & (1<<29 - 1); threes == 0 && b.Digits&7 != 7 && b.Digits&7 != 0 {
		w.hexPairs(at + bits.TrailingZeros64(b.Digits&^(b.Digits<<1)))
	}
	for m := b.Marks; m != 0; m &= m - 1 {
		w.mark(at + bits.TrailingZeros64(m))
	}
}

// quotes looks at the quotation marks of a block: at those that only glue parts
// from the one before, which a sum finds, in which a bit is carried through the
// glue behind each; and at those that end a word of longHalf digits.
func (w *sweep) quotes(at int, b *sift.Block) {
	t, carry := bits.Add64(b.Glue, (b.Quotes<<1|w.quoted)&b.Glue, w.carry)
	w.carry, w.quoted = carry, b.Quotes>>63
	for m := t &^ b.Glue & b.Quotes; m != 0; m &= m - 1 {
		w.seam(at + bits.TrailingZeros64(m))
	}
	for m := b.Quotes & behindWords(w.before, b.Digits); m != 0; m &= m - 1 {
		w.half(at + bits.TrailingZeros64(m))
	}
}

// behindWords has a bit for each place behind eight digits in a row, of which
// some may lie in the block before.
func behindWords(before, d uint64) uint64 {
	two, twoBefore := d&(d<<1|before>>63), before&(before<<1)
	four, fourBefore := two&(two<<2|twoBefore>>62), twoBefore&(twoBefore<<2)
	eight, eightBefore := four&(four<<4|fourBefore>>60), fourBefore&(fourBefore<<4)
	return eight<<1 | eightBefore>>63
}

// mark looks at one place where something encoded may begin.
func (w *sweep) mark(i int) {
	switch w.text[i] {
	case '\\':
		w.marked(i, &escapes)
		w.listLine(i)
	case '%':
		w.marked(i, &percents)
	case '&':
		w.marked(i, &entities)
		w.bzip2(i)
	case '=':
		w.marked(i, &quotedPrintable)
		w.nextLine(i)
	case '0':
		w.hexList(i)
	case 'v', 'V':
		w.value(i)
	case '|', '>', ':', '"':
		w.nextLine(i)
	case 0:
		w.wide(i)
	default:
		w.packed(i)
	}
}

// end finishes what was begun; nothing from to on was swept.
func (w *sweep) end(to int) {
	w.endRuns(to)
	w.flushJoined()
	w.flushHalves()
	w.flushFields()
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

// textual says whether the start, the middle or the end of b reads as text, of
// one byte or of two to a character.
func textual(b []byte) bool {
	if len(b) <= sampleSize {
		return readable(b)
	}
	mid := (len(b) - sampleSize) / 2
	return readable(b[:sampleSize]) || readable(b[mid:mid+sampleSize]) || readable(b[len(b)-sampleSize:])
}

func readable(b []byte) bool { return printable(b) || wideText(b) }
