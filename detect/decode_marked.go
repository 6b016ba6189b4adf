package detect

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// Encodings that mark single characters: backslash escapes (JSON, RFC 8259
// section 7, and \xHH of most languages) and percent encoding (RFC 3986 section
// 2.1). What stands between the marks is plain, so whole stretches around them
// are decoded: the name of a value may be plain where the value is not.

// marked is such an encoding.
type marked struct {
	name   string
	marker byte
	// step decodes the mark at the start of src: the bytes it stands for, and
	// its length, 0 if it is none.
	step func(src []byte) (out [4]byte, n, length int)
}

var (
	escapes  = marked{"escape", '\\', unescape}
	percents = marked{"percent", '%', unpercent}
)

const (
	contextSize = 256      // plain text taken along on either side
	gapSize     = 512      // plain text between marks of one stretch
	stretchSize = 16 << 10 // longest stretch; longer ones are cut, overlapping
	overlapSize = 4 << 10
)

// peelMarked decodes the stretches around the marks in and near text[lo:hi].
func (s *session) peelMarked(l *layer, lo, hi int, m marked) {
	hi = min(len(l.text), hi+stretchSize)
	for at := max(0, lo-stretchSize); at < hi; {
		i := m.next(l.text[:hi], at)
		if i < 0 {
			return
		}
		from, to := m.stretch(l.text, i)
		s.peelStretch(l, from, to, m)
		at = to
		if to-i >= stretchSize {
			at = to - overlapSize
		}
	}
}

// next finds a real mark at or after at, or -1.
func (m marked) next(text []byte, at int) int {
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

// stretch returns the text around the marks that follow each other from i on,
// on one line.
func (m marked) stretch(text []byte, i int) (int, int) {
	from := max(0, i-contextSize)
	if k := bytes.LastIndexByte(text[from:i], '\n'); k >= 0 {
		from += k + 1
	}
	limit := min(len(text), i+stretchSize)
	if k := bytes.IndexByte(text[i:limit], '\n'); k >= 0 {
		limit = i + k
	}
	last := i
	for next := i; next >= 0 && next-last <= gapSize; next = m.next(text[:limit], last+1) {
		last = next
	}
	to := min(limit, last+contextSize)
	for to < limit && base64Value(text[to]) >= 0 {
		to++
	}
	return from, to
}

func (s *session) peelStretch(l *layer, from, to int, m marked) {
	if !s.allowed(l, from, to, int64(to-from)) {
		return
	}
	src := l.text[from:to]
	s.descend(&layer{
		text: m.decode(src), parent: l, name: m.name, exact: true,
		span: func(i, j int) (int, int) {
			a, b := m.origin(src, i, j)
			return from + a, from + b
		},
	})
}

func (m marked) decode(src []byte) []byte {
	out := make([]byte, 0, len(src))
	for len(src) > 0 {
		i := bytes.IndexByte(src, m.marker)
		if i < 0 {
			return append(out, src...)
		}
		out = append(out, src[:i]...)
		src = src[i:]
		b, n, length := m.step(src)
		if length == 0 {
			b[0], n, length = src[0], 1, 1
		}
		out = append(out, b[:n]...)
		src = src[length:]
	}
	return out
}

// origin walks src once more to map decoded bytes [i,j) back to it.
func (m marked) origin(src []byte, i, j int) (int, int) {
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

func unpercent(src []byte) (out [4]byte, n, length int) {
	v, ok := hexNumber(src, 1, 2)
	if !ok {
		return out, 0, 0
	}
	out[0] = byte(v)
	return out, 1, 3
}

// hexNumber reads the hex digits src[from:from+count].
func hexNumber(src []byte, from, count int) (rune, bool) {
	if len(src) < from+count {
		return 0, false
	}
	var v rune
	for _, c := range src[from : from+count] {
		d := hexValue(c)
		if d < 0 {
			return 0, false
		}
		v = v<<4 | rune(d)
	}
	return v, true
}

func unescape(src []byte) (out [4]byte, n, length int) {
	if len(src) < 2 {
		return out, 0, 0
	}
	switch src[1] {
	case 'u':
		return unescapeRune(src)
	case 'x':
		if v, ok := hexNumber(src, 2, 2); ok {
			out[0] = byte(v)
			return out, 1, 4
		}
		return out, 0, 0
	}
	if i := bytes.IndexByte([]byte(`nrtbf/\"'`), src[1]); i >= 0 {
		out[0] = "\n\r\t\b\f/\\\"'"[i]
		return out, 1, 2
	}
	return out, 0, 0
}

// unescapeRune reads \uXXXX, or two of them that are a surrogate pair.
func unescapeRune(src []byte) (out [4]byte, n, length int) {
	r, ok := hexNumber(src, 2, 4)
	if !ok {
		return out, 0, 0
	}
	length = 6
	if utf16.IsSurrogate(r) && len(src) >= 12 && src[6] == '\\' && src[7] == 'u' {
		if low, ok := hexNumber(src, 8, 4); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				r, length = pair, 12
			}
		}
	}
	return out, utf8.EncodeRune(out[:], r), length
}
