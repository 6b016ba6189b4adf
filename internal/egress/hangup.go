package egress

import (
	"net"
	"sync"
	"time"
)

// hangupAfter is how long a request is under way before anybody looks whether its
// client still waits. Most are answered sooner, and cost nothing.
const hangupAfter = 50 * time.Millisecond

// clientGone is why a flow ended whose client did not wait for the answer.
const clientGone = "the client has gone"

// hangup watches a client while its request is under way, and gives up the
// connection to the origin when the client goes. A client that ends its half goes,
// too: that it would still read cannot be told from here. Nothing of what the
// client sends meanwhile is taken away. The nil *hangup watches nobody.
type hangup struct {
	conn net.Conn
	up   *upstream
	body *sending // while it is under way, whoever moves it learns of an end

	timer *time.Timer
	ended chan struct{} // closed when nobody waits on the connection any more

	mu       sync.Mutex
	watching bool
	over     bool
	gone     bool
}

// watchClient begins to watch; stop ends it, before anybody else reads from the
// client.
func (x *exchange) watchClient() *hangup {
	if x.h.Body.Empty() && len(x.c.r.Buffered()) > 0 { // a body is read meanwhile by who sends it
		return nil // it has sent the next request
	}
	w := &hangup{conn: x.c.conn, up: x.up, body: x.body, ended: make(chan struct{})}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(hangupAfter, w.run)
	return w
}

// run is the timer's.
func (w *hangup) run() {
	if !w.begin() {
		return
	}
	gone := hungUp(below(w.conn))
	w.mu.Lock()
	w.gone = gone && !w.over
	gone = w.gone
	w.mu.Unlock()
	close(w.ended)
	if gone {
		w.up.abort()
	}
}

// begin reports whether the watch begins now: it is put off while the body is
// under way.
func (w *hangup) begin() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return false
	}
	if !w.body.sent() {
		w.timer.Reset(hangupAfter)
		return false
	}
	w.watching = true
	_ = w.conn.SetReadDeadline(time.Time{}) // that of the head
	return true
}

// stop ends the watch and reports whether the client has gone. When it returns
// nobody waits on the connection.
func (w *hangup) stop() (gone bool) {
	if w == nil {
		return false
	}
	w.mu.Lock()
	first := !w.over
	w.over = true
	watching := w.watching
	w.timer.Stop()
	w.mu.Unlock()
	if first && watching {
		_ = w.conn.SetReadDeadline(time.Now()) // wakes it
		<-w.ended
		_ = w.conn.SetReadDeadline(time.Time{})
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.gone
}
