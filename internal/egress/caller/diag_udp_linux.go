package caller

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

// protocolAt is where inet_diag_req_v2 names the protocol.
const protocolAt = headerSize + 1

// lookUpDatagram asks the kernel for the client's socket of UDP. Of UDP the kernel
// looks for who would receive a datagram, so the ends change places.
func lookUpDatagram(client, server netip.AddrPort) (socket, bool) {
	client, server = plain(client), plain(server)
	if !client.IsValid() || client.Addr().Is4() != server.Addr().Is4() {
		return socket{}, false
	}
	q := question(server, client)
	q[protocolAt] = unix.IPPROTO_UDP
	return exchange(q)
}
