package detect

import (
	"unicode/utf16"
	"unicode/utf8"
)

// UTF-16 (RFC 2781) is known by the zero in every other byte that ASCII has in
// it, with or without a byte order mark, anywhere in a text.

const (
	leastWide = 8 // characters of ASCII in a row
	lastWide  = 6 // more characters than these beyond ASCII end a stretch
)

// wideText says whether b begins with ASCII in UTF-16, behind a byte order mark
// or without one.
func wideText(b []byte) bool {
	if len(b) < leastText {
		return false
	}
	if b[0] == 0xff && b[1] == 0xfe || b[0] == 0xfe && b[1] == 0xff {
		b = b[2:]
	}
	n := min(len(b)/2, leastWide)
	return asciiWide(b, 0, n) || asciiWide(b, 1, n)
}

// asciiWide says whether n characters at the start of b are ASCII; their zeros
// stand at offset zero of each pair.
func asciiWide(b []byte, zero, n int) bool {
	for i := range n {
		if b[2*i+zero] != 0 || !seen(b[2*i+1-zero]) {
			return false
		}
	}
	return n > 0
}

func seen(c byte) bool { return c >= ' ' && c < 0x7f || c == '\n' || c == '\r' || c == '\t' }

// wide decodes the UTF-16 around the zero at i.
func (w *sweep) wide(i int) {
	if i < w.done[wideMark] {
		return
	}
	if w.quad(i) {
		return
	}
	for _, zero := range []int{1, 0} { // little endian, big endian
		from := i - zero
		if from < w.done[wideMark] || len(w.text)-from < 2*leastWide || !asciiWide(w.text[from:], zero, leastWide) {
			continue
		}
		to := wideEnd(w.text, from, zero)
		w.done[wideMark] = to
		if to-from >= stretchSize {
			w.done[wideMark] = to - overlapSize&^1
		}
		w.peelWide(from, to, zero)
		if zero == 1 && to < len(w.text) && seen(w.text[to]) && byteAt(w.text, to+1) != 0 {
			w.peelWide(from+1, to+1, 0) // big endian behind a character of ASCII looks the same but for its end
		}
		return
	}
}

// wideEnd follows characters from on, until too many in a row are not ASCII.
func wideEnd(text []byte, from, zero int) int {
	end, odd := from, 0
	for i := from; i+1 < len(text) && i-from < stretchSize && odd <= lastWide; i += 2 {
		if text[i+zero] == 0 && seen(text[i+1-zero]) {
			end, odd = i+2, 0
		} else {
			odd++
		}
	}
	return end
}

func (w *sweep) peelWide(from, to, zero int) {
	if to <= w.lo || !w.s.allowed(w.l, from, to, int64(to-from)/2) {
		return
	}
	name := "utf-16be"
	if zero == 1 {
		name = "utf-16le"
	}
	child, src := w.s.layers.take(), w.text[from:to]
	child.text = decodeWide(child.text, src, zero)
	child.exact = true
	w.s.descend(child, w.l, name, &wideStretch{src, from, zero})
}

// wideStretch is the origin of what UTF-16 that begins at from decodes to.
type wideStretch struct {
	src        []byte
	from, zero int
}

func (t *wideStretch) span(i, j int) (from, to int) {
	a, b := wideOrigin(t.src, t.zero, i, j)
	return t.from + a, t.from + b
}

// wideRune reads the character at the start of src, and its length.
func wideRune(src []byte, zero int) (rune, int) {
	unit := func(i int) rune { return rune(src[i+zero])<<8 | rune(src[i+1-zero]) }
	r := unit(0)
	if utf16.IsSurrogate(r) && len(src) >= 4 {
		if pair := utf16.DecodeRune(r, unit(2)); pair != utf8.RuneError {
			return pair, 4
		}
	}
	return r, 2
}

func decodeWide(out, src []byte, zero int) []byte {
	for len(src) >= 2 {
		r, n := wideRune(src, zero)
		out, src = utf8.AppendRune(out, r), src[n:]
	}
	return out
}

// wideOrigin walks src once more to map decoded bytes [i,j) back to it.
func wideOrigin(src []byte, zero, i, j int) (int, int) {
	from, decoded := -1, 0
	for at := 0; at+1 < len(src); {
		r, n := wideRune(src[at:], zero)
		size := runeSize(r)
		if from < 0 && decoded+size > i {
			from = at
		}
		at, decoded = at+n, decoded+size
		if decoded >= j {
			return max(0, from), at
		}
	}
	return max(0, from), len(src)
}
