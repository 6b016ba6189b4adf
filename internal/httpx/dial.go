package httpx

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// ErrForbidden is the error of a connection to an address that calls going out
// may not reach.
var ErrForbidden = errors.New("address is not allowed")

// SafeDialer makes connections to addresses that configuration or people name,
// and cannot be led to this machine, its network or a cloud's metadata
// service. It judges the address the connection is really made to, after names
// are resolved: a name that changes its address between look-ups (DNS
// rebinding) gains nothing.
type SafeDialer struct {
	// AllowPrivate lets loopback, private and shared (carrier-grade NAT)
	// addresses through; never link-local, metadata, multicast or unspecified
	// ones.
	AllowPrivate bool
	// Datagrams lets UDP through as well as TCP, for messages that travel so.
	Datagrams bool
	// Timeout bounds making a connection. If 0, 10 seconds.
	Timeout time.Duration
}

// DialContext is for http.Transport.
func (d SafeDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	timeout := d.Timeout
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	dialer := net.Dialer{Timeout: timeout, Control: d.Control}
	return dialer.DialContext(ctx, network, address) // net.OpError says all
}

// Control is for net.Dialer.Control: it refuses an address by ErrForbidden.
func (d SafeDialer) Control(network, address string, _ syscall.RawConn) error {
	if !d.speaks(network) {
		return fmt.Errorf("%w: network %s is none that is spoken", ErrForbidden, network)
	}
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %q is not an address and port", ErrForbidden, address)
	}
	return d.CheckAddr(ap.Addr())
}

func (d SafeDialer) speaks(network string) bool {
	switch network {
	case "tcp4", "tcp6":
		return true
	case "udp4", "udp6":
		return d.Datagrams
	}
	return false
}

// CheckAddr says why an address may not be reached; nil when it may.
func (d SafeDialer) CheckAddr(a netip.Addr) error {
	a = a.Unmap().WithZone("")
	kind := classify(a)
	if kind == "" || d.AllowPrivate && kind == private {
		return nil
	}
	if kind == private {
		return fmt.Errorf("%w: %s is a loopback or private address; set allow_private to permit it", ErrForbidden, a)
	}
	return fmt.Errorf("%w: %s is %s", ErrForbidden, a, kind)
}
