// Package hypercoretest writes small Hypercore 10 directories for tests that must not need
// Node: the same files in the same order as npm hypercore, without its locks and caches.
// The npm package itself reads what this writes (see the tests tagged servers). For tests
// that have the npm packages it runs them: StartNode.
//
// It imports enc, merkle and the standard library, and is no way to keep a log: a Writer
// holds the whole tree in memory and ends the test on any error.
package hypercoretest

import (
	"crypto/ed25519"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"

	"go.cordon.dev/cordon/hypercore/enc"
	"go.cordon.dev/cordon/hypercore/merkle"
)

// Writer appends to one core. Its fields may be changed between calls.
type Writer struct {
	// FlushEvery is after how many entries the oplog is written to the other files. npm
	// hypercore does so after 4; 0 means never.
	FlushEvery int

	t         testing.TB
	dir       string
	secret    ed25519.PrivateKey
	fork      uint64
	peaks     merkle.Peaks
	nodes     map[uint64]merkle.Node // whole tree
	pending   map[uint64]merkle.Node // not in the tree file
	cut       bool                   // the tree file has to be cut
	bits      []bool
	signature []byte
	slots     [2]bool // header bits
	entries   int
	tail      int64 // end of the oplog
	spoil     bool
}

// NewWriter makes an empty core in dir, which is created. Cores with the same seed have
// the same key.
func NewWriter(t testing.TB, dir string, seed byte) *Writer {
	t.Helper()
	sum := [ed25519.SeedSize]byte{0: seed, 31: 1}
	w := &Writer{
		FlushEvery: 4, t: t, dir: dir, secret: ed25519.NewKeyFromSeed(sum[:]),
		nodes: map[uint64]merkle.Node{}, pending: map[uint64]merkle.Node{}, slots: [2]bool{true, false},
	}
	w.check(os.MkdirAll(dir, 0o700))
	w.Flush()
	return w
}

// Dir is the core's directory.
func (w *Writer) Dir() string { return w.dir }

// Key is the core's key.
func (w *Writer) Key() merkle.Hash { return merkle.Hash(w.secret.Public().(ed25519.PublicKey)) }

// Secret is the secret key that lies in the oplog.
func (w *Writer) Secret() []byte { return w.secret }

// Length is the number of blocks.
func (w *Writer) Length() uint64 { return w.peaks.Length }

// Append writes blocks as one batch, as core.append(blocks) does.
func (w *Writer) Append(blocks ...[]byte) {
	w.t.Helper()
	e := w.Prepare(blocks...)
	w.write("oplog", Frame(e, w.current(), false), w.tail)
	w.entry(len(e))
}

// AppendStrings is Append.
func (w *Writer) AppendStrings(blocks ...string) {
	w.t.Helper()
	raw := make([][]byte, len(blocks))
	for i, b := range blocks {
		raw[i] = []byte(b)
	}
	w.Append(raw...)
}

// Prepare writes the data of an append and returns the payload of its oplog entry without
// writing it, for tests of what a killed writer leaves. The Writer counts it as written.
func (w *Writer) Prepare(blocks ...[]byte) []byte {
	w.t.Helper()
	start := w.peaks.Length
	at := int64(w.peaks.Bytes)
	added := map[uint64]merkle.Node{}
	hasher := merkle.NewHasher()
	for i, b := range blocks {
		w.write("data", b, at)
		at += int64(len(b))
		w.push(hasher.Leaf(start+uint64(i), b), added)
	}
	w.bits = append(w.bits[:start], make([]bool, len(blocks))...)
	w.mark(start, w.peaks.Length, true)
	w.sign()
	return w.encode(added, &start, false, start, w.peaks.Length)
}

// push appends a leaf and notes the new nodes.
func (w *Writer) push(n merkle.Node, added map[uint64]merkle.Node) {
	roots := append([]merkle.Node(nil), w.peaks.Roots...)
	w.peaks.Push(n)
	for {
		added[n.Index], w.nodes[n.Index], w.pending[n.Index] = n, n, n
		if len(roots) == 0 || merkle.Sibling(n.Index) != roots[len(roots)-1].Index {
			return
		}
		n = merkle.ParentOf(roots[len(roots)-1], n)
		roots = roots[:len(roots)-1]
	}
}

// Truncate shortens the log and begins the next fork, as core.truncate(length) does.
func (w *Writer) Truncate(length uint64) {
	w.t.Helper()
	old := w.peaks.Length
	p, err := merkle.LoadPeaks(length, func(i uint64) (merkle.Node, error) { return w.nodes[i], nil })
	w.check(err)
	w.peaks, w.cut = p, true
	w.fork++
	for i := range w.nodes {
		if merkle.EndBlock(i) > length {
			delete(w.nodes, i)
			delete(w.pending, i)
			if i < 2*length {
				w.pending[i] = merkle.Node{Index: i}
			}
		}
	}
	w.mark(length, old, false)
	w.sign()
	e := w.encode(nil, &length, true, length, old)
	w.write("oplog", Frame(e, w.current(), false), w.tail)
	w.entry(len(e))
	w.Flush()
}

// Clear drops blocks and overwrites their data with zeros, as core.clear(from, to) does.
func (w *Writer) Clear(from, to uint64) {
	w.t.Helper()
	w.mark(from, to, false)
	e := w.encode(nil, nil, true, from, to)
	w.write("oplog", Frame(e, w.current(), false), w.tail)
	for i := from; i < to; i++ {
		p, err := merkle.LoadPeaks(i, func(i uint64) (merkle.Node, error) { return w.nodes[i], nil })
		w.check(err)
		w.write("data", make([]byte, w.nodes[2*i].Size), int64(p.Bytes))
	}
	w.entry(len(e))
}

// entry counts an oplog entry of so many bytes.
func (w *Writer) entry(payload int) {
	w.tail += frameHead + int64(payload)
	if w.entries++; w.FlushEvery > 0 && w.entries >= w.FlushEvery {
		w.Flush()
	}
}

// Flush writes bitfield, tree and header, and empties the oplog.
func (w *Writer) Flush() {
	w.t.Helper()
	w.write("bitfield", w.bitmap(), 0)
	if w.cut {
		end := int64(0)
		if n := w.peaks.Length; n > 0 {
			end = (int64(n)-1)*80 + 40
		}
		w.write("tree", nil, 0) // it may not exist yet
		w.check(os.Truncate(filepath.Join(w.dir, "tree"), end))
		w.cut = false
	}
	for _, n := range w.pending {
		w.write("tree", append(binary.LittleEndian.AppendUint64(nil, n.Size), n.Hash[:]...), int64(n.Index)*40)
	}
	clear(w.pending)
	slot := 0
	if w.slots[0] == w.slots[1] {
		slot = 1
	}
	w.slots[slot] = !w.slots[slot]
	w.write("oplog", Frame(w.header(), w.slots[slot], false), int64(slot)*slotSize)
	w.tail, w.entries = 2*slotSize, 0
	w.check(os.Truncate(filepath.Join(w.dir, "oplog"), w.tail))
}

const (
	slotSize  = 4096
	frameHead = 8
)

// current is the bit that entries carry.
func (w *Writer) current() bool { return w.slots[0] != w.slots[1] }

// Frame is an oplog record: checksum, length with flags, payload.
func Frame(payload []byte, bit, partial bool) []byte {
	word := uint32(len(payload)) << 2
	if bit {
		word |= 1
	}
	if partial {
		word |= 2
	}
	b := binary.LittleEndian.AppendUint32(make([]byte, 4, frameHead+len(payload)), word)
	b = append(b, payload...)
	binary.LittleEndian.PutUint32(b, crc32.ChecksumIEEE(b[4:]))
	return b
}

// header is a header of version 1 with the default manifest, which npm hypercore stores.
func (w *Writer) header() []byte {
	key := w.Key()
	b := append([]byte{1, 2 | 4}, key[:]...)
	b = append(b, 1, 0, 0, 1, 1, 0) // manifest v1, no flags, BLAKE2b, quorum 1, one signer, Ed25519
	ns := merkle.DefaultNamespace()
	b = append(append(b, ns[:]...), key[:]...)
	b = enc.AppendBuffer(enc.AppendBuffer(b, key[:]), w.secret)
	b = append(b, 0) // no user data
	b = enc.AppendUint(enc.AppendUint(b, w.fork), w.peaks.Length)
	if w.peaks.Length == 0 {
		b = append(b, 0, 0)
	} else {
		root := w.peaks.Hash()
		b = enc.AppendBuffer(enc.AppendBuffer(b, root[:]), w.signature)
	}
	return append(b, 0, 0) // no reorgs, contiguous length unknown
}

// encode is an oplog entry. With ancestors it moves the tree to its present length.
func (w *Writer) encode(nodes map[uint64]merkle.Node, ancestors *uint64, drop bool, from, to uint64) []byte {
	flags := byte(8)
	var b []byte
	if len(nodes) > 0 {
		flags |= 2
		b = enc.AppendUint(b, uint64(len(nodes)))
		for _, n := range nodes {
			b = append(enc.AppendUint(enc.AppendUint(b, n.Index), n.Size), n.Hash[:]...)
		}
	}
	if ancestors != nil {
		flags |= 4
		b = enc.AppendUint(enc.AppendUint(b, w.fork), *ancestors)
		b = enc.AppendBuffer(enc.AppendUint(b, w.peaks.Length), w.signature)
	}
	dropped := byte(0)
	if drop {
		dropped = 1
	}
	b = enc.AppendUint(enc.AppendUint(append(b, dropped), from), to-from)
	return append([]byte{flags}, b...)
}

// sign signs the present tree as a compat core does.
func (w *Writer) sign() {
	root := w.peaks.Hash()
	msg := append(merkle.TreeNamespace(), root[:]...)
	msg = binary.LittleEndian.AppendUint64(msg, w.peaks.Length)
	w.signature = ed25519.Sign(w.secret, binary.LittleEndian.AppendUint64(msg, w.fork))
	if w.spoil {
		w.signature[0] ^= 1
		w.spoil = false
	}
}

func (w *Writer) mark(from, to uint64, stored bool) {
	for i := from; i < to && i < uint64(len(w.bits)); i++ {
		w.bits[i] = stored
	}
}

// bitmap is the bitfield file: whole pages of 4096 bytes.
func (w *Writer) bitmap() []byte {
	b := make([]byte, (len(w.bits)/8/slotSize+1)*slotSize)
	for i, stored := range w.bits {
		if stored {
			b[i/8] |= 1 << (i % 8)
		}
	}
	return b
}

func (w *Writer) write(name string, b []byte, off int64) {
	w.t.Helper()
	f, err := os.OpenFile(filepath.Join(w.dir, name), os.O_RDWR|os.O_CREATE, 0o600)
	w.check(err)
	_, err = f.WriteAt(b, off)
	w.check(err)
	w.check(f.Close())
}

func (w *Writer) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}
