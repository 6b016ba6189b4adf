package egress

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// soOriginalDst is SO_ORIGINAL_DST of linux/netfilter_ipv4.h, and IP6T_SO_ORIGINAL_DST
// of its sister for IPv6.
const soOriginalDst = 80

func canRedirect() error { return nil }

// ListenTransparent takes the address of the transparent door. The socket takes
// connections for addresses that are not this machine's, too (IP_TRANSPARENT, for
// rules with tproxy), if the process may have that; rules that redirect need nothing.
func ListenTransparent(ctx context.Context, address string) (net.Listener, error) {
	c := net.ListenConfig{Control: func(network, _ string, raw syscall.RawConn) error {
		return raw.Control(func(fd uintptr) {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_IP, unix.IP_TRANSPARENT, 1) // without CAP_NET_ADMIN it is not given
			if network == "tcp6" {
				_ = unix.SetsockoptInt(int(fd), unix.SOL_IPV6, unix.IPV6_TRANSPARENT, 1)
			}
		})
	}}
	l, err := c.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("taking redirected connections: %w", err)
	}
	return l, nil
}

// originalDestination is where a connection led before the kernel redirected it: what
// the packet filter remembers, or, of one that came by tproxy, its own address.
func originalDestination(conn net.Conn) (netip.AddrPort, error) {
	s, ok := conn.(syscall.Conn)
	if !ok {
		return netip.AddrPort{}, errors.New("it is no socket")
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("reaching its socket: %w", err)
	}
	here := addrPort(conn.LocalAddr())
	var to netip.AddrPort
	var asked error
	if err := raw.Control(func(fd uintptr) { to, asked = remembered(int(fd), here.Addr().Is4()) }); err != nil {
		return netip.AddrPort{}, fmt.Errorf("reaching its socket: %w", err)
	}
	if asked != nil { // the packet filter knows nothing of it
		return here, nil
	}
	return to, nil
}

// remembered reads a sockaddr_in or sockaddr_in6 through structures of their size
// that package unix has a call for.
func remembered(fd int, v4 bool) (netip.AddrPort, error) {
	if v4 {
		m, err := unix.GetsockoptIPv6Mreq(fd, unix.SOL_IP, soOriginalDst)
		if err != nil {
			return netip.AddrPort{}, err
		}
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(m.Multiaddr[4:8])), binary.BigEndian.Uint16(m.Multiaddr[2:])), nil
	}
	m, err := unix.GetsockoptIPv6MTUInfo(fd, unix.SOL_IPV6, soOriginalDst)
	if err != nil {
		return netip.AddrPort{}, err
	}
	var port [2]byte
	binary.NativeEndian.PutUint16(port[:], m.Addr.Port) // lies in the order of the network
	return netip.AddrPortFrom(netip.AddrFrom16(m.Addr.Addr).Unmap(), binary.BigEndian.Uint16(port[:])), nil
}
