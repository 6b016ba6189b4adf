package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/leak/source"
)

// How long, in the time of files and of this process.
const (
	patience = 10 * time.Second // a compressed file that ends early may still be being written
	keepOpen = time.Minute      // a file that was removed, or rotated away, may still be written to
	keepLost = 10 * time.Minute // a generation that no file holds may come back, compressed
)

// watcher is what tells of changes in folders.
type watcher interface{ Watch(paths ...string) }

// follower is one Run. After an error it is of no more use: the next Run begins
// at the position that was stored.
type follower struct {
	cfg   Config
	pos   *position
	sink  source.Sink
	waker watcher
	buf   []byte

	handles map[*generation]*handle
	sure    map[*generation]string    // the state in which its file was compared last
	recent  map[*generation][]byte    // the last bytes read of it
	copies  map[string]*generation    // state of a file -> what it is a copy of
	missing map[*generation]time.Time // since when no file holds it
	said    map[string]bool           // states of files whose loss was reported

	dirs      []string // where the series lies
	linked    bool     // the path is a link
	exists    bool     // the path leads to a file
	unsettled bool     // something is being written that has to be waited for
	torn      bool     // something without an end waits for it
	dirty     bool     // the position changed without a delivery
	live      bool     // the end was reached once
	problems  []string
	denied    error // the file itself cannot be read
}

func newFollower(cfg Config, pos *position, sink source.Sink) *follower {
	return &follower{
		cfg: cfg, pos: pos, sink: sink, buf: make([]byte, source.PieceSize), handles: map[*generation]*handle{},
		sure: map[*generation]string{}, recent: map[*generation][]byte{}, copies: map[string]*generation{},
		missing: map[*generation]time.Time{}, said: map[string]bool{},
	}
}

func (f *follower) close() {
	for _, h := range f.handles {
		h.close()
	}
}

// again is when to look again at the latest.
func (f *follower) again() time.Duration {
	if f.torn {
		return min(f.cfg.Linger, f.cfg.Poll)
	}
	return f.cfg.Poll
}

// errMoved says that a file is no longer where it was listed, or as it was.
var errMoved = errors.New("a file of the series was moved, removed or truncated while it was looked at")

// pass looks at the series and reads what is new. When a file turns out to be
// rewritten or moved meanwhile, it looks again.
func (f *follower) pass(ctx context.Context) error {
	for range 8 {
		if err := ctx.Err(); err != nil {
			return err
		}
		f.problems, f.denied, f.unsettled, f.torn = nil, nil, false, false
		switch err := f.look(ctx); {
		case errors.Is(err, errRewritten):
			clear(f.sure)
			continue
		case errors.Is(err, errMoved):
			continue
		case err != nil:
			return err
		}
		break
	}
	if f.dirty {
		if err := f.deliver(ctx, source.Batch{}); err != nil {
			return err
		}
	}
	f.report()
	return nil
}

func (f *follower) look(ctx context.Context) error {
	all, err := f.list()
	if err != nil {
		return err
	}
	f.exists = len(all) > 0 && all[len(all)-1].live
	f.waker.Watch(f.dirs...)
	if err := f.bind(ctx, all); err != nil {
		return err
	}
	if err := f.read(ctx); err != nil {
		return err
	}
	return f.denied
}

// report says how the source fares.
func (f *follower) report() {
	detail := strings.Join(f.problems, "; ")
	if !f.exists && len(f.handles) == 0 {
		f.live = false
		f.sink.Report(source.Status{State: source.Waiting, Detail: "there is no such file yet"})
		return
	}
	f.live = true
	f.sink.Report(source.Status{State: source.Live, Detail: detail, Lag: new(uint64)})
}

func (f *follower) problem(text string) {
	if !slices.Contains(f.problems, text) && len(f.problems) < 8 {
		f.problems = append(f.problems, text)
	}
}

// read reads all files that may hold something new, the oldest generation
// first.
func (f *follower) read(ctx context.Context) error {
	for _, g := range slices.Clone(f.pos.Gens) {
		h := f.handles[g]
		if h == nil {
			continue
		}
		if !f.live {
			f.sink.Report(source.Status{State: source.CatchingUp})
		}
		if err := f.drain(ctx, h); err != nil {
			return err
		}
		if err := f.finish(ctx, h); err != nil {
			return err
		}
	}
	return nil
}

// finish lets go of what need not stay open: an archive that was read, and a
// rotated file that nobody has written to for a while.
func (f *follower) finish(ctx context.Context, h *handle) error {
	switch {
	case h.archive != nil:
		f.letGo(h)
		if !h.phys.settled() {
			f.unsettled = true // it is compared once more
			return nil
		}
		h.gen.Archive, f.dirty = f.cfg.Marker.Mark([]byte(h.phys.state())), true
		if err := h.archive.err; err != nil && !errors.Is(err, io.EOF) {
			return f.lose(ctx, h.phys, err)
		}
	case h.gone && time.Since(h.since) >= keepOpen:
		f.letGo(h)
		f.forget(h.gen)
	case !h.phys.live && !h.gone && time.Since(h.phys.info.ModTime()) >= keepOpen && h.gen.Offset == h.phys.info.Size() && h.gen.Open == 0:
		f.letGo(h)
		h.gen.Live, f.dirty = false, f.dirty || h.gen.Live
	}
	return nil
}

func (f *follower) letGo(h *handle) {
	h.close()
	delete(f.handles, h.gen)
}

func (f *follower) forget(g *generation) {
	f.pos.drop(g)
	delete(f.recent, g)
	delete(f.missing, g)
	delete(f.sure, g)
	for state, of := range f.copies {
		if of == g {
			delete(f.copies, state)
		}
	}
	f.dirty = true
}

// lose reports, once, a file that cannot be read to its end.
func (f *follower) lose(ctx context.Context, p physical, err error) error {
	why := fmt.Sprintf("file %s: %s", p.name, reason(err))
	f.problem(why)
	if f.said[p.state()] {
		return nil
	}
	f.said[p.state()] = true
	return f.deliver(ctx, source.Batch{Losses: []source.Loss{{Reason: why}}})
}

func (f *follower) deliver(ctx context.Context, b source.Batch) error {
	b.Position = f.pos.encode()
	if err := f.sink.Deliver(ctx, b); err != nil {
		return err
	}
	f.dirty = false
	return nil
}

// reason is an error without the path, which may hold what it should not.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
