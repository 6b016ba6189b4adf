package hypercore

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"go.cordon.dev/cordon/hypercore/disk"
)

// FollowOptions say how a core is followed. The zero value is ready to use.
type FollowOptions struct {
	// EncryptionKey, BlockKey, MaxBlock and Limits are as in Options.
	EncryptionKey *Key
	BlockKey      bool
	MaxBlock      uint64
	Limits        disk.Limits

	// PollInterval is how often the path is looked at when the file system reports nothing.
	// If 0, one second.
	PollInterval time.Duration
	// Pause is the least time between two looks at a core that is being written: it bounds
	// what following costs the writer, and is most of a block's latency. If 0, 10 ms.
	Pause time.Duration
	// Settle is how long damage, a rollback or a gap at the end of the log must last before
	// it is reported. If 0, 200 ms.
	Settle time.Duration
	// BatchBlocks and BatchBytes bound one batch; a larger single block makes a batch of
	// its own. If 0, 256 blocks and 1 MiB.
	BatchBlocks int
	BatchBytes  int
	// OnState, if not nil, is told of every change of State, from the goroutine of Run. It
	// must not block.
	OnState func(State)
}

func (o FollowOptions) withDefaults() FollowOptions {
	o.PollInterval = orDefault(o.PollInterval, time.Second)
	o.Pause = orDefault(o.Pause, 10*time.Millisecond)
	o.Settle = orDefault(o.Settle, 200*time.Millisecond)
	o.BatchBlocks = orDefault(o.BatchBlocks, 256)
	o.BatchBytes = orDefault(o.BatchBytes, 1<<20)
	return o
}

func orDefault[T int | time.Duration](v, def T) T {
	if v <= 0 {
		return def
	}
	return v
}

func (o FollowOptions) read() Options {
	return Options{EncryptionKey: o.EncryptionKey, BlockKey: o.BlockKey, MaxBlock: o.MaxBlock, Limits: o.Limits}
}

func (o FollowOptions) budget() budget {
	return budget{blocks: uint64(o.BatchBlocks), bytes: uint64(o.BatchBytes), maxBlock: o.read().maxBlock()}
}

// Status is what a Follower is doing.
type Status string

// The statuses.
const (
	Waiting    Status = "waiting"    // there is no core at the path yet
	Live       Status = "live"       // reading, or read to the end and watching
	Damaged    Status = "damaged"    // the core's header, roots or signature are bad
	Unreadable Status = "unreadable" // no permission, another format, a disk error
)

// State is where a Follower stands.
type State struct {
	Status   Status
	Path     string // the directory followed, links resolved; empty when there is none
	Key      Key
	Fork     uint64
	Position uint64 // blocks handled
	Length   uint64 // blocks in the core; Length - Position is the lag
	// Forgotten counts blocks of gaps that are no longer watched for late arrival, because
	// there are too many gaps.
	Forgotten uint64
	Err       error // why it is waiting, damaged or unreadable
}

// Lag is the number of blocks not handled yet.
func (s State) Lag() uint64 {
	if s.Position >= s.Length {
		return 0
	}
	return s.Length - s.Position
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

// Batch is a run of events with the position after them. A caller that stores Next in the
// same transaction as its work on Events loses nothing and repeats nothing.
type Batch struct {
	Events []Event
	Next   Checkpoint
}

// Handler takes batches, in order. Its error ends Run.
type Handler func(ctx context.Context, b Batch) error

// Follower reads a core from a position on and then live.
type Follower struct {
	path string
	opts FollowOptions
}

// NewFollower follows the core at path: its directory, a file in it, or a link to either,
// which may be switched to another core later. Nothing is opened before Run.
func NewFollower(path string, opts FollowOptions) *Follower {
	return &Follower{path: path, opts: opts.withDefaults()}
}

// Run reads from a position (nil: from the beginning) and calls handle until ctx is done
// or handle fails, and returns that error. What is wrong with the core does not end it: it
// is reported by events and OnState, and looked at again. Several Runs, of one Follower
// or of many, do not disturb each other.
//
// A checkpoint whose parts contradict each other is an error at once.
func (f *Follower) Run(ctx context.Context, from *Checkpoint, handle func(ctx context.Context, b Batch) error) error {
	r, err := newRunner(f, from, handle)
	if err != nil {
		return err
	}
	defer r.close()
	for {
		again, err := r.pass(ctx)
		if err != nil {
			return err
		}
		if err := r.watch.wait(ctx, again); err != nil {
			return err
		}
	}
}

// statusOf tells waiting for a core from not being able to read one.
func statusOf(err error) Status {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, ErrEmpty):
		return Waiting
	case errors.Is(err, ErrCorrupt), errors.Is(err, ErrSignature), errors.Is(err, ErrTooLarge):
		return Damaged
	}
	return Unreadable
}
