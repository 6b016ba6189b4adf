package egress

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

func TestTheKillSwitchStopsEverything(t *testing.T) {
	h := newHostile(t, nil)
	h.route(goodAddress+":80", web(t, http.HandlerFunc(hello)).addr)
	tunnel := h.connect().tunnel("allowed.example:443").say(helloFor("allowed.example"))
	idle := h.connect().say(request("http://allowed.example/"))
	_, _ = io.Copy(io.Discard, idle.answer("GET").Body)
	silent, unjudged := h.connect(), h.connect().tunnel("open.example:443")
	eventually(t, "all of them", func() bool { return h.gw.Stats().Clients == 4 && h.good.got.Load() > 0 })
	dialed := len(h.dials())
	h.kill("drill")
	for _, c := range []*raw{tunnel, idle, silent, unjudged} {
		c.over()
	}
	eventually(t, "nobody left", func() bool { return h.gw.Stats().Clients == 0 && h.gw.Stats().Flows == 0 })
	got, body := get(t, h.through(), "http://allowed.example/")
	if got.StatusCode != http.StatusForbidden || !strings.Contains(body, "kill_switch") || !strings.Contains(body, "drill") || strings.Contains(body, "allow_command") {
		t.Errorf("%s %s", got.Status, body)
	}
	if code := h.connect().socks("allowed.example", 443); code != 2 {
		t.Errorf("SOCKS reply %d", code)
	}
	if len(h.dials()) != dialed {
		t.Errorf("dialed %v", h.dials()[dialed:])
	}
	for _, e := range h.ends() {
		if e.Host == "allowed.example" && e.Port == 443 && e.Cut != "drill" {
			t.Errorf("the tunnel ended by %q", e.Cut)
		}
	}
}

func TestTheKillSwitchCancelsDials(t *testing.T) {
	started, cancelled := make(chan struct{}), make(chan struct{})
	h := newHostile(t, func(o *Options) {
		o.Dial = func(ctx context.Context, _ netip.AddrPort) (net.Conn, error) {
			close(started)
			<-ctx.Done()
			close(cancelled)
			return nil, ctx.Err()
		}
	})
	c := h.connect().say("CONNECT allowed.example:443 HTTP/1.1\r\nHost: allowed.example:443\r\n\r\n")
	<-started
	h.kill("drill")
	<-cancelled
	c.over()
}

// A connection that is made in the very moment of the cut does not live on.
func TestAConnectionMadeDuringTheCutIsClosed(t *testing.T) {
	var h *hostile
	var made atomic.Pointer[net.TCPConn]
	h = newHostile(t, func(o *Options) {
		o.Dial = func(_ context.Context, to netip.AddrPort) (net.Conn, error) {
			h.kill("drill")
			c, err := net.Dial("tcp", h.good.addr) // did not hear of the cancellation
			if err == nil {
				made.Store(c.(*net.TCPConn))
			}
			return c, err
		}
	})
	h.connect().say("CONNECT allowed.example:443 HTTP/1.1\r\nHost: allowed.example:443\r\n\r\n").over()
	eventually(t, "the connection closed", func() bool { return made.Load() != nil && made.Load().SetDeadline(time.Now()) != nil })
}

func TestANewPolicyCutsLiveFlows(t *testing.T) {
	h := newHostile(t, nil)
	gone := h.connect().tunnel("other.example:443").say(helloFor("other.example"))
	stays := h.connect().tunnel("allowed.example:443").say(helloFor("allowed.example"))
	hellos := int64(len(helloFor("other.example")) + len(helloFor("allowed.example")))
	eventually(t, "both hellos", func() bool { return h.good.got.Load() == hellos })
	if n := h.gw.Rejudge(); n != 0 {
		t.Errorf("%d flows cut although nothing changed", n)
	}
	h.setPolicy(strings.Replace(guarded, "host: other.example", "host: another.example", 1))
	if n := h.gw.Rejudge(); n != 1 {
		t.Errorf("%d flows cut", n)
	}
	gone.over()
	stays.say("more")
	eventually(t, "the other flow going on", func() bool { return h.good.got.Load() == hellos+4 })
	eventually(t, "the end", func() bool { return len(h.ends()) == 1 })
	if e := h.ends()[0]; e.Host != "other.example" || !strings.Contains(e.Cut, string(policy.ReasonDefaultPolicy)) {
		t.Errorf("ended %+v", e)
	}
}

func TestAStalledFlowIsCut(t *testing.T) {
	h := newHostile(t, func(o *Options) { o.Limits.Stall = time.Second })
	c := h.connect().tunnel("allowed.example:443").say(helloFor("allowed.example"))
	c.over()
	eventually(t, "the end", func() bool { return len(h.ends()) == 1 })
	if e := h.ends()[0]; !strings.Contains(e.Cut, "no byte moved") {
		t.Errorf("ended %+v", e)
	}
}

func TestAStopLetsARequestEnd(t *testing.T) {
	arrived, finish := make(chan struct{}), make(chan struct{})
	o := web(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-finish
		_, _ = io.WriteString(w, "done")
	}))
	w := open(t, one, func(o *Options) { o.Limits.Drain = time.Minute })
	w.name("a.example", "203.0.113.1")
	w.route("203.0.113.1:80", o.addr)
	c := w.connect().say(request("http://a.example/"))
	<-arrived
	w.stop()
	close(finish)
	if body, _ := io.ReadAll(c.answer("GET").Body); string(body) != "done" {
		t.Errorf("%q", body)
	}
	<-w.done
}

// A stop takes no further request of who waits, and does not cut a body that is
// still being sent.
func TestAStopLetsABodyArrive(t *testing.T) {
	arrived := make(chan struct{})
	o := web(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		_, _ = io.Copy(w, r.Body)
	}))
	w := open(t, one, func(o *Options) { o.Limits.Drain = time.Minute })
	w.name("a.example", "203.0.113.1")
	w.route("203.0.113.1:80", o.addr)
	waiting := w.connect()
	c := w.connect().say("POST http://a.example/ HTTP/1.1\r\nHost: a.example\r\nContent-Length: 6\r\n\r\nabc")
	<-arrived
	w.stop()
	waiting.over()
	c.say("def")
	if body, _ := io.ReadAll(c.answer("POST").Body); string(body) != "abcdef" {
		t.Errorf("%q", body)
	}
	<-w.done
}

// While clients come and go, begin and end flows, the lists, the statistics,
// reloads and the kill switch see a table that adds up.
func TestTheTableAddsUp(t *testing.T) {
	w := alone(t, 80, web(t, http.HandlerFunc(hello)), nil)
	done := make(chan struct{})
	for i := range 8 {
		go func() {
			defer func() { done <- struct{}{} }()
			for j := range 20 {
				c, err := net.Dial("tcp", w.addr)
				if err != nil {
					t.Error(err)
					return
				}
				host := []string{"a.example", "b.example"}[(i+j)%2]
				_, _ = io.WriteString(c, request("http://"+host+"/"))
				_ = c.(*net.TCPConn).CloseWrite()
				_, _ = io.Copy(io.Discard, c)
				_ = c.Close()
			}
		}()
	}
	for range 50 {
		w.gw.Flows(3)
		w.gw.Rejudge()
		_ = fmt.Sprint(w.gw.Stats(), w.gw.Blocked(2))
	}
	for range 8 {
		<-done
	}
	eventually(t, "the end of all", func() bool { return w.gw.Stats().Clients == 0 })
	s := w.gw.Stats()
	if s.Flows != 0 || s.Allowed != 80 || s.Denied[policy.ReasonDefaultPolicy] != 80 || len(w.ends()) != 80 || len(w.decisions()) != 160 {
		t.Errorf("%+v, %d ends, %d decisions", s, len(w.ends()), len(w.decisions()))
	}
}
