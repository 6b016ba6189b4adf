package detect

import (
	"bytes"
	"encoding/ascii85"
	"slices"
)

// Encodings that say what they are by a word of their own: ascii85 between <~ and ~>
// (PostScript Language Reference, 3rd edition, 3.13.3), code points as U+0041 (Unicode,
// appendix A) and %u0041 (ECMA-262, B.2.1.1), the bytes of a Buffer of Node.

// tildes looks for ascii85 in text[lo:hi]. The sieve has no mark for it.
func (w *sweep) tildes() {
	for at := w.lo; at < w.hi; {
		i := bytes.IndexByte(w.text[at:w.hi], '~')
		if i < 0 {
			return
		}
		at = max(at+i+1, w.ascii85(at+i))
	}
}

// part looks at what stands behind the head of a message or of a part of one, which ends
// before at: like a text of its own it may be compressed in a form that has no mark.
func (w *sweep) part(at int) {
	const end = "\r\n\r\n"
	from := at - len(end)
	if from < w.lo || from >= w.hi || from < w.done[packedMark] || w.l.inPlace || at >= len(w.text) || string(w.text[from:at]) != end {
		return
	}
	if w.uu(at) || packedMagic(w.text[at:]) || readable(w.text[at:min(len(w.text), at+sampleSize)]) {
		return
	}
	if p := w.s.guess.packed(w.text[at:], len(w.reach())-at); p != nil {
		w.pass(w.unpack(at, at, len(w.reach()), p.name, p.open))
	}
}

// ascii85 decodes what stands between <~ and ~>, of which the first ~ is at at, and
// returns where it ends. Of what is cut off it takes what there is.
func (w *sweep) ascii85(at int) (end int) {
	if byteAt(w.text, at-1) != '<' {
		return at
	}
	from := at + len("~")
	to := from
	for to < len(w.text) && to-from < stretchSize && w.text[to] != '~' && (w.text[to] >= '!' && w.text[to] <= 'u' || w.text[to] == 'z' || w.text[to] <= ' ') {
		to++
	}
	if to-from < 2*leastText {
		return to
	}
	child := w.s.layers.take()
	child.text = append85(child.text, w.text[from:to])
	w.whole(child, piece{at - 1, to}, "ascii85")
	return to
}

// append85 decodes as far as src is ascii85.
func append85(dst, src []byte) []byte {
	size := len(src) + 4*bytes.Count(src, []byte("z")) // which alone stands for four bytes
	dst = slices.Grow(dst, size)
	n, _, _ := ascii85.Decode(dst[len(dst):len(dst)+size], src, true)
	return dst[:len(dst)+n]
}

// whole scans a child, if it is text and may be, whose places are those of all of what it
// was decoded from.
func (w *sweep) whole(child *layer, from piece, name string) {
	if len(child.text) < leastText || !readable(child.text[:min(len(child.text), sampleSize)]) ||
		!w.s.allowed(w.l, from.from, from.to, int64(len(child.text))) {
		w.s.layers.give(child)
		return
	}
	w.s.descend(child, w.l, name, &from)
}

// unicode looks at a capital U that code points may begin with.
func (w *sweep) unicode(at int) {
	if at >= w.lo && at < w.hi && bytes.HasPrefix(w.text[at:], []byte("U+00")) {
		w.codePoints(at)
	}
}

// codePoints decodes U+0041 U+0042 or %u0041%u0042, with blanks between them or not.
func (w *sweep) codePoints(at int) {
	if at < w.done[pointMark] {
		return
	}
	const size = len("U+0041")
	l := w.s.layers.take()
	end := at
	for len(l.pieces) < stretchSize/size && end+size <= len(w.text) && w.text[end] == w.text[at] && w.text[end+1] == w.text[at+1] {
		v, ok := hexNumber(w.text[end:], 2, 4)
		if !ok || v > 0x7f {
			break
		}
		l.text, l.pieces = append(l.text, byte(v)), append(l.pieces, piece{end, end + size})
		end = pastBlanks(w.text, end+size)
	}
	w.done[pointMark] = end
	w.peelList(l, "code points")
}

// nodeBuffer is how Node writes a Buffer in JSON.
const nodeBuffer = `Buffer","data":[`

// buffer decodes the bytes of a Buffer: numbers, and commas between them.
func (w *sweep) buffer(at int) {
	if at < w.lo || at >= w.hi || !bytes.HasPrefix(w.text[at:], []byte(nodeBuffer)) {
		return
	}
	l := w.s.layers.take()
	end := at + len(nodeBuffer)
	for len(l.pieces) < stretchSize/4 {
		v, n := 0, 0
		for end+n < len(w.text) && n < 3 && w.text[end+n] >= '0' && w.text[end+n] <= '9' {
			v, n = 10*v+int(w.text[end+n]-'0'), n+1
		}
		if n == 0 || v > 0xff {
			break
		}
		l.text, l.pieces = append(l.text, byte(v)), append(l.pieces, piece{end, end + n})
		end = pastBlanks(w.text, end+n)
	}
	w.peelList(l, "buffer")
}

func pastBlanks(text []byte, at int) int {
	for at < len(text) && oneOf(text[at], " ,\t\r\n") {
		at++
	}
	return at
}

// dashed decodes pairs of hex digits with dashes between them (41-4B-49), as .NET writes
// them, and says whether a run is that. Dashes are digits of base64, so that it is one.
func (w *sweep) dashed(pieces []piece, src []byte) bool {
	if n := len(src); n > 0 && src[n-1] == '-' {
		src = src[:n-1]
	}
	if len(src) < 3*leastText-1 || len(src)%3 != 2 || src[2] != '-' || src[5] != '-' {
		return false
	}
	l := w.s.layers.take()
	for i := 0; i < len(src); i += 3 {
		v, ok := hexNumber(src, i, 2)
		if !ok || i+2 < len(src) && src[i+2] != '-' {
			w.s.layers.give(l)
			return false
		}
		at := placeOf(pieces, i)
		l.text, l.pieces = append(l.text, byte(v)), append(l.pieces, piece{at, at + 2})
	}
	w.peelList(l, "hex")
	return true
}

// leastSigns is how many digits of ascii85 have one among them that is none of base64: of
// 85 there are 24.
const leastSigns = 8

// bare85 decodes a text that is ascii85 from end to end, without marks.
func (w *sweep) bare85() {
	to := len(bytes.TrimRight(w.text, "\r\n"))
	if to < 2*leastText || to > stretchSize {
		return
	}
	signs := 0
	for _, c := range w.text[:to] {
		switch {
		case (c < '!' || c > 'u') && c != 'z' && c != '\n' && c != '\r':
			return
		case base64Value(c) < 0:
			signs++
		}
	}
	if signs*leastSigns < to { // a word, a path
		return
	}
	child := w.s.layers.take()
	child.text = append85(child.text, w.text[:to])
	w.whole(child, piece{0, to}, "ascii85")
}
