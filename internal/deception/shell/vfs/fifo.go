package vfs

import (
	"context"
	"io"
	"sync"
)

// pipeSize is how much a pipe holds, as Linux has it.
const pipeSize = 64 << 10

// fifo is a named pipe in use. A reader waits until somebody wrote or nobody
// will any more; a writer waits for room, and fails once all readers left.
type fifo struct {
	through Stream // instead of a buffer: a stream of the process's own

	mu      sync.Mutex
	wake    sync.Cond
	buf     []byte
	readers int
	writers int
	read    bool // somebody read from it ever
	written bool // somebody opened it for writing ever
}

// pipe returns a named pipe's buffer. The caller holds the FS's lock.
func (f *FS) pipe(n *inode) *fifo {
	if n.pipe == nil {
		n.pipe = &fifo{}
		n.pipe.wake.L = &n.pipe.mu
	}
	return n.pipe
}

func (p *fifo) opened(flag int) { p.count(flag, 1) }

func (p *fifo) closed(flag int) {
	if p.through != nil {
		_ = p.through.Close()
		return
	}
	p.count(flag, -1)
}

func (p *fifo) count(flag, by int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if flag&accessMode != O_WRONLY {
		p.readers += by
		p.read = true
	}
	if flag&accessMode != O_RDONLY {
		p.writers += by
		p.written = true
	}
	p.wake.Broadcast()
}

// wait waits until ready says so, with the lock held.
func (p *fifo) wait(ctx context.Context, ready func() bool) error {
	stop := context.AfterFunc(ctx, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.wake.Broadcast()
	})
	defer stop()
	for !ready() {
		if ctx.Err() != nil {
			return EINTR
		}
		p.wake.Wait()
	}
	return nil
}

func (f *File) readPipe(b []byte) (int, error) {
	p := f.n.pipe
	if p.through != nil {
		return p.through.Read(b)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.wait(f.context(), func() bool { return len(p.buf) > 0 || p.written && p.writers == 0 || f.gone }); err != nil {
		return 0, fail("read", f.name, err)
	}
	if len(p.buf) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.buf)
	p.buf = p.buf[n:]
	p.wake.Broadcast()
	return n, nil
}

func (f *File) writePipe(b []byte) (done int, err error) {
	p := f.n.pipe
	if p.through != nil {
		return p.through.Write(b)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for done < len(b) {
		if err := p.wait(f.context(), func() bool { return len(p.buf) < pipeSize || p.read && p.readers == 0 || f.gone }); err != nil {
			return done, fail("write", f.name, err)
		}
		if p.read && p.readers == 0 || f.gone {
			return done, fail("write", f.name, EPIPE)
		}
		n := min(len(b)-done, pipeSize-len(p.buf))
		p.buf = append(p.buf, b[done:done+n]...)
		done += n
		p.wake.Broadcast()
	}
	return done, nil
}
