package dns

import (
	"context"
	"net"

	"golang.org/x/net/dns/dnsmessage"
)

// Resolver looks names up as the system does, in its files first, and then through
// the server's cache and its upstream servers. Nothing is judged: it is for who has
// judged already.
func (s *Server) Resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() { // ends when the resolver closes its end, or has been silent for Idle
			defer func() { _ = there.Close() }()
			frames(there, s.o.Limits.Idle, s.plain)
		}()
		return here, nil
	}}
}

// plain answers a question of this program's own.
func (s *Server) plain(msg []byte) []byte {
	q, err := readQuery(msg)
	if err != nil {
		return nil
	}
	q.tcp = true
	ctx, cancel := context.WithTimeout(context.Background(), s.o.Limits.Resolve)
	defer cancel()
	a, err := s.cache.get(ctx, q.key())
	if err != nil {
		return reply{rcode: dnsmessage.RCodeServerFailure}.pack(q)
	}
	return reply{rcode: a.rcode, answers: aged(a.records, a, q, s.o.Clock.Now()), soa: a.soa}.pack(q)
}
