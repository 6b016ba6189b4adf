package detect

import "bytes"

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

// peelRuns decodes every run that reaches into text[lo:hi].
func (s *session) peelRuns(l *layer, lo, hi int) {
	text := l.text
	i := lo
	for i > 0 && base64Value(text[i-1]) >= 0 {
		i--
	}
	for i < hi {
		from, ok := nextRun(text, i)
		if !ok || from >= hi {
			return
		}
		pieces := joinLines(text, from)
		i = pieces[len(pieces)-1].to
		s.peelRun(l, pieces)
	}
}

// nextRun finds the next minRun digits in a row at or after i, probing every
// minRun-th byte first.
func nextRun(text []byte, i int) (int, bool) {
	for i+minRun <= len(text) {
		k := i + minRun - 1
		for k >= i && base64Digits[text[k]] >= 0 {
			k--
		}
		if k < i {
			return i, true
		}
		i = k + 1
	}
	return 0, false
}

func runEnd(text []byte, i int) int {
	for i < len(text) && base64Digits[text[i]] >= 0 {
		i++
	}
	return i
}

// joinLines returns the run at from and the lines that continue it.
func joinLines(text []byte, from int) []piece {
	p := piece{from, runEnd(text, from)}
	pieces := []piece{p}
	for p.to-p.from >= minJoined && p.to-from < joinBudget {
		next := lineStart(text, p.to)
		if next < 0 {
			break
		}
		q := piece{next, runEnd(text, next)}
		if q.to == q.from || q.to-q.from > p.to-p.from {
			break
		}
		pieces = append(pieces, q)
		p = q
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

func (s *session) peelRun(l *layer, pieces []piece) {
	src := l.text[pieces[0].from:pieces[0].to]
	if len(pieces) > 1 {
		src = gather(l.text, pieces)
	}
	if from, to := longestHex(src); to-from >= minHex && s.peelHex(l, pieces, src, from, to) && (to-from)*4 >= len(src)*3 {
		return
	}
	for shift := range min(4, len(src)) {
		if s.peelBase64(l, pieces, src, shift) {
			return
		}
	}
}

func gather(text []byte, pieces []piece) []byte {
	var out []byte
	for _, p := range pieces {
		out = append(out, text[p.from:p.to]...)
	}
	return out
}

// place maps an offset into the gathered digits back to the text.
func placeOf(pieces []piece, i int) int {
	for _, p := range pieces {
		if n := p.to - p.from; i < n {
			return p.from + i
		}
		i -= p.to - p.from
	}
	return pieces[len(pieces)-1].to + i
}

// spanOf maps digits [i,j) of a run to the text.
func spanOf(pieces []piece, i, j int) (int, int) {
	return placeOf(pieces, i), placeOf(pieces, j-1) + 1
}

func (s *session) peelBase64(l *layer, pieces []piece, src []byte, shift int) bool {
	digits := src[shift:]
	if len(digits) < 8 || !promising(digits, shift) {
		return false
	}
	n := len(digits) * 3 / 4
	from, to := spanOf(pieces, shift, len(src))
	to = padEnd(l.text, to)
	if !s.allowed(l, from, to, int64(n)) {
		return true
	}
	child := &layer{text: appendBase64(make([]byte, 0, n+3), digits), parent: l, name: base64Name(digits), exact: true}
	child.span = func(i, j int) (int, int) {
		a, b := spanOf(pieces, shift+i*8/6, shift+min(len(digits), (j*8+5)/6))
		if j == len(child.text) {
			b = padEnd(l.text, b)
		}
		return a, b
	}
	s.descend(child)
	return true
}

// promising decodes samples of the digits: does this alignment give text, or
// begin like compressed data?
func promising(digits []byte, shift int) bool {
	const n = sampleSize / 3 * 4
	var buf [sampleSize + 3]byte
	head := appendBase64(buf[:0], digits[:min(n, len(digits))])
	if shift == 0 && compressed(head) || printable(head) {
		return true
	}
	if len(digits) <= n {
		return false
	}
	mid, tail := (len(digits)-n)/2&^3, (len(digits)-n)&^3
	return printable(appendBase64(buf[:0], digits[mid:mid+n])) || printable(appendBase64(buf[:0], digits[tail:tail+n]))
}

func base64Name(digits []byte) string {
	if bytes.ContainsAny(digits, "-_") {
		return "base64url"
	}
	return "base64"
}

// padEnd includes the padding after a run.
func padEnd(text []byte, i int) int {
	for n := 0; n < 2 && i < len(text) && text[i] == base64Pad; n++ {
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
