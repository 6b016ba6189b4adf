package egress

import (
	"bufio"
	"io"
	"sync"
)

// writers holds the buffers of what is written to clients and origins. Tunnels
// give theirs back before they move bytes: they write past them.
var writers = sync.Pool{New: func() any { return bufio.NewWriter(nil) }}

func newWriter(to io.Writer) *bufio.Writer {
	w := writers.Get().(*bufio.Writer)
	w.Reset(to)
	return w
}

// putWriter gives a writer back that nobody uses any more, and returns nil to
// forget it by.
func putWriter(w *bufio.Writer) *bufio.Writer {
	if w != nil {
		w.Reset(nil)
		writers.Put(w)
	}
	return nil
}
