//go:build !unix

package egress

import (
	"net"
	"sync/atomic"
)

// pump moves bytes until src ends.
func pump(dst, src net.Conn, count *atomic.Int64) error { return copyAll(dst, src, count) }

// alive reports whether a resting connection may be used for what cannot be
// sent twice. It cannot be said here.
func alive(*upstream) bool { return false }

// hungUp reports whether a connection has ended without reading from it. It cannot
// be said here.
func hungUp(net.Conn) (gone bool) { return false }
