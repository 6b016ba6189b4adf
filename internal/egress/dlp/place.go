package dlp

import (
	"bytes"
	"strconv"
	"strings"
)

// A finding is said to lie in a value of JSON, a field of a form or a part of a
// multipart body, so that whoever reads of it finds it. Names are the sender's: what
// is odd in them is left out, and so are all when there could be a secret in them.
const (
	mostPlaces   = 16      // of a body, that are worked out
	mostPlaced   = 1 << 20 // bytes that are read for one
	mostDepth    = 32
	longestLabel = 40
)

// shape is what a body is, by how it begins.
type shape uint8

const (
	shapeless shape = iota
	shapeJSON
	shapeForm
	shapeMultipart
)

func shapeOf(text []byte) shape {
	text = bytes.TrimLeft(text[:min(len(text), 512)], " \t\r\n\ufeff")
	switch {
	case len(text) == 0:
		return shapeless
	case text[0] == '{' || text[0] == '[':
		return shapeJSON
	case bytes.HasPrefix(text, []byte("--")) && bytes.Contains(text, []byte("\n")):
		return shapeMultipart
	}
	for i, c := range text {
		if c == '=' {
			if i > 0 {
				return shapeForm
			}
			break
		}
		if !wordByte(c) && !strings.ContainsRune(".%+[]*~", rune(c)) {
			break
		}
	}
	return shapeless
}

// placeIn says where at lies in a text that begins as the body does, or, if it does
// not, in the part of it that is known; empty when that says nothing.
func placeIn(s shape, text []byte, at int, begins bool) string {
	at = min(at, len(text))
	if at > mostPlaced {
		text, at, begins = text[at-mostPlaced:], mostPlaced, false
	}
	switch s {
	case shapeJSON:
		if begins {
			return " json " + pathTo(text, at)
		}
		return " json"
	case shapeForm:
		return fieldAt(text, at, begins)
	case shapeMultipart:
		return partAt(text[:at])
	}
	return ""
}

// level is an object or a list of JSON that is open.
type level struct {
	list  bool
	index int
	label string
	value bool // of an object: a value is expected
}

// pathTo is the path of the value of JSON (RFC 8259) that holds text[at], as
// RFC 9535 writes it. It is forgiving: what is no JSON gets some path.
func pathTo(text []byte, at int) string {
	var open []level
	deeper := 0 // levels that are not kept
	for i := 0; i < at; i++ {
		switch c := text[i]; c {
		case '{', '[':
			if len(open) == mostDepth {
				deeper++
				continue
			}
			open = append(open, level{list: c == '['})
		case '}', ']':
			if deeper > 0 {
				deeper--
			} else if len(open) > 0 {
				open = open[:len(open)-1]
			}
		case ',', ':':
			if n := len(open); n > 0 && deeper == 0 {
				open[n-1].next(c)
			}
		case '"':
			end := stringEnd(text, i+1)
			if end >= at {
				return written(open, deeper, inKey(open, deeper))
			}
			if n := len(open); n > 0 && deeper == 0 && !open[n-1].list && !open[n-1].value {
				open[n-1].label = label(text[i+1 : end])
			}
			i = end
		}
	}
	return written(open, deeper, false)
}

func (l *level) next(c byte) {
	switch {
	case c == ':':
		l.value = true
	case l.list:
		l.index++
	default:
		l.value, l.label = false, ""
	}
}

// inKey says whether a string that begins here is the name of a value.
func inKey(open []level, deeper int) bool {
	n := len(open)
	return deeper == 0 && n > 0 && !open[n-1].list && !open[n-1].value
}

// stringEnd is where the string ends that goes on at text[i].
func stringEnd(text []byte, i int) int {
	for ; i < len(text) && text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return min(i, len(text))
}

func written(open []level, deeper int, key bool) string {
	var out strings.Builder
	if key {
		out.WriteString("key of ")
	}
	out.WriteByte('$')
	for i, l := range open {
		switch {
		case l.list:
			out.WriteString("[" + strconv.Itoa(l.index) + "]")
		case key && i == len(open)-1:
		default:
			out.WriteString("." + l.label)
		}
	}
	if deeper > 0 {
		out.WriteString("...")
	}
	return out.String()
}

// label is a name as it may be shown: short, and of what names are made of.
func label(name []byte) string {
	if len(name) > longestLabel {
		return "?"
	}
	for _, c := range name {
		if !wordByte(c) && c != '.' && c != ' ' && c != '[' && c != ']' {
			return "?"
		}
	}
	return string(name)
}

// fieldAt names the field of a form that holds text[at].
func fieldAt(text []byte, at int, begins bool) string {
	from := bytes.LastIndexByte(text[:at], '&') + 1
	name, _, found := bytes.Cut(text[from:at], []byte{'='})
	switch {
	case from == 0 && !begins:
		return " form"
	case !found:
		return " form, name of a field"
	}
	return " form field " + label(name)
}

// partAt names the part of a multipart body that goes on at the end of a text, by
// the last head in it.
func partAt(text []byte) string {
	head := -1
	for end := len(text); end > 0; {
		i := bytes.LastIndexByte(text[:end], ':')
		if i < 0 {
			break
		}
		const word = "content-disposition"
		if i >= len(word) && strings.EqualFold(string(text[i-len(word):i]), word) {
			head = i
			break
		}
		end = i
	}
	if head < 0 {
		return " multipart"
	}
	line, _, _ := bytes.Cut(text[head:], []byte("\n"))
	if name, ok := parameter(line, "filename"); ok {
		return " multipart part file " + strconv.Quote(name)
	}
	if name, ok := parameter(line, "name"); ok {
		return " multipart part " + strconv.Quote(name)
	}
	return " multipart"
}

// parameter is a quoted parameter of a field, for people.
func parameter(line []byte, name string) (string, bool) {
	i := bytes.Index(line, []byte("; "+name+`="`))
	if i < 0 {
		return "", false
	}
	value, _, found := bytes.Cut(line[i+len(name)+4:], []byte{'"'})
	return label(value), found
}
