package leak

import (
	"slices"
	"strings"

	"go.cordon.dev/cordon/bzzzlog"
	"go.cordon.dev/cordon/internal/leak/source"
)

// message is an entry and what it says of itself. Everything in it comes from
// outside and may be, or hold, a secret.
type message struct {
	entry source.Entry
	kind  string // type of the BZZZ message; empty when it is none
	from  string // sender; empty when unknown
}

// parse reads what an entry says of itself: a BZZZ message, an entry of a BZZZ
// log, or anything else.
func parse(e source.Entry) message {
	m := message{entry: e}
	if !startsJSON(e.Data) {
		return m
	}
	if msg, err := bzzzlog.ParseMessage(e.Data, bzzzlog.Limits{}); err == nil {
		m.kind, m.from = msg.Type, msg.From
	}
	if entry, err := bzzzlog.ParseEntry(e.Data, bzzzlog.Limits{}); err == nil {
		m.kind, m.from = entry.Type, entry.Author
	}
	return m
}

func startsJSON(b []byte) bool {
	for _, c := range b {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c == '{' || c == '[' || c == '"'
		}
	}
	return false
}

// passes reports whether a message of this type is to be scanned.
func (f Filter) passes(kind string) bool {
	if kind == "" {
		return true
	}
	return (len(f.Include) == 0 || named(f.Include, kind)) && !named(f.Exclude, kind)
}

// named says whether one of the names is that of a type, or begins it when a *
// ends the name.
func named(names []string, kind string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		head, any := strings.CutSuffix(name, "*")
		return name == kind || any && strings.HasPrefix(kind, head)
	})
}
