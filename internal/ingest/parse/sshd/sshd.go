// Package sshd is the parser of what OpenSSH's server logs. README.md describes
// it.
//
// A password that is refused is a record each. A connection that ends without
// any, because passwords are off or because somebody only asks which users there
// are, is one record: which of the two it was, only the lines of one connection
// together say, so the parser remembers the latest connections.
//
// It may import ingest/parse and the standard library.
package sshd

import (
	"net/netip"
	"strings"

	"go.cordon.dev/cordon/internal/ingest/parse"
)

// Plugin returns the parser. Since OpenSSH 9.8 a program of its own serves each
// connection, and since 10.0 another asks who it is.
func Plugin() parse.Plugin {
	return parse.Plugin{Name: "sshd", New: func() parse.Parser { return &parser{seen: map[connection]state{}} }}
}

// mostSeen bounds the connections that are remembered.
const mostSeen = 4096

// connection is one client's, as each line names it.
type connection struct {
	host string
	from netip.AddrPort
}

// state is what the records so far say of a connection.
type state int

const (
	unknown state = iota
	named         // a user who does not exist was recorded; the first password is the same attempt
	counted       // a password was recorded, or a login
)

type parser struct {
	seen map[connection]state
	ring [mostSeen]connection // as they came, to forget the oldest
	next int
}

// line is what a form finds in a message.
type line struct {
	kind    parse.Kind
	user    string
	from    netip.AddrPort
	method  string
	reason  string
	invalid bool // there is no such user
	sums    bool // it tells of nothing new, if earlier lines of the connection told
	ends    bool // the connection does
}

// Parse implements parse.Parser.
func (p *parser) Parse(m parse.Message) (parse.Record, int) {
	if m.Program != "sshd" && m.Program != "sshd-session" && m.Program != "sshd-auth" {
		return parse.Record{}, 0
	}
	text := strings.TrimSuffix(strings.TrimPrefix(m.Text, "error: "), " [preauth]")
	for _, form := range []func(string) (line, bool){result, unknownUser, tooMany, leaving} {
		if l, ok := form(text); ok {
			return p.record(l, connection{m.Host, l.from})
		}
	}
	return parse.Record{}, 0
}

// record makes a record of a line, unless an earlier one of its connection was
// the same attempt.
func (p *parser) record(l line, c connection) (parse.Record, int) {
	before := p.seen[c]
	switch {
	case l.ends:
		delete(p.seen, c)
	case l.reason == noSuchUser:
		p.remember(c, named)
	default:
		p.remember(c, counted)
	}
	if l.sums && before != unknown || !l.sums && before == named && l.kind == parse.AuthFailed {
		return parse.Record{}, 0
	}
	return l.record(), 1
}

func (l line) record() parse.Record {
	if l.invalid && l.reason == "" {
		l.reason = noSuchUser
	}
	return parse.Record{Kind: l.kind, SourceIP: l.from.Addr(), User: l.user, Attributes: map[string]string{
		parse.Service: "sshd", parse.Port: port(l.from), parse.Method: l.method, parse.Reason: l.reason,
	}}
}

func (p *parser) remember(c connection, s state) {
	if p.seen[c] == unknown {
		c.host = strings.Clone(c.host) // not the line that it is a piece of
		delete(p.seen, p.ring[p.next])
		p.ring[p.next] = c
		p.next = (p.next + 1) % mostSeen
	}
	p.seen[c] = s
}
