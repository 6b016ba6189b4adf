package detect

import (
	"bytes"
	"math/bits"
	"slices"

	"go.cordon.dev/cordon/detect/internal/sift"
)

// Runs of base64 and hex digits. Both base64 alphabets of RFC 4648 are read at
// once; runs that are broken into lines (MIME, PEM, YAML blocks) are joined.

const (
	minRun     = 20 // digits; 15 bytes
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

// runBefore returns where the digits begin that reach to text[i:], or -1.
func (w *sweep) runBefore(i int) int {
	from := i
	for from > 0 && base64Value(w.text[from-1]) >= 0 {
		from--
	}
	if from == i {
		return -1
	}
	return from
}

// digits follows the runs of digits through 64 bytes from at on. d has a bit for
// each digit. A run is known when it ends.
func (w *sweep) digits(at int, d uint64) {
	start := w.run
	if start < 0 {
		start = at
	}
	first := bits.TrailingZeros64(^d)
	if d == allBits {
		w.run = start
		return
	}
	if at+first-start >= minRun {
		w.digitRun(start, at+first)
	}
	w.run = -1
	if d>>63 == 1 {
		w.run = at + sift.Width - bits.LeadingZeros64(^d)
	}
	for full := fullBytes(d); full != 0; full &= full - 1 {
		i := bits.TrailingZeros64(full) &^ 7
		from, to := i-bits.LeadingZeros64(^(d<<(64-i))), i+bits.TrailingZeros64(^(d>>i))
		if from < first || to == sift.Width || d>>i&1 == 0 {
			continue // known already, not at its end, or no full byte
		}
		if to-from >= minRun {
			w.digitRun(at+from, at+to)
		}
		full &= ^uint64(0) << min(63, to)
	}
}

// fullBytes has a bit in each byte of d whose bits are all set, and may have some
// in bytes behind such a one. Any minRun bits in a row fill one.
func fullBytes(d uint64) uint64 {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	return (^d - ones) & d & tops
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

// endRuns follows the last run beyond what was swept.
func (w *sweep) endRuns(to int) {
	if w.run >= 0 {
		if end := runEnd(w.text, to); end-w.run >= minRun {
			w.digitRun(w.run, end)
		}
	}
	w.flushRun()
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
	src := w.text[pieces[0].from:pieces[0].to]
	if len(pieces) > 1 {
		src = gather(w.text, pieces)
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

func gather(text []byte, pieces []piece) []byte {
	var out []byte
	for _, p := range pieces {
		out = append(out, text[p.from:p.to]...)
	}
	return out
}

// run is digits that stand in one or more pieces of a text, from an offset on,
// of which each group of so many gives so many bytes.
type run struct {
	pieces        []piece
	from          int // the first digit that was decoded
	size          int // digits decoded
	digits, bytes int // of a group
}

// span maps decoded bytes [i,j) to the text.
func (r run) span(i, j int) (int, int) {
	last := r.from + min(r.size, (j*r.digits+r.bytes-1)/r.bytes)
	return placeOf(r.pieces, r.from+i*r.digits/r.bytes), placeOf(r.pieces, max(last, r.from+1)-1) + 1
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

// peelDigits scans what a run of digits decodes to. Padding behind it belongs to it.
func (w *sweep) peelDigits(r run, name string, decoded func() []byte) {
	n := (r.size*r.bytes + r.digits - 1) / r.digits
	from, to := r.span(0, n)
	if !w.s.allowed(w.l, from, padEnd(w.text, to), int64(n)) {
		return
	}
	kept := run{slices.Clone(r.pieces), r.from, r.size, r.digits, r.bytes} // the pieces given are used again
	text, source := decoded(), w.text
	child := &layer{text: text, parent: w.l, name: name, exact: true}
	child.span = func(i, j int) (int, int) {
		a, b := kept.span(i, j)
		if j == len(text) {
			b = padEnd(source, b)
		}
		return a, b
	}
	w.s.descend(w.named(child, from))
}

func (w *sweep) peelBase64(pieces []piece, src []byte, shift int) {
	digits := src[shift:]
	r := run{pieces, shift, len(digits), 4, 3}
	w.peelDigits(r, base64Name(digits), func() []byte {
		return appendBase64(make([]byte, 0, len(digits)*3/4+3), digits)
	})
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
