package hypercore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"go.cordon.dev/cordon/hypercore/disk"
	"go.cordon.dev/cordon/hypercore/merkle"
)

// runner is one Run of a Follower.
type runner struct {
	path   string
	opts   FollowOptions
	handle Handler
	watch  *watch

	dir     *disk.Dir // nil when there is no core
	view    *view     // nil until the state is verified
	mark    Mark      // Key and Fork of what was read; its Length is unused
	trail   *merkle.Trail
	gaps    Gaps
	drained bool // the core of mark was read to its end before it was left
	sought  Key  // the core that previous was asked for

	stale    bool      // the view is of an earlier state than was last loaded
	since    time.Time // when the loaded image was first seen
	doubt    string    // what looks wrong
	doubted  time.Time // since when
	reported string    // damage already told
	tail     disk.Tail // torn tail already told
	state    State
}

func newRunner(f *Follower, from *Checkpoint, handle Handler) (*runner, error) {
	path, err := filepath.Abs(f.path)
	if err != nil {
		return nil, err
	}
	r := &runner{path: path, opts: f.opts, handle: handle, trail: merkle.NewTrail(merkle.Peaks{}, nil)}
	if from != nil {
		if r.trail, err = from.Trail(); err != nil {
			return nil, err
		}
		r.mark = Mark{Key: from.Key, Fork: from.Fork}
		r.gaps.Ranges = append([]Range(nil), from.Gaps...)
	}
	r.watch = newWatch(path, f.opts)
	return r, nil
}

func (r *runner) close() {
	r.leave()
	r.watch.close()
}

// leave closes the core.
func (r *runner) leave() {
	if r.dir != nil {
		r.dir.Close() // opened for reading: nothing can be lost
	}
	r.dir, r.view, r.reported, r.doubt, r.tail = nil, nil, "", "", disk.Tail{}
}

// pass looks at the path and reads what is new. again, if not 0, is when to look next at
// the latest. Errors are the handler's or the context's.
func (r *runner) pass(ctx context.Context) (again time.Duration, err error) {
	real, resolveErr := disk.Resolve(r.path)
	if r.dir != nil && (resolveErr != nil || !r.dir.Same(real)) {
		if err := r.drain(ctx); err != nil {
			return 0, err
		}
	}
	if resolveErr == nil && r.dir == nil {
		r.dir, resolveErr = disk.Open(real, r.opts.Limits)
	}
	if resolveErr != nil {
		r.watch.on(real)
		r.tell(State{Status: statusOf(resolveErr), Err: resolveErr})
		return 0, ctx.Err()
	}
	r.watch.on(r.dir.Watched())
	return r.read(ctx)
}

const drainTries = 100

// drain reads the open core to its end, though its name may lead elsewhere by now, and
// leaves it.
func (r *runner) drain(ctx context.Context) error {
	r.drained = false
	for range drainTries {
		again, err := r.read(ctx)
		if err != nil {
			return err
		}
		if again == 0 {
			r.drained = r.state.Status == Live
			break
		}
		if err := sleep(ctx, min(again, r.opts.Settle)); err != nil {
			return err
		}
	}
	r.leave()
	return nil
}

// read loads the core's state and brings the caller up to it.
func (r *runner) read(ctx context.Context) (time.Duration, error) {
	state, changed, err := r.dir.Load()
	if changed || err != nil || r.stale {
		r.view, r.stale = nil, false
	}
	if changed {
		r.since = time.Now()
	}
	switch {
	case errors.Is(err, disk.ErrBusy):
		return r.opts.Pause, ctx.Err()
	case errors.Is(err, ErrCorrupt), errors.Is(err, ErrTooLarge):
		return r.damaged(ctx, Key{}, err)
	case err != nil:
		r.tell(State{Status: statusOf(err), Path: r.dir.Path(), Err: err})
		return 0, ctx.Err()
	}
	fresh := r.view == nil
	if fresh {
		if r.view, err = newView(r.dir, state, r.opts.read()); err != nil {
			return r.bad(ctx, state, err)
		}
	}
	r.reported = ""
	return r.advance(ctx, fresh)
}

// bad judges an error met while reading files that a writer may have been changing.
func (r *runner) bad(ctx context.Context, s *disk.State, err error) (time.Duration, error) {
	if r.outdated(s) {
		return r.opts.Pause, ctx.Err()
	}
	return r.damaged(ctx, s.Key, err)
}

// damaged reports a core that can't be read as a whole, once, when that lasts.
func (r *runner) damaged(ctx context.Context, key Key, cause error) (time.Duration, error) {
	if wait := r.settle(innermost(cause)); wait > 0 {
		return wait, ctx.Err()
	}
	r.tell(State{Status: Damaged, Path: r.dir.Path(), Key: key, Err: cause})
	if r.reported == cause.Error() {
		return 0, ctx.Err()
	}
	r.reported = cause.Error()
	return 0, r.emit(ctx, []Event{{Kind: Corrupt, Key: key, Err: cause}})
}

// settle reports how long to wait until something doubtful counts: it does when it has
// been seen for the settle time, or when the oplog has not changed for as long.
func (r *runner) settle(doubt string) time.Duration {
	now := time.Now()
	if r.doubt != doubt {
		r.doubt, r.doubted = doubt, now
	}
	first := r.doubted
	if !r.since.IsZero() && r.since.Before(first) {
		first = r.since
	}
	return max(r.opts.Settle-now.Sub(first), 0)
}

// outdated reports whether a verdict on a state no longer holds, because the writer has
// moved on since the oplog was read. Within one fork nodes and blocks never change, so an
// error stands unless the fork is another, and a damaged block or a gap unless the bitfield
// says otherwise by now.
func (r *runner) outdated(was *disk.State, events ...Event) bool {
	now, changed, err := r.dir.Load()
	if err == nil && !changed {
		return false
	}
	r.stale, r.since = true, time.Now()
	if err != nil || now.Fork != was.Fork || now.Length < was.Length {
		return true
	}
	bits := r.dir.Bitfield(now)
	for _, e := range events {
		if e.Kind != Gap && e.Kind != Corrupt {
			continue
		}
		if end, err := bits.Next(e.Kind == Gap, e.Index, e.To); err != nil || end != e.To {
			return true
		}
	}
	return false
}

// innermost is the text of the first cause, which does not vary with the position.
func innermost(err error) string {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err.Error()
}

// emit hands events to the caller.
func (r *runner) emit(ctx context.Context, events []Event) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(events) == 0 {
		return nil
	}
	return r.handle(ctx, Batch{Events: events, Next: r.checkpoint()})
}

func (r *runner) checkpoint() Checkpoint {
	return NewCheckpoint(r.mark.Key, r.mark.Fork, r.trail, r.gaps.Ranges)
}

// tell reports a state that differs from the last.
func (r *runner) tell(s State) {
	s.Position, s.Forgotten = r.trail.Peaks().Length, r.gaps.forgotten
	if s.Key.IsZero() {
		s.Key, s.Fork = r.mark.Key, r.mark.Fork
	}
	if r.state.equal(s) {
		return
	}
	r.state = s
	if r.opts.OnState != nil {
		r.opts.OnState(s)
	}
}

// previous finds the directory of a core that the path led to before, among the
// neighbours of the present one and of the link.
func (r *runner) previous(key Key) *disk.Dir {
	for _, parent := range []string{filepath.Dir(r.dir.Path()), filepath.Dir(r.path)} {
		entries, err := os.ReadDir(parent)
		if err != nil {
			continue
		}
		for _, e := range entries[:min(len(entries), maxNeighbours)] {
			if d := openWithKey(filepath.Join(parent, e.Name()), key, r.opts.Limits); d != nil {
				return d
			}
		}
	}
	return nil
}

const maxNeighbours = 1024

func openWithKey(path string, key Key, limits disk.Limits) *disk.Dir {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return nil
	}
	real, err := disk.Resolve(path)
	if err != nil {
		return nil
	}
	d, err := disk.Open(real, limits)
	if err != nil {
		return nil
	}
	if s, _, err := d.Load(); err == nil && s.Key == key {
		return d
	}
	d.Close()
	return nil
}
