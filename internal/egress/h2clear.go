package egress

import (
	"bytes"
	"encoding/binary"
	"net"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/http1"
	"go.cordon.dev/cordon/internal/egress/sniff"
)

// clearHTTP2 serves a client that begins with HTTP/2 without TLS, because it knows that
// the origin speaks that (RFC 9113, 3.3): gRPC's clients do. A server may have sent its
// settings already; one that has greeted in any other way speaks something else.
func (t *tunnel) clearHTTP2(g sniff.Guess) (cut string) {
	if b := t.up.r.Buffered(); len(b) > 0 {
		if greeted, v := sniff.Server(b, t.up.port); v != sniff.More && !greeted.HTTP2 {
			return t.refuse(denial(ReasonBadRequest, "the client speaks HTTP/2, and the server has greeted in another protocol"), g)
		}
	}
	if d := t.judge(g); !d.Allowed() {
		return t.refuse(d, g)
	}
	if !t.allow() {
		return t.drop()
	}
	return t.serveHTTP2()
}

// greetedInHTTP2 serves a tunnel whose server has sent its settings before the client
// said a word.
func (t *tunnel) greetedInHTTP2() (cut string) {
	t.c.unhurried()
	if len(t.c.r.Buffered()) == 0 && t.c.r.Fill(sniff.MaxFirst) != nil {
		return t.carry(sniff.Guess{Protocol: policy.TCP}) // the client has nothing to say
	}
	g, bad := t.firstBytes()
	switch {
	case bad != nil:
		return t.refuse(*bad, g)
	case !g.HTTP2:
		return t.refuse(denial(ReasonBadRequest, "the server speaks HTTP/2, and the client does not"), g)
	}
	return t.clearHTTP2(g)
}

// begun is a connection of which the first bytes were read already.
type begun struct {
	net.Conn
	first []byte
}

// startAgain gives what r has read back to its connection.
func startAgain(conn net.Conn, r *http1.Reader) *begun {
	first := bytes.Clone(r.Buffered())
	r.Discard(len(first))
	r.Rest()
	return &begun{conn, first}
}

func (b *begun) Read(p []byte) (int, error) {
	if len(b.first) == 0 {
		return b.Conn.Read(p)
	}
	n := copy(p, b.first)
	b.first = b.first[n:]
	return n, nil
}

// NetConn is for below.
func (b *begun) NetConn() net.Conn { return b.Conn }

// What a client of HTTP/2 is told that is refused as a whole (RFC 9113, 6.5 and 6.8):
// settings, with which a server has to begin, and that it goes away. The code says that
// what CONNECT opened was cut (CONNECT_ERROR).
const (
	emptySettings = "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	connectError  = 10
	mostGoAway    = 1 << 10 // bytes of the reason
)

// goAway is that with the reason for people.
func goAway(d policy.Decision) []byte {
	why := "denied by Cordon: " + string(d.Reason) + ": " + d.Detail
	if d.AllowCommand != "" {
		why += "; to allow it: " + d.AllowCommand
	}
	why = why[:min(len(why), mostGoAway)]
	size := 8 + len(why)
	out := append([]byte(emptySettings), byte(size>>16), byte(size>>8), byte(size), 7, 0, 0, 0, 0, 0)
	out = append(out, 0, 0, 0, 0) // no stream was looked at
	return append(binary.BigEndian.AppendUint32(out, connectError), why...)
}
