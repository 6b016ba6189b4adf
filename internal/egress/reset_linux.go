package egress

import (
	"net"
	"unsafe"

	"golang.org/x/sys/unix"
)

// reset ends a connection in one call to the kernel: what waits to be sent is
// thrown away, the other end gets a reset, and who reads or writes here wakes
// with an error. It takes no lock that a reader holds, so thousands are ended
// one after the other without waiting for any; who uses the connection closes
// it. It reports whether that was possible.
//
// Connecting to AF_UNSPEC dissolves a connection (connect(2)); Linux resets an
// established one then.
func reset(conn net.Conn) (done bool) {
	t, ok := conn.(*net.TCPConn)
	if !ok {
		return false
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return false
	}
	var nobody [16]byte // a sockaddr of family 0, AF_UNSPEC
	err = raw.Control(func(fd uintptr) {
		_, _, errno := unix.RawSyscall(unix.SYS_CONNECT, fd, uintptr(unsafe.Pointer(&nobody)), unsafe.Sizeof(nobody))
		done = errno == 0
	})
	return err == nil && done
}
