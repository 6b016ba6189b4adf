package document

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// rtf reads the Rich Text Format (Microsoft, version 1.9.1, 2008): text between
// control words in groups. Groups that hold no text of the page, fonts, pictures
// and the like, belong to the rest.
type rtf struct {
	in    window
	group group
	outer []group
	over  int    // groups that are open beyond maxGroups
	skip  int    // characters to leave out, which stand for a \u that was read
	bin   int    // bytes of binary data to pass
	half  rune   // first half of a surrogate pair
	text  []byte // of the last piece
}

// group is the state that a group inherits and gives back.
type group struct {
	hidden   bool
	fallback int // characters that follow \u for those who cannot read it: \uc
	fresh    bool
}

// maxGroups bounds the state that is kept; groups beyond it share one.
const maxGroups = 1000

func (r *rtf) next() (piece, error) {
	b := r.in.ahead()
	switch {
	case len(b) == 0:
		return piece{}, r.in.end()
	case r.bin > 0:
		n := min(r.bin, len(b))
		r.bin -= n
		return piece{raw: r.in.take(n)}, nil
	}
	switch b[0] {
	case '{':
		r.push()
		return piece{raw: r.in.take(1)}, nil
	case '}':
		r.pop()
		return piece{raw: r.in.take(1)}, nil
	case '\\':
		return r.control(b), nil
	case '\r', '\n':
		return piece{raw: r.in.take(1)}, nil
	}
	return r.characters(b), nil
}

func (r *rtf) push() {
	if len(r.outer) == maxGroups {
		r.over++
		return
	}
	r.group.fresh = false
	r.outer = append(r.outer, r.group)
	r.group.fresh = true
	r.skip = 0
}

func (r *rtf) pop() {
	n := len(r.outer)
	switch {
	case r.over > 0:
		r.over--
	case n > 0:
		r.group, r.outer = r.outer[n-1], r.outer[:n-1]
	}
	r.skip = 0
}

// characters takes text up to the next mark.
func (r *rtf) characters(b []byte) piece {
	n := bytes.IndexAny(b, "\\{}\r\n")
	if n < 0 {
		n = len(b)
	}
	r.group.fresh = false
	out := min(n, r.skip)
	r.skip -= out
	return r.show(n, b[out:n])
}

// show takes n bytes that put text on the page, unless the group is hidden.
func (r *rtf) show(n int, text []byte) piece {
	if r.group.hidden {
		return piece{raw: r.in.take(n)}
	}
	r.text = append(r.text[:0], text...)
	return piece{raw: r.in.take(n), text: r.text, shown: true}
}

// control takes a control word, or a control symbol, which is one character.
func (r *rtf) control(b []byte) piece {
	fresh := r.group.fresh
	r.group.fresh = false
	switch {
	case len(b) < 2:
		return piece{raw: r.in.take(len(b))}
	case b[1] == '\'':
		return r.hexByte(b)
	case isLetter(b[1]):
		return r.word(b, fresh)
	}
	switch b[1] {
	case '*': // a destination that old readers may leave out
		r.group.hidden = r.group.hidden || fresh
	case '\\', '{', '}':
		return r.symbol(b[1])
	case '~':
		return r.symbol(' ')
	case '_':
		return r.symbol('-')
	case '\r', '\n':
		return r.layout(2, "\n")
	}
	return piece{raw: r.in.take(2)}
}

func (r *rtf) symbol(c byte) piece {
	if r.skip > 0 {
		r.skip--
		return r.show(2, nil)
	}
	return r.show(2, []byte{c})
}

// hexByte takes \'xx, a byte of the code page. What is no ASCII is taken for
// Latin-1, which tells letters apart.
func (r *rtf) hexByte(b []byte) piece {
	if len(b) < 4 {
		return piece{raw: r.in.take(len(b))}
	}
	c, err := strconv.ParseUint(string(b[2:4]), 16, 8)
	switch {
	case err != nil:
		return piece{raw: r.in.take(2)}
	case r.skip > 0:
		r.skip--
		return r.show(4, nil)
	}
	return r.show(4, utf8.AppendRune(nil, rune(c)))
}

// maxWord is how long the name and the number of a control word may be.
const maxWord = 64

// word takes a control word, its number, and the space that ends it.
func (r *rtf) word(b []byte, fresh bool) piece {
	b = b[:min(len(b), maxWord)]
	n := 1
	for n < len(b) && isLetter(b[n]) {
		n++
	}
	name, from := string(b[1:n]), n
	if n+1 < len(b) && b[n] == '-' && isDigit(b[n+1]) {
		n++
	}
	for n < len(b) && isDigit(b[n]) {
		n++
	}
	number, err := strconv.Atoi(string(b[from:n]))
	if n < len(b) && b[n] == ' ' {
		n++
	}
	return r.act(name, number, err == nil, fresh, n)
}

func (r *rtf) act(name string, number int, has, fresh bool, n int) piece {
	switch {
	case name == "u" && has:
		return r.unicode(number, n)
	case name == "uc" && has:
		r.group.fallback = max(0, number)
	case name == "bin" && has:
		r.bin = max(0, number)
	case r.skip > 0:
		r.skip--
	case fresh && hides(name):
		r.group.hidden = true
	default:
		return r.layout(n, stands(name))
	}
	return piece{raw: r.in.take(n)}
}

// layout takes n bytes that are no text themselves.
func (r *rtf) layout(n int, text string) piece {
	if r.group.hidden {
		text = ""
	}
	return piece{raw: r.in.take(n), text: []byte(text)}
}

// unicode takes \uN: N is a UTF-16 code unit, signed. The characters behind it
// are for those who cannot read it.
func (r *rtf) unicode(number, n int) piece {
	r.skip = r.group.fallback
	unit := rune(uint16(number))
	first := r.half
	r.half = 0
	switch {
	case utf16.IsSurrogate(unit) && unit < 0xdc00:
		r.half = unit
		return r.show(n, nil)
	case utf16.IsSurrogate(unit):
		unit = utf16.DecodeRune(first, unit)
	}
	return r.show(n, utf8.AppendRune(nil, unit))
}

// stands is the text that a control word stands for.
func stands(name string) string {
	switch name {
	case "par", "line", "sect", "page", "row", "nestrow":
		return "\n"
	case "tab", "cell", "nestcell":
		return "\t"
	case "lquote", "rquote":
		return "'"
	case "ldblquote", "rdblquote":
		return `"`
	case "emdash", "endash":
		return "-"
	}
	return ""
}

// hides says which destinations are no text of the page.
func hides(name string) bool {
	switch name {
	case "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "objdata", "listtable", "listoverridetable", "filetbl", "revtbl", "rsidtbl", "themedata", "fldinst":
		return true
	}
	return false
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
