package document

import (
	"bytes"
	"html"
)

// markup reads XML. It needs no more of it than where tags, comments and
// sections are, so that it reads what is broken as well, in constant memory.
//
// Text counts as shown within a paragraph only. There, tags are seen through:
// they are how a program cut up its runs. Everywhere else text belongs to the
// rest, where each value stands between its tags.
type markup struct {
	in     window
	begun  bool
	raw    bool // not to be taken apart: in UTF-16, say
	within string
	quote  byte // in a tag, the quotation mark that is open
	tag    tag
	deep   int // paragraphs that are open
	text   []byte
}

// tag is what matters of a tag that is being read.
type tag struct {
	name    string
	closing bool
	slash   bool // the last byte was one, as in <br/>
}

// What a markup is within, by the characters that end it.
const (
	inTag     = ">"
	inComment = "-->"
	inCommand = "?>"
	inSection = "]]>"
)

const cdata = "<![CDATA["

func (m *markup) next() (piece, error) {
	b := m.in.ahead()
	if !m.begun {
		m.begun, m.raw = true, wide(b)
	}
	switch {
	case len(b) == 0:
		return piece{}, m.in.end()
	case m.raw:
		return piece{raw: m.in.take(len(b))}, nil
	case m.within == inTag:
		return m.inTag(b), nil
	case m.within != "":
		return m.inOther(b), nil
	case b[0] == '<':
		return m.open(b), nil
	}
	return m.characters(b), nil
}

// wide says of the beginning of a document that it is not in UTF-8.
func wide(b []byte) bool {
	return bytes.IndexByte(b[:min(len(b), 4)], 0) >= 0 || bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff"))
}

// open takes the beginning of what < begins.
func (m *markup) open(b []byte) piece {
	for _, o := range []struct{ begin, end string }{{"<!--", inComment}, {cdata, inSection}, {"<?", inCommand}} {
		if bytes.HasPrefix(b, []byte(o.begin)) {
			m.within = o.end
			return piece{raw: m.in.take(len(o.begin))}
		}
	}
	m.within = inTag
	m.tag = tag{closing: len(b) > 1 && b[1] == '/'}
	n := 1
	if m.tag.closing {
		n = 2
	}
	m.tag.name = nameOf(b[n:min(len(b), lookAhead)])
	return piece{raw: m.in.take(n + len(m.tag.name))}
}

func nameOf(b []byte) string {
	if i := bytes.IndexAny(b, " \t\r\n/>"); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// inTag takes what there is of a tag. What a quotation mark opens may hold >.
func (m *markup) inTag(b []byte) piece {
	for i, c := range b {
		switch {
		case m.quote != 0:
			if c == m.quote {
				m.quote = 0
			}
		case c == '"' || c == '\'':
			m.quote = c
		case c == '>':
			m.within = ""
			return piece{raw: m.in.take(i + 1), text: m.effect()}
		}
		m.tag.slash = c == '/'
	}
	return piece{raw: m.in.take(len(b))}
}

// effect is what a tag does to the text: begins or ends a line, or stands for a
// character.
func (m *markup) effect() []byte {
	prefix, local := split(m.tag.name)
	if paragraph(prefix, local) {
		switch {
		case m.tag.closing:
			m.deep = max(0, m.deep-1)
		case !m.tag.slash:
			m.deep++
		}
		return []byte("\n")
	}
	if m.deep == 0 || m.tag.closing {
		return nil
	}
	switch local {
	case "br", "cr", "line-break":
		return []byte("\n")
	case "tab":
		return []byte("\t")
	case "s": // spaces of OpenDocument
		return []byte(" ")
	case "noBreakHyphen":
		return []byte("-")
	}
	return nil
}

func split(name string) (prefix, local string) {
	if i := bytes.IndexByte([]byte(name), ':'); i >= 0 {
		return name[:i], name[i+1:]
	}
	return "", name
}

// paragraph says which elements hold text that is read in one go: paragraphs and
// headings of word processors and slides, the strings and comments of sheets.
func paragraph(prefix, local string) bool {
	switch local {
	case "p", "h", "si", "is":
		return true
	case "text": // of a comment; office:text is the whole body
		return prefix == "" || prefix == "x"
	}
	return false
}

// inOther takes what there is of a comment, a command or a section, and leaves
// what may be the beginning of its end.
func (m *markup) inOther(b []byte) piece {
	end := m.within
	n, text := bytes.Index(b, []byte(end)), []byte(nil)
	shown := end == inSection && m.deep > 0
	switch {
	case n == 0:
		m.within = ""
		return piece{raw: m.in.take(len(end))}
	case n < 0 && len(b) > len(end):
		n = len(b) - len(end) + 1
	case n < 0:
		n = len(b)
	}
	if shown {
		m.text = append(m.text[:0], b[:n]...)
		text = m.text
	}
	return piece{raw: m.in.take(n), text: text, shown: shown}
}

// maxReference is how long a character reference may be.
const maxReference = 32

// characters takes text up to the next tag.
func (m *markup) characters(b []byte) piece {
	n := bytes.IndexByte(b, '<')
	whole := n >= 0
	if !whole {
		n = len(b)
		if i := bytes.LastIndexByte(b, '&'); i > 0 && len(b)-i < maxReference {
			n = i
		}
	}
	if m.deep == 0 || whole && layout(b[:n]) {
		return piece{raw: m.in.take(n)}
	}
	m.text = append(m.text[:0], b[:n]...)
	if bytes.IndexByte(m.text, '&') >= 0 {
		m.text = append(m.text[:0], html.UnescapeString(string(m.text))...)
	}
	return piece{raw: m.in.take(n), text: m.text, shown: true}
}

// layout says of the space between two tags that it only makes the XML pretty.
func layout(b []byte) bool {
	return bytes.IndexByte(b, '\n') >= 0 && len(bytes.TrimSpace(b)) == 0
}
