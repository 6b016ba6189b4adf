package shell

import (
	"context"
	"io"
	"sync"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// pipeSize is how much a pipe holds, as Linux has it.
const pipeSize = 64 << 10

// pipe joins a writer with a reader, each bounded by its own context.
type pipe struct {
	mu     sync.Mutex
	wake   sync.Cond
	buf    []byte
	closed bool // no more will be written
	broken bool // nobody will read
}

func newPipe() *pipe {
	p := &pipe{}
	p.wake.L = &p.mu
	return p
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
	p.wake.Broadcast()
	return n, nil
}

func (p *pipe) write(ctx context.Context, b []byte) (done int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for done < len(b) {
		if err := p.wait(ctx, func() bool { return len(p.buf) < pipeSize || p.broken }); err != nil {
			return done, err
		}
		if p.broken {
			return done, vfs.EPIPE
		}
		n := min(len(b)-done, pipeSize-len(p.buf))
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
	*what = true
	p.wake.Broadcast()
}

// pipeReader and pipeWriter are a pipe's two sides.
type pipeReader struct{ *pipe }

func (pipeReader) write(context.Context, []byte) (int, error) { return 0, vfs.EBADF }
func (r pipeReader) close() error                             { r.stop(); return nil }

type pipeWriter struct{ *pipe }

func (pipeWriter) read(context.Context, []byte) (int, error) { return 0, vfs.EBADF }
func (w pipeWriter) close() error                            { w.end(); return nil }
