package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

const (
	dialTimeout  = 30 * time.Second
	maxAddresses = 32 // of one name; more is an attack or a mistake
)

// DialContext connects to HOST:PORT, as net.Dialer does. It stands for a stream
// (or, with udp, for datagrams) that nobody looks into: a rule with protocols
// covers it only if tcp (udp) is among them. For more, see Dialer and Transport.
func (g *Guard) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return g.dial(ctx, network, address, policy.Request{Protocol: transportOf(network)}, true)
}

// Dialer dials for what speaks one protocol, such as a database driver. Protocol
// and encryption are the program's word: nobody reads what is sent.
type Dialer struct {
	guard    *Guard
	protocol policy.Protocol
	tls      bool
}

// Dialer returns a dialer for a protocol. encrypted says that the driver will ask
// for TLS, which databases.<kind>.require_ssl wants to know.
func (g *Guard) Dialer(protocol policy.Protocol, encrypted bool) *Dialer {
	return &Dialer{guard: g, protocol: protocol, tls: encrypted}
}

// DialContext connects to HOST:PORT.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return d.guard.dial(ctx, network, address, policy.Request{Protocol: d.protocol, TLS: d.tls}, true)
}

// Dial connects to HOST:PORT, for drivers that know no contexts.
func (d *Dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialAddress connects to HOST:PORT over TCP, for drivers that name no network, such
// as go-sql-driver/mysql's RegisterDialContext.
func (d *Dialer) DialAddress(ctx context.Context, address string) (net.Conn, error) {
	return d.DialContext(ctx, "tcp", address)
}

// dial judges the host, resolves it, judges each address, and connects to one that
// is allowed. r says what is known beside the destination;
// final that nothing more will be.
func (g *Guard) dial(ctx context.Context, network, address string, r policy.Request, final bool) (net.Conn, error) {
	caller := callerIn(ctx)
	family, err := familyOf(network)
	if err != nil {
		return nil, err
	}
	if err := destination(ctx, network, address, &r); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if err := g.decide(r, caller, false); err != nil {
		return nil, err
	}
	addresses, err := g.resolve(ctx, family, r.Host)
	if err != nil {
		return nil, err
	}
	allowed, err := g.judgeEach(addresses, r, caller)
	if err != nil {
		return nil, err
	}
	return g.reach(ctx, network, allowed, caller, final)
}

// judgeEach returns a request for every address that is allowed. It fails when
// none is.
func (g *Guard) judgeEach(addresses []netip.Addr, r policy.Request, caller Caller) ([]policy.Request, error) {
	var allowed []policy.Request
	var failure error
	for _, a := range addresses {
		r.Address = a
		if err := g.decide(r, caller, false); err != nil {
			failure = errors.Join(failure, err)
			continue
		}
		allowed = append(allowed, r)
	}
	if len(allowed) == 0 {
		return nil, failure
	}
	return allowed, nil
}

// familyOf maps networks as net.Dial knows them to address families.
func familyOf(network string) (string, error) {
	switch network {
	case "tcp", "udp":
		return "ip", nil
	case "tcp4", "udp4":
		return "ip4", nil
	case "tcp6", "udp6":
		return "ip6", nil
	}
	return "", fmt.Errorf("dialing: network %q is not guarded, and so not dialed; use tcp or udp", network)
}

func transportOf(network string) policy.Protocol {
	if strings.HasPrefix(network, "udp") {
		return policy.UDP
	}
	return policy.TCP
}

// destination fills in host and port.
func destination(ctx context.Context, network, address string, r *policy.Request) error {
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return errors.New("dialing: the address is not HOST:PORT")
	}
	if r.Host, err = policy.NormalHost(host); err != nil {
		return fmt.Errorf("dialing: %w", err)
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		named, err := net.DefaultResolver.LookupPort(ctx, network, service)
		if err != nil {
			return errors.New("dialing: the port is not known")
		}
		port = uint64(named)
	}
	r.Port = uint16(port)
	return nil
}

// reach connects to one of the allowed addresses. The connection is judged once
// more when it is on the list of those that Replace closes: whichever comes first,
// the policy that is held then has allowed it.
func (g *Guard) reach(ctx context.Context, network string, allowed []policy.Request, caller Caller, final bool) (net.Conn, error) {
	won, err := g.race(ctx, network, allowed)
	if err != nil {
		_ = g.decide(allowed[0], caller, true) // what was tried is told, even in vain
		return nil, err
	}
	held := g.live.hold(won.conn, won.r)
	if err := g.decide(won.r, caller, final); err != nil {
		_ = held.Close()
		return nil, err
	}
	return held, nil
}

func (g *Guard) resolve(ctx context.Context, family, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	addresses, err := g.options.Resolver.LookupNetIP(ctx, family, host)
	if err != nil {
		return nil, fmt.Errorf("resolving %s: %w", host, err)
	}
	if len(addresses) == 0 {
		return nil, fmt.Errorf("resolving %s: it has no address", host)
	}
	return addresses[:min(len(addresses), maxAddresses)], nil
}

// connect dials a judged address and makes sure that it is the one it got.
func (g *Guard) connect(ctx context.Context, network string, r policy.Request) (net.Conn, error) {
	want := netip.AddrPortFrom(r.Address.Unmap(), r.Port)
	conn, err := g.options.Dial(ctx, network, want.String())
	if err != nil {
		return nil, fmt.Errorf("dialing %s: %w", r.Host, err)
	}
	if got, ok := remoteOf(conn); !ok || got != want {
		_ = conn.Close()
		return nil, fmt.Errorf("dialing %s: the connection leads to another address than the one that was judged", r.Host)
	}
	return conn, nil
}

// remoteOf is the address at the other end of a connection.
func remoteOf(conn net.Conn) (netip.AddrPort, bool) {
	var p netip.AddrPort
	switch a := conn.RemoteAddr().(type) {
	case *net.TCPAddr:
		p = a.AddrPort()
	case *net.UDPAddr:
		p = a.AddrPort()
	default:
		return p, false
	}
	return netip.AddrPortFrom(p.Addr().Unmap(), p.Port()), true
}
