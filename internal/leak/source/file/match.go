package file

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"

	"go.cordon.dev/cordon/internal/leak/source"
)

// found is a generation that a file holds, and up to where that is certain.
type found struct {
	gen *generation
	end
	now bool // the file may go on behind what was read; otherwise it is an older copy
}

// minShared is how much a file must have in common with what was read to be
// taken for an older copy of it, or, when the path leads to it, for more of it:
// every log begins with the same few bytes.
const minShared = 64

// match finds, by what was read of them, the generation that a file holds: one
// of those that no file holds any more. A file that the path leads to may be
// more of one, but is never an older copy: it has only begun.
func (f *follower) match(h *handle, orphans []*generation) (best found, err error) {
	head, err := h.window(0, headSize)
	if err != nil && !h.ends(err) {
		return found{}, err
	}
	for _, c := range f.candidates(orphans, head) {
		if c.At < minShared && (h.phys.live || !c.now && c.end != c.gen.Copy) {
			continue
		}
		before, err := h.window(max(0, c.At-endSize), c.At)
		if h.ends(err) {
			break // it has no such place
		}
		if err != nil {
			return found{}, err
		}
		if (c.now || !h.phys.live && !best.now) && f.cfg.Marker.Marked(before, c.Mark) {
			best = c
		}
	}
	if best.now || h.phys.live {
		return best, nil
	}
	if c := f.matchRecent(h, orphans); c.gen != nil {
		return c, nil
	}
	return best, nil
}

// candidates are the places to compare at, in their order in the file.
func (f *follower) candidates(gens []*generation, head []byte) []found {
	var out []found
	for _, g := range gens {
		for _, e := range append(slices.Clone(g.Ends), g.Copy) {
			// An early end has all that is before it marked.
			if e.At > 0 && (e.At <= endSize || f.isHead(g, head)) {
				out = append(out, found{g, e, e.At == g.Offset})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b found) int { return cmp.Compare(a.At, b.At) })
	return out
}

// matchRecent recognises a copy that was made shortly before the file was
// truncated: it ends in what is still remembered of it.
func (f *follower) matchRecent(h *handle, orphans []*generation) found {
	size, err := h.length()
	if err != nil || size == 0 {
		return found{}
	}
	last, err := h.window(max(0, size-endSize), size)
	if err != nil {
		return found{}
	}
	for _, g := range orphans {
		recent := f.recent[g]
		upto := len(recent) - int(g.Offset-size)
		if size <= g.Offset && g.Offset-size < int64(len(recent)) && upto >= len(last) && bytes.Equal(recent[upto-len(last):upto], last) {
			return found{gen: g, end: end{At: size}}
		}
	}
	return found{}
}

// copyOf finds the generation, held by another file, that this one is a copy
// of, compressed or not.
func (f *follower) copyOf(h *handle, pl *plan) (*generation, error) {
	for _, g := range pl.gens {
		p := pl.named[g]
		if p.info == nil || p.pack != plain || p.key == h.phys.key || h.phys.live {
			continue
		}
		o, done, err := f.original(g, p, pl)
		if err != nil {
			return nil, err
		}
		h.rewind()
		is, err := isCopy(h, o)
		done()
		if err != nil || is {
			return g, err
		}
	}
	return nil, nil
}

// original is a plain file that holds a generation, to be compared with.
func (f *follower) original(g *generation, p physical, pl *plan) (h *handle, done func(), err error) {
	for _, s := range pl.steps {
		if s.holds.gen == g && s.h != nil {
			return s.h, func() {}, nil
		}
	}
	return f.handleOf(g, p)
}

// isCopy compares a file with the one it may have been made of: a compressed
// one as a whole, of another the beginning and the end.
func isCopy(h, o *handle) (bool, error) {
	if h.archive != nil {
		return sameText(h, o)
	}
	size := h.phys.info.Size()
	is, err := sameBytes(h, o, 0, min(size, headSize))
	if err != nil || !is {
		return false, err
	}
	return sameBytes(h, o, max(0, size-source.PieceOverlap), size)
}

// sameText says that what an archive holds is how the other begins.
func sameText(h, o *handle) (bool, error) {
	for at := int64(0); ; at += 64 << 10 {
		piece, err := h.window(at, at+64<<10)
		whole := errors.Is(err, io.EOF)
		if err != nil && !whole {
			return false, nil // reading it says what is wrong with it
		}
		of, err := o.window(at, at+int64(len(piece)))
		if err != nil || !bytes.Equal(piece, of) {
			return false, ignoreEOF(err)
		}
		if whole {
			return at+int64(len(piece)) > 0, nil
		}
	}
}

func sameBytes(a, b *handle, from, to int64) (bool, error) {
	x, err := a.window(from, to)
	if err != nil {
		return false, ignoreEOF(err)
	}
	y, err := b.window(from, to)
	return err == nil && bytes.Equal(x, y), ignoreEOF(err)
}
