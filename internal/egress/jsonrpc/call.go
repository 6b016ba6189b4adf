package jsonrpc

import (
	"encoding/json"
	"strings"
	"unicode"
)

// callTool is the method of MCP that calls a tool, which its params name.
const callTool = "tools/call"

// call is one message, as far as it is read.
type call struct {
	version, method, tool string
	id                    string // as JSON; empty: none, or null
	hasMethod, hasTool    bool
}

func (call) names() []string {
	return []string{"jsonrpc", "id", "method", "params", "result", "error"}
}

// member reads the value of a name of a message.
func (p *parser) member(c *call, name string) (err error) {
	switch name {
	case "jsonrpc":
		c.version, err = p.text()
	case "method":
		c.hasMethod = true
		c.method, err = p.text()
	case "id":
		c.id, err = p.id()
	case "params":
		err = p.params(c)
	default:
		err = p.skip(1)
	}
	return err
}

// params looks for the name of a tool.
func (p *parser) params(c *call) error {
	t, err := p.d.Token()
	switch {
	case err != nil:
		return errJSON
	case t == json.Delim('{'):
		return p.object(2, []string{"name"}, func(string) error {
			return p.name(c)
		})
	case t == json.Delim('['):
		return p.list()
	}
	return nil
}

// name reads a name that may be a tool's: of other methods it may be anything.
func (p *parser) name(c *call) error {
	var raw json.RawMessage
	if err := p.d.Decode(&raw); err != nil {
		return errJSON
	}
	c.hasTool = json.Unmarshal(raw, &c.tool) == nil && raw[0] == '"'
	return nil
}

// list reads past the rest of a list.
func (p *parser) list() error {
	for p.d.More() {
		if err := p.skip(2); err != nil {
			return err
		}
	}
	return p.end()
}

func (p *parser) text() (string, error) {
	t, err := p.d.Token()
	s, ok := t.(string)
	if err != nil || !ok {
		return "", errName
	}
	return s, nil
}

// id reads an id: a string, a number or null.
func (p *parser) id() (string, error) {
	var raw json.RawMessage
	if err := p.d.Decode(&raw); err != nil {
		return "", errJSON
	}
	switch raw[0] {
	case 'n':
		return "", nil
	case '"':
		return oneSpelling(raw)
	case '{', '[', 't', 'f':
		return "", errJSON
	}
	return string(raw), nil
}

// oneSpelling writes a string of JSON as this package always does: whoever answers
// may escape it in another way.
func oneSpelling(raw json.RawMessage) (string, error) {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return "", errJSON
	}
	again, err := json.Marshal(text)
	if err != nil {
		return "", errJSON
	}
	return string(again), nil
}

// take adds a message that was read to what is asked for.
func (p *parser) take(c call) error {
	switch {
	case c.version != "2.0":
		return errVersion
	case !c.hasMethod:
		p.m.Answers = named(p.m.Answers, c.id)
		return nil
	case !plain(c.method) || c.method != callTool && strings.EqualFold(c.method, callTool), c.method == callTool && !(c.hasTool && plain(c.tool)):
		return errName
	}
	p.m.Methods = append(p.m.Methods, c.method)
	p.m.Asks = named(p.m.Asks, c.id)
	if c.method == callTool {
		p.m.Tools = append(p.m.Tools, c.tool)
	}
	return nil
}

// named adds an id, if there is one.
func named(ids []string, id string) []string {
	if id == "" {
		return ids
	}
	return append(ids, id)
}

// plain reports whether a name is one that has a single spelling. A space around it
// some servers would take off.
func plain(name string) bool {
	return name != "" && len(name) <= maxName && strings.TrimSpace(name) == name && !strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsPrint(r) || r == unicode.ReplacementChar
	})
}
