package file

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/leak/source"
)

// bind finds out which file holds which generation. What is known by its key
// comes first, then what was open and lost its name is read to its end, then
// what is new is compared with the generations that are left.
func (f *follower) bind(ctx context.Context, all []physical) error {
	named := map[*generation]physical{}
	var unknown []physical
	for _, p := range all {
		g := f.holderOf(p)
		switch {
		case g != nil && named[g].info == nil:
			named[g] = p
			f.hold(g, p)
		case g == nil && p.info.Size() > 0:
			unknown = append(unknown, p) // otherwise it is another name of a file, or empty
		}
	}
	if err := f.readNameless(ctx, named); err != nil {
		return err
	}
	unknown, err := f.copiesLast(unknown)
	if err != nil {
		return err
	}
	for _, p := range unknown {
		if err := f.adopt(ctx, p, named); err != nil {
			return err
		}
	}
	return f.account(ctx, named)
}

// copiesLast puts what is a copy of the file of the path behind that, so that
// it is known as one.
func (f *follower) copiesLast(unknown []physical) ([]physical, error) {
	n := len(unknown) - 1
	if n < 1 || !unknown[n].live {
		return unknown, nil
	}
	var first, copies []physical
	for _, p := range unknown[:n] {
		is, err := f.isCopyOf(p, unknown[n])
		switch {
		case err != nil:
			return nil, err
		case is:
			copies = append(copies, p)
		default:
			first = append(first, p)
		}
	}
	return append(append(first, unknown[n]), copies...), nil
}

func (f *follower) isCopyOf(p, of physical) (bool, error) {
	h, err := f.disk.openHandle(p)
	if err != nil {
		return false, nil // adopt says what is wrong with it
	}
	defer func() { h.close() }()
	return f.isCopy(h, of)
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
		if same && p.settled() {
			f.sure[g] = p.state()
		}
		return g // what cannot be compared is tried again when it is read
	}
	g.Key, f.dirty = "", true
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
	h, err := f.disk.openHandle(p)
	if err != nil {
		return false, err
	}
	defer h.close()
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

// adopt finds out what a file holds that was not met before.
func (f *follower) adopt(ctx context.Context, p physical, named map[*generation]physical) error {
	if p.pack == other {
		return f.lose(ctx, p, errors.New("it is compressed in a way that is not read; rotate with gzip or bzip2"))
	}
	if of := f.copies[p.state()]; of != nil && named[of].info != nil && p.settled() {
		return nil
	}
	h, err := f.disk.openHandle(p)
	if err != nil {
		f.unreadable(p, err)
		return nil
	}
	if f.growing(h) {
		f.unsettled = true
		h.close()
		return nil
	}
	of, err := f.copyOf(h, named)
	if err == nil && of != nil {
		f.copies[p.state()] = of
		err = f.noteCopy(h, of)
	}
	if err != nil || of != nil {
		h.close()
		return err
	}
	h.rewind()
	m := f.match(h, f.orphans(named))
	h.close()
	return f.take(p, m, named)
}

// noteCopy remembers where a copy ends: if more is read from the file and then
// that is truncated, the copy has to be known as an older one.
func (f *follower) noteCopy(h *handle, of *generation) error {
	size, err := h.length()
	if err != nil {
		return err
	}
	last, err := h.window(max(0, size-endSize), size)
	if err != nil {
		return err
	}
	of.Copy, f.dirty = end{size, f.cfg.Marker.Mark(last)}, true
	return nil
}

// growing says that a compressed file is not complete yet.
func (f *follower) growing(h *handle) bool {
	if h.archive == nil || time.Since(h.phys.info.ModTime()) >= patience {
		return false
	}
	_, err := h.window(0, headSize)
	for at := int64(0); err == nil; at += source.PieceSize {
		_, err = h.window(at, at+source.PieceSize)
	}
	torn := errors.Is(err, errTorn)
	if !torn {
		h.rewind()
	}
	return torn
}

// orphans are the generations that no file of the series is known to hold.
func (f *follower) orphans(named map[*generation]physical) []*generation {
	return slices.DeleteFunc(slices.Clone(f.pos.Gens), func(g *generation) bool { return named[g].info != nil })
}

// take makes a file the one that holds a generation: the one it was matched
// with, else a new one.
func (f *follower) take(p physical, m found, named map[*generation]physical) error {
	h, err := f.disk.openHandle(p)
	if err != nil {
		f.unreadable(p, err)
		return nil
	}
	g := m.gen
	if g == nil {
		g = f.pos.add()
	} else if err := f.back(h, m); err != nil {
		h.close()
		return err
	}
	if old := f.handles[g]; old != nil {
		old.close()
	}
	h.gen, f.handles[g] = g, h
	g.Live, g.Archive, g.Key = p.live, "", ""
	if p.pack == plain {
		g.Key = p.key
	}
	named[g], f.dirty = p, true
	delete(f.missing, g)
	return nil
}

// back takes a generation back to where an older copy is known to hold it. What
// the copy has behind that is read again rather than not at all.
func (f *follower) back(h *handle, m found) error {
	if m.now {
		return nil
	}
	before, err := h.window(max(0, m.At-endSize), m.At)
	if err != nil {
		return err
	}
	g := m.gen
	if g.HeadLen > int(m.At) { // all of it is before
		g.HeadLen, g.Head = len(before), f.cfg.Marker.Mark(before)
	}
	earlier := slices.DeleteFunc(g.earlier(), func(e end) bool { return e.At >= m.At })
	g.Open, g.Run, g.Line, g.Copy = 0, 0, m.At, end{}
	g.reach(f.cfg.Marker, m.At, before, earlier)
	h.rewind()
	return nil
}

// account says what is lost of generations that no file holds, and forgets
// those that were rotated away for good.
func (f *follower) account(ctx context.Context, named map[*generation]physical) error {
	for _, g := range slices.Clone(f.pos.Gens) {
		if named[g].info != nil || f.handles[g] != nil {
			continue
		}
		since, known := f.missing[g]
		if !known {
			since, f.missing[g] = time.Now(), time.Now()
		}
		if f.unsettled || time.Since(since) < 2*f.cfg.Poll {
			continue
		}
		if g.Live {
			g.Live = false
			why := "the file was truncated, removed or replaced: what was written to it after it was last read is not known"
			if err := f.deliver(ctx, source.Batch{Losses: []source.Loss{{Reason: why}}}); err != nil {
				return err
			}
		}
		if time.Since(since) >= keepLost || g.Offset == 0 {
			f.forget(g)
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
