package file

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"
)

// bind finds out which file holds which generation. What is known by its key
// comes first, then what was open and lost its name is read to its end, then
// what is new is compared with the generations that are left. A rotator does
// not wait for that: what was found out is believed, and acted upon, only if
// everything is then still where it was listed.
func (f *follower) bind(ctx context.Context, all []physical) error {
	named, unknown := f.known(all)
	if err := f.readNameless(ctx, named); err != nil {
		return err
	}
	pl := f.newPlan(named)
	defer pl.close()
	f.decide(pl, unknown)
	if f.moved || len(pl.steps) == 0 && !f.anyDue(pl) {
		return nil
	}
	still, err := f.confirm(all, pl)
	if err != nil || !still {
		f.moved = f.moved || !still
		return err
	}
	if err := f.apply(ctx, pl); err != nil {
		return err
	}
	return f.account(ctx, pl)
}

// known sorts what was listed: what is known to hold a generation, and what is
// not. A second name of a file, and an empty one, is neither.
func (f *follower) known(all []physical) (named map[*generation]physical, unknown []physical) {
	named, met := map[*generation]physical{}, map[string]bool{}
	for _, p := range all {
		g := f.holderOf(p)
		switch {
		case g != nil && named[g].info == nil:
			named[g] = p
			f.hold(g, p)
		case g == nil && p.info.Size() > 0 && !met[p.key]:
			unknown = append(unknown, p)
		}
		met[p.key] = true
	}
	return named, unknown
}

func (f *follower) byKey(key string) *generation {
	for _, g := range f.pos.Gens {
		if g.Key == key && key != "" {
			return g
		}
	}
	return nil
}

// holderOf is the generation that a file is known to hold, nil when it is new
// or holds something else now.
func (f *follower) holderOf(p physical) *generation {
	if p.pack != plain {
		for _, g := range f.pos.Gens {
			if f.sure[g] == p.state() || g.Archive != "" && f.cfg.Marker.Marked([]byte(p.state()), g.Archive) {
				f.sure[g] = p.state()
				return g
			}
		}
		return nil
	}
	g := f.byKey(p.key)
	if g == nil || f.sure[g] == p.state() {
		return g
	}
	if same, err := f.same(g, p); err != nil || same {
		if same && p.settled {
			f.sure[g] = p.state()
		}
		return g // what cannot be compared is tried again when it is read
	}
	g.Key, f.dirty, f.moved = "", true, true // its copy may not have been there to be listed
	if h := f.handles[g]; h != nil {
		f.letGo(h)
	}
	return nil
}

// same compares a file with what was read of it.
func (f *follower) same(g *generation, p physical) (bool, error) {
	if p.info.Size() < g.Offset {
		return false, nil
	}
	h, done, err := f.handleOf(g, p)
	if err != nil {
		return false, err
	}
	defer done()
	head, err := h.window(0, int64(g.HeadLen))
	if err != nil {
		return false, ignoreEOF(err)
	}
	before, err := h.window(max(0, g.Offset-endSize), g.Offset)
	if err != nil {
		return false, ignoreEOF(err)
	}
	return f.isHead(g, head) && f.knows(g, before), nil
}

// handleOf is a plain file that holds a generation, to compare with: the one that
// is open, if any, for that cannot be moved away. To be called when done.
func (f *follower) handleOf(g *generation, p physical) (h *handle, done func(), err error) {
	if h := f.handles[g]; h != nil && h.archive == nil && os.SameFile(h.phys.info, p.info) {
		return h, func() {}, nil
	}
	h, err = f.disk.openHandle(p)
	if err != nil {
		return nil, nil, err
	}
	return h, h.close, nil
}

// hold keeps a file open as long as something may be added to it.
func (f *follower) hold(g *generation, p physical) {
	delete(f.missing, g)
	if p.live != g.Live || p.pack == plain && g.Key != p.key {
		g.Live, f.dirty = p.live, true
	}
	if h := f.handles[g]; h != nil {
		h.phys, h.gone = p, false
		return
	}
	if p.pack != plain || !p.live && p.info.Size() == g.Offset && g.Open == 0 && time.Since(p.info.ModTime()) >= keepOpen {
		return
	}
	h, err := f.disk.openHandle(p)
	if err != nil {
		f.unreadable(p, err)
		return
	}
	h.gen, f.handles[g] = g, h
}

func (f *follower) unreadable(p physical, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		f.moved = true
		return
	}
	f.problem("file " + p.name + " cannot be read: " + reason(err))
	if p.live {
		f.denied = err
	}
}

// readNameless reads the files to their end that are open and have no name in
// the series any more: they were removed, or replaced by what they were
// compressed to.
func (f *follower) readNameless(ctx context.Context, named map[*generation]physical) error {
	for _, g := range slices.Clone(f.pos.Gens) {
		h := f.handles[g]
		if h == nil || named[g].info != nil {
			continue
		}
		info, err := h.file.stat()
		if err != nil {
			return err
		}
		h.gone, h.phys.info, h.phys.live = removed(info), info, false
		if err := f.drain(ctx, h); err != nil {
			if errors.Is(err, errRewritten) {
				f.letGo(h)
			}
			return err
		}
	}
	return nil
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
