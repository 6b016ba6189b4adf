package shell

import (
	"context"
	"io"
	"sync"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// pipeSize is how much a pipe holds, as Linux has it; leastPipe one of a login that has
// no more memory, pipeCost what a pipe takes with nothing in it.
const (
	pipeSize  = 64 << 10
	leastPipe = 512
	pipeCost  = 512
)

// pipe joins a writer with a reader, each bounded by its own context.
type pipe struct {
	memory *ledger // what waits is counted there; nil: nowhere

	mu     sync.Mutex
	wake   sync.Cond
	buf    []byte
	small  bool // there was no memory for more
	closed bool // no more will be written
	broken bool // nobody will read
}

func newPipe(memory *ledger) *pipe {
	p := &pipe{memory: memory}
	p.wake.L = &p.mu
	if memory != nil {
		memory.repeat(pipeCost)
	}
	return p
}

func (p *pipe) size() int {
	if p.small {
		return leastPipe
	}
	return pipeSize
}

// room is how many of n bytes are taken now, and counts them. Where there is no memory
// the pipe becomes a small one, so that what it joins goes on. The caller holds the lock.
func (p *pipe) room(n int) int {
	n = min(n, p.size()-len(p.buf))
	if p.memory == nil || p.memory.take(int64(n)) {
		return n
	}
	p.small = true
	n = max(min(n, leastPipe-len(p.buf)), 0)
	p.memory.repeat(int64(n))
	return n
}

func (p *pipe) give(n int) {
	if p.memory != nil {
		p.memory.give(int64(n))
	}
}

// wait waits until ready says so. The caller holds the lock.
func (p *pipe) wait(ctx context.Context, ready func() bool) error {
	if ready() {
		return nil
	}
	stop := context.AfterFunc(ctx, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.wake.Broadcast()
	})
	defer stop()
	for !ready() {
		if ctx.Err() != nil {
			return vfs.EINTR
		}
		p.wake.Wait()
	}
	return nil
}

func (p *pipe) read(ctx context.Context, b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.wait(ctx, func() bool { return len(p.buf) > 0 || p.closed }); err != nil {
		return 0, err
	}
	if len(p.buf) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.buf)
	if p.buf = p.buf[n:]; len(p.buf) == 0 {
		p.buf = nil
	}
	p.give(n)
	p.wake.Broadcast()
	return n, nil
}

func (p *pipe) write(ctx context.Context, b []byte) (done int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for done < len(b) {
		if err := p.wait(ctx, func() bool { return len(p.buf) < p.size() || p.broken }); err != nil {
			return done, err
		}
		if p.broken {
			return done, vfs.EPIPE
		}
		n := p.room(len(b) - done)
		p.buf = append(p.buf, b[done:done+n]...)
		done += n
		p.wake.Broadcast()
	}
	return done, nil
}

// end says that no more will be written, stop that nobody will read.
func (p *pipe) end() { p.mark(&p.closed) }

func (p *pipe) stop() { p.mark(&p.broken) }

func (p *pipe) mark(what *bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.closed && p.broken
	*what = true
	if p.broken {
		p.give(len(p.buf))
		p.buf = nil
	}
	if p.closed && p.broken && !was {
		p.give(pipeCost)
	}
	p.wake.Broadcast()
}

// pipeReader and pipeWriter are a pipe's two sides.
type pipeReader struct{ *pipe }

func (pipeReader) write(context.Context, []byte) (int, error) { return 0, vfs.EBADF }
func (r pipeReader) close() error                             { r.stop(); return nil }

type pipeWriter struct{ *pipe }

func (pipeWriter) read(context.Context, []byte) (int, error) { return 0, vfs.EBADF }
func (w pipeWriter) close() error                            { w.end(); return nil }
