package notify_test

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/httpx"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/notify/notifytest"
)

// raw is an endpoint that says what speak writes to each connection.
func raw(t *testing.T, speak func(c net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				_, _ = c.Read(make([]byte, 4096))
				speak(c)
				_ = c.Close()
			})
		}
	})
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	return "http://" + l.Addr().String()
}

// drip writes a text byte by byte until the other side has enough.
func drip(c net.Conn, text string) {
	for i := range len(text) {
		if _, err := c.Write([]byte{text[i]}); err != nil {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// An endpoint that answers a byte at a time is given up at the deadline, and
// one that never ends its headers at their limit. Neither holds up another.
func TestSlowAndEndlessAnswers(t *testing.T) {
	for name, tt := range map[string]struct {
		speak func(c net.Conn)
		state notify.DeliveryState
		want  string
	}{
		"a header a byte at a time": {func(c net.Conn) { drip(c, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 1000)) }, notify.Pending, "no answer within"},
		"endless headers": {func(c net.Conn) {
			_, _ = fmt.Fprint(c, "HTTP/1.1 200 OK\r\n")
			for i := 0; ; i++ {
				if _, err := fmt.Fprintf(c, "X-%d: %s\r\n", i, strings.Repeat("x", 1000)); err != nil {
					return
				}
			}
		}, notify.Pending, ""},
		"a status line that never ends": {func(c net.Conn) {
			for {
				if _, err := c.Write(make([]byte, 1000)); err != nil {
					return
				}
			}
		}, notify.Pending, ""},
		"a body a byte at a time": {func(c net.Conn) {
			_, _ = fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
			drip(c, strings.Repeat("x", 100))
		}, notify.Delivered, ""},
		"a huge body": {func(c net.Conn) {
			_, _ = fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"+strings.Repeat("x", 1<<20))
		}, notify.Delivered, ""},
		"a body that is cut off": {func(c net.Conn) { _, _ = fmt.Fprint(c, "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nx") }, notify.Delivered, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, other := newRig(t), newEndpoint(t, nil)
			if tt.state == notify.Pending {
				r.opts.Timeout = 200 * time.Millisecond
			}
			s := notifytest.Subscription("soc", raw(t, tt.speak)+"/"+hidden)
			s.AllowPrivate = true
			r.store.Put(s, hook("other", other))
			r.run()
			r.say(1)
			r.until("delivery to the other", r.delivered("other", 1))
			r.until("attempt", r.attempted("soc", 1))
			d := r.store.Deliveries("soc")[0]
			if d.State != tt.state || !strings.Contains(d.LastError, tt.want) || (d.LastError == "") != (tt.state == notify.Delivered) {
				t.Errorf("%s with status %d, error %q; want %s, %q", d.State, d.LastStatus, d.LastError, tt.state, tt.want)
			}
		})
	}
}

// However many deliveries wait for an endpoint that hangs, the others get
// theirs, all of them.
func TestAnEndlessQueueStarvesNobody(t *testing.T) {
	r, quick := newRig(t), newEndpoint(t, nil)
	hang := newEndpoint(t, func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() })
	r.opts.Timeout = time.Hour
	r.store.Put(hook("a-hangs", hang), hook("z-quick", quick))
	r.queue("a-hangs", 9000)
	r.run()
	r.until("a request that hangs", func() bool { return len(hang.received()) == 1 })
	r.say(100)
	r.until("100 deliveries to the other", r.delivered("z-quick", 100))
	if got := len(hang.received()); got != 1 {
		t.Errorf("the endpoint that hangs got %d requests, want 1", got)
	}
}

// queue puts n deliveries of other events into a subscription's queue.
func (r *rig) queue(subscription string, n int) {
	r.t.Helper()
	ds := make([]notify.Delivery, n)
	for i := range ds {
		e := notifytest.Event(r.t, r.clock.Now())
		ds[i] = notify.Delivery{
			ID: notify.DeliveryID(subscription, e.ID), SubscriptionID: subscription, Event: e, State: notify.Pending,
			NextAttempt: r.clock.Now().Add(-time.Hour), CreatedAt: r.clock.Now().Add(-time.Hour),
		}
	}
	if err := r.store.Enqueue(r.t.Context(), "test", event.Cursor{}, ds); err != nil {
		r.t.Fatal(err)
	}
}

// Whatever spelling leads to this machine, no connection is made: the guard
// judges the address itself, when it is dialled.
func TestNoSpellingLeadsInside(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	r.deps.Guard = httpx.SafeDialer{}.Control
	port := portOf(t, ep.URL)
	hosts := []string{
		"127.0.0.1", "localhost", "LOCALHOST", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "[::]",
		"[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "169.254.169.254", "[::ffff:169.254.169.254]", "100.100.100.200",
		"hooks.example@127.0.0.1", "127.0.0.1:80@127.0.0.1",
	}
	for i, host := range hosts {
		s := notifytest.Subscription(fmt.Sprintf("s%02d", i), "http://"+host+":"+port+"/"+hidden)
		r.store.Put(s)
	}
	r.run()
	r.say(1)
	for i, host := range hosts {
		name := fmt.Sprintf("s%02d", i)
		r.until("attempt of "+host, r.attempted(name, 1))
		if d := r.store.Deliveries(name)[0]; d.State == notify.Delivered || d.LastStatus != 0 || !strings.Contains(d.LastError, "not allowed") {
			t.Errorf("%s: %s, status %d, error %q; want it refused by the guard", host, d.State, d.LastStatus, d.LastError)
		}
	}
	if got := len(ep.received()); got != 0 {
		t.Errorf("the endpoint on this machine got %d requests", got)
	}
}

// Private addresses may be permitted; a cloud's metadata service is not, by no
// way: neither named, nor by a redirect, which nobody follows.
func TestMetadataIsNeverReached(t *testing.T) {
	r := newRig(t)
	r.deps.PrivateGuard = httpx.SafeDialer{AllowPrivate: true}.Control
	redirects := newEndpoint(t, func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
	})
	named := hook("named", redirects)
	named.URL = "http://169.254.169.254/latest/meta-data/"
	r.store.Put(named, hook("redirected", redirects))
	r.run()
	r.say(1)
	r.until("attempts", func() bool { return r.attempted("named", 1)() && r.attempted("redirected", 1)() })
	if d := r.store.Deliveries("named")[0]; d.LastStatus != 0 || !strings.Contains(d.LastError, "metadata") {
		t.Errorf("named: status %d, error %q", d.LastStatus, d.LastError)
	}
	if d := r.store.Deliveries("redirected")[0]; d.State != notify.Dead || d.LastStatus != http.StatusFound || len(redirects.received()) != 1 {
		t.Errorf("redirected: %s, status %d", d.State, d.LastStatus)
	}
}

func portOf(t *testing.T, raw string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}
