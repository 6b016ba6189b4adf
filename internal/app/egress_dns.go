package app

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"syscall"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/egress"
	"go.cordon.dev/cordon/internal/egress/caller"
	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/dns"
)

// systemServers is where a system lists its name servers.
const systemServers = "/etc/resolv.conf"

// syntheticPurpose is what the key of synthetic addresses is derived for.
const syntheticPurpose = "egress synthetic addresses"

// nameServer is the name server of a node.
type nameServer struct {
	server  *dns.Server
	names   *dns.Synthetic // nil: programs get real addresses
	doors   *dns.Doors     // the first time; a worker that starts again makes its own
	address string
}

// openNames takes the name server's address and makes it. Nil without an error means
// that there is none: it is off, or its default address is in use.
func (n *node) openNames(e *egressSensor, inspector func() *dlp.Inspector, callers *caller.Finder) (*nameServer, error) {
	c := e.cfg.DNS
	if c == nil {
		return nil, nil
	}
	s := &nameServer{}
	upstream, err := n.upstreamServers(e, s)
	if err != nil && !n.fromCfg {
		n.log.Warn("the name server does not run: name servers to ask are not known; give some as egress.dns.upstream", "error", err)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w; give some as egress.dns.upstream", err)
	}
	if s.names, err = n.syntheticNames(e); err != nil {
		return nil, err
	}
	s.doors, err = dns.Listen(context.Background(), c.Listen)
	if err != nil && !n.fromCfg && errors.Is(err, syscall.EADDRINUSE) {
		n.log.Warn("the name server does not listen: its default address is in use; give another as egress.dns.listen", "address", c.Listen)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w; give another address as egress.dns.listen", err)
	}
	s.address = s.doors.Addr().String()
	s.server, err = dns.New(dns.Options{
		Judge: e.policies, Recorder: e.recorder, Switch: e.kill, Upstream: upstream, Callers: callers,
		Inspector: inspector, Synthetic: s.names, Log: n.log,
	})
	if err != nil {
		s.doors.Close()
		return nil, err
	}
	return s, n.add("egress-dns", s.serve)
}

// upstreamServers are those that are configured, or the system's.
func (n *node) upstreamServers(e *egressSensor, s *nameServer) (func() []netip.AddrPort, error) {
	given, err := e.cfg.DNS.Servers()
	if err != nil {
		return nil, err
	}
	if len(given) > 0 {
		return func() []netip.AddrPort { return given }, nil
	}
	return dns.SystemServers(systemServers, clock.Real{}, func() []netip.AddrPort {
		own, _ := netip.ParseAddrPort(s.address)
		return []netip.AddrPort{own}
	})
}

func (n *node) syntheticNames(e *egressSensor) (*dns.Synthetic, error) {
	ranges, err := e.cfg.DNS.Ranges()
	if err != nil || len(ranges) == 0 {
		return nil, err
	}
	key, _ := n.keys.Ring.Derive(syntheticPurpose)
	s, err := dns.NewSynthetic(ranges, []byte(key.Reveal()), clock.Real{})
	if err != nil {
		return nil, fmt.Errorf("egress.dns.synthetic: %w", err)
	}
	return s, nil
}

// serve runs the name server until ctx ends. A worker that was stopped and starts
// again takes the same address.
func (s *nameServer) serve(ctx context.Context) error {
	d := s.doors
	s.doors = nil
	if d == nil {
		var err error
		if d, err = dns.Listen(ctx, s.address); err != nil {
			return err
		}
	}
	return s.server.Serve(ctx, d)
}

// teach lets the gateway look names up as the name server does, and know its
// addresses.
func (s *nameServer) teach(o *egress.Options) {
	if s == nil {
		return
	}
	o.Resolver = s.server.Resolver()
	o.Own = append(o.Own, s.doors.Addr())
	if s.names != nil {
		o.Names = s.names
	}
}

// openTransparent takes the address to which the kernel redirects.
func (n *node) openTransparent(e *egressSensor) error {
	if e.cfg.Transparent.Listen == "" {
		return nil
	}
	l, err := egress.ListenTransparent(context.Background(), e.cfg.Transparent.Listen)
	if err != nil {
		return fmt.Errorf("egress.transparent: %w", err)
	}
	e.transparent = l.Addr().String()
	return n.add("egress-transparent", func(ctx context.Context) (err error) {
		first := l
		if l = nil; first == nil {
			if first, err = egress.ListenTransparent(ctx, e.transparent); err != nil {
				return err
			}
		}
		return e.gateway.ServeTransparent(ctx, first)
	})
}

// askedServers says whether the name servers that are asked for programs answer. While
// the kill switch is on nobody is asked.
func (e *egressSensor) askedServers(ctx context.Context) []api.EgressNameServer {
	if on, _ := e.kill.On(); on {
		return nil
	}
	all := e.dns.server.Upstreams(ctx)
	out := make([]api.EgressNameServer, len(all))
	for i, a := range all {
		out[i].Address = a.Server.String()
		if a.Err != nil {
			out[i].Problem = a.Err.Error()
		}
	}
	return out
}

// dnsAddress is where the name server listens; empty: it does not.
func (e *egressSensor) dnsAddress() string {
	if e.dns == nil {
		return ""
	}
	return e.dns.address
}
