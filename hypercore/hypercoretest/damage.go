package hypercoretest

import (
	"go.cordon.dev/cordon/hypercore/merkle"
)

// What follows are things that happen to a core rather than things a writer does.

// MoveTo makes the Writer go on in another directory that holds the same files, and
// returns the one it left.
func (w *Writer) MoveTo(dir string) (left string) {
	left, w.dir = w.dir, dir
	return left
}

// Bit is the header bit that oplog entries carry now.
func (w *Writer) Bit() bool { return w.current() }

// WriteTail puts bytes behind the last entry of the oplog without counting them.
func (w *Writer) WriteTail(b []byte) {
	w.t.Helper()
	w.write("oplog", b, w.tail)
}

// BadSignature spoils the next signature.
func (w *Writer) BadSignature() { w.spoil = true }

// Restore stores a cleared block again, as a download does. It must be the same block.
func (w *Writer) Restore(i uint64, block []byte) {
	w.t.Helper()
	p, err := merkle.LoadPeaks(i, func(i uint64) (merkle.Node, error) { return w.nodes[i], nil })
	w.check(err)
	w.write("data", block, int64(p.Bytes))
	w.mark(i, i+1, true)
	e := w.encode(nil, nil, false, i, i+1)
	w.write("oplog", Frame(e, w.current(), false), w.tail)
	w.entry(len(e))
}
