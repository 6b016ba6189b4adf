package vfs

import (
	"context"
	"io"
	"sync"
)

// A pipe holds pipeSize, as on Linux, and a page once those of a machine together hold
// mostPiped (pipe-user-pages-soft in pipe(7)): what waits in pipes is no file, and
// would not count as one.
const (
	pipeSize  = 64 << 10
	smallPipe = 4 << 10
	mostPiped = 1 << 20
)

// fifo is a named pipe in use. Who opens one side waits for the other, a reader for
// bytes or the end of all writers, a writer for room or the end of all readers. What
// nobody has read when all are gone is gone, too.
type fifo struct {
	through Stream // instead of a buffer: a stream of the process's own

	mu       sync.Mutex
	wake     sync.Cond
	buf      []byte
	readers  int
	writers  int
	arrivals [2]int // of readers and of writers, ever
}

// pipe returns a named pipe's buffer. The caller holds the FS's lock.
func (f *FS) pipe(n *inode) *fifo {
	if n.pipe == nil {
		n.pipe = &fifo{}
		n.pipe.wake.L = &n.pipe.mu
	}
	return n.pipe
}

func reads(flag int) bool  { return flag&accessMode != O_WRONLY }
func writes(flag int) bool { return flag&accessMode != O_RDONLY }

// enter counts who opens a side. It returns how many have opened the other by then;
// nobody when he need not wait for one.
func (p *fifo) enter(flag int) (before int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before = p.arrivals[otherSide(flag)]
	if reads(flag) && p.writers > 0 || writes(flag) && p.readers > 0 || reads(flag) && writes(flag) {
		before = nobody
	}
	if reads(flag) {
		p.readers++
		p.arrivals[0]++
	}
	if writes(flag) {
		p.writers++
		p.arrivals[1]++
	}
	p.wake.Broadcast()
	return before
}

const nobody = -1

// otherSide is the place in arrivals of those whom one who opens waits for.
func otherSide(flag int) int {
	if writes(flag) {
		return 0
	}
	return 1
}

// meet waits until somebody has opened the other side since enter, be he gone again.
func (p *fifo) meet(ctx context.Context, flag, before int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.wait(ctx, func() bool { return before == nobody || p.arrivals[otherSide(flag)] > before })
}

// leave is the end of one who had it open. What he leaves behind when he was the last
// is no longer counted.
func (p *fifo) leave(f *FS, flag int) {
	if p.through != nil {
		_ = p.through.Close()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if reads(flag) {
		p.readers--
	}
	if writes(flag) {
		p.writers--
	}
	if p.readers == 0 && p.writers == 0 {
		f.piped.Add(-int64(len(p.buf)))
		p.buf = nil
	}
	p.wake.Broadcast()
}

// wait waits until ready says so, with the lock held.
func (p *fifo) wait(ctx context.Context, ready func() bool) error {
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
	if !reads(f.flag) {
		return 0, fail("read", f.name, EBADF)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.wait(f.context(), func() bool { return len(p.buf) > 0 || p.writers == 0 }); err != nil {
		return 0, fail("read", f.name, err)
	}
	if len(p.buf) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.buf)
	if p.buf = p.buf[n:]; len(p.buf) == 0 {
		p.buf = nil
	}
	f.view.fs.piped.Add(-int64(n))
	p.wake.Broadcast()
	return n, nil
}

func (f *File) writePipe(b []byte) (done int, err error) {
	p := f.n.pipe
	if p.through != nil {
		return p.through.Write(b)
	}
	if !writes(f.flag) {
		return 0, fail("write", f.name, EBADF)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for done < len(b) {
		if err := p.wait(f.context(), func() bool { return len(p.buf) < f.view.fs.pipeSize() || p.readers == 0 }); err != nil {
			return done, fail("write", f.name, err)
		}
		if p.readers == 0 {
			return done, fail("write", f.name, EPIPE)
		}
		n := min(len(b)-done, max(f.view.fs.pipeSize()-len(p.buf), 1))
		p.buf = append(p.buf, b[done:done+n]...)
		f.view.fs.piped.Add(int64(n))
		done += n
		p.wake.Broadcast()
	}
	return done, nil
}

// pipeSize is how much a pipe of this machine holds now.
func (f *FS) pipeSize() int {
	if f.piped.Load() >= mostPiped {
		return smallPipe
	}
	return pipeSize
}
