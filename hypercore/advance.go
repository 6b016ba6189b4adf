package hypercore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.cordon.dev/cordon/hypercore/disk"
	"go.cordon.dev/cordon/hypercore/merkle"
)

// advance reads from the mark to the end of the view.
func (r *runner) advance(ctx context.Context, fresh bool) (time.Duration, error) {
	if r.view.state.Key != r.mark.Key {
		if err := r.switchCore(ctx); err != nil || r.view == nil {
			return r.opts.Pause, err
		}
	}
	r.drained = false
	if again, err := r.align(ctx); again > 0 || err != nil {
		return again, err
	}
	if again, err := r.readNew(ctx); again > 0 || err != nil {
		return again, err
	}
	if fresh {
		if again, err := r.readLate(ctx); again > 0 || err != nil {
			return again, err
		}
	}
	r.doubt = ""
	return r.readTail(ctx)
}

// live tells the state of a core in order.
func (r *runner) live() {
	s := r.view.state
	r.tell(State{Status: Live, Path: r.dir.Path(), Key: s.Key, Fork: s.Fork, Length: s.Length})
}

// switchCore begins another core. When the one of the mark was not read to its end while
// it was open, as after a restart, it is looked for among the neighbours first.
func (r *runner) switchCore(ctx context.Context) error {
	key, fork, length := r.view.state.Key, r.view.state.Fork, r.view.state.Length
	left := r.mark
	left.Length = r.trail.Peaks().Length
	if !left.Key.IsZero() && !r.drained && r.sought != left.Key {
		r.sought = left.Key
		if old := r.previous(left.Key); old != nil {
			r.leave()
			r.dir = old
			return r.drain(ctx) // with no view left, the next pass opens the new core
		}
	}
	drained := r.drained
	r.mark, r.trail, r.gaps, r.drained = Mark{Key: key, Fork: fork}, merkle.NewTrail(merkle.Peaks{}, nil), Gaps{}, false
	if left.Key.IsZero() {
		return nil
	}
	return r.emit(ctx, []Event{{Kind: Rotated, Key: key, Fork: fork, Length: length, Previous: left, Drained: drained}})
}

// align checks that what was read is a prefix of the view, and goes back if it is not.
func (r *runner) align(ctx context.Context) (time.Duration, error) {
	v, at := r.view, r.trail.Peaks()
	err := at.Prove(v.trusted, v.node)
	if err == nil && v.state.Fork == r.mark.Fork {
		return 0, nil
	}
	if err != nil && !errors.Is(err, ErrNotProven) && !errors.Is(err, merkle.ErrMissing) {
		return r.bad(ctx, v.state, err)
	}
	kind := Fork
	if v.state.Fork <= r.mark.Fork {
		kind = Rollback
		if wait := r.settle(kind.String()); wait > 0 {
			return wait, nil
		}
	}
	common := r.trail.Common(v.trusted, v.node)
	if r.outdated(v.state) {
		return r.opts.Pause, nil
	}
	return 0, r.goBack(ctx, kind, common)
}

func (r *runner) goBack(ctx context.Context, kind Kind, common merkle.Peaks) error {
	s := r.view.state
	e := Event{Kind: kind, Key: s.Key, Fork: s.Fork, Ancestors: common.Length, Length: s.Length, Previous: r.mark}
	e.Previous.Length = r.trail.Peaks().Length
	r.trail = merkle.NewTrail(common, r.trail.Recent())
	r.mark.Fork = s.Fork
	r.gaps.Cut(common.Length)
	return r.emit(ctx, []Event{e})
}

// readNew reads what was appended.
func (r *runner) readNew(ctx context.Context) (time.Duration, error) {
	v := r.view
	for r.trail.Peaks().Length < v.trusted.Length {
		st, err := v.next(r.trail.Peaks(), r.opts.budget())
		if err != nil {
			return r.bad(ctx, v.state, err)
		}
		if !allBlocks(st.events) {
			if again := r.doubtful(st); again > 0 {
				r.live()
				return again, ctx.Err()
			}
		}
		r.move(st)
		if err := r.emit(ctx, st.events); err != nil {
			return 0, err
		}
		r.live()
	}
	r.live()
	return 0, nil
}

// doubtful holds back damage, and gaps at the end of the log, which a download may be
// about to fill, until they have lasted.
func (r *runner) doubtful(st step) time.Duration {
	if r.outdated(r.view.state, st.events...) {
		return r.opts.Pause
	}
	for _, e := range st.events {
		if e.Kind == Corrupt || (e.Kind == Gap && e.To == r.view.trusted.Length) {
			return r.settle(fmt.Sprintf("%s at %d", e.Kind, e.Index))
		}
	}
	return 0
}

// move advances the mark over a step.
func (r *runner) move(st step) {
	for _, e := range st.events {
		if e.Kind == Gap {
			r.gaps.Add(Range{e.Index, e.To})
		}
	}
	if st.leaves == nil {
		r.trail.Jump(st.peaks)
		return
	}
	for _, l := range st.leaves {
		r.trail.Push(l)
	}
}

// readLate reads blocks that have arrived in reported gaps.
func (r *runner) readLate(ctx context.Context) (time.Duration, error) {
	for {
		events, err := r.late()
		if err != nil {
			return r.bad(ctx, r.view.state, err)
		}
		if len(events) == 0 {
			return 0, nil
		}
		if !allBlocks(events) && r.outdated(r.view.state, events...) {
			return r.opts.Pause, nil
		}
		for _, e := range events {
			r.gaps.Remove(e.Index)
		}
		if err := r.emit(ctx, events); err != nil {
			return 0, err
		}
	}
}

// late collects one batch of late blocks.
func (r *runner) late() ([]Event, error) {
	var events []Event
	size := 0
	for _, g := range r.gaps.Ranges {
		for at := g.From; at < g.To; at++ {
			next, err := r.view.bits.Next(true, at, g.To)
			if err != nil {
				return nil, err
			}
			if at = next; at == g.To {
				break
			}
			e := r.lateBlock(at)
			events, size = append(events, e), size+len(e.Data)
			if len(events) >= r.opts.BatchBlocks || size >= r.opts.BatchBytes {
				return events, nil
			}
		}
	}
	return events, nil
}

func (r *runner) lateBlock(index uint64) Event {
	data, err := r.view.single(index, r.opts.budget().maxBlock)
	if err != nil {
		return r.view.corrupt(index, index+1, err)
	}
	e := r.view.event(Block, index, index+1)
	e.Data, e.Late = data, true
	return e
}

// readTail reports a torn or damaged end of the oplog, once, when it lasts.
func (r *runner) readTail(ctx context.Context) (time.Duration, error) {
	t := r.view.state.Tail
	if t.Kind == disk.TailNone || t == r.tail {
		return 0, nil
	}
	if wait := r.settle(fmt.Sprintf("tail at %d", t.Offset)); wait > 0 {
		return wait, nil
	}
	r.tail = t
	e := Event{Kind: Torn, Key: r.mark.Key, Fork: r.mark.Fork}
	e.Err = fmt.Errorf("%d bytes of a half-written entry at byte %d of the oplog", t.Size, t.Offset)
	if t.Kind == disk.TailDamaged {
		e.Kind = Corrupt
		e.Err = fmt.Errorf("oplog entry at byte %d fails its checksum and hides %d bytes behind it: %w", t.Offset, t.Size, ErrCorrupt)
	}
	return 0, r.emit(ctx, []Event{e})
}
