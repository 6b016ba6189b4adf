package hypercore

import (
	"errors"
	"fmt"
	"runtime"

	"go.cordon.dev/cordon/hypercore/disk"
	"go.cordon.dev/cordon/hypercore/merkle"
)

// budget bounds one step.
type budget struct {
	blocks   uint64 // at most so many blocks
	bytes    uint64 // at most so many bytes, but at least one block
	maxBlock uint64 // a block over this is not read
	buffer   []byte // if not nil, data is read into it: events are valid until the next step
}

// view is one state of a core whose root and signature have been checked: everything it
// hands out leads to that root.
type view struct {
	dir     *disk.Dir
	state   *disk.State
	trusted merkle.Peaks
	bits    *disk.Bitfield
	leaves  *disk.LeafReader
	hashers []*merkle.Hasher // one for each goroutine that may hash
	cipher  *disk.Cipher
	scratch []merkle.Node
}

// maxHashers bounds the goroutines that hash one stretch.
const maxHashers = 8

// newView checks roots and signature.
func newView(dir *disk.Dir, s *disk.State, opts Options) (*view, error) {
	verifier, err := merkle.NewVerifier(s.Key, s.Manifest)
	if err != nil {
		return nil, err
	}
	v := &view{dir: dir, state: s, bits: dir.Bitfield(s), leaves: dir.NewLeafReader()}
	for range min(runtime.GOMAXPROCS(0), maxHashers) {
		v.hashers = append(v.hashers, merkle.NewHasher())
	}
	if v.trusted, err = merkle.LoadPeaks(s.Length, v.node); err != nil {
		return nil, err
	}
	if err := verifier.Verify(v.trusted, s.Fork, s.Signature); err != nil {
		return nil, err
	}
	v.cipher = opts.cipher(s.Key, verifier.Compat())
	return v, nil
}

func (v *view) node(index uint64) (merkle.Node, error) { return v.dir.Node(v.state, index) }

// step is a stretch of the log that was read: events, and how the peaks move.
type step struct {
	events []Event
	leaves []merkle.Node // to push, in order; nil after a jump
	peaks  merkle.Peaks  // at the end of the stretch, proven
}

func (v *view) event(kind Kind, from, to uint64) Event {
	return Event{Kind: kind, Key: v.state.Key, Fork: v.state.Fork, Index: from, To: to}
}

// next reads the stretch that begins after at, which must be shorter than the log. The
// roots in at need not be trusted: they are proven along with what is read.
func (v *view) next(at merkle.Peaks, b budget) (step, error) {
	stored, err := v.bits.Has(at.Length)
	if err != nil {
		return step{}, err
	}
	if !stored {
		return v.gap(at)
	}
	end := min(v.trusted.Length, at.Length+b.blocks)
	if end, err = v.bits.Next(false, at.Length, end); err != nil {
		return step{}, err
	}
	v.scratch, err = v.leaves.Read(v.state, v.scratch[:0], at.Length, int(end-at.Length))
	if err != nil {
		return step{}, err
	}
	n := b.fit(v.scratch)
	if n == 0 {
		return v.tooLarge(at, v.scratch[0], b)
	}
	return v.run(at, v.scratch[:n], b)
}

// fit is the number of leaves within the budget; 0 when the first is too large to be read.
func (b budget) fit(leaves []merkle.Node) int {
	var total uint64
	for i, l := range leaves {
		if l.Size > b.maxBlock || (i > 0 && total+l.Size > b.bytes) {
			return i
		}
		total += l.Size
	}
	return len(leaves)
}

// gap jumps over blocks that are not stored.
func (v *view) gap(at merkle.Peaks) (step, error) {
	end, err := v.bits.Next(true, at.Length, v.trusted.Length)
	if err != nil {
		return step{}, err
	}
	peaks, err := v.provenFrom(end)
	if err != nil {
		return step{}, err
	}
	s := step{peaks: peaks, events: []Event{v.event(Gap, at.Length, end)}}
	if peaks.Length > end {
		s.add(v.corrupt(end, peaks.Length, ErrNotProven))
	}
	return s, nil
}

func (v *view) corrupt(from, to uint64, err error) Event {
	e := v.event(Corrupt, from, to)
	if damage := v.dir.Damage(); damage != nil && (errors.Is(err, errDamaged) || errors.Is(err, ErrNotProven)) {
		err = fmt.Errorf("%w (%w)", err, damage)
	}
	e.Err = fmt.Errorf("blocks %d to %d: %w", from, to-1, err)
	return e
}

// add appends an event and joins ranges of the same damage.
func (s *step) add(e Event) {
	if n := len(s.events); n > 0 && e.Kind == Corrupt {
		if last := &s.events[n-1]; last.Kind == Corrupt && last.To == e.Index && sameCause(last.Err, e.Err) {
			last.To = e.To
			last.Err = fmt.Errorf("blocks %d to %d: %w", last.Index, last.To-1, errors.Unwrap(e.Err))
			return
		}
	}
	s.events = append(s.events, e)
}

func sameCause(a, b error) bool {
	for _, cause := range []error{ErrWrongKey, ErrTooLarge, ErrNotProven, errDamaged} {
		if errors.Is(a, cause) {
			return errors.Is(b, cause)
		}
	}
	return false
}

// provenFrom are the peaks at the shortest length of at least length whose nodes are
// stored and proven. The whole log is one, so there always is one.
func (v *view) provenFrom(length uint64) (merkle.Peaks, error) {
	for depth := 0; length < v.trusted.Length; depth++ {
		p, err := merkle.LoadPeaks(length, v.node)
		if err == nil {
			err = p.Prove(v.trusted, v.node)
		}
		if err == nil {
			return p, nil
		}
		if !errors.Is(err, merkle.ErrMissing) && !errors.Is(err, ErrNotProven) {
			return p, err
		}
		length = ((length >> depth) + 1) << depth
	}
	return v.trusted.Clone(), nil
}

// unreadable jumps over a block whose tree nodes are damaged.
func (v *view) unreadable(at merkle.Peaks) (step, error) {
	peaks, err := v.provenFrom(at.Length + 1)
	if err != nil {
		return step{}, err
	}
	return step{peaks: peaks, events: []Event{v.corrupt(at.Length, peaks.Length, ErrNotProven)}}, nil
}

func (v *view) tooLarge(at merkle.Peaks, leaf merkle.Node, b budget) (step, error) {
	leaf.Index = 2 * at.Length
	peaks, err := v.pushed(at, []merkle.Node{leaf})
	if errors.Is(err, ErrNotProven) || errors.Is(err, merkle.ErrMissing) {
		return v.unreadable(at)
	}
	if err != nil {
		return step{}, err
	}
	cause := fmt.Errorf("%d bytes, limit %d: %w", leaf.Size, b.maxBlock, ErrTooLarge)
	return step{peaks: peaks, leaves: []merkle.Node{leaf}, events: []Event{v.corrupt(at.Length, at.Length+1, cause)}}, nil
}

// pushed appends leaves and proves the result.
func (v *view) pushed(at merkle.Peaks, leaves []merkle.Node) (merkle.Peaks, error) {
	p := at.Clone()
	for _, l := range leaves {
		p.Push(l)
	}
	return p, p.Prove(v.trusted, v.node)
}
