//go:build unix

package egress

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
)

// pumpBuffer is how much is moved at a time.
const pumpBuffer = 64 << 10

// pumpBuffers holds the buffers of tunnels that are moving bytes.
var pumpBuffers = sync.Pool{New: func() any { b := make([]byte, pumpBuffer); return &b }}

// pump moves bytes until src ends. While there is nothing to move it holds no
// buffer: idle tunnels are many.
func pump(dst, src net.Conn, count *atomic.Int64) error {
	sc, ok := src.(syscall.Conn)
	if !ok {
		return copyAll(dst, src, count)
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return err
	}
	p := &ready{}
	read := p.read // one closure for all reads
	for {
		p.n, p.err = 0, nil
		if err := raw.Read(read); err != nil {
			p.release()
			return err
		}
		if p.err != nil || p.n == 0 {
			p.release()
			return p.err
		}
		if err := p.pass(dst, src, count); err != nil {
			return err
		}
	}
}

// pass writes what was read, and, when that filled the buffer, moves what comes
// behind it without one.
func (r *ready) pass(dst, src net.Conn, count *atomic.Int64) error {
	defer r.release()
	n, err := dst.Write((*r.buf)[:r.n])
	count.Add(int64(n))
	if err != nil {
		return err
	}
	if r.n < pumpBuffer {
		return nil
	}
	return burst(dst, src, count)
}

// ready reads from a descriptor when it has something.
type ready struct {
	buf *[]byte
	n   int
	err error
}

// read is for syscall.RawConn: false waits until there is more.
func (r *ready) read(fd uintptr) (done bool) {
	if r.buf == nil {
		r.buf = pumpBuffers.Get().(*[]byte)
	}
	for {
		n, err := syscall.Read(int(fd), *r.buf)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
			r.release()
			return false
		case err != nil:
			r.err = err
		case n == 0:
			r.err = io.EOF
		}
		r.n = max(n, 0)
		return true
	}
}

func (r *ready) release() {
	if r.buf != nil {
		pumpBuffers.Put(r.buf)
		r.buf = nil
	}
}

// alive reports whether a resting connection is still open and has said
// nothing that nobody asked for.
func alive(up *upstream) bool {
	sc, ok := below(up.conn).(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	quiet := false
	err = raw.Read(func(fd uintptr) bool {
		var b [1]byte
		_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK)
		quiet = errors.Is(err, syscall.EAGAIN)
		return true
	})
	return err == nil && quiet
}

// hungUp waits until a connection ends, and reports that it has; or until it says
// something, which stays there to be read, or its deadline comes.
func hungUp(conn net.Conn) (gone bool) {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	err = raw.Read(func(fd uintptr) bool {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK)
		if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR) {
			return false
		}
		gone = err != nil || n == 0
		return true
	})
	return err == nil && gone
}
