//go:build !linux

package httpx

import (
	"context"
	"fmt"
	"net"
	"runtime"
)

// ListenSocket is for Linux only: elsewhere there is no way here to learn who
// connects, and a control socket that trusts anyone is worse than none.
func ListenSocket(path string) (net.Listener, error) {
	return nil, fmt.Errorf("opening control socket %s: not supported on %s; use --server with an API key", path, runtime.GOOS)
}

func withPeer(ctx context.Context, _ net.Conn) context.Context { return ctx }
