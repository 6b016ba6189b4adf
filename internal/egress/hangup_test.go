package egress

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// A client that hangs up while its request is under way lets go of the origin at
// once, wherever the answer stands, and the flow says so.
func TestAClientThatHangsUpLetsGoOfTheOrigin(t *testing.T) {
	const get = "GET http://ok.example/ HTTP/1.1\r\nHost: ok.example\r\n\r\n"
	for what, tt := range map[string]struct {
		request string
		begins  string // what the origin says before it falls silent
	}{
		"before the answer":          {get, ""},
		"in a stream of events":      {get, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n7\r\ndata: 1\r\n"},
		"in a long answer":           {get, "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\nx"},
		"behind a body":              {"POST http://ok.example/ HTTP/1.1\r\nHost: ok.example\r\nContent-Length: 3\r\n\r\nabc", ""},
		"in a tunnel of HTTP":        {"CONNECT ok.example:80 HTTP/1.1\r\nHost: ok.example:80\r\n\r\nGET / HTTP/1.1\r\nHost: ok.example\r\n\r\n", ""},
		"behind half of a body":      {"POST http://ok.example/ HTTP/1.1\r\nHost: ok.example\r\nContent-Length: 30\r\n\r\nabc", ""},
		"before an answer, HTTP/1.0": {"GET http://ok.example/ HTTP/1.0\r\nHost: ok.example\r\n\r\n", ""},
	} {
		for how, hangUp := range map[string]func(net.Conn){"closes": func(c net.Conn) { _ = c.Close() }, "resets": resets} {
			t.Run(what+"/"+how, func(t *testing.T) {
				asked, free := make(chan struct{}), make(chan struct{})
				w := newFriendly(t)
				w.elsewhere(listen(t, func(c net.Conn) {
					reads(c, "\r\n\r\n")
					_, _ = io.WriteString(c, tt.begins)
					close(asked)
					_, _ = io.Copy(io.Discard, c) // until the gateway lets go
					close(free)
				}).addr)
				c := w.connect().say(tt.request)
				<-asked
				hangUp(c.Conn)
				<-free
				eventually(t, "the flow ends", func() bool { return w.gw.Stats().Flows == 0 && w.gw.Stats().Clients == 0 })
				ends := w.ends()
				if last := ends[0]; last.Cut == "" && what != "in a tunnel of HTTP" {
					t.Errorf("the end gives no reason: %+v", last)
				}
			})
		}
	}
}

// Watching takes nothing away: requests that a client sends before it has its
// answers are all answered, in their order.
func TestWatchingAClientTakesNoneOfItsBytes(t *testing.T) {
	next := make(chan struct{})
	w := newFriendly(t)
	w.elsewhere(web(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		<-next
		_, _ = io.WriteString(rw, r.URL.Path)
	})).addr)
	ask := func(path string) string {
		return "GET http://ok.example" + path + " HTTP/1.1\r\nHost: ok.example\r\n\r\n"
	}
	c := w.connect().say(ask("/1"))
	eventually(t, "the client is watched", func() bool { return w.watches() })
	c.say(ask("/2") + ask("/3")[:20])
	for i, path := range []string{"/1", "/2", "/3"} {
		if i == 2 {
			c.say(ask("/3")[20:])
		}
		next <- struct{}{}
		got := c.answer("GET")
		if body, err := io.ReadAll(got.Body); string(body) != path {
			t.Errorf("%q %v, want %q", body, err, path)
		}
	}
}

// watches reports whether the one client's exchange is older than what a watch
// waits for: by then the watch has begun, or never will.
func (w *world) watches() bool {
	flows := w.gw.Flows(0)
	return len(flows) == 1 && w.gw.o.Clock.Now().Sub(flows[0].Began) > 3*hangupAfter
}

// A slow origin's answer comes whole to a client that waits longer than a watch.
func TestASlowAnswerReachesAClientThatWaits(t *testing.T) {
	w := newFriendly(t)
	w.elsewhere(listen(t, func(c net.Conn) {
		for range 3 {
			reads(c, "\r\n\r\n")
			eventually(t, "the client is watched", func() bool { return w.watches() })
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow")
		}
	}).addr)
	c := w.connect()
	for range 3 {
		got := c.say(request("http://ok.example/")).answer("GET")
		if body, err := io.ReadAll(got.Body); !strings.EqualFold(string(body), "slow") {
			t.Errorf("%q %v", body, err)
		}
	}
	if ends := w.ends(); len(ends) > 0 && ends[0].Cut != "" {
		t.Errorf("%+v", ends[0])
	}
}
