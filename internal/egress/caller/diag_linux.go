package caller

import (
	"encoding/binary"
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// The layout of sock_diag's messages (linux/inet_diag.h): the header of
// netlink, then inet_diag_req_v2 or inet_diag_msg, each with a socket id of 48
// bytes in it.
const (
	headerSize  = 16
	requestSize = 56
	messageSize = 72
	byFamily    = 20 // SOCK_DIAG_BY_FAMILY
	uidAt       = headerSize + 64
	inodeAt     = headerSize + 68
)

// lookUp asks the kernel for the client's end of a connection.
func lookUp(client, gateway netip.AddrPort) (socket, bool) {
	client, gateway = plain(client), plain(gateway)
	if !client.IsValid() || client.Addr().Is4() != gateway.Addr().Is4() {
		return socket{}, false
	}
	return exchange(question(client, gateway))
}

// exchange asks the kernel about one socket.
func exchange(q []byte) (socket, bool) {
	answer := ask(q)
	if answer == nil {
		return socket{}, false
	}
	return read(answer)
}

// ask returns the first part of the kernel's answer; nil if there is none.
func ask(q []byte) []byte {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.NETLINK_INET_DIAG)
	if err != nil {
		return nil
	}
	defer func() { _ = unix.Close(fd) }()
	if unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 100_000}) != nil {
		return nil
	}
	if unix.Sendto(fd, q, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}) != nil {
		return nil
	}
	answer := make([]byte, 8192)
	n, _, err := unix.Recvfrom(fd, answer, 0)
	if err != nil {
		return nil
	}
	return answer[:n]
}

func plain(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}

// question asks for the one TCP socket with these ends.
func question(from, to netip.AddrPort) []byte {
	b := make([]byte, headerSize+requestSize)
	ne := binary.NativeEndian
	ne.PutUint32(b, uint32(len(b)))
	ne.PutUint16(b[4:], byFamily)
	ne.PutUint16(b[6:], unix.NLM_F_REQUEST)
	ne.PutUint32(b[12:], uint32(os.Getpid()))
	r := b[headerSize:]
	r[0], r[1] = unix.AF_INET6, unix.IPPROTO_TCP
	if from.Addr().Is4() {
		r[0] = unix.AF_INET
	}
	ne.PutUint32(r[4:], ^uint32(0)) // in any state
	id := r[8:]
	binary.BigEndian.PutUint16(id, from.Port())
	binary.BigEndian.PutUint16(id[2:], to.Port())
	copy(id[4:20], from.Addr().AsSlice())
	copy(id[20:36], to.Addr().AsSlice())
	ne.PutUint64(id[40:], ^uint64(0)) // no cookie
	return b
}

// read takes user and inode out of an answer.
func read(b []byte) (socket, bool) {
	ne := binary.NativeEndian
	if len(b) < headerSize+messageSize || ne.Uint16(b[4:]) != byFamily {
		return socket{}, false // an error: there is no such socket
	}
	return socket{ne.Uint32(b[uidAt:]), ne.Uint32(b[inodeAt:])}, true
}

// ownedBy reports whether a process runs as that user.
func (f *Finder) ownedBy(pid int, uid uint32) bool {
	info, err := os.Stat(f.path(pid, ""))
	if err != nil {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && (st.Uid == uid || st.Uid == 0) // root's, too: it may have become that user
}
