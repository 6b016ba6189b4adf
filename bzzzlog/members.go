package bzzzlog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// members reads an object and puts the raw values of the named members into
// the places given. Names match in any case, as encoding/json has it, which
// the original project reads with. A named member that is there twice is
// ErrDuplicate.
func members(raw []byte, l Limits, into map[string]*json.RawMessage) error {
	p, err := newParser(raw, l)
	if err != nil {
		return err
	}
	if p.space(); p.peek() != '{' {
		if err := p.value(); err != nil {
			return err
		}
		return fmt.Errorf("%w: not an object", ErrSyntax)
	}
	if err := p.object(func(from, to int) error { return p.take(from, to, into) }); err != nil {
		return err
	}
	return p.end()
}

// take reads one member's value and keeps it if it is asked for.
func (p *parser) take(from, to int, into map[string]*json.RawMessage) error {
	p.space()
	start := p.at
	if err := p.value(); err != nil {
		return err
	}
	key := appendText(p.scratch[:0], p.src[from:to])
	p.scratch = key
	for name, place := range into {
		if !bytes.EqualFold(key, []byte(name)) {
			continue
		}
		if *place != nil {
			return fmt.Errorf("%w: %s at byte %d", ErrDuplicate, name, from)
		}
		*place = p.src[start:p.at:p.at]
	}
	return nil
}

// stringOf reads a string; ok is false when raw is missing or something else.
func stringOf(raw json.RawMessage) (text string, ok bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	return string(appendText(nil, raw)), true
}

// timeOf reads an RFC 3339 time, zero when raw is no such thing.
func timeOf(raw json.RawMessage) time.Time {
	text, _ := stringOf(raw)
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}
	}
	return t
}

// numberOf is the literal of a number, empty when raw is something else.
func numberOf(raw json.RawMessage) json.Number {
	if len(raw) == 0 || raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		return ""
	}
	return json.Number(raw)
}
