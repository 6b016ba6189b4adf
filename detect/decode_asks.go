package detect

import (
	"bytes"
	"strings"
)

// Which marks ask to be decoded: those that stand in a secret, at its edge, or
// between a name and its value.

const (
	longWord  = 6  // letters that may be a name or begin a secret
	longToken = 8  // digits of base64 that may be a secret's edge
	leastLine = 68 // characters of a line that quoted-printable breaks
	mostLine  = 76
)

// digitsAfter counts the digits of base64 that text begins with, up to most.
func digitsAfter(text []byte, most int) int {
	n := 0
	for n < len(text) && n < most && base64Value(text[n]) >= 0 {
		n++
	}
	return n
}

// digitsBefore counts those that text ends with.
func digitsBefore(text []byte, most int) int {
	n := 0
	for n < len(text) && n < most && base64Value(text[len(text)-1-n]) >= 0 {
		n++
	}
	return n
}

// byteAt is text[i], or a blank outside of it.
func byteAt(text []byte, i int) byte {
	if i < 0 || i >= len(text) {
		return ' '
	}
	return text[i]
}

func oneOf(c byte, set string) bool { return strings.IndexByte(set, c) >= 0 }

// edgeAsks is for a mark that stands for something no secret holds: a name or a
// secret begins behind it, which it hides, or it stands before a value.
func edgeAsks(text []byte, m markAt) bool {
	after := m.behind(text)
	n := digitsAfter(after, longWord)
	if n == longWord || n > 0 && (oneOf(byteAt(after, n), "=:.^$") || digitsBefore(text[:m.i], minJoined) == minJoined) {
		return true
	}
	return oneOf(byteAt(text, m.i-1), ":=") && len(after) > 0 && after[0] > ' '
}

// quoteAsks is for a quotation mark: one that belongs to a name or a value, not
// to a sentence.
func quoteAsks(text []byte, m markAt) bool {
	prev, next := byteAt(text, m.i-1), byteAt(text, m.i+m.length)
	return (besideQuotes[prev]&opensValue|besideQuotes[next]&closesValue) != 0 ||
		prev == ' ' && besideQuotes[byteAt(text, m.i-2)]&opensLater != 0 ||
		next == ' ' && besideQuotes[byteAt(text, m.i+m.length+1)]&assigns != 0 ||
		digitsAfter(m.behind(text), longToken) == longToken || digitsBefore(text[:m.i], longToken) == longToken
}

// What a byte beside a quotation mark says: that a name or value begins with the
// mark, at once or behind a blank, or ends with it, at once or before one. Texts
// are full of such marks, hence the table.
const (
	opensValue = 1 << iota
	opensLater
	closesValue
	assigns
)

var besideQuotes = func() (t [256]uint8) {
	for bit, set := range []string{":=,{[", ":=,", ":=,}]>", ":="} {
		for _, c := range []byte(set) {
			t[c] |= 1 << bit
		}
	}
	return t
}()

// characterAsks is for a mark that stands for any character.
func characterAsks(text []byte, m markAt) bool {
	switch c := m.first; {
	case m.n > 1 || c <= ' ' || c >= 0x7f:
		return edgeAsks(text, m)
	case c == '"' || c == '\'':
		return quoteAsks(text, m)
	}
	return true
}

func escapeAsks(text []byte, m markAt) bool {
	if m.length > 2 && m.n > 0 { // \uXXXX and the like
		return characterAsks(text, m)
	}
	next := byteAt(text, m.i+m.length)
	if m.n == 0 { // a line that goes on: within a word?
		return byteAt(text, m.i-1) > ' ' && (base64Value(next) >= 0 || oneOf(next, "$!@#%^*~."))
	}
	switch c := m.first; {
	case c == '\\':
		return oneOf(next, "\\nrtux\"'/")
	case c == '/':
		return byteAt(text, m.i-1) != '<' && (base64Value(next) >= 0 || next == '\\')
	case c <= ' ':
		return edgeAsks(text, m)
	case oneOf(c, ":=#!$`"):
		return base64Value(byteAt(text, m.i-1)) >= 0
	}
	return quoteAsks(text, m)
}

func entityAsks(text []byte, m markAt) bool {
	prev, next := byteAt(text, m.i-1), byteAt(text, m.i+m.length)
	switch c := m.first; c {
	case '&':
		return base64Value(prev) >= 0 && base64Value(next) >= 0 || next == '#' || edgeAsks(text, m)
	case '<':
		return digitsBefore(text[:m.i], longWord) == longWord
	case '>':
		return base64Value(next) >= 0 || next == '-'
	}
	return characterAsks(text, m)
}

// printableAsks wants a sign that this is quoted-printable at all: an equals sign
// that is marked, or a full line that goes on, with another mark near it. Base64
// ends with equals signs too.
func printableAsks(text []byte, m markAt) bool {
	if m.n > 0 {
		return m.first == '=' || printableRun(text, m.i)
	}
	if prev := byteAt(text, m.i-1); prev <= ' ' || prev == '=' || byteAt(text, m.i+m.length) <= ' ' {
		return false
	}
	line := m.i - 1 - bytes.LastIndexByte(text[max(0, m.i-contextSize):m.i], '\n') - max(0, m.i-contextSize)
	if line < leastLine || line > mostLine {
		return false
	}
	before := text[max(0, m.i-gapSize):m.i]
	return bytes.Contains(before, []byte("quoted-printable")) || printableMarks(before) || printableMarks(text[m.i+m.length:min(len(text), m.i+m.length+contextSize)])
}

// printableRun says whether a mark is one of three in a row of what needs none: somebody
// wrote all of a word in marks.
func printableRun(text []byte, i int) bool {
	n := 0
	for at := i - 6; at <= i+6; at += 3 {
		if at < 0 || at+2 >= len(text) || text[at] != '=' {
			continue
		}
		if v, ok := hexNumber(text[at:], 1, 2); ok && v < 0x80 && seen(byte(v)) {
			n++
		}
	}
	return n >= 3
}

// printableMarks says whether a text holds a mark of quoted-printable.
func printableMarks(text []byte) bool {
	for at := 0; ; at++ {
		k := bytes.IndexByte(text[at:], '=')
		if k < 0 {
			return false
		}
		at += k
		if out, n, length := unprintable(text[at:]); length > 0 && (n == 0 || out[0] >= 0x7f || out[0] == '=') {
			return true
		}
	}
}
