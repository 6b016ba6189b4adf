package disk

import (
	"errors"
	"fmt"
	"io"
	"math/bits"
)

const (
	pageBytes  = 4096
	pageBlocks = pageBytes * 8
)

// Bitfield answers which blocks are stored, as of one state. It holds one page at a time.
type Bitfield struct {
	dir    *Dir
	state  *State
	number uint64
	loaded bool
	page   [pageBytes]byte
}

// Bitfield reads the bitfield as of the state.
func (d *Dir) Bitfield(s *State) *Bitfield { return &Bitfield{dir: d, state: s} }

// Has reports whether a block is stored.
func (b *Bitfield) Has(block uint64) (bool, error) {
	if err := b.load(block / pageBlocks); err != nil {
		return false, err
	}
	i := block % pageBlocks
	return b.page[i/8]>>(i%8)&1 != 0, nil
}

// Next is the first block from on, before end, that is stored (or not), else end.
func (b *Bitfield) Next(stored bool, from, end uint64) (uint64, error) {
	skip := byte(0xff) // a byte without what is looked for
	if stored {
		skip = 0
	}
	for from < end {
		if err := b.load(from / pageBlocks); err != nil {
			return 0, err
		}
		i := from % pageBlocks
		v := (b.page[i/8] ^ skip) >> (i % 8)
		if v != 0 {
			return min(from+uint64(bits.TrailingZeros8(v)), end), nil
		}
		from += 8 - i%8
		from = b.skipZeroPage(stored, from, end)
	}
	return end, nil
}

// skipZeroPage jumps over pages past the end of the file and of all updates.
func (b *Bitfield) skipZeroPage(stored bool, from, end uint64) uint64 {
	if !stored || from%pageBlocks != 0 {
		return from
	}
	if b.dir.rocks != nil {
		return b.skipPage(from, end)
	}
	size, err := b.dir.size("bitfield")
	if err != nil || from/8 < size {
		return from
	}
	next := end
	for _, u := range b.state.bits {
		if !u.drop && u.start+u.size > from {
			next = min(next, max(u.start, from))
		}
	}
	return next
}

// skipPage jumps over a page that has no block.
func (b *Bitfield) skipPage(from, end uint64) uint64 {
	if from >= end || b.load(from/pageBlocks) != nil || b.page != [pageBytes]byte{} {
		return from
	}
	return min(end, from+pageBlocks)
}

func (b *Bitfield) load(number uint64) error {
	if b.loaded && b.number == number {
		return nil
	}
	b.loaded = false
	if b.dir.rocks != nil {
		clear(b.page[:])
		err := b.dir.rocks.page(number, &b.page)
		b.number, b.loaded = number, err == nil
		return err
	}
	n, err := b.dir.readAt("bitfield", b.page[:], int64(number)*pageBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading bitfield page %d: %w", number, err)
	}
	clear(b.page[n:])
	for _, u := range b.state.bits {
		b.apply(u, number*pageBlocks)
	}
	b.number, b.loaded = number, true
	return nil
}

// apply sets or clears the part of an update that lies in the page beginning at block base.
func (b *Bitfield) apply(u bitUpdate, base uint64) {
	from, to := max(u.start, base), min(u.start+u.size, base+pageBlocks)
	for i := from; i < to; {
		at := i - base
		if at%8 == 0 && to-i >= 8 {
			b.page[at/8] = 0xff
			if u.drop {
				b.page[at/8] = 0
			}
			i += 8
			continue
		}
		if u.drop {
			b.page[at/8] &^= 1 << (at % 8)
		} else {
			b.page[at/8] |= 1 << (at % 8)
		}
		i++
	}
}
