package egress

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// events is an origin of server-sent events: each goes out when the one before it
// was seen. begin writes what stands before them.
func events(t *testing.T, begin string, chunked bool, seen <-chan struct{}) *origin {
	return listen(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		_, _ = io.WriteString(c, begin)
		for i := 0; ; i++ {
			event := fmt.Sprintf("id: %d\ndata: {\"n\":%d}\n\n", i, i)
			if chunked {
				event = fmt.Sprintf("%x\r\n%s\r\n", len(event), event)
			}
			if _, err := io.WriteString(c, event); err != nil {
				return
			}
			if _, open := <-seen; !open {
				return
			}
		}
	})
}

// Each event arrives before the next is sent, however the answer is framed, whether
// or not somebody looks at what the client sends; and the kill switch cuts the stream.
func TestEventsPassAsTheyCome(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
	post := "POST http://api.example/events HTTP/1.1\r\nHost: api.example\r\nAccept: text/event-stream\r\nContent-Length: 7\r\n\r\n{\"a\":1}"
	get := "GET http://api.example/events HTTP/1.1\r\nHost: api.example\r\nAccept: text/event-stream\r\n\r\n"
	for name, tt := range map[string]struct {
		asks, begin string
		chunked     bool
	}{
		"in chunks":            {get, head + "Transfer-Encoding: chunked\r\n\r\n", true},
		"until the end":        {get, head + "\r\n", false},
		"in the answer to one": {post, head + "Transfer-Encoding: chunked\r\n\r\n", true},
		"to HTTP/1.0":          {strings.Replace(get, "HTTP/1.1", "HTTP/1.0", 1), head + "Transfer-Encoding: chunked\r\n\r\n", true},
		"as a message":         {initialize, head + "Transfer-Encoding: chunked\r\n\r\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			seen := make(chan struct{})
			defer close(seen)
			w, _ := inspected(t, leakPolicy)
			w.route("203.0.113.9:80", events(t, tt.begin, tt.chunked, seen).addr)
			c := w.connect().say(tt.asks)
			r := bufio.NewReader(c.answer("GET").Body)
			for i := range 5 {
				id, err := r.ReadString('\n')
				data, _ := r.ReadString('\n')
				_, _ = r.ReadString('\n')
				if want := fmt.Sprintf("id: %d\ndata: {\"n\":%d}\n", i, i); err != nil || id+data != want {
					t.Fatalf("%q %v, want %q", id+data, err, want)
				}
				seen <- struct{}{}
			}
			w.kill("a test")
			for i := 0; ; i++ { // what was on its way, and then the end
				if _, err := r.ReadString('\n'); err != nil {
					break
				} else if i > 10 {
					t.Fatal("the stream goes on")
				}
			}
			eventually(t, "the end of the flow", func() bool { return len(w.ends()) == 1 })
			if cut := w.ends()[0].Cut; !strings.Contains(cut, "a test") {
				t.Errorf("cut for %q", cut)
			}
		})
	}
}
