package httpx

import "context"

// Peer is the local process at the other end of the control socket, as the
// kernel names it.
type Peer struct {
	UID uint32
	PID int32
}

type peerKey struct{}

// PeerOf returns the peer of a request that came through the control socket;
// false for any other request.
func PeerOf(ctx context.Context) (Peer, bool) {
	p, ok := ctx.Value(peerKey{}).(Peer)
	return p, ok
}
