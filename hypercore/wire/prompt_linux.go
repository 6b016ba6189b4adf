package wire

import (
	"io"
	"net"
	"syscall"
)

// prompt reads from a network connection and acknowledges what it has read at once. A peer
// whose sockets collect small writes (Nagle; Node's do) otherwise waits with the next one
// until the kernel's delayed acknowledgement, 40 ms.
func prompt(nc net.Conn) io.Reader {
	tcp, ok := nc.(*net.TCPConn)
	if !ok {
		return nc
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nc
	}
	return &prompter{tcp, raw}
}

type prompter struct {
	nc  *net.TCPConn
	raw syscall.RawConn
}

// Read implements io.Reader. The kernel goes back to delaying by itself, so it is told
// after every read; that it can't be told costs time, nothing else.
func (p *prompter) Read(b []byte) (int, error) {
	n, err := p.nc.Read(b)
	if err == nil {
		_ = p.raw.Control(func(fd uintptr) {
			_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
		})
	}
	return n, err
}
