package jsonrpc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Message is what a message asks for.
type Message struct {
	// Methods that are called, in order; an answer calls none.
	Methods []string
	// Tools that tools/call names, in order.
	Tools []string
	// Asks are the ids of calls that wait for an answer, Answers those of answers: as
	// JSON, each in one spelling.
	Asks, Answers []string
	// Batch says that it is a list of messages.
	Batch bool
}

// The bounds of a message.
const (
	maxCalls   = 1000 // in a batch
	maxMembers = 1000 // of an object whose names matter
	maxName    = 200  // bytes of a method's or a tool's name
	maxDepth   = 500
	mostTold   = 3 // names that String has
)

// Why something is no message of JSON-RPC.
var (
	errJSON    = errors.New("it is not JSON in UTF-8")
	errDepth   = errors.New("it is nested too deep")
	errVersion = errors.New(`it does not say "jsonrpc": "2.0"`)
	errTwice   = errors.New("a name is there twice, or in another case")
	errName    = errors.New("the name of a method or a tool is none")
	errMembers = errors.New("it has more names than a message has")
	errCalls   = errors.New("it is neither a message nor a list of some")
)

// Parse reads a message, or a list of messages.
func Parse(text []byte) (Message, error) {
	if !utf8.Valid(text) {
		return Message{}, errJSON
	}
	p := &parser{d: json.NewDecoder(bytes.NewReader(text))}
	if err := p.document(); err != nil {
		return Message{}, err
	}
	if _, err := p.d.Token(); !errors.Is(err, io.EOF) {
		return Message{}, errJSON
	}
	return p.m, nil
}

// String says in words what is asked for.
func (m Message) String() string {
	words := make([]string, 0, mostTold+1)
	for i, name := range m.Methods[:min(len(m.Methods), mostTold)] {
		if name == callTool && len(m.Methods) == len(m.Tools) {
			name += " " + m.Tools[i]
		}
		words = append(words, name)
	}
	if len(m.Methods) != len(m.Tools) && len(m.Tools) > 0 {
		words = append(words, "tools "+strings.Join(m.Tools[:min(len(m.Tools), mostTold)], " "))
	}
	if more := len(m.Methods) - mostTold; more > 0 {
		words = append(words, fmt.Sprintf("and %d more", more))
	}
	if len(words) == 0 {
		return "an answer"
	}
	return strings.Join(words, ", ")
}

// parser reads a message token by token.
type parser struct {
	d *json.Decoder
	m Message
	n int // messages so far
}

func (p *parser) document() error {
	t, err := p.d.Token()
	switch {
	case err != nil:
		return errJSON
	case t == json.Delim('{'):
		return p.message()
	case t != json.Delim('['):
		return errCalls
	}
	p.m.Batch = true
	for p.d.More() {
		if t, err := p.d.Token(); err != nil || t != json.Delim('{') {
			return errCalls
		}
		if err := p.message(); err != nil {
			return err
		}
	}
	if p.n == 0 {
		return errCalls
	}
	return p.end()
}

// message reads the rest of an object that is one.
func (p *parser) message() error {
	if p.n++; p.n > maxCalls {
		return errCalls
	}
	c := call{}
	if err := p.object(1, c.names(), func(name string) error { return p.member(&c, name) }); err != nil {
		return err
	}
	return p.take(c)
}

// object reads the rest of an object. each reads the value of each of the names
// that are known; the others are read past. A known name may stand there once, in
// exactly its own spelling.
func (p *parser) object(depth int, known []string, each func(name string) error) error {
	seen := map[string]bool{}
	for p.d.More() {
		if len(seen) == maxMembers {
			return errMembers
		}
		t, err := p.d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return errJSON
		}
		exact := slices.Contains(known, name)
		if seen[name] || !exact && slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) }) {
			return errTwice
		}
		if seen[name] = true; !exact {
			err = p.skip(depth + 1)
		} else {
			err = each(name)
		}
		if err != nil {
			return err
		}
	}
	return p.end()
}

// skip reads past a value.
func (p *parser) skip(depth int) error {
	for open := 0; ; {
		t, err := p.d.Token()
		switch {
		case err != nil:
			return errJSON
		case t == json.Delim('{') || t == json.Delim('['):
			open++
		case t == json.Delim('}') || t == json.Delim(']'):
			open--
		}
		if open == 0 {
			return nil
		}
		if depth+open > maxDepth {
			return errDepth
		}
	}
}

// end reads the bracket that closes.
func (p *parser) end() error {
	if _, err := p.d.Token(); err != nil {
		return errJSON
	}
	return nil
}
