package redis

import (
	"fmt"
	"slices"
	"strings"
)

func commandCommands() map[string]handler {
	return map[string]handler{
		"command": commandAll, "command|count": commandCount, "command|info": commandInfo, "command|list": commandList, "command|docs": commandDocs, "command|getkeys": commandKeys,
	}
}

func commandCount(k *call) { k.r.number(int64(len(k.in.srv.table.list))) }

func commandAll(k *call) {
	list := k.in.srv.table.list
	k.r.array(len(list))
	for _, c := range list {
		k.describe(c)
	}
}

// describe writes what COMMAND says of a command.
func (k *call) describe(c *command) {
	k.r.array(10)
	k.r.bulk(c.name)
	k.r.number(int64(c.arity))
	k.statuses(c.flags)
	for _, n := range []int{c.first, c.last, c.step} {
		k.r.number(int64(n))
	}
	k.statuses(c.groups)
	for _, list := range []any{c.row[7], c.row[8]} { // tips and where keys are
		entries, _ := list.([]any)
		k.r.set(len(entries))
		for _, e := range entries {
			k.fact(e)
		}
	}
	k.r.set(len(c.below))
	for _, s := range c.below {
		k.describe(s)
	}
}

func (k *call) statuses(list []string) {
	k.r.set(len(list))
	for _, s := range list {
		k.r.status(s)
	}
}

// fact writes a part of the table of facts.
func (k *call) fact(v any) {
	switch v := v.(type) {
	case string:
		k.r.bulk(v)
	case float64:
		k.r.number(int64(v))
	case []any:
		if len(v) > 0 && v[0] == "%" {
			k.facts(v[1:])
			return
		}
		k.r.array(len(v))
		for _, e := range v {
			k.fact(e)
		}
	default:
		k.r.null()
	}
}

// facts writes a map. Its flags are statuses in a set.
func (k *call) facts(pairs []any) {
	k.r.pairs(len(pairs))
	for _, p := range pairs {
		pair, ok := p.([]any)
		if !ok || len(pair) != 2 {
			continue
		}
		k.fact(pair[0])
		if pair[0] == "flags" {
			k.statuses(texts(pair[1]))
			continue
		}
		k.fact(pair[1])
	}
}

func (k *call) named(name string) *command {
	return k.in.srv.table.byName[strings.ToLower(name)]
}

func commandInfo(k *call) {
	if len(k.args) == 2 {
		commandAll(k)
		return
	}
	k.r.array(len(k.args) - 2)
	for _, name := range k.args[2:] {
		if c := k.named(name); c != nil {
			k.describe(c)
		} else {
			k.r.null()
		}
	}
}

func commandList(k *call) {
	var out []string
	pattern := "*"
	if len(k.args) > 2 {
		if len(k.args) != 5 || !k.option(2, "FILTERBY") || !k.option(3, "PATTERN") {
			k.r.fail(errSyntax)
			return
		}
		pattern = k.args[4]
	}
	for _, c := range k.in.srv.table.list {
		for _, one := range append([]*command{c}, c.below...) {
			if k.matches(pattern, one.name, true) {
				out = append(out, one.name)
			}
		}
	}
	k.r.bulks(out)
}

// commandDocs tells the group of a command. The manual's prose is not this
// server's.
func commandDocs(k *call) {
	list := k.in.srv.table.list
	if len(k.args) > 2 {
		list = nil
		for _, name := range k.args[2:] {
			if c := k.named(name); c != nil {
				list = append(list, c)
			}
		}
	}
	k.r.pairs(len(list))
	for _, c := range list {
		k.r.bulk(c.name)
		k.r.pairs(1)
		k.r.bulk("group")
		k.r.bulk(c.group())
	}
}

func (c *command) group() string {
	names := map[string]string{"@sortedset": "sorted-set", "@scripting": "scripting", "@transaction": "transactions", "@keyspace": "generic"}
	for _, g := range []string{"@string", "@hash", "@list", "@set", "@sortedset", "@bitmap", "@pubsub", "@scripting", "@transaction", "@connection", "@keyspace"} {
		if slices.Contains(c.groups, g) {
			if n := names[g]; n != "" {
				return n
			}
			return g[1:]
		}
	}
	return "server"
}

func commandKeys(k *call) {
	cmd, problem := k.in.srv.table.find(k.args[2:])
	switch {
	case problem != "":
		k.r.fail("ERR Invalid command specified")
	case !cmd.fits(len(k.args) - 2):
		k.r.fail("ERR Invalid number of arguments specified for command")
	default:
		keys := cmd.keys(k.args[2:])
		if len(keys) == 0 {
			k.r.fail("ERR The command has no key arguments")
			return
		}
		k.r.bulks(keys)
	}
}

// notAllowed is what a command says whose setting is off.
func notAllowed(name, setting string) string {
	return fmt.Sprintf("ERR %s command not allowed. If the %s option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.", name, setting)
}
