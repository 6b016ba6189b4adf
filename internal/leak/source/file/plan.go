package file

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// plan is what one look found out about the files that were not known.
type plan struct {
	known map[*generation]physical // where generations are
	named map[*generation]physical // the same, and what was found out
	gens  []*generation            // those of the position, then new ones
	steps []*finding
}

// finding is what was found out about one file.
type finding struct {
	h     *handle     // nil when it was handed on, or could not be read
	place int         // in the list of the files that were not known
	holds found       // the generation that it holds
	added bool        // that is a new one
	copy  *generation // it is a copy of another file, that holds this
	end   end         // where the copy ends
	lost  error       // why it is not read
	p     physical
}

func (f *follower) newPlan(named map[*generation]physical) *plan {
	return &plan{known: maps.Clone(named), named: named, gens: slices.Clone(f.pos.Gens)}
}

func (pl *plan) close() {
	for _, s := range pl.steps {
		if s.h != nil {
			s.h.close()
		}
	}
}

// orphans are the generations that no file of the series is known to hold.
func (pl *plan) orphans() []*generation {
	return slices.DeleteFunc(slices.Clone(pl.gens), func(g *generation) bool { return pl.named[g].info != nil })
}

// decide finds out what the files hold that are not known, and does nothing.
func (f *follower) decide(pl *plan, unknown []physical) {
	for i, p := range unknown {
		s := &finding{place: i, p: p}
		if f.examine(s, pl, unknown) {
			pl.steps = append(pl.steps, s)
		}
	}
	for _, s := range f.inOrder(pl.steps) {
		if s.lost != nil {
			continue
		}
		if err := f.identify(s, pl); err != nil {
			f.unreadable(s.p, err)
			f.unsettled = true
		}
	}
}

// examine opens a file, unless there is no use in that now.
func (f *follower) examine(s *finding, pl *plan, unknown []physical) bool {
	p := s.p
	if p.pack == other {
		s.lost = errors.New("it is compressed in a way that is not read; rotate with gzip or bzip2")
		f.problem(whyLost(p, s.lost))
		return !f.said[p.state()]
	}
	if of := f.copies[p.state()]; of != nil && pl.named[of].info != nil && of.Offset > 0 {
		return false
	}
	beside := p.pack != plain && pl.lists(strings.TrimSuffix(p.path, string(p.pack)), unknown)
	if beside && !p.settled { // it is being made of that
		f.unsettled = true
		return false
	}
	h, err := f.disk.openHandle(p)
	if err != nil {
		f.unreadable(p, err)
		return false
	}
	if h.archive != nil && f.inTheMaking(h, beside) {
		h.close()
		return false
	}
	s.h = h
	return true
}

// lists says whether there is a file of the given path.
func (pl *plan) lists(path string, unknown []physical) bool {
	for _, p := range pl.named {
		if p.path == path {
			return true
		}
	}
	return slices.ContainsFunc(unknown, func(p physical) bool { return p.path == path })
}

// inTheMaking says that a compressed file is not complete yet. Beside the file
// that it is made of it may take its time.
func (f *follower) inTheMaking(h *handle, beside bool) bool {
	young := time.Since(h.phys.info.ModTime()) < patience
	if !young && !beside {
		return false
	}
	_, err := h.length()
	torn := errors.Is(err, errTorn)
	f.unsettled = f.unsettled || torn && young
	return torn
}

// inOrder puts behind others what may be a copy of them: behind the file of the
// path its copies, then all that is compressed.
func (f *follower) inOrder(steps []*finding) []*finding {
	var live *finding
	if n := len(steps) - 1; n >= 0 && steps[n].p.live {
		live = steps[n]
	}
	rank := map[*finding]int{}
	for _, s := range steps {
		switch {
		case s.lost != nil:
		case s.h.archive != nil:
			rank[s] = 3
		case s == live:
			rank[s] = 1
		case live != nil:
			if is, err := isCopy(s.h, live.h); is && err == nil {
				rank[s] = 2
			}
		}
	}
	return slices.SortedStableFunc(slices.Values(steps), func(a, b *finding) int { return cmp.Compare(rank[a], rank[b]) })
}

// identify finds out what a file holds.
func (f *follower) identify(s *finding, pl *plan) error {
	of, err := f.copyOf(s.h, pl)
	if err != nil {
		return err
	}
	if of != nil {
		return f.markCopy(s, of)
	}
	s.h.rewind()
	if s.holds, err = f.match(s.h, pl.orphans()); err != nil {
		return err
	}
	if s.holds.gen == nil {
		s.added, s.holds.gen = true, &generation{}
		pl.gens = append(pl.gens, s.holds.gen)
	}
	pl.named[s.holds.gen] = s.p
	return nil
}

// markCopy marks where a copy ends: if more is read from the file and then that
// is truncated, the copy has to be known as an older one.
func (f *follower) markCopy(s *finding, of *generation) error {
	size, err := s.h.length()
	if err != nil {
		return err
	}
	last, err := s.h.window(max(0, size-endSize), size)
	if err != nil {
		return err
	}
	s.copy, s.end = of, end{size, f.cfg.Marker.Mark(last)}
	return nil
}

// confirm lists again. If all is there as it was, there was a moment at which it
// was there together: no file was listed under two names, or under none, because
// it was renamed meanwhile, and none was truncated before it was compared with.
func (f *follower) confirm(all []physical, pl *plan) (bool, error) {
	again, err := f.list()
	if err != nil || len(again) != len(all) || f.moved {
		return false, err
	}
	now := map[string]physical{}
	for _, p := range again {
		now[p.path] = p
	}
	for _, p := range all {
		q := now[p.path]
		if q.info == nil || q.key != p.key || q.live != p.live || p.pack == plain && !grown(p.info.Size(), q.info.Size()) {
			return false, nil
		}
	}
	for g, p := range pl.known {
		q := now[p.path]
		if p.pack == plain && g.Offset > 0 && !(q.settled && q.state() == p.state()) {
			if same, err := f.same(g, q); err != nil || !same {
				return false, nil // which the next look explains
			}
		}
	}
	pl.steps = slices.DeleteFunc(pl.steps, func(s *finding) bool { return f.changing(s, now) })
	return true, nil
}

// grown says that what was found out about a file is as true of what it is now.
// An empty one was not looked at; the next may be a copy of it.
func grown(from, to int64) bool { return to >= from && (from > 0 || to == 0) }

// changing drops a compressed file that is still written to.
func (f *follower) changing(s *finding, now map[string]physical) bool {
	if s.p.pack == plain || s.h == nil || now[s.p.path].state() == s.p.state() {
		return false
	}
	s.h.close()
	f.unsettled = true
	return true
}

// apply does what was planned, in the order of the files' age.
func (f *follower) apply(ctx context.Context, pl *plan) error {
	slices.SortFunc(pl.steps, func(a, b *finding) int { return cmp.Compare(a.place, b.place) })
	for _, s := range pl.steps {
		switch {
		case s.lost != nil:
			if err := f.lose(ctx, s.p, s.lost); err != nil {
				return err
			}
		case s.copy != nil:
			f.noteCopy(s)
		case s.holds.gen != nil:
			f.take(s)
		}
	}
	return nil
}

// noteCopy remembers a copy. Of a file of which nothing was read it is looked at
// again: what was copied cannot be told from what comes in its place.
func (f *follower) noteCopy(s *finding) {
	if s.p.settled && s.copy.Offset > 0 {
		f.copies[s.p.state()] = s.copy
	}
	if s.copy.Copy != s.end {
		s.copy.Copy, f.dirty = s.end, true
	}
}

// take makes a file the one that holds a generation.
func (f *follower) take(s *finding) {
	g, h := s.holds.gen, s.h
	h.rewind()
	if s.added {
		f.pos.add(g)
	} else if err := f.back(h, s.holds); err != nil {
		f.unreadable(s.p, err)
		return
	}
	if old := f.handles[g]; old != nil {
		old.close()
	}
	h.gen, f.handles[g], s.h = g, h, nil
	g.Live, g.Archive, g.Key = s.p.live, "", ""
	if s.p.pack == plain {
		g.Key = s.p.key
	}
	f.dirty = true
	delete(f.missing, g)
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
