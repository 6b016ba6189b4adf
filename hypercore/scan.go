package hypercore

import (
	"context"
	"fmt"

	"go.cordon.dev/cordon/hypercore/disk"
	"go.cordon.dev/cordon/hypercore/merkle"
)

// scan is one pass over a core.
type scan struct {
	core   *Core
	budget budget
	at     merkle.Peaks
	end    uint64
}

// each hands out events until fn returns false.
func (s *scan) each(ctx context.Context, from uint64, fn func(Event) bool) error {
	if err := s.start(from); err != nil {
		return fmt.Errorf("scanning from block %d: %w", from, err)
	}
	for s.at.Length < s.end {
		events, err := s.next(ctx)
		if err != nil {
			return fmt.Errorf("scanning at block %d: %w", s.at.Length, err)
		}
		for _, e := range events {
			if !fn(e) {
				return nil
			}
		}
	}
	return nil
}

func (s *scan) start(from uint64) error {
	s.core.mu.Lock()
	defer s.core.mu.Unlock()
	v, err := s.core.verified()
	if err != nil {
		return err
	}
	s.end = v.trusted.Length
	if from >= s.end {
		s.at = merkle.Peaks{Length: from}
		return nil
	}
	s.at, err = v.startAt(from)
	return err
}

// startAt are the peaks before block from. In a sparse core they may not be stored inside
// a gap; the scan then starts where the gap does.
func (v *view) startAt(from uint64) (merkle.Peaks, error) {
	for from > 0 {
		p, err := merkle.LoadPeaks(from, v.node)
		if err == nil && p.Prove(v.trusted, v.node) == nil {
			return p, nil
		}
		from &= from - 1
	}
	return merkle.Peaks{}, nil
}

// next reads a stretch. What looks like a gap or damage is looked at again when the writer
// has moved on meanwhile.
func (s *scan) next(ctx context.Context) ([]Event, error) {
	s.core.mu.Lock()
	defer s.core.mu.Unlock()
	for range viewTries {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v, err := s.core.verified()
		if err != nil {
			return nil, err
		}
		if s.at.Length > v.trusted.Length || s.at.Prove(v.trusted, v.node) != nil {
			return nil, ErrRewritten
		}
		st, err := v.next(s.at, s.budget)
		if (err != nil || !allBlocks(st.events)) && s.core.dir.Changed() {
			if err := s.core.refresh(); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		s.at = st.peaks
		return st.events, nil
	}
	return nil, disk.ErrBusy
}

func allBlocks(events []Event) bool {
	for _, e := range events {
		if e.Kind != Block {
			return false
		}
	}
	return true
}

// Range is the blocks [From, To).
type Range struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

// Report is the outcome of VerifyBlocks.
type Report struct {
	Root    Key     `json:"root"`   // tree hash, signed
	Length  uint64  `json:"length"` // blocks in the log
	Blocks  uint64  `json:"blocks"` // stored and proven
	Bytes   uint64  `json:"bytes"`  // of those
	Absent  uint64  `json:"absent"` // not stored here, which is no damage
	Corrupt []Range `json:"corrupt,omitempty"`
}

// VerifyBlocks verifies the core and reads every block. Progress, if not nil, is called
// with the number of blocks passed. Damaged blocks give ErrCorrupt along with the Report.
func (c *Core) VerifyBlocks(ctx context.Context, progress func(done, total uint64)) (Report, error) {
	root, err := c.Verify(ctx)
	if err != nil {
		return Report{}, err
	}
	r := Report{Root: root, Length: c.Info().Length}
	s := scan{core: c, budget: c.scanBudget()}
	s.budget.buffer = make([]byte, s.budget.bytes)
	err = s.each(ctx, 0, func(e Event) bool {
		r.count(e)
		if progress != nil {
			progress(e.To, r.Length)
		}
		return true
	})
	r.Length = s.end
	if err == nil && len(r.Corrupt) > 0 {
		err = fmt.Errorf("blocks from %d on, in %d places: %w", r.Corrupt[0].From, len(r.Corrupt), ErrCorrupt)
	}
	return r, err
}

func (r *Report) count(e Event) {
	switch e.Kind {
	case Block:
		r.Blocks++
		r.Bytes += uint64(len(e.Data))
	case Gap:
		r.Absent += e.To - e.Index
	case Corrupt:
		r.addCorrupt(Range{e.Index, e.To})
	}
}

func (r *Report) addCorrupt(c Range) {
	if n := len(r.Corrupt); n > 0 && r.Corrupt[n-1].To == c.From {
		r.Corrupt[n-1].To = c.To
		return
	}
	r.Corrupt = append(r.Corrupt, c)
}

// Listed is one core found by List.
type Listed struct {
	Info
	Verified bool   `json:"verified"`
	Error    string `json:"error,omitempty"` // why it could not be opened or verified
}

// List opens and verifies every core at root: a core's directory, a corestore, or a
// directory of core directories. A core that can't be read is listed with its error.
func List(ctx context.Context, root string, opts Options) ([]Listed, error) {
	dirs, err := disk.List(root)
	if err != nil {
		return nil, err
	}
	out := make([]Listed, 0, len(dirs))
	for _, dir := range dirs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out = append(out, look(ctx, dir, opts))
	}
	return out, nil
}

func look(ctx context.Context, dir string, opts Options) Listed {
	c, err := Open(dir, opts)
	if err != nil {
		return Listed{Info: Info{Path: dir}, Error: err.Error()}
	}
	defer c.Close()
	l := Listed{Info: c.Info()}
	if _, err := c.Verify(ctx); err != nil {
		l.Error = err.Error()
		return l
	}
	l.Verified = true
	return l
}
