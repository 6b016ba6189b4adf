//go:build !linux

package egress

import (
	"context"
	"errors"
	"net"
	"net/netip"
)

var errNoRedirect = errors.New("redirected connections can be taken on Linux only; leave egress.transparent out, and name the gateway as a proxy")

func canRedirect() error { return errNoRedirect }

// ListenTransparent fails: there is no such door on this system.
func ListenTransparent(context.Context, string) (net.Listener, error) { return nil, errNoRedirect }

func originalDestination(net.Conn) (netip.AddrPort, error) { return netip.AddrPort{}, errNoRedirect }
