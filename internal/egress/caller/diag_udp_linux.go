package caller

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/sys/unix"
)

// protocolAt is where inet_diag_req_v2 names the protocol.
const protocolAt = headerSize + 1

// lookUpDatagram asks the kernel for the client's socket of UDP. Of UDP the kernel
// looks for who would receive a datagram, so the ends change places.
func lookUpDatagram(client, server netip.AddrPort) (socket, bool) {
	client, server = plain(client), plain(server)
	if !client.IsValid() {
		return socket{}, false
	}
	if client.Addr().Is4() == server.Addr().Is4() { // else the server's end is any address
		q := question(server, client)
		q[protocolAt] = unix.IPPROTO_UDP
		if found, ok := exchange(q); ok {
			return found, true
		}
	}
	return lookUpBound(client)
}

// lookUpBound asks for the sockets of UDP that have the client's port: one that the
// packet filter redirected to us is connected to somebody else.
func lookUpBound(client netip.AddrPort) (socket, bool) {
	q := question(netip.AddrPortFrom(netip.AddrFrom16([16]byte{}), client.Port()), netip.AddrPort{})
	q[protocolAt] = unix.IPPROTO_UDP
	binary.NativeEndian.PutUint16(q[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	for _, family := range [...]byte{unix.AF_INET, unix.AF_INET6} {
		q[headerSize] = family
		for answer := ask(q); len(answer) >= headerSize+messageSize; {
			size := int(binary.NativeEndian.Uint32(answer))
			if size < headerSize+messageSize || size > len(answer) {
				break
			}
			if bound(answer[headerSize:]) == client.Addr() {
				return read(answer[:size])
			}
			answer = answer[min(len(answer), (size+3)&^3):]
		}
	}
	return socket{}, false
}

// bound is the address of the socket that an inet_diag_msg is about.
func bound(m []byte) netip.Addr {
	const addressAt = 8 // behind four bytes and two ports
	if m[0] == unix.AF_INET {
		return netip.AddrFrom4([4]byte(m[addressAt : addressAt+4]))
	}
	return netip.AddrFrom16([16]byte(m[addressAt : addressAt+16])).Unmap()
}
