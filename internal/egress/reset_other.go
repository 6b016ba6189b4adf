//go:build !linux

package egress

import "net"

// reset ends nothing: only Linux ends a connection without closing it.
func reset(net.Conn) bool { return false }
