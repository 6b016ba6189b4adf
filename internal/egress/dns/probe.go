package dns

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// probeTry is how long somebody who is probed has to answer.
const probeTry = 2 * time.Second

// Probe asks the name server at an address for localhost, by UDP and by TCP. One of
// Cordon answers that by itself: nobody judges it, and nobody else hears of it. The
// error says what does not answer.
func Probe(ctx context.Context, server netip.AddrPort) error {
	u := &upstream{try: probeTry}
	for _, network := range [...]string{"udp", "tcp"} {
		if err := u.probe(ctx, network, server); err != nil {
			return fmt.Errorf("by %s: %w", network, err)
		}
	}
	return nil
}

func (u *upstream) probe(ctx context.Context, network string, server netip.AddrPort) error {
	ctx, cancel := context.WithTimeout(ctx, u.try)
	defer cancel()
	a, err := u.exchange(ctx, network, server, key{"localhost", dnsmessage.TypeA})
	if err != nil {
		return err
	}
	for _, r := range a.records {
		if address(r.Body).IsLoopback() {
			return nil
		}
	}
	return errors.New("it does not know localhost, so it is no name server of Cordon")
}

// Answers is how a name server that is asked for others fares.
type Answers struct {
	Server netip.AddrPort
	Err    error // why it is of no use; nil: it answers
}

// Upstreams asks each of the name servers that are asked now for those of the root,
// which tells them nothing. They are asked at the same time, and no answer is kept.
func (s *Server) Upstreams(ctx context.Context) []Answers {
	servers := s.o.Upstream()
	out := make([]Answers, len(servers))
	var all sync.WaitGroup
	for i, server := range servers {
		all.Go(func() {
			_, err := s.upstream.askOne(ctx, server, key{"", dnsmessage.TypeNS})
			out[i] = Answers{server, err}
		})
	}
	all.Wait()
	return out
}
