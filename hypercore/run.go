package hypercore

import (
	"errors"
	"sync"

	"go.cordon.dev/cordon/hypercore/merkle"
)

// errDamaged is the cause of a Corrupt event whose block differs from its proven hash.
var errDamaged = errors.New("hypercore: block differs from its signed hash")

// stretch is a run of stored blocks with what the tree and the data file say about each.
type stretch struct {
	first    uint64
	stored   []merkle.Node // leaves as the tree file has them
	computed []merkle.Node // leaves as the data hashes
	blocks   [][]byte      // nil where the data file ends too early
}

// run reads and proves blocks whose leaves are known. When that fails it asks first
// whether data or leaf is wrong, then tries half the blocks, to find the damage.
func (v *view) run(at merkle.Peaks, stored []merkle.Node, b budget) (step, error) {
	st, err := v.read(at, stored, b)
	if err != nil {
		return step{}, err
	}
	for _, leaves := range [][]merkle.Node{st.computed, st.healed()} {
		if leaves == nil {
			continue
		}
		peaks, err := v.pushed(at, leaves)
		if err == nil {
			return v.deliver(st, leaves, peaks), nil
		}
		if !errors.Is(err, ErrNotProven) && !errors.Is(err, merkle.ErrMissing) {
			return step{}, err
		}
	}
	if n := len(stored); n > 1 {
		return v.run(at, stored[:n/2], b)
	}
	return v.unreadable(at)
}

func (v *view) read(at merkle.Peaks, stored []merkle.Node, b budget) (*stretch, error) {
	var size uint64
	for _, l := range stored {
		size += l.Size
	}
	blocks, err := v.dir.ReadBlocks(b.buffer, at.Length, at.Bytes, stored)
	if err != nil {
		return nil, err
	}
	st := &stretch{first: at.Length, stored: stored, computed: make([]merkle.Node, len(stored)), blocks: blocks}
	v.hash(st, size)
	return st, nil
}

// parallelBytes is the amount of data from which on it is hashed by several goroutines.
const parallelBytes = 128 << 10

// hash computes the leaves of a stretch of so many bytes.
func (v *view) hash(st *stretch, size uint64) {
	workers := 1
	if size >= parallelBytes {
		workers = min(len(v.hashers), len(st.blocks))
	}
	share := (len(st.blocks) + workers - 1) / workers
	var wg sync.WaitGroup
	for w := 1; w < workers; w++ {
		wg.Go(func() { st.hash(v.hashers[w], w*share, (w+1)*share) })
	}
	st.hash(v.hashers[0], 0, share)
	wg.Wait()
}

func (st *stretch) hash(h *merkle.Hasher, from, to int) {
	for i := from; i < min(to, len(st.blocks)); i++ {
		if st.blocks[i] == nil {
			st.computed[i] = merkle.Node{Index: 2 * (st.first + uint64(i))}
			continue
		}
		st.computed[i] = h.Leaf(st.first+uint64(i), st.blocks[i])
	}
}

// healed are the stored leaves, to be used when data is damaged; nil when they are the
// computed ones.
func (st *stretch) healed() []merkle.Node {
	var out []merkle.Node
	for i, l := range st.stored {
		l.Index = 2 * (st.first + uint64(i))
		if l != st.computed[i] && out == nil {
			out = append(out, st.computed[:i]...)
		}
		if out != nil {
			out = append(out, l)
		}
	}
	return out
}

// deliver makes events of blocks whose leaves are proven.
func (v *view) deliver(st *stretch, leaves []merkle.Node, peaks merkle.Peaks) step {
	s := step{leaves: leaves, peaks: peaks, events: make([]Event, 0, len(leaves))}
	for i := range leaves {
		index := st.first + uint64(i)
		if st.blocks[i] == nil || leaves[i] != st.computed[i] {
			s.add(v.corrupt(index, index+1, errDamaged))
			continue
		}
		s.add(v.block(index, st.blocks[i]))
	}
	return s
}

func (v *view) block(index uint64, data []byte) Event {
	if v.cipher == nil {
		e := v.event(Block, index, index+1)
		e.Data = data
		return e
	}
	plain, err := v.cipher.Open(index, v.state.Fork, data)
	if err != nil {
		return v.corrupt(index, index+1, ErrWrongKey)
	}
	e := v.event(Block, index, index+1)
	e.Data = plain
	return e
}
