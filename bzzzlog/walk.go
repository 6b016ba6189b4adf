package bzzzlog

import (
	"bytes"
	"strconv"
	"strings"
)

// Value is a key or a string that Walk came by. It is valid during the visit;
// Path and SourceOffset must not be called later.
type Value struct {
	// Key says that this is the name of an object's member, not a value.
	Key bool
	// Text is what the literal stands for, escapes undone.
	Text []byte
	// Start and End are where the literal lies in the input, quotes included.
	Start, End int

	literal []byte
	steps   []rawStep
}

// Path says where the value is. A key has the path of the member it names.
func (v Value) Path() Path {
	path := make(Path, len(v.steps))
	for i, s := range v.steps {
		path[i] = Step{Index: s.index}
		if s.key != nil {
			path[i] = Step{Key: string(appendText(nil, s.key)), Index: -1}
		}
	}
	return path
}

// PathLen is how many bytes the keys of the path are written in, quotes
// included: what Path costs, known without the cost.
func (v Value) PathLen() (n int) {
	for _, s := range v.steps {
		n += len(s.key)
	}
	return n
}

// SourceOffset is the offset in the input of what byte i of Text was written
// as; past the end of Text, of the closing quote.
func (v Value) SourceOffset(i int) int { return v.Start + sourceOffset(v.literal, i) }

// Path leads from the outermost value to one inside it.
type Path []Step

// Step is a member of an object, or an element of an array when Index is not
// negative.
type Step struct {
	Key   string
	Index int
}

// String writes a path as data.env.TOKEN, list[3] or data["odd.key"]. The keys
// are the input's own: one may be a secret.
func (p Path) String() string {
	var b strings.Builder
	for i, s := range p {
		switch {
		case s.Index >= 0:
			b.WriteString("[" + strconv.Itoa(s.Index) + "]")
		case !plain(s.Key):
			b.WriteString("[" + strconv.Quote(s.Key) + "]")
		case i > 0:
			b.WriteString("." + s.Key)
		default:
			b.WriteString(s.Key)
		}
	}
	return b.String()
}

// plain says whether a key can stand in a path without quotes.
func plain(key string) bool {
	odd := strings.IndexFunc(key, func(r rune) bool {
		return !(r == '_' || r == '-' || r == '$' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	})
	return key != "" && odd < 0
}

// Walk reads one JSON value and calls visit for every key and every string in
// it, in the order they are written, until visit returns false. Numbers are
// not visited. An error is found only where reading got to: what stands before
// has been visited.
func Walk(raw []byte, l Limits, visit func(Value) bool) error {
	p, err := newParser(raw, l)
	if err != nil {
		return err
	}
	p.visit = visit
	if err := p.value(); err != nil {
		return err
	}
	if p.stopped {
		return nil
	}
	return p.end()
}

// show hands the literal src[from:to] to visit, if there is one.
func (p *parser) show(key bool, from, to int) {
	if p.visit == nil {
		return
	}
	literal := p.src[from:to]
	text := literal[1 : len(literal)-1]
	if bytes.IndexByte(text, '\\') >= 0 {
		p.scratch = appendText(p.scratch[:0], literal)
		text = p.scratch
	}
	p.stopped = !p.visit(Value{Key: key, Text: text, Start: from, End: to, literal: literal, steps: p.steps})
}
