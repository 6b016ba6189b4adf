package redis

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// facts has a line for each command of 7.0.15 with what COMMAND says of it,
// as the server of Debian 12 lists it: name, arity, flags, first and last key
// and step, categories, tips, key specifications, subcommands. A list that
// begins with "%" is a map.
//
//go:embed commands.jsonl
var facts string

// command is one that the server has.
type command struct {
	name    string // in lower case; config|get for one below another
	arity   int    // with the name; negative: at least so many
	flags   []string
	groups  []string // ACL categories
	first   int      // place of the first key, 0 for none
	last    int
	step    int
	row     []any // as COMMAND shows it, without subcommands
	below   []*command
	handler handler
}

// handler answers a command.
type handler func(*call)

func (c *command) is(flag string) bool { return slices.Contains(c.flags, flag) }

// table holds all commands by name.
type table struct {
	byName map[string]*command
	list   []*command // those at the top, in COMMAND's order
}

// commands is made once: all deckies have the same.
var commands = sync.OnceValues(newTable)

func newTable() (*table, error) {
	t, have := &table{byName: map[string]*command{}}, handlers()
	for line := range strings.Lines(facts) {
		var row []any
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			return nil, fmt.Errorf("reading the table of commands: %w", err)
		}
		c := t.add(row, have)
		if c == nil {
			continue
		}
		t.list = append(t.list, c)
	}
	for name := range have {
		if t.byName[name] == nil {
			return nil, fmt.Errorf("the table of commands has no %s", name)
		}
	}
	return t, nil
}

// add enters a command that can be answered, or one of whose subcommands can;
// others are to this server as if the administrator had renamed them away.
func (t *table) add(row []any, have map[string]handler) *command {
	c := &command{name: row[0].(string), arity: whole(row[1]), flags: texts(row[2]), first: whole(row[3]), last: whole(row[4]), step: whole(row[5]), groups: texts(row[6])}
	c.handler = have[c.name]
	for _, sub := range row[9].([]any) {
		if s := t.add(sub.([]any), have); s != nil {
			c.below = append(c.below, s)
		}
	}
	if c.handler == nil && len(c.below) == 0 {
		return nil
	}
	c.row = row[:9]
	t.byName[c.name] = c
	return c
}

func whole(v any) int { return int(v.(float64)) }

func texts(v any) (out []string) {
	for _, s := range v.([]any) {
		out = append(out, s.(string))
	}
	return out
}

// find returns the command that a request names, and the text of the error
// when there is none.
func (t *table) find(args []string) (*command, string) {
	name := strings.ToLower(args[0])
	c := t.byName[name]
	switch {
	case c == nil || strings.Contains(name, "|"):
		return nil, unknown(args)
	case len(c.below) == 0 || len(args) == 1:
		return c, ""
	}
	if sub := t.byName[name+"|"+strings.ToLower(args[1])]; sub != nil {
		return sub, ""
	}
	return nil, fmt.Sprintf("ERR unknown subcommand '%s'. Try %s HELP.", cut(args[1], 128), strings.ToUpper(c.name))
}

// unknown quotes about 128 bytes of what a client sent.
func unknown(args []string) string {
	var b strings.Builder
	for _, a := range args[1:] {
		if b.Len() >= 128 {
			break
		}
		fmt.Fprintf(&b, "'%s' ", cut(a, 128-b.Len()))
	}
	return fmt.Sprintf("ERR unknown command '%s', with args beginning with: %s", cut(args[0], 128), b.String())
}

// cut shortens a text to n bytes, or to where C ends it.
func cut(s string, n int) string {
	if i := strings.IndexByte(s, 0); i >= 0 {
		s = s[:i]
	}
	return s[:min(len(s), n)]
}

func (c *command) fits(n int) bool {
	return c.arity >= 0 && n == c.arity || c.arity < 0 && n >= -c.arity
}

// keys returns the keys among the arguments, as far as the places tell them.
func (c *command) keys(args []string) (out []string) {
	last := c.last
	if last < 0 {
		last += len(args)
	}
	for i := c.first; i > 0 && i <= last && i < len(args); i += max(c.step, 1) {
		out = append(out, args[i])
	}
	return out
}

// handlers are all that are answered.
func handlers() map[string]handler {
	all := map[string]handler{}
	for _, group := range []map[string]handler{
		stringCommands(), numberCommands(), bitCommands(), keyCommands(), flushCommands(), scanCommands(), listCommands(), setCommands(), hashCommands(), zsetCommands(), zrangeCommands(),
		connectionCommands(), clientCommands(), aclCommands(), transactionCommands(), pubsubCommands(), serverCommands(), infoCommands(), configCommands(), commandCommands(),
		escapeCommands(), scriptCommands(), dumpCommands(), debugCommands(),
	} {
		for name, h := range group {
			all[name] = h
		}
	}
	return all
}
