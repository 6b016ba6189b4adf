package egress

import (
	"bufio"
	"context"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/http1"
	"go.cordon.dev/cordon/internal/egress/socks"
)

// maxIdle is how many connections to origins a client may leave idle.
const maxIdle = 4

// client is one connection of a program, with the connections to origins that
// were made for it. Those are never shared between clients: what one left in a
// connection must not reach another.
type client struct {
	g    *Gateway
	door *door
	raw  net.Conn // as it came; what cuts it goes there
	conn net.Conn // what is spoken on: raw, or TLS over it
	r    *http1.Reader
	w    *bufio.Writer
	addr netip.AddrPort
	ctx  context.Context // ends when the client is cut
	stop context.CancelFunc

	owes atomic.Int64 // since when it is to send a request, in Unix nanoseconds; 0: it has sent it

	clean atomic.Pointer[cleanName] // the last; nil: none

	asked   sync.Once // for program
	program policy.Program

	mu    sync.Mutex
	ups   []*upstream // open, in use or idle
	cut   string      // why the gateway cut it; empty when it did not
	last  bool        // no further request
	rests bool        // waits for a request

	streams int // of HTTP/2, open now
}

func newClient(g *Gateway, d *door, conn net.Conn) *client {
	c := &client{g: g, door: d, raw: conn, conn: conn, r: http1.NewReader(conn), w: newWriter(conn), addr: addrPort(conn.RemoteAddr())}
	c.ctx, c.stop = context.WithCancel(context.Background())
	c.r.Share(g.heads)
	c.owesRequest()
	return c
}

// addrPort is the zero value for what is no TCP address.
func addrPort(a net.Addr) netip.AddrPort {
	if t, ok := a.(*net.TCPAddr); ok {
		ap := t.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	return netip.AddrPort{}
}

// serve sees by the first byte what the client speaks.
func (c *client) serve() {
	if !c.awaitRequest() {
		return
	}
	switch c.r.Buffered()[0] {
	case socks.Version:
		c.serveSOCKS()
	case socks.Version4:
		c.refuseSOCKS4()
	case 22:
		c.turnDown(EntryHTTP, denial(ReasonUnsupported, "the client speaks TLS to the gateway; name it as an http:// proxy"))
	default:
		c.serveHTTP(nil)
	}
}

// within gives the client that long for what it says next.
func (c *client) within(d time.Duration) { _ = c.conn.SetReadDeadline(time.Now().Add(d)) }

// unhurried takes the deadline off: from here on the watch over stalls counts.
func (c *client) unhurried() { _ = c.conn.SetReadDeadline(time.Time{}) }

// caller is the client's program, asked for once.
func (c *client) caller() policy.Program {
	c.asked.Do(func() {
		if c.g.o.Callers != nil {
			c.program = c.g.o.Callers.Caller(c.addr, addrPort(c.raw.LocalAddr()))
		}
	})
	return c.program
}

// attach makes an outward connection the client's. It fails, and closes the
// connection, when the client was cut meanwhile.
func (c *client) attach(up *upstream) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut != "" {
		up.abort()
		return false
	}
	c.ups = append(c.ups, up)
	return true
}

// detach closes an outward connection.
func (c *client) detach(up *upstream) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, u := range c.ups {
		if u == up {
			c.ups = append(c.ups[:i], c.ups[i+1:]...)
			break
		}
	}
	_ = below(up.conn).Close() // nothing is lost: its last bytes were read or are not wanted
}

// idle finds an open connection to that origin, with TLS or without as secure says,
// and takes it out of rest.
func (c *client) idle(host string, port uint16, secure bool) *upstream {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, u := range c.ups {
		if u.resting && u.host == host && u.port == port && u.secure() == secure {
			u.resting = false
			return u
		}
	}
	return nil
}

// rest keeps a connection for the next request, and closes the oldest when
// there are too many.
func (c *client) rest(up *upstream) {
	c.mu.Lock()
	up.resting = true
	up.r.Rest()
	var oldest *upstream
	if len(c.ups) > maxIdle {
		oldest = c.ups[0]
	}
	c.mu.Unlock()
	if oldest != nil {
		c.detach(oldest)
	}
}

// sever cuts the client and all that is open for it.
func (c *client) sever(why string) {
	c.cutOutside(why)
	c.cutInside()
}

// cutOutside cuts what leads outside. From here on nothing is attached.
func (c *client) cutOutside(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut == "" {
		c.cut = why
	}
	for _, u := range c.ups {
		cutOff(u.conn)
	}
	c.stop()
}

func (c *client) cutInside() { cutOff(c.raw) }

// cutOff ends a connection that others may be using.
func cutOff(conn net.Conn) {
	if conn = below(conn); !reset(conn) {
		abort(conn)
	}
}

// why says why the gateway cut the client; empty when it did not.
func (c *client) why() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cut
}

// lastFlow lets what runs end and takes no further request.
func (c *client) lastFlow() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = true
	if c.rests {
		_ = c.raw.SetReadDeadline(time.Now()) // wakes it
	}
}

// waits notes whether the client waits for a request, and then gives it the
// time for that. It reports whether there may be none any more.
func (c *client) waits(rests bool) (last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rests = rests && !c.last; c.rests {
		c.within(c.g.o.Limits.Idle)
	}
	return c.last
}

// close ends everything that is the client's.
func (c *client) close() {
	c.stop()
	c.mu.Lock()
	ups := c.ups
	c.ups = nil
	c.mu.Unlock()
	for _, u := range ups {
		_ = below(u.conn).Close() // idle, or given up
	}
	_ = c.conn.Close() // the client has all that it will get
	c.w = putWriter(c.w)
	c.r.Discard(len(c.r.Buffered()))
	c.r.Release()
}

// abort closes a connection at once: what is still on its way is thrown away,
// and the other end sees a reset.
func abort(conn net.Conn) {
	conn = below(conn)
	if t, ok := conn.(interface{ SetLinger(int) error }); ok {
		_ = t.SetLinger(0) // closing is what matters
	}
	_ = conn.Close()
}
