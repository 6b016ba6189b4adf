package egress

import (
	"crypto/tls"
	"net"

	"go.cordon.dev/cordon/internal/egress/http1"
)

// below is the connection that bytes go out on: what TLS and the like lie over. What
// cuts a connection cuts there, so that it waits for nobody.
func below(conn net.Conn) net.Conn {
	for {
		over, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return conn
		}
		conn = over.NetConn()
	}
}

// unread is a connection of which some was read already. It remembers the last bytes
// that came.
type unread struct {
	net.Conn
	r    *http1.Reader
	tail []byte // up to alertSize
}

// alertSize is how long an alert of TLS is that is not encrypted.
const alertSize = 7

func (u *unread) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	u.tail = append(u.tail, p[max(0, n-alertSize):n]...)
	u.tail = u.tail[max(0, len(u.tail)-alertSize):]
	return n, err
}

// NetConn is for below.
func (u *unread) NetConn() net.Conn { return u.Conn }

// alert is the fatal alert that came last in the clear; 0 for none.
func (u *unread) alert() byte {
	if len(u.tail) < alertSize || u.tail[0] != 21 || u.tail[1] != 3 || u.tail[3] != 0 || u.tail[4] != 2 || u.tail[5] != 2 {
		return 0
	}
	return u.tail[6]
}

// speak lets everything that follows be spoken over conn, which lies over the client's
// connection.
func (c *client) speak(conn net.Conn) {
	putWriter(c.w)
	c.r.Rest() // what a long ClientHello took
	c.conn, c.r, c.w = conn, http1.NewReader(conn), newWriter(conn)
	c.r.Share(c.g.heads)
}

// secure lets everything that follows be spoken over TLS, which lies over the
// connection to the origin.
func (c *client) secure(up *upstream, conn *tls.Conn) {
	c.mu.Lock() // whoever cuts the client looks at it
	defer c.mu.Unlock()
	up.conn = conn
}

// secure reports whether TLS is spoken with the origin.
func (u *upstream) secure() bool {
	_, ok := u.conn.(*tls.Conn)
	return ok
}

// openStream notes a stream of HTTP/2. It reports whether there may be one.
func (c *client) openStream() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last {
		return false
	}
	c.streams++
	c.rests = false
	return true
}

// closeStream notes the end of one. With the last one of a client that is to send no
// more requests, its connection ends.
func (c *client) closeStream() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.streams--
	c.restStreams()
}

// restStreams has a client without open streams wait for a request.
func (c *client) restStreams() {
	if c.rests = c.streams == 0; c.rests && c.last {
		wake(c.raw)
	}
}
