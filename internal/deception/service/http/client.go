package http

import (
	"bufio"
	"net"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
)

// What Debian's configuration and nginx's defaults come to.
const (
	headTime    = 60 * time.Second // client_header_timeout
	bodyTime    = 60 * time.Second // client_body_timeout
	sendTime    = 60 * time.Second // send_timeout
	idleTime    = 75 * time.Second // keepalive_timeout
	lingerIdle  = 5 * time.Second  // lingering_timeout
	lingerTime  = 30 * time.Second // lingering_time
	maxRequests = 1000             // keepalive_requests
)

// client is one connection.
type client struct {
	srv     *server
	conn    net.Conn
	in      *bufio.Reader
	session *service.Session
	count   int // of requests
}

func newClient(s *server, conn net.Conn, session *service.Session) *client {
	return &client{srv: s, conn: conn, in: bufio.NewReaderSize(conn, smallBuffer), session: session}
}

// one answers one request and reports whether there may be another.
func (c *client) one() bool {
	if !c.await() {
		return false
	}
	r := &request{length: -1}
	r.body.expect(0, false)
	status, err := readHead(c.in, r)
	if err != nil {
		c.broken(r)
		return false
	}
	if c.count++; status != 0 { // what follows is evidence, and answered by nobody
		more, _ := c.in.Peek(c.in.Buffered())
		r.raw = append(r.raw, more...)
	}
	a := c.answer(r, status)
	c.hold(r, &a)
	ok := c.write(a.bytes(r, c.srv.now())) && !a.drop
	if ok {
		ok = c.rest(r) && r.keep
	}
	c.record(r, a)
	if !ok && !a.drop {
		c.linger(status != 0)
	}
	return ok
}

// await waits for a request, and sets how long it may take to come.
func (c *client) await() bool {
	if c.count > 0 && c.in.Buffered() == 0 {
		_ = c.conn.SetReadDeadline(time.Now().Add(idleTime))
		if _, err := c.in.Peek(1); err != nil {
			return false
		}
	}
	return c.conn.SetReadDeadline(time.Now().Add(headTime)) == nil
}

// answer decides on the answer; status is that of a head that was refused.
func (c *client) answer(r *request, status int) answer {
	if status != 0 {
		return c.srv.status(status, r)
	}
	if r.length > maxBody {
		c.take(r)
		return c.srv.status(tooLargeBody, r)
	}
	a := c.srv.answer(r, c.session.Local())
	if a.status < 300 {
		c.encourage(r)
	}
	if c.take(r); r.body.bad && a.status < 400 {
		return c.srv.answer(r, c.session.Local())
	}
	return a
}

// encourage tells a client that waits for it to send its body.
func (c *client) encourage(r *request) {
	if r.http11() && strings.EqualFold(r.get("Expect"), "100-continue") {
		c.write([]byte("HTTP/1.1 100 Continue\r\n\r\n"))
	}
}

// take takes what came of a body already.
func (c *client) take(r *request) {
	if p, err := c.in.Peek(c.in.Buffered()); err == nil {
		_, _ = c.in.Discard(r.body.feed(p))
	}
}

// hold decides whether the connection outlives the answer.
func (c *client) hold(r *request, a *answer) {
	if ends(a.status) || r.body.bad || c.count >= maxRequests {
		r.keep = false
	}
}

func (c *client) write(p []byte) bool {
	_ = c.conn.SetWriteDeadline(time.Now().Add(sendTime))
	_, err := c.conn.Write(p)
	return err == nil
}

// rest takes the rest of a body, which nginx does after its answer: it waits
// for it as long as for the end of a connection.
func (c *client) rest(r *request) bool {
	end := time.Now().Add(lingerTime)
	for !r.body.done && !r.body.bad {
		_ = c.conn.SetReadDeadline(earlier(end, time.Now().Add(lingerIdle)))
		if _, err := c.in.Peek(1); err != nil {
			return false
		}
		c.take(r)
	}
	return r.body.done
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// linger takes what a client is still sending, so that it gets to read the
// answer: a connection that is closed with something unread is reset.
func (c *client) linger(sending bool) {
	half, ok := c.conn.(interface{ CloseWrite() error })
	if !ok || !sending && c.in.Buffered() == 0 || half.CloseWrite() != nil {
		return
	}
	end := time.Now().Add(lingerTime)
	for {
		_ = c.conn.SetReadDeadline(earlier(end, time.Now().Add(lingerIdle)))
		if _, err := c.in.Peek(1); err != nil {
			return
		}
		_, _ = c.in.Discard(c.in.Buffered())
	}
}
