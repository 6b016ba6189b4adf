package egress

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// stories of good clients.
func goodStories() []benign {
	return []benign{
		{"CONNECT in HTTP/1.0 without a Host", func(t *testing.T, w *world) {
			if got := w.connect().say("CONNECT ok.example:7 HTTP/1.0\r\n\r\n").answer("CONNECT"); got.StatusCode != 200 {
				t.Error(got.Status)
			}
		}},
		{"CONNECT with a Host without a port", func(t *testing.T, w *world) {
			if got := w.connect().say("CONNECT ok.example:7 HTTP/1.1\r\nHost: ok.example\r\n\r\n").answer("CONNECT"); got.StatusCode != 200 {
				t.Error(got.Status)
			}
		}},
		{"CONNECT with the gateway in the Host field", func(t *testing.T, w *world) {
			if got := w.connect().say("CONNECT ok.example:7 HTTP/1.1\r\nHost: " + w.addr + "\r\n\r\n").answer("CONNECT"); got.StatusCode != 200 {
				t.Error(got.Status)
			}
		}},
		{"CONNECT to an IPv6 address", func(t *testing.T, w *world) { w.connect().tunnel("[2001:db8::1]:7") }},
		{"a client that does not wait for CONNECT's answer", func(t *testing.T, w *world) {
			w.route("203.0.113.1:7", listen(t, echo).addr)
			c := w.connect().say("CONNECT ok.example:7 HTTP/1.1\r\nHost: ok.example\r\n\r\n\x01early")
			if got := c.answer("CONNECT"); got.StatusCode != 200 {
				t.Error(got.Status)
			}
			c.expect("\x01early")
		}},
		{"HTTP in a tunnel, two requests", func(t *testing.T, w *world) {
			c := w.connect().tunnel("ok.example:80")
			for range 2 {
				got := c.say("GET /x HTTP/1.1\r\nHost: ok.example\r\n\r\n").answer("GET")
				if _, _ = io.Copy(io.Discard, got.Body); got.Header.Get("X-Target") != "/x" {
					t.Error(got.Status)
				}
			}
		}},
		{"a hundred requests on one connection", func(t *testing.T, w *world) {
			c := w.connect()
			for range 100 {
				got := c.say(request("http://ok.example/?size=10")).answer("GET")
				if body, _ := io.ReadAll(got.Body); len(body) != 10 {
					t.Fatal(got.Status)
				}
			}
			if n := len(w.dials()); n != 1 {
				t.Errorf("%d connections to the origin", n)
			}
		}},
		{"100-continue", func(t *testing.T, w *world) {
			c := w.connect().say("POST http://ok.example/ HTTP/1.1\r\nHost: ok.example\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
			c.expect("HTTP/1.1 100 Continue\r\n")
			for line := "x"; line != "\r\n"; {
				line, _ = c.r.ReadString('\n')
			}
			if got := c.say("abc").answer("POST"); got.Header.Get("X-Got") != "3" {
				t.Error(got.Status)
			}
		}},
		{"WebSocket", webSocket},
		{"events that come one by one", func(t *testing.T, w *world) {
			next := make(chan struct{})
			w.elsewhere(web(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for i := range 3 {
					_, _ = fmt.Fprintf(w, "data: %d\n\n", i)
					_ = http.NewResponseController(w).Flush()
					<-next
				}
			})).addr)
			got := w.connect().say(request("http://ok.example/")).answer("GET")
			r := bufio.NewReader(got.Body)
			for i := range 3 {
				if line, err := r.ReadString('\n'); line != fmt.Sprintf("data: %d\n", i) {
					t.Errorf("%q %v", line, err)
				}
				_, _ = r.ReadString('\n')
				next <- struct{}{}
			}
		}},
		{"a connection that the origin closed meanwhile", func(t *testing.T, w *world) {
			closed := make(chan struct{}, 3)
			w.elsewhere(listen(t, func(c net.Conn) {
				r := bufio.NewReader(c)
				if _, err := http.ReadRequest(r); err == nil {
					_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
					_ = c.Close()
					closed <- struct{}{}
				}
			}).addr)
			c := w.connect()
			for _, m := range []string{"GET", "GET", "POST"} {
				got := c.say(m + " http://ok.example/ HTTP/1.1\r\nHost: ok.example\r\nContent-Length: 0\r\n\r\n").answer(m)
				if !ok(got, "") {
					t.Error(m, got.Status)
				}
				<-closed // a POST that met the end on its way could not be sent again
			}
		}},
		{"a client that ends its half and reads on", func(t *testing.T, w *world) {
			w.route("203.0.113.1:7", listen(t, func(c net.Conn) {
				b, _ := io.ReadAll(c)
				_, _ = c.Write(append([]byte("late "), b...))
			}).addr)
			c := w.connect().tunnel("ok.example:7").say("\x01bye")
			_ = c.Conn.(*net.TCPConn).CloseWrite()
			if got := c.over(); got != "late \x01bye" {
				t.Errorf("%q", got)
			}
		}},
	}
}

func webSocket(t *testing.T, w *world) {
	const masked = "\x81\x82\x00\x00\x00\x00hi" // RFC 6455, 5.2, with the mask 0
	w.elsewhere(listen(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		req, err := http.ReadRequest(r)
		if err != nil || req.Header.Get("Sec-Websocket-Key") != "x3JJHMbDL1EzLkh9GBhXDw==" || !strings.EqualFold(req.Header.Get("Upgrade"), "websocket") {
			t.Errorf("%v %+v", err, req)
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n\x81\x05first")
		if _, err := io.ReadFull(r, make([]byte, len(masked))); err == nil {
			_, _ = io.WriteString(c, "\x81\x02hi")
		}
	}).addr)
	c := w.connect().say("GET http://only-ws.example/chat HTTP/1.1\r\nHost: only-ws.example\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n\r\n")
	if got := c.answer("GET"); got.StatusCode != 101 || got.Header.Get("Sec-Websocket-Accept") != "x" {
		t.Error(got.Status)
	}
	c.expect("\x81\x05first").say(masked).expect("\x81\x02hi")
	if d := w.decisions(); len(d) != 1 || d[0].Protocol != policy.WS {
		t.Errorf("%+v", d)
	}
}
