// Package testport finds ports for servers that a test starts later, or in
// another process, so that it cannot hand them an open listener. A port that is
// found by listening on port 0 and closing again is soon given to somebody else
// on a busy machine: to another test's server, or to a connection on its way
// out. These ports are outside of what systems give away by themselves, and
// each is marked until its test has ended.
//
// Level 0: test code; it imports the standard library.
package testport

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// Linux gives ports from 32768 on to whoever asks for any, other systems from
// 49152 on (RFC 6335, section 6).
const first, count = 20_000, 10_000

// tries is how many ports are looked at before there are none.
const tries = 1000

// Addr is a TCP address of this machine that nobody uses, and that no other
// caller gets while the test runs.
func Addr(t testing.TB) string {
	t.Helper()
	addr, release, err := Reserve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	return addr
}

// Reserve is Addr for whoever has no testing.TB. Until release is called no
// other caller on this machine gets the address.
func Reserve() (addr string, release func(), err error) {
	for range tries {
		addr = fmt.Sprintf("127.0.0.1:%d", first+rand.IntN(count))
		if release, err = mark(addr); err == nil {
			return addr, release, nil
		}
	}
	return "", nil, fmt.Errorf("finding a free port from %d to %d: %w", first, first+count-1, err)
}

// mark takes the port of the same number for datagrams, which is what other
// callers see; TCP is free for the server.
func mark(addr string) (release func(), err error) {
	c, err := net.ListenPacket("udp", addr)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	_ = l.Close()
	return func() { _ = c.Close() }, nil
}
