package bzzzlog

import "fmt"

// parser reads one JSON value (RFC 8259) without building it. It is stricter
// than needed nowhere but in one way more tolerant: bytes that are not UTF-8
// and raw control characters may stand in strings.
type parser struct {
	src    []byte
	at     int
	limits Limits
	depth  int
	values int
	// visit, if not nil, is called for every key and string; false stops.
	visit   func(Value) bool
	stopped bool
	steps   []rawStep
	scratch []byte
}

// rawStep is a step of the path: the literal of a key, or an array index.
type rawStep struct {
	key   []byte // with its quotes; nil in an array
	index int
}

func newParser(src []byte, l Limits) (*parser, error) {
	l = l.withDefaults()
	if len(src) > l.MaxBytes {
		return nil, fmt.Errorf("%w: %d bytes, the limit is %d", ErrTooLarge, len(src), l.MaxBytes)
	}
	return &parser{src: src, limits: l}, nil
}

func (p *parser) space() {
	for p.at < len(p.src) {
		switch p.src[p.at] {
		case ' ', '\t', '\r', '\n':
			p.at++
		default:
			return
		}
	}
}

// peek is the next byte, 0 at the end (which no value begins with).
func (p *parser) peek() byte {
	if p.at < len(p.src) {
		return p.src[p.at]
	}
	return 0
}

// end asks for nothing but white space up to the end.
func (p *parser) end() error {
	if p.space(); p.at < len(p.src) {
		return syntaxError(p.at, "text after the value")
	}
	return nil
}

// value reads one value, white space before it included.
func (p *parser) value() error {
	p.space()
	if err := p.count(); err != nil {
		return err
	}
	switch c := p.peek(); {
	case c == '{':
		return p.object(p.member)
	case c == '[':
		return p.array()
	case c == '"':
		return p.text()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	return p.word()
}

func (p *parser) count() error {
	if p.values++; p.values > p.limits.MaxValues {
		return fmt.Errorf("%w: more than %d at byte %d", ErrTooWide, p.limits.MaxValues, p.at)
	}
	return nil
}

func (p *parser) enter() error {
	if p.depth++; p.depth > p.limits.MaxDepth {
		return fmt.Errorf("%w: more than %d levels at byte %d", ErrTooDeep, p.limits.MaxDepth, p.at)
	}
	p.at++
	return nil
}

// object reads {...} and calls member with the place of each literal key, the
// parser standing before the value.
func (p *parser) object(member func(from, to int) error) error {
	return p.list('}', func(int) error {
		from, to, err := p.key()
		if err != nil {
			return err
		}
		return member(from, to)
	})
}

func (p *parser) array() error {
	return p.list(']', func(i int) error {
		p.steps = append(p.steps, rawStep{index: i})
		err := p.value()
		p.steps = p.steps[:len(p.steps)-1]
		return err
	})
}

// list reads what stands between brackets, separated by commas.
func (p *parser) list(closing byte, item func(i int) error) error {
	if err := p.enter(); err != nil {
		return err
	}
	if p.space(); p.peek() == closing {
		return p.leave()
	}
	for i := 0; ; i++ {
		if err := item(i); err != nil || p.stopped {
			return err
		}
		switch p.space(); p.peek() {
		case closing:
			return p.leave()
		case ',':
			p.at++
		default:
			return syntaxError(p.at, "neither a comma nor the closing bracket")
		}
	}
}

func (p *parser) leave() error {
	p.depth--
	p.at++
	return nil
}

// key reads a literal key, src[from:to], and the colon behind it.
func (p *parser) key() (from, to int, err error) {
	p.space()
	from = p.at
	if p.peek() != '"' {
		return 0, 0, syntaxError(p.at, "no key")
	}
	if err := p.count(); err != nil {
		return 0, 0, err
	}
	if err := p.literal(); err != nil {
		return 0, 0, err
	}
	to = p.at
	if p.space(); p.peek() != ':' {
		return 0, 0, syntaxError(p.at, "no colon behind a key")
	}
	p.at++
	return from, to, nil
}

// member visits a key and reads its value.
func (p *parser) member(from, to int) error {
	p.steps = append(p.steps, rawStep{key: p.src[from:to]})
	p.show(true, from, to)
	var err error
	if !p.stopped {
		err = p.value()
	}
	p.steps = p.steps[:len(p.steps)-1]
	return err
}

// text reads and visits a string value.
func (p *parser) text() error {
	from := p.at
	if err := p.literal(); err != nil {
		return err
	}
	p.show(false, from, p.at)
	return nil
}

func (p *parser) number() error {
	from := p.at
	if p.peek() == '-' {
		p.at++
	}
	if p.peek() == '0' {
		p.at++
	} else if !p.digits() {
		return syntaxError(from, "a number without digits")
	}
	if p.peek() == '.' {
		p.at++
		if !p.digits() {
			return syntaxError(from, "a number without digits behind its point")
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		return p.exponent(from)
	}
	return nil
}

func (p *parser) exponent(from int) error {
	p.at++
	if c := p.peek(); c == '+' || c == '-' {
		p.at++
	}
	if !p.digits() {
		return syntaxError(from, "a number without an exponent")
	}
	return nil
}

func (p *parser) digits() bool {
	from := p.at
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.at++
	}
	return p.at > from
}

func (p *parser) word() error {
	for _, w := range [...]string{"true", "false", "null"} {
		if rest := p.src[p.at:]; len(rest) >= len(w) && string(rest[:len(w)]) == w {
			p.at += len(w)
			return nil
		}
	}
	return syntaxError(p.at, "no value")
}
