package detect

import (
	"bytes"
	"math/bits"

	"go.cordon.dev/cordon/detect/internal/sift"
)

// Runs of base64 and hex digits. Both base64 alphabets of RFC 4648 are read at
// once; runs that are broken into lines (MIME, PEM, YAML blocks) are joined.

const (
	minHex     = 32 // digits; 16 bytes
	minJoined  = 40 // digits of a line that may go on in the next
	maxIndent  = 32
	notADigit  = -1
	base64Pad  = '='
	joinBudget = 64 << 10
)

var base64Digits = func() (t [256]int8) {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range t {
		t[i] = notADigit
	}
	for i := range len(digits) {
		t[digits[i]] = int8(i)
	}
	t['-'], t['_'] = 62, 63
	return t
}()

func base64Value(c byte) int8 { return base64Digits[c] }

// piece is a stretch text[from:to] of digits.
type piece struct{ from, to int }

func (p piece) size() int { return p.to - p.from }

// runBefore takes the run that ends before the i-th byte of a place.
func (w *sweep) runBefore(p *sift.Place, i int) {
	n := bits.LeadingZeros64(^(p.Digits << (sift.Width - i))) // of digits before it; all 64 count when i is 0
	from, to := p.At+i-n, p.At+i
	if n >= i {
		from = runStart(w.text, p.At)
	}
	w.digitRun(from, to)
}

// lastRun takes the run that was not seen to end before to.
func (w *sweep) lastRun(to int) {
	if to <= len(w.text) {
		from, end := runStart(w.text, to), runEnd(w.text, to)
		if from < to && end-from >= sift.MinRun {
			w.digitRun(from, end)
		}
	}
	w.flushRun()
}

// runStart is where the digits begin that end at i.
func runStart(text []byte, i int) int {
	for i > 0 && base64Digits[text[i-1]] >= 0 {
		i--
	}
	return i
}

// digitRun takes a run, which may go on where the one before it was broken off.
func (w *sweep) digitRun(from, to int) {
	if n := len(w.lines); n > 0 && goesOn(w.lines) && lineStart(w.text, w.lines[n-1].to) == from && to-from <= w.lines[n-1].size() {
		w.lines = append(w.lines, piece{from, to})
		return
	}
	w.flushRun()
	w.lines = append(w.lines[:0], piece{from, to})
}

// flushRun decodes the lines collected if they reach into text[lo:hi].
func (w *sweep) flushRun() {
	n := len(w.lines)
	if n > 0 && w.lines[0].from < w.hi && w.lines[n-1].to > w.lo {
		w.lines = joinLines(w.text, w.lines)
		w.peelRun(w.lines)
	}
	w.lines = w.lines[:0]
}

func runEnd(text []byte, i int) int {
	for i < len(text) && base64Digits[text[i]] >= 0 {
		i++
	}
	return i
}

// goesOn says whether the last piece may have been broken off at a line's end.
func goesOn(pieces []piece) bool {
	last := pieces[len(pieces)-1]
	return last.size() >= minJoined && last.to-pieces[0].from < joinBudget
}

// joinLines adds the lines that continue the last piece.
func joinLines(text []byte, pieces []piece) []piece {
	for goesOn(pieces) {
		last := pieces[len(pieces)-1]
		next := lineStart(text, last.to)
		if next < 0 {
			break
		}
		q := piece{next, runEnd(text, next)}
		if q.size() == 0 || q.size() > last.size() {
			break
		}
		pieces = append(pieces, q)
	}
	return pieces
}

// lineStart returns where the text goes on after a line end and indentation at
// i, or -1.
func lineStart(text []byte, i int) int {
	if i < len(text) && text[i] == '\r' {
		i++
	}
	if i >= len(text) || text[i] != '\n' {
		return -1
	}
	i++
	for n := 0; i < len(text) && n < maxIndent && (text[i] == ' ' || text[i] == '\t'); n++ {
		i++
	}
	return i
}

// peelRun decodes a run: the hex in it, then all of it as base32 or base64.
func (w *sweep) peelRun(pieces []piece) {
	if len(pieces) == 1 {
		w.peelGathered(pieces, w.text[pieces[0].from:pieces[0].to])
		return
	}
	gathered := w.s.layers.take()
	for _, p := range pieces {
		gathered.text = append(gathered.text, w.text[p.from:p.to]...)
	}
	w.peelGathered(pieces, gathered.text)
	w.s.layers.give(gathered)
}

func (w *sweep) peelGathered(pieces []piece, src []byte) {
	if w.dashed(pieces, src) {
		return
	}
	if w.peelHexes(pieces, src)*4 >= len(src)*3 || w.peelBase32(pieces, src) {
		return
	}
	if shift := textShift(src); shift >= 0 {
		w.peelBase64(pieces, src, shift)
	} else if w.guessedDigits(src) {
		w.peelBase64(pieces, src, 0)
	}
}

// run is digits that stand in one or more pieces of a text, from an offset on,
// of which each group of so many gives so many bytes.
type run struct {
	pieces        []piece
	from          int // the first digit that was decoded
	size          int // digits decoded
	digits, bytes int // of a group

	// What comes last of so many decoded bytes takes the padding along that
	// follows in the source.
	source  []byte
	decoded int
}

// span maps decoded bytes [i,j) to the text.
func (r *run) span(i, j int) (from, to int) {
	last := r.from + min(r.size, (j*r.digits+r.bytes-1)/r.bytes)
	from, to = placeOf(r.pieces, r.from+i*r.digits/r.bytes), placeOf(r.pieces, max(last, r.from+1)-1)+1
	if j == r.decoded {
		to = padEnd(r.source, to)
	}
	return from, to
}

// placeOf maps an offset into the gathered digits back to the text.
func placeOf(pieces []piece, i int) int {
	for _, p := range pieces {
		if n := p.size(); i < n {
			return p.from + i
		}
		i -= p.size()
	}
	return pieces[len(pieces)-1].to + i
}

// fits says whether what a run of digits decodes to is within the limits, and
// makes the run the child's origin. If not, the child is given back. Padding
// behind a run belongs to it.
func (w *sweep) fits(child *layer, r run) bool {
	n := (r.size*r.bytes + r.digits - 1) / r.digits
	from, to := r.span(0, n)
	if !w.s.allowed(w.l, from, padEnd(w.text, to), int64(n)) {
		w.s.layers.give(child)
		return false
	}
	child.pieces = append(child.pieces, r.pieces...) // those given are used again
	child.run = r
	child.run.pieces = child.pieces
	return true
}

// peelDigits scans what the child's run decodes to.
func (w *sweep) peelDigits(child *layer, name string) {
	child.exact = true
	child.run.source, child.run.decoded = w.text, len(child.text)
	w.s.descend(child, w.l, name, w.namedOrigin(child))
}

func (w *sweep) peelBase64(pieces []piece, src []byte, shift int) {
	digits := src[shift:]
	if child := w.s.layers.take(); w.fits(child, run{pieces: pieces, from: shift, size: len(digits), digits: 4, bytes: 3}) {
		child.text = appendBase64(child.text, digits)
		w.peelDigits(child, base64Name(digits))
	}
}

func base64Name(digits []byte) string {
	if bytes.ContainsAny(digits, "-_") {
		return "base64url"
	}
	return "base64"
}

// padEnd includes the padding after a run.
func padEnd(text []byte, i int) int {
	for n := 0; n < 6 && i < len(text) && text[i] == base64Pad; n++ {
		i++
	}
	return i
}

// appendBase64 decodes digits, all of which are valid; a last single digit holds
// no whole byte and is dropped.
func appendBase64(dst, src []byte) []byte {
	for len(src) >= 4 {
		v := uint32(base64Digits[src[0]])<<18 | uint32(base64Digits[src[1]])<<12 | uint32(base64Digits[src[2]])<<6 | uint32(base64Digits[src[3]])
		dst = append(dst, byte(v>>16), byte(v>>8), byte(v))
		src = src[4:]
	}
	switch len(src) {
	case 2:
		dst = append(dst, byte(base64Digits[src[0]])<<2|byte(base64Digits[src[1]])>>4)
	case 3:
		v := uint32(base64Digits[src[0]])<<10 | uint32(base64Digits[src[1]])<<4 | uint32(base64Digits[src[2]])>>2
		dst = append(dst, byte(v>>8), byte(v))
	}
	return dst
}
