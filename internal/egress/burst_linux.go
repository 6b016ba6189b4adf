package egress

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// burstPipe is how much the pipe of a burst holds: what one splice moves.
const burstPipe = 256 << 10

// burst moves bytes from src to dst within the kernel (splice(2)) for as long as
// src has some, and returns without waiting for more. The pipe that this takes
// is there only meanwhile. The error is io.EOF when src has ended.
func burst(dst, src net.Conn, count *atomic.Int64) error {
	b, ok := newBurst(dst, src)
	if !ok {
		return nil // the buffer goes on
	}
	defer b.close()
	for {
		n, err := b.fill()
		if err != nil || n == 0 {
			return err
		}
		if err := b.drain(n, count); err != nil {
			return err
		}
	}
}

type pipeline struct {
	src, dst syscall.RawConn
	out, in  int // ends of the pipe
}

func newBurst(dst, src net.Conn) (*pipeline, bool) {
	s, ok := src.(*net.TCPConn)
	d, ok2 := dst.(*net.TCPConn)
	if !ok || !ok2 {
		return nil, false
	}
	rs, err := s.SyscallConn()
	rd, err2 := d.SyscallConn()
	var fds [2]int
	if err != nil || err2 != nil || unix.Pipe2(fds[:], unix.O_NONBLOCK|unix.O_CLOEXEC) != nil {
		return nil, false
	}
	_, _ = unix.FcntlInt(uintptr(fds[1]), unix.F_SETPIPE_SZ, burstPipe) // or a smaller one
	return &pipeline{rs, rd, fds[0], fds[1]}, true
}

func (p *pipeline) close() {
	_ = unix.Close(p.out)
	_ = unix.Close(p.in)
}

const spliceFlags = unix.SPLICE_F_MOVE | unix.SPLICE_F_NONBLOCK

// fill takes what src has now; 0 when that is nothing.
func (p *pipeline) fill() (n int64, err error) {
	waited := p.src.Read(func(fd uintptr) bool {
		n, err = again(func() (int64, error) { return unix.Splice(int(fd), nil, p.in, nil, burstPipe, spliceFlags) })
		return true
	})
	switch {
	case waited != nil:
		return 0, waited
	case errors.Is(err, unix.EAGAIN):
		return 0, nil
	case err == nil && n == 0:
		return 0, io.EOF
	}
	return n, err
}

// drain gives n bytes of the pipe to dst.
func (p *pipeline) drain(n int64, count *atomic.Int64) error {
	for n > 0 {
		var moved int64
		var err error
		waited := p.dst.Write(func(fd uintptr) bool {
			moved, err = again(func() (int64, error) { return unix.Splice(p.out, nil, int(fd), nil, int(n), spliceFlags) })
			return !errors.Is(err, unix.EAGAIN)
		})
		if err = errors.Join(waited, err); err != nil {
			return err
		}
		n -= moved
		count.Add(moved)
	}
	return nil
}

// again repeats what a signal interrupts.
func again(call func() (int64, error)) (n int64, err error) {
	for {
		if n, err = call(); !errors.Is(err, unix.EINTR) {
			return max(n, 0), err
		}
	}
}
