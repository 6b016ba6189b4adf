package dns

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// tellAddress has the kernel tell with each datagram to which of the machine's
// addresses it came (ip(7), ipv6(7)). Handed back with the answer, that makes it come
// from there, as whoever asked expects, and the packet filter that redirected him.
func tellAddress(network string, raw syscall.RawConn) error {
	return raw.Control(func(fd uintptr) {
		switch network { // where it is not told, the answer comes from the usual address
		case "udp4":
			_ = unix.SetsockoptInt(int(fd), unix.SOL_IP, unix.IP_PKTINFO, 1)
		case "udp6":
			_ = unix.SetsockoptInt(int(fd), unix.SOL_IPV6, unix.IPV6_RECVPKTINFO, 1)
		}
	})
}
