package file

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"io/fs"
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
func (f *follower) match(h *handle, orphans []*generation) (best found) {
	head, err := h.window(0, headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return found{}
	}
	for _, c := range f.candidates(orphans, head) {
		if c.At < minShared && (h.phys.live || !c.now && c.end != c.gen.Copy) {
			continue
		}
		before, err := h.window(max(0, c.At-endSize), c.At)
		if err != nil {
			break // it has no such place
		}
		if (c.now || !h.phys.live && !best.now) && f.cfg.Marker.Marked(before, c.Mark) {
			best = c
		}
	}
	if best.now || h.phys.live {
		return best
	}
	if c := f.matchRecent(h, orphans); c.gen != nil {
		return c
	}
	return best
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
func (f *follower) copyOf(h *handle, named map[*generation]physical) (*generation, error) {
	for _, g := range f.pos.Gens {
		p := named[g]
		if p.info == nil || p.pack != plain || p.key == h.phys.key || h.phys.live {
			continue
		}
		h.rewind()
		if is, err := f.isCopy(h, p); err != nil || is {
			return g, err
		}
		// The other may have been truncated since it was listed; "no copy" would
		// have what was read of it read again, as another file.
		if same, err := f.same(g, p); errors.Is(err, fs.ErrNotExist) || err == nil && !same {
			return nil, errMoved
		}
	}
	return nil, nil
}

// isCopy compares a file with the one it may have been made of: a compressed
// one as a whole, of another the beginning and the end. When the other has gone
// since it was listed, that is errMoved.
func (f *follower) isCopy(h *handle, of physical) (bool, error) {
	o, err := openHandle(of)
	if errors.Is(err, fs.ErrNotExist) {
		return false, errMoved
	}
	if err != nil {
		return false, nil
	}
	defer o.close()
	if h.archive != nil {
		return sameText(h, o), nil
	}
	size := h.phys.info.Size()
	return size > 0 && sameBytes(h, o, 0, min(size, headSize)) && sameBytes(h, o, max(0, size-source.PieceOverlap), size), nil
}

// sameText says that what an archive holds is how the other begins.
func sameText(h, o *handle) bool {
	for at := int64(0); ; at += 64 << 10 {
		piece, err := h.window(at, at+64<<10)
		whole := errors.Is(err, io.EOF)
		if err != nil && !whole {
			return false
		}
		of, err := o.window(at, at+int64(len(piece)))
		if err != nil || !bytes.Equal(piece, of) {
			return false
		}
		if whole {
			return at+int64(len(piece)) > 0
		}
	}
}

func sameBytes(a, b *handle, from, to int64) bool {
	x, err := a.window(from, to)
	if err != nil {
		return false
	}
	y, err := b.window(from, to)
	return err == nil && bytes.Equal(x, y)
}
