package peer

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"go.cordon.dev/cordon/hypercore"
)

// Follower reads a core from a peer, from a position on and then live.
type Follower struct {
	key  hypercore.Key
	link *Link
	opts Options
}

// NewFollower follows the core with a key, on a connection of its own. Nothing is dialled
// before Run.
func NewFollower(key hypercore.Key, dial Dial, o Options) *Follower {
	return NewLink(dial, o.Role, o.Wire).NewFollower(key, o)
}

// Run reads from a position (nil: from the beginning) and calls handle until ctx is done
// or handle fails, and returns that error. What is wrong with the peer or the network does
// not end it: it is told by OnState, and another connection is made. A peer that sends
// what the core's key did not sign is reported as a Corrupt event, too.
//
// A batch is handed over once; what handle was not called with is read again by a Run from
// the last batch's position. A checkpoint of another core, or one whose parts contradict
// each other, is an error at once.
func (f *Follower) Run(ctx context.Context, from *hypercore.Checkpoint, handle func(ctx context.Context, b hypercore.Batch) error) error {
	r, err := newReplica(f.key, f.opts, from, handle)
	if err != nil {
		return err
	}
	wait := f.opts.Retry
	reported := ""
	for {
		before := r.position()
		err := f.connect(ctx, r)
		if fatal := ended(ctx, err); fatal != nil {
			return fatal
		}
		if r.position() != before {
			reported = ""
		}
		if r.state.Status == Live {
			wait = f.opts.Retry
		}
		r.tell(State{Status: Connecting, Length: r.state.Length, Err: err})
		if errors.Is(err, ErrProof) && err.Error() != reported {
			reported = err.Error()
			r.events = append(r.events, hypercore.Event{Kind: hypercore.Corrupt, Key: r.key, Fork: r.fork, Err: err})
			if err := r.emit(ctx); err != nil {
				return ended(ctx, err)
			}
		}
		if err := sleep(ctx, jitter(wait)); err != nil {
			return err
		}
		wait = min(2*wait, f.opts.RetryMax)
	}
}

// ended is the error that ends Run, if err is of the caller.
func ended(ctx context.Context, err error) error {
	var own *handlerError
	if errors.As(err, &own) {
		return own.error
	}
	return ctx.Err()
}

// connect joins a connection, and reads until that or the core's part of it ends.
func (f *Follower) connect(ctx context.Context, r *replica) error {
	n, err := f.link.join(ctx, f.key)
	if err != nil {
		return err
	}
	s := newSession(r, n.open(f.key, f.opts.AheadBytes))
	defer s.lane.leave()
	return s.run(ctx)
}

// jitter spreads attempts, so that many followers do not come back at once.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
