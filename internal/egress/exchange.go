package egress

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/internal/egress/http1"
)

// transfer sends the request and passes the answer on. It reports whether the
// client may send another.
func (x *exchange) transfer() (keep bool) {
	first := x.up
	again := x.up.used && x.safe()
	x.send()
	x.hang = x.watchClient()
	var a http1.Head
	err := x.head(&a)
	if again && err != nil && !x.hang.stop() && x.c.why() == "" && first.flow.in.Load() == 0 {
		if bad := x.retry(); bad != nil {
			return x.refuse(bad)
		}
		err = x.head(&a)
	}
	if err != nil {
		return x.unanswered(err)
	}
	if a.Status == http.StatusSwitchingProtocols {
		return x.switched(&a)
	}
	return x.finish(&a)
}

// retry connects anew to the same address and sends the request once more.
func (x *exchange) retry() *failure {
	x.c.detach(x.up)
	a := x.up.addr
	x.up = nil
	up, bad := x.f.dial(x.target, x.request, []netip.Addr{a})
	if bad == nil && x.secure() {
		bad = x.in.tls.again(x.c, x.f, up, alpnHTTP1)
	}
	if bad != nil {
		return bad
	}
	x.up = up
	x.send()
	x.hang = x.watchClient()
	return nil
}

// send writes the head, and has the body written while the answer is awaited.
func (x *exchange) send() {
	http1.WriteRequest(x.up.w, x.h, http1.Outgoing{Target: x.path, Host: x.hostField(), Via: x.c.g.via, Upgrade: x.upgrade})
	if x.h.Body.Empty() {
		_ = x.up.w.Flush() // an error shows when the answer is read
		return
	}
	x.c.unhurried()
	x.body = &sending{done: make(chan struct{})}
	go x.body.run(x)
}

// sending is a request's body on its way.
type sending struct {
	done chan struct{}
	err  error // once done is closed
}

func (s *sending) run(x *exchange) {
	defer close(s.done)
	m := http1.Mover{Dst: x.up.w, Src: x.c.r, Body: x.h.Body, Bulk: func(n int64) error {
		return moveN(x.up.outlet(x.f), x.c.conn, n, &x.f.out)
	}}
	if x.held != nil {
		m = x.heldMover()
	}
	if s.err = x.moveBody(m); s.err == nil {
		s.err = x.up.w.Flush()
	}
	if s.err != nil {
		_ = x.up.conn.SetReadDeadline(time.Now()) // whoever waits for the answer learns of it
	}
}

// almost is how long an answer waits for the note that the body is out: an origin
// may be quicker than that.
const almost = 50 * time.Millisecond

// sent reports whether the body has gone out whole.
func (s *sending) sent() bool {
	if s == nil {
		return true
	}
	select {
	case <-s.done:
		return s.err == nil
	default:
	}
	soon := time.NewTimer(almost)
	defer soon.Stop()
	select {
	case <-s.done:
		return s.err == nil
	case <-soon.C:
		return false
	}
}

// head reads answers up to the final one, or to the switch of protocols, and
// passes the others on.
func (x *exchange) head(a *http1.Head) error {
	for {
		if err := x.up.r.Answer(a, x.h.Method); err != nil {
			return err
		}
		if a.Status >= http.StatusOK || a.Status == http.StatusSwitchingProtocols {
			return nil
		}
		if x.h.Minor == 0 {
			continue // HTTP/1.0 has no interim answers
		}
		http1.WriteAnswer(x.c.w, a, http1.Back{Via: x.c.g.via, Minor: 1})
		if err := x.c.w.Flush(); err != nil {
			return err
		}
	}
}

// finish passes the final answer on.
func (x *exchange) finish(a *http1.Head) (keep bool) {
	keep = !x.h.Close && a.Body.Kind != http1.ToClose && x.body.sent() && !(x.h.Minor == 0 && a.Body.Kind == http1.Chunked)
	reuse := keep && !a.Close
	http1.WriteAnswer(x.c.w, a, http1.Back{Via: x.c.g.via, Minor: x.h.Minor, Keep: keep})
	err := http1.Mover{Dst: x.c.w, Src: x.up.r, Body: a.Body, Plain: x.h.Minor == 0, Bulk: func(n int64) error {
		return moveN(x.c.conn, x.up.conn, n, &x.f.in)
	}}.Move()
	if err == nil {
		err = x.c.w.Flush()
	}
	gone := x.hang.stop()
	x.stopSending()
	x.leaked()
	x.up.used = true
	if reuse = reuse && err == nil && len(x.up.r.Buffered()) == 0; reuse {
		x.c.rest(x.up)
	} else {
		x.c.detach(x.up)
	}
	if err != nil && gone {
		x.cut = clientGone
		return false
	}
	if err != nil {
		x.cut = "the answer broke off"
		abort(x.c.conn) // a cut body must not look like a whole one
		return false
	}
	if !keep {
		x.c.linger()
	}
	return keep
}

// stopSending ends what is left of the request's body, which nobody wants after
// the answer.
func (x *exchange) stopSending() {
	if x.body == nil || x.body.sent() {
		return
	}
	_ = x.c.conn.SetReadDeadline(time.Now())
	x.up.abort()
	<-x.body.done
}

// unanswered tells the client that no answer came, or none that can be passed on.
func (x *exchange) unanswered(err error) bool {
	gone := x.hang.stop()
	x.stopSending()
	x.c.detach(x.up)
	if d := x.refusal(); d != nil {
		x.cut = string(d.Reason)
		return x.refuse(denied(*d))
	}
	if x.body != nil {
		if bad := (*http1.Error)(nil); errors.As(x.body.err, &bad) {
			return x.refuse(malformed(bad.Status, bad.Problem))
		}
	}
	if x.c.why() != "" {
		return false
	}
	if gone {
		x.cut = clientGone
		return false
	}
	detail := "the origin ended the connection without an answer"
	if bad := (*http1.Error)(nil); errors.As(err, &bad) {
		detail = "the origin's answer cannot be passed on: " + bad.Problem
	}
	x.cut = detail
	whole := *x.h
	whole.Close = true // what was sent and what was not is not known
	return x.c.answer(&whole, unreachable(http.StatusBadGateway, detail))
}

// switched passes the upgrade on and then moves bytes both ways.
func (x *exchange) switched(a *http1.Head) bool {
	if !x.upgrade || !http1.EqualFold(a.Upgrade, "websocket") {
		return x.unanswered(&http1.Error{Status: http.StatusBadGateway, Problem: "it switches to a protocol that nobody asked for"})
	}
	x.hang.stop()
	carry, bad := x.messages(a)
	if bad != nil {
		x.c.detach(x.up)
		x.h.Close = true
		return x.refuse(bad)
	}
	http1.WriteAnswer(x.c.w, a, http1.Back{Via: x.c.g.via, Minor: 1, Upgrade: true})
	if x.c.w.Flush() == nil {
		x.c.unhurried()
		x.f.quietFor(x.c.g.o.Limits.Stall)
		x.cut = carry()
		if why, ok := x.f.overspent(); ok {
			x.cut = why
		}
	}
	x.c.detach(x.up)
	return false
}

// moveN moves n bytes of a body from one connection to the other, and counts
// them a piece at a time.
func moveN(dst, src net.Conn, n int64, count *atomic.Int64) error {
	const piece = 1 << 20
	for n > 0 {
		moved, err := io.CopyN(dst, src, min(n, piece))
		count.Add(moved)
		n -= moved
		if err != nil {
			return err
		}
	}
	return nil
}
