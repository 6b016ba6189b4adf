package peer

import (
	"context"
	"errors"
	"net"
	"time"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/wire"
)

// Errors that State.Err is told apart by with errors.Is, besides those of wire, merkle and
// the network.
var (
	// ErrUnknownCore: the peer does not have the core, or does not say so in time.
	ErrUnknownCore = errors.New("hypercore: the peer does not have this core")
	// ErrCapability: the peer does not know the core's key.
	ErrCapability = errors.New("hypercore: the peer has not proven that it knows the core's key")
	// ErrProof: the peer sent something that the core's key did not sign.
	ErrProof = errors.New("hypercore: the peer sent a bad proof")
	// ErrTimeout: the peer does not answer.
	ErrTimeout = errors.New("hypercore: the peer does not answer in time")
	// ErrClosed: the peer closed the connection or the core's channel.
	ErrClosed = errors.New("hypercore: the peer closed the connection")
	// ErrWithheld: the peer's core has a block that the peer does not have.
	ErrWithheld = errors.New("hypercore: the peer does not have the next block")
	// ErrBehind: the peer's core is shorter or of an earlier fork than what was read.
	ErrBehind = errors.New("hypercore: the peer's core is older than what was read")
)

// Dial makes a connection to a peer: it dials, or accepts. It is called again when the
// connection has ended.
type Dial func(ctx context.Context) (net.Conn, error)

// TCP dials a host and port.
func TCP(address string) Dial {
	return func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", address)
	}
}

// Options say how a core is followed. The zero value is ready to use.
type Options struct {
	// Role is this end's part in the handshake; the other end must have the other.
	Role wire.Role
	// Wire says how the connection is made.
	Wire wire.Options

	// EncryptionKey opens the blocks of an encrypted core; with BlockKey it is the key of
	// this core's blocks itself, not that from which it is derived.
	EncryptionKey *hypercore.Key
	BlockKey      bool

	// Ahead and AheadBytes bound what is asked for before it is handled. If 0, 128 blocks
	// and 8 MiB.
	Ahead      int
	AheadBytes int
	// BatchBlocks and BatchBytes bound one batch; a larger single block makes a batch of
	// its own. If 0, 256 blocks and 1 MiB.
	BatchBlocks int
	BatchBytes  int

	// Answer is how long the peer may take for its next answer. If 0, thirty seconds.
	Answer time.Duration
	// Idle is how long the peer may say nothing at all; npm's peers say something every
	// five seconds. If 0, a minute.
	Idle time.Duration
	// KeepAlive is how often this end says something. If 0, five seconds.
	KeepAlive time.Duration
	// Retry is how long to wait before the first attempt to connect again; every failure
	// doubles it, up to RetryMax. It is also how often a block is asked for again that the
	// peer did not have. If 0, half a second and thirty seconds.
	Retry, RetryMax time.Duration

	// Patience is how long a block that the peer does not have, and says nothing about, is
	// waited for before it is told as a Gap and reading goes on behind it. Blocks of gaps are
	// asked for again when the peer says to have got some, and as often. If 0, a minute.
	Patience time.Duration

	// OnState, if not nil, is told of every change of State, from the goroutine of Run. It
	// must not block.
	OnState func(State)
}

func (o Options) withDefaults() Options {
	o.Ahead = orDefault(o.Ahead, 128)
	o.AheadBytes = orDefault(o.AheadBytes, 8<<20)
	o.BatchBlocks = orDefault(o.BatchBlocks, 256)
	o.BatchBytes = orDefault(o.BatchBytes, 1<<20)
	o.Answer = orDefault(o.Answer, 30*time.Second)
	o.Idle = orDefault(o.Idle, time.Minute)
	o.KeepAlive = orDefault(o.KeepAlive, 5*time.Second)
	o.Retry = orDefault(o.Retry, 500*time.Millisecond)
	o.Patience = orDefault(o.Patience, time.Minute)
	o.RetryMax = orDefault(o.RetryMax, 30*time.Second)
	return o
}

func orDefault[T int | time.Duration](v, def T) T {
	if v <= 0 {
		return def
	}
	return v
}

// Status is what a Follower is doing.
type Status string

// The statuses.
const (
	Connecting Status = "connecting" // there is no connection; Err says why the last one ended
	Live       Status = "live"       // reading, or read to the end and waiting for more
	Behind     Status = "behind"     // the peer's core is older than what was read
	Incomplete Status = "incomplete" // the peer does not have the next block
)

// State is where a Follower stands.
type State struct {
	Status   Status
	Peer     string // the network address of the other end, when there is one
	Fork     uint64
	Position uint64 // blocks handled
	Length   uint64 // blocks that the key is known to have signed; Length - Position is the lag
	Err      error  // why it is not live
}

func (s State) equal(t State) bool {
	a, b := s, t
	a.Err, b.Err = nil, nil
	return a == b && errText(s.Err) == errText(t.Err)
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
