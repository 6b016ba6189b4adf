package pdf

import (
	"bytes"
	"errors"
	"strconv"
)

// value is an object (ISO 32000-1, 7.3): float64, text, name, array, dict, ref,
// or word for everything that is written as a bare word.
type value any

type (
	name  string
	text  []byte // a string, without its escapes
	word  string // true, null, obj, or an operator of a content stream
	ref   int    // the number of an object; its generation tells nothing more
	array []value
	dict  map[name]value
)

// What one object may hold: above that it is no longer taken for one.
const (
	maxDepth = 64
	maxItems = 1 << 20
)

var (
	errEnd     = errors.New("it ends within an object")
	errObject  = errors.New("an object is broken")
	errTooDeep = errors.New("an object is nested too deep or holds too much")
)

// parser reads objects. In a content stream there are no references.
type parser struct {
	data  []byte
	at    int
	refs  bool
	items int
}

// next reads one object, or errEnd.
func (p *parser) next() (value, error) {
	p.items = 0
	return p.value(0)
}

func (p *parser) value(depth int) (value, error) {
	p.space()
	if p.items++; depth > maxDepth || p.items > maxItems {
		return nil, errTooDeep
	}
	if p.at >= len(p.data) {
		return nil, errEnd
	}
	switch c := p.data[p.at]; {
	case c == '/':
		return p.name(), nil
	case c == '(':
		return p.literal()
	case c == '[':
		return p.array(depth)
	case c == '<' && p.at+1 < len(p.data) && p.data[p.at+1] == '<':
		return p.dict(depth)
	case c == '<':
		return p.hex()
	case c == ')' || c == '>' || c == ']' || c == '{' || c == '}':
		p.at++
		return word(c), nil
	}
	return p.bare(), nil
}

// space passes white space and comments (7.2.2).
func (p *parser) space() {
	for p.at < len(p.data) {
		switch c := p.data[p.at]; {
		case isSpace(c):
			p.at++
		case c == '%':
			i := bytes.IndexAny(p.data[p.at:], "\r\n")
			if i < 0 {
				i = len(p.data) - p.at
			}
			p.at += i
		default:
			return
		}
	}
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

// regular says of a character that it belongs to a name, a number or a word.
func regular(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return false
	}
	return !isSpace(c)
}

func (p *parser) run() []byte {
	from := p.at
	for p.at < len(p.data) && regular(p.data[p.at]) {
		p.at++
	}
	return p.data[from:p.at]
}

// name reads a name; #xx is a byte of it.
func (p *parser) name() name {
	p.at++
	b := p.run()
	if bytes.IndexByte(b, '#') < 0 {
		return name(b)
	}
	var out []byte
	for i := 0; i < len(b); i++ {
		if b[i] == '#' && i+2 < len(b) {
			if c, err := strconv.ParseUint(string(b[i+1:i+3]), 16, 8); err == nil {
				out, i = append(out, byte(c)), i+2
				continue
			}
		}
		out = append(out, b[i])
	}
	return name(out)
}

// bare reads a number, a reference or a word.
func (p *parser) bare() value {
	b := p.run()
	if !numeric(b) {
		return word(b)
	}
	n, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return word(b)
	}
	if p.refs && n >= 0 && n < 1e9 && n == float64(int(n)) {
		if p.reference() {
			return ref(n)
		}
	}
	return n
}

// numeric keeps words such as Inf, and numbers that PDF doesn't write, apart.
func numeric(b []byte) bool {
	for _, c := range b {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' {
			return false
		}
	}
	return len(b) < 32
}

// reference says whether a generation and R follow, and passes them.
func (p *parser) reference() bool {
	ahead := parser{data: p.data[:min(len(p.data), p.at+16)], at: p.at}
	ahead.space()
	generation := ahead.run()
	if len(generation) == 0 || len(bytes.Trim(generation, "0123456789")) > 0 {
		return false
	}
	ahead.space()
	if string(ahead.run()) != "R" {
		return false
	}
	p.at = ahead.at
	return true
}

func (p *parser) array(depth int) (value, error) {
	p.at++
	out := array{}
	for {
		v, err := p.value(depth + 1)
		switch {
		case err != nil:
			return nil, err
		case v == word("]"):
			return out, nil
		case stops(v):
			return nil, errObject
		}
		out = append(out, v)
	}
}

// stops says of a word that whatever is open was never closed.
func stops(v value) bool {
	return v == word("endobj") || v == word("obj") || v == word("stream") || v == word("endstream")
}

func (p *parser) dict(depth int) (value, error) {
	p.at += 2
	out := dict{}
	for {
		key, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if key == word(">") && p.at < len(p.data) && p.data[p.at] == '>' {
			p.at++
			return out, nil
		}
		k, ok := key.(name)
		if !ok {
			return nil, errObject
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if v == word(">") || stops(v) {
			return nil, errObject
		}
		out[k] = v
	}
}
