package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/leak/source"
)

// absent says that no file of the series holds a generation, and that none is open
// that did.
func (f *follower) absent(g *generation, pl *plan) bool {
	return pl.named[g].info == nil && f.handles[g] == nil
}

// due says that a generation has been absent for so long that something follows.
func (f *follower) due(g *generation, pl *plan) bool {
	if !f.absent(g, pl) {
		return false
	}
	if f.missing[g].IsZero() {
		f.missing[g] = time.Now()
	}
	away := time.Since(f.missing[g])
	return !f.unsettled && away >= 2*f.cfg.Poll && (g.Live || away >= keepLost || g.Offset == 0)
}

func (f *follower) anyDue(pl *plan) bool {
	any := false
	for _, g := range pl.gens {
		any = f.due(g, pl) || any
	}
	return any
}

// account says what is lost of generations that no file holds, and forgets
// those that were rotated away for good.
func (f *follower) account(ctx context.Context, pl *plan) error {
	for _, g := range slices.Clone(f.pos.Gens) {
		if !f.due(g, pl) {
			continue
		}
		if g.Live {
			g.Live = false
			why := "the file was truncated, removed or replaced: what was written to it after it was last read is not known"
			if err := f.deliver(ctx, source.Batch{Losses: []source.Loss{{Reason: why}}}); err != nil {
				return err
			}
		}
		if time.Since(f.missing[g]) >= keepLost || g.Offset == 0 {
			f.forget(g)
		}
	}
	return nil
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
	why := whyLost(p, err)
	f.problem(why)
	if f.said[p.state()] {
		return nil
	}
	f.said[p.state()] = true
	return f.deliver(ctx, source.Batch{Losses: []source.Loss{{Reason: why}}})
}

func whyLost(p physical, err error) string { return fmt.Sprintf("file %s: %s", p.name, reason(err)) }

// reason is an error without the path, which may hold what it should not.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
