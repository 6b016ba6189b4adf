package hypercore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/peer"
	"go.cordon.dev/cordon/hypercore/wire"
	"go.cordon.dev/cordon/internal/leak/source"
)

// PeerConfig is what a source of kind `hypercore-peer` needs.
type PeerConfig struct {
	Key           hypercore.Key  // Mandatory. Of the core.
	Address       string         // Mandatory. HOST:PORT of a peer that has it.
	EncryptionKey *hypercore.Key // If nil, blocks are taken as they are sent.
	Link          *peer.Link     // To the address, shared with other sources. If nil, a connection of its own.
	// Options tune the connection; its EncryptionKey and OnState are set by the source.
	// The zero value is what a server runs with.
	Options peer.Options
}

var errConnecting = errors.New("connecting to the peer")

// ParsePeer reads KEY@HOST:PORT, the key in hex. The error says what is wrong.
func ParsePeer(text string) (key hypercore.Key, address string, err error) {
	first, address, ok := strings.Cut(text, "@")
	if err := key.UnmarshalText([]byte(first)); !ok || err != nil {
		return key, "", fmt.Errorf("%.100q: give KEY@HOST:PORT, the core's public key in %d digits of hex", text, 2*len(key))
	}
	if host, port, err := net.SplitHostPort(address); err != nil || host == "" || port == "" {
		return key, "", fmt.Errorf("%.100q: %q is no HOST:PORT, such as 10.0.0.5:4977", text, address)
	}
	return key, address, nil
}

// NewPeer returns a source that reads a core from a peer; nothing is dialled before Run.
func NewPeer(c PeerConfig) source.Source { return &downloader{c} }

type downloader struct{ PeerConfig }

// Run implements source.Source. Its position is the follower's checkpoint.
func (d *downloader) Run(ctx context.Context, from json.RawMessage, sink source.Sink) error {
	start, err := checkpoint(from)
	if err != nil {
		return err
	}
	r := &run{sink: sink}
	opts := d.Options
	opts.EncryptionKey, opts.OnState = d.EncryptionKey, func(s peer.State) { r.state(stateOf(s)) }
	sink.Report(source.Status{State: source.CatchingUp})
	link := d.Link
	if link == nil {
		link = peer.NewLink(peer.TCP(d.Address), opts.Role, opts.Wire)
	}
	err = link.NewFollower(d.Key, opts).Run(ctx, start, r.deliver)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return fmt.Errorf("following core %s at %s: %w", d.Key, d.Address, err)
}

// stateOf is how a follower of a peer fares, in the words of one of a directory. A peer
// that is away is waited for; one that has not what it should have, or lies, is a failure.
func stateOf(s peer.State) hypercore.State {
	out := hypercore.State{Status: hypercore.Waiting, Fork: s.Fork, Position: s.Position, Length: s.Length, Err: s.Err}
	switch s.Status {
	case peer.Live:
		out.Status = hypercore.Live
	case peer.Behind, peer.Incomplete:
		out.Status = hypercore.Unreadable
	case peer.Connecting:
		for _, bad := range []error{wire.ErrHandshake, peer.ErrProof, peer.ErrCapability, peer.ErrUnknownCore} {
			if errors.Is(s.Err, bad) {
				out.Status = hypercore.Unreadable
			}
		}
	}
	if out.Err == nil && out.Status == hypercore.Waiting {
		out.Err = errConnecting
	}
	return out
}
