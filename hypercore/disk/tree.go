package disk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"go.cordon.dev/cordon/hypercore/merkle"
	"golang.org/x/crypto/blake2b"
)

const nodeSize = 40

// imageSum stands for an oplog image, so that the image itself can be wiped.
func imageSum(image []byte) []byte {
	sum := blake2b.Sum256(image)
	return sum[:]
}

// Node reads one node of the tree as of the state; merkle.ErrMissing when it is not stored.
func (d *Dir) Node(s *State, index uint64) (merkle.Node, error) {
	if d.rocks != nil {
		return d.rocks.node(index)
	}
	n, decided := s.overlay(index)
	if !decided {
		var b [nodeSize]byte
		if _, err := d.readAt("tree", b[:], int64(index)*nodeSize); err != nil && !errors.Is(err, io.EOF) {
			return n, fmt.Errorf("reading node %d: %w", index, err)
		} else if err == nil {
			n = decodeStored(index, b[:])
		}
	}
	if n.IsBlank() {
		return n, fmt.Errorf("node %d: %w", index, merkle.ErrMissing)
	}
	return n, nil
}

func decodeStored(index uint64, b []byte) merkle.Node {
	n := merkle.Node{Index: index, Size: binary.LittleEndian.Uint64(b)}
	copy(n.Hash[:], b[8:nodeSize])
	return n
}

// LeafReader reads runs of leaves with few system calls.
type LeafReader struct {
	dir *Dir
	buf []byte
}

// NewLeafReader returns a reader for one goroutine.
func (d *Dir) NewLeafReader() *LeafReader { return &LeafReader{dir: d} }

// Read appends the leaves of count blocks from block first to dst. Leaves that are not
// stored are blank.
func (r *LeafReader) Read(s *State, dst []merkle.Node, first uint64, count int) ([]merkle.Node, error) {
	if r.dir.rocks != nil {
		return r.readRocks(dst, first, count)
	}
	need := count * 2 * nodeSize
	if cap(r.buf) < need {
		r.buf = make([]byte, need)
	}
	buf := r.buf[:need]
	n, err := r.dir.readAt("tree", buf, int64(first)*2*nodeSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return dst, fmt.Errorf("reading leaves from block %d: %w", first, err)
	}
	for i := range count {
		index := 2 * (first + uint64(i))
		leaf, decided := s.overlay(index)
		if at := i * 2 * nodeSize; !decided && at+nodeSize <= n {
			leaf = decodeStored(index, buf[at:])
		}
		dst = append(dst, leaf)
	}
	return dst, nil
}

func (r *LeafReader) readRocks(dst []merkle.Node, first uint64, count int) ([]merkle.Node, error) {
	for i := range count {
		n, err := r.dir.rocks.leaf(first + uint64(i))
		if err != nil {
			return dst, fmt.Errorf("reading leaves from block %d: %w", first, err)
		}
		dst = append(dst, n)
	}
	return dst, nil
}

// ReadBlocks reads the blocks of leaves from block first on, which is at byte off; nil for
// those that are not there. It uses buf when that is large enough, and never allocates more
// than there is to read.
func (d *Dir) ReadBlocks(buf []byte, first, off uint64, leaves []merkle.Node) ([][]byte, error) {
	if d.rocks != nil {
		return d.rocks.blocks(first, len(leaves))
	}
	var size uint64
	for _, l := range leaves {
		size += l.Size
	}
	data, err := d.readData(buf, off, size)
	if err != nil {
		return nil, err
	}
	if data == nil {
		data = []byte{}
	}
	blocks := make([][]byte, len(leaves))
	for i, l := range leaves {
		if l.Size > uint64(len(data)) { // nothing behind it can be trusted to be in place
			break
		}
		blocks[i], data = data[:l.Size:l.Size], data[l.Size:]
	}
	return blocks, nil
}

// readData reads the bytes of blocks, which may be fewer than asked for when the data file
// ends. It uses buf when that is large enough, and never allocates more than the file holds.
func (d *Dir) readData(buf []byte, off, size uint64) ([]byte, error) {
	have, err := d.size("data")
	if err != nil {
		return nil, err
	}
	if off >= have {
		return nil, nil
	}
	size = min(size, have-off)
	if uint64(cap(buf)) < size {
		buf = make([]byte, size)
	}
	n, err := d.readAt("data", buf[:size], int64(off))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading data at byte %d: %w", off, err)
	}
	return buf[:n], nil
}
