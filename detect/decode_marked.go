package detect

import "bytes"

// Encodings that mark single characters: backslash escapes (JSON, RFC 8259
// section 7, and those of most languages), percent encoding (RFC 3986 section
// 2.1), character references of XML and HTML, quoted-printable (RFC 2045 section
// 6.7). What stands between the marks is plain, so whole stretches around them
// are decoded: the name of a value may be plain where the value is not.
//
// Most marks change nothing that a rule looks at: the line end at the end of a
// message, the accent in a word. Only one that asks for it begins a stretch; then
// all the marks in it are decoded.

// marked is such an encoding.
type marked struct {
	name   string
	kind   int
	marker byte
	// step decodes the mark at the start of src: the bytes it stands for, and
	// its length, 0 if it is none.
	step func(src []byte) (out [4]byte, n, length int)
	// asks says whether a mark can hide a secret or a part of one.
	asks func(text []byte, m markAt) bool
}

var (
	escapes         = marked{"escape", escapeMark, '\\', unescape, escapeAsks}
	percents        = marked{"percent", percentMark, '%', unpercent, characterAsks}
	entities        = marked{"entity", entityMark, '&', unentity, entityAsks}
	quotedPrintable = marked{"quoted-printable", printableMark, '=', unprintable, printableAsks}
	cdata           = marked{"cdata", sectionMark, '<', uncdata, nil}
)

// markAt is a mark at text[i]: what it stands for, if n bytes do, and its length.
type markAt struct {
	i, n, length int
	first        byte
}

// behind is what follows the mark in the text.
func (m markAt) behind(text []byte) []byte { return text[m.i+m.length:] }

const (
	contextSize = 256      // plain text taken along on either side
	gapSize     = 512      // plain text between marks of one stretch
	stretchSize = 16 << 10 // longest stretch; longer ones are cut, overlapping
	overlapSize = 4 << 10
)

// marked decodes the stretch around the mark at i, unless an earlier one held it.
func (w *sweep) marked(i int, m *marked) {
	if i < w.done[m.kind] {
		return
	}
	out, n, length := m.step(w.text[i:])
	if length == 0 || !m.asks(w.text, markAt{i, n, length, out[0]}) {
		return
	}
	w.markedStretch(i, m)
}

func (w *sweep) markedStretch(i int, m *marked) {
	from, to := m.stretch(w.text, i)
	from = max(from, w.done[packedMark]) // compressed data is no context
	w.done[m.kind] = to
	if to-i >= stretchSize {
		w.done[m.kind] = to - overlapSize
	}
	if to > w.lo && from < w.hi {
		w.s.peelStretch(w.l, from, to, m)
	}
}

// next finds a mark at or after at, or -1.
func (m *marked) next(text []byte, at int) int {
	for at < len(text) {
		i := bytes.IndexByte(text[at:], m.marker)
		if i < 0 {
			return -1
		}
		at += i
		if _, _, n := m.step(text[at:]); n > 0 {
			return at
		}
		at++
	}
	return -1
}

// stretch returns the text around the marks that follow each other from i on.
func (m *marked) stretch(text []byte, i int) (int, int) {
	limit := min(len(text), i+stretchSize)
	last := i
	for next := i; next >= 0 && next-last <= gapSize; next = m.next(text[:limit], last+1) {
		last = next
	}
	_, _, length := m.step(text[last:])
	return leftOf(text, i), rightOf(text, last+length, limit)
}

// leftOf is where the context of i begins: on its line, and not within a word.
func leftOf(text []byte, i int) int {
	from := max(0, i-contextSize)
	if k := bytes.LastIndexByte(text[from:i], '\n'); k >= 0 {
		return from + k + 1
	}
	for least := max(0, from-overlapSize); from > least && base64Value(text[from-1]) >= 0; {
		from--
	}
	return from
}

// rightOf is where the context before i ends, likewise.
func rightOf(text []byte, i, limit int) int {
	limit = max(limit, i)
	to := min(limit, i+contextSize)
	if k := bytes.IndexByte(text[i:to], '\n'); k >= 0 {
		return i + k
	}
	for to < limit && base64Value(text[to]) >= 0 {
		to++
	}
	return to
}

func (s *session) peelStretch(l *layer, from, to int, m *marked) {
	src := l.text[from:to]
	form, sure := false, false
	if m.kind == percentMark {
		form, sure = formEncoded(src)
	}
	if !sure {
		s.peelMarked(l, stretch{m, src, from, false})
	}
	if form {
		s.peelMarked(l, stretch{m, src, from, true})
	}
}

// formEncoded says whether the plus signs of a percent-encoded text stand for
// blanks (application/x-www-form-urlencoded of the URL standard), and whether
// that is sure.
func formEncoded(src []byte) (form, sure bool) {
	if bytes.IndexByte(src, '+') < 0 || bytes.Contains(src, []byte("%20")) {
		return false, false
	}
	for _, sign := range []string{"%2B", "%2b", "%3A+", "%3D+", "%2C+", "+%22", "+%27", "+%3B"} {
		if bytes.Contains(src, []byte(sign)) {
			return true, true
		}
	}
	return true, false
}

// stretch is the origin of what a stretch with marks decodes to: src, which begins
// at from.
type stretch struct {
	m    *marked
	src  []byte
	from int
	form bool // plus signs stand for blanks
}

func (t *stretch) span(i, j int) (from, to int) {
	a, b := t.m.origin(t.src, i, j)
	return t.from + a, t.from + b
}

func (s *session) peelMarked(l *layer, t stretch) {
	if !s.allowed(l, t.from, t.from+len(t.src), int64(len(t.src))) {
		return
	}
	child := s.layers.take()
	child.text = t.m.decode(child.text, t.src, t.form)
	child.stretch, child.exact, child.inPlace = t, true, true
	s.descend(child, l, t.m.name, &child.stretch)
}

// decode appends what src stands for.
func (m *marked) decode(dst, src []byte, form bool) []byte {
	for {
		i := bytes.IndexByte(src, m.marker)
		if i < 0 {
			return appendPlain(dst, src, form)
		}
		dst = appendPlain(dst, src[:i], form)
		src = src[i:]
		b, n, length := m.step(src)
		if length == 0 {
			b[0], n, length = src[0], 1, 1
		}
		dst = append(dst, b[:n]...)
		src = src[length:]
	}
}

// appendPlain appends what no mark is in; in a form plus signs stand for blanks.
func appendPlain(dst, src []byte, form bool) []byte {
	n := len(dst)
	dst = append(dst, src...)
	for i := n; form && i < len(dst); i++ {
		if dst[i] == '+' {
			dst[i] = ' '
		}
	}
	return dst
}

// origin walks src once more to map decoded bytes [i,j) back to it.
func (m *marked) origin(src []byte, i, j int) (int, int) {
	from, to := -1, len(src)
	for at, decoded := 0, 0; at < len(src); {
		n, length := 1, 1
		if src[at] == m.marker {
			if _, k, size := m.step(src[at:]); size > 0 {
				n, length = k, size
			}
		}
		if from < 0 && decoded+n > i {
			from = at
		}
		decoded, at = decoded+n, at+length
		if decoded >= j {
			to = at
			break
		}
	}
	return max(0, from), to
}
