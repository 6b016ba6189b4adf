package detect

import (
	"encoding/binary"
	"unicode/utf8"
)

// UTF-32 (Unicode, section 3.10, D99 to D101) is known by the three zeros in every four
// bytes that ASCII has in it, with or without a byte order mark, anywhere in a text.

const quadSize = 4 // bytes of a character

// quadText says whether b begins with ASCII in UTF-32, behind a byte order mark or
// without one.
func quadText(b []byte) bool {
	if len(b) < leastText {
		return false
	}
	if mark := binary.BigEndian.Uint32(b); mark == 0xfeff || mark == 0xfffe0000 {
		b = b[quadSize:]
	}
	n := min(len(b)/quadSize, leastWide)
	return asciiQuads(b, false, n) || asciiQuads(b, true, n)
}

// quadAt reads a character, the high byte first if big.
func quadAt(b []byte, big bool) uint32 {
	if big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

// asciiQuads says whether n characters at the start of b are ASCII.
func asciiQuads(b []byte, big bool, n int) bool {
	for i := range n {
		if v := quadAt(b[quadSize*i:], big); v > 0x7f || !seen(byte(v)) {
			return false
		}
	}
	return n > 0
}

// quad decodes the UTF-32 around the zero at i, which stands before a character of ASCII,
// and says whether there is any.
func (w *sweep) quad(i int) bool {
	for _, try := range [...]struct {
		big  bool
		name string
		from int
	}{
		{false, "utf-32le", i - 3}, // the character before, and of a text's
		{false, "utf-32le", i + 1}, // first, behind a byte order mark, this one
		{true, "utf-32be", i - 2},
	} {
		from := try.from
		if from < max(0, w.done[wideMark]) || len(w.text)-from < quadSize*leastWide || !asciiQuads(w.text[from:], try.big, leastWide) {
			continue
		}
		to := quadEnd(w.text, from, try.big)
		w.done[wideMark] = to
		if to-from >= stretchSize {
			w.done[wideMark] = to - overlapSize
		}
		w.peelQuads(quadStretch{w.text[from:to], from, try.big}, try.name)
		return true
	}
	return false
}

// quadEnd follows characters from on, until too many in a row are not ASCII.
func quadEnd(text []byte, from int, big bool) int {
	end, odd := from, 0
	for i := from; i+quadSize <= len(text) && i-from < stretchSize && odd <= lastWide; i += quadSize {
		if asciiQuads(text[i:], big, 1) {
			end, odd = i+quadSize, 0
		} else {
			odd++
		}
	}
	return end
}

func (w *sweep) peelQuads(q quadStretch, name string) {
	to := q.from + len(q.src)
	if to <= w.lo || !w.s.allowed(w.l, q.from, to, int64(len(q.src))/quadSize) {
		return
	}
	child := w.s.layers.take()
	child.text = q.decode(child.text)
	child.exact = true
	w.s.descend(child, w.l, name, &q)
}

// quadStretch is the origin of what UTF-32 that begins at from decodes to.
type quadStretch struct {
	src  []byte
	from int
	big  bool
}

func (q *quadStretch) decode(dst []byte) []byte {
	for at := 0; at+quadSize <= len(q.src); at += quadSize {
		dst = utf8.AppendRune(dst, rune(quadAt(q.src[at:], q.big)&0x7fffffff))
	}
	return dst
}

// span walks src once more to map decoded bytes [i,j) back to it.
func (q *quadStretch) span(i, j int) (from, to int) {
	from, decoded := -1, 0
	for at := 0; at+quadSize <= len(q.src); at += quadSize {
		decoded += runeSize(rune(quadAt(q.src[at:], q.big) & 0x7fffffff))
		if from < 0 && decoded > i {
			from = at
		}
		if decoded >= j {
			return q.from + max(0, from), q.from + at + quadSize
		}
	}
	return q.from + max(0, from), q.from + len(q.src)
}

// runeSize is how many bytes of UTF-8 a character takes; what is none becomes one that
// says so.
func runeSize(r rune) int {
	if n := utf8.RuneLen(r); n > 0 {
		return n
	}
	return utf8.RuneLen(utf8.RuneError)
}
