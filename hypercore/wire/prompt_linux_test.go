package wire

import (
	"io"
	"net"
	"syscall"
	"testing"
)

// In a conversation the kernel delays acknowledgements, hoping for an answer to send them
// with. After a prompt read it does not.
func TestReadsAreAcknowledgedAtOnce(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	for i := 0; atOnce(t, near); i++ {
		if i == 1000 {
			t.Fatal("the kernel does not delay acknowledgements in a conversation")
		}
		pass(t, far, near, near)
		pass(t, near, far, far)
	}
	pass(t, far, near, prompt(near))
	if !atOnce(t, near) {
		t.Error("what was read waits to be acknowledged")
	}
}

// pass sends a byte to the other end, where it is read by r.
func pass(t *testing.T, from, to net.Conn, r io.Reader) {
	t.Helper()
	if _, err := from.Write([]byte{1}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(make([]byte, 1)); err != nil {
		t.Fatalf("%v did not get it: %v", to.LocalAddr(), err)
	}
}

// atOnce reports whether the kernel acknowledges at once on a connection.
func atOnce(t *testing.T, nc net.Conn) bool {
	t.Helper()
	raw, err := nc.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	v := 0
	if err := raw.Control(func(fd uintptr) {
		v, err = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK)
	}); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v == 1
}
