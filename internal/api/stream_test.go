package api

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/httpx"
)

// listener is a client of the stream over a real connection.
type listener struct {
	t     *testing.T
	res   *http.Response
	lines *bufio.Reader
}

func (n *node) serve(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(httpx.Wrap(n, httpx.WrapOptions{})) // as in the application: it must pass events on at once
	t.Cleanup(func() { n.Close(); s.CloseClientConnections(); s.Close() })
	return s
}

func (n *node) listen(t *testing.T, s *httptest.Server, path, key string, headers map[string]string) *listener {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/api/v1/stream"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	res, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return &listener{t, res, bufio.NewReader(res.Body)}
}

// block returns the next block of lines; false at the stream's end.
func (l *listener) block() (string, bool) {
	l.t.Helper()
	var b strings.Builder
	for {
		line, err := l.lines.ReadString('\n')
		if err != nil {
			return "", false
		}
		if line == "\n" {
			return b.String(), true
		}
		b.WriteString(line)
	}
}

func (l *listener) want(blocks ...string) {
	l.t.Helper()
	for _, want := range blocks {
		if got, ok := l.block(); !ok || got != want {
			l.t.Fatalf("got %q (open=%v)\nwant %q", got, ok, want)
		}
	}
}

func (l *listener) wantEnd() {
	l.t.Helper()
	if got, ok := l.block(); ok {
		l.t.Fatalf("got %q, want the end", got)
	}
}

// waiting returns when the stream has read all events from its beginning and
// sleeps on its two timers.
func (n *node) waiting(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for n.clock.Waiting() < 2 || !n.shelf.readAll() {
		if time.Now().After(deadline) {
			t.Fatal("the stream does not wait")
		}
		time.Sleep(time.Millisecond)
	}
}

func (n *node) block(t *testing.T, topic string) string {
	t.Helper()
	r := n.shelf.emit(topic)
	return "id: " + r.Cursor.String() + "\nevent: " + topic + "\ndata: " + jsonOf(t, r.Event) + "\n"
}

func TestAStreamBeginsWithWhatHappensNext(t *testing.T) {
	n := populate(t, newNode(t))
	n.block(t, "leak.finding.detected")
	l := n.listen(t, n.serve(t), "", n.keys[auth.Viewer], nil)
	if ct := l.res.Header.Get("Content-Type"); ct != "text/event-stream" || l.res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", l.res.Header)
	}
	l.want("retry: 2000\nid: 2026-03-14/1\n")
	n.waiting(t)
	next := n.block(t, "leak.message.quarantined")
	n.wakes <- struct{}{}
	l.want(next)
}

func TestAStreamResumes(t *testing.T) {
	n := populate(t, newNode(t))
	s := n.serve(t)
	var blocks []string
	for range streamBatch + 3 { // more than is read at once
		blocks = append(blocks, n.block(t, "leak.finding.detected"))
	}
	for name, how := range map[string]struct {
		path    string
		headers map[string]string
	}{
		"by header":       {"", map[string]string{"Last-Event-ID": "2026-03-14/2"}},
		"by parameter":    {"?after=2026-03-14/2", nil},
		"the header wins": {"?after=2026-03-14/250", map[string]string{"Last-Event-ID": "2026-03-14/2"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := n.listen(t, s, how.path, n.keys[auth.Viewer], how.headers)
			l.want("retry: 2000\nid: 2026-03-14/2\n")
			l.want(blocks[2:]...)
		})
	}
}

func TestAPlaceOfAnotherLogIsTheHeadOfThisOne(t *testing.T) {
	n := populate(t, newNode(t))
	n.block(t, "leak.finding.detected")
	l := n.listen(t, n.serve(t), "?after=2026-03-14/5000", n.keys[auth.Viewer], nil)
	l.want("retry: 2000\nid: 2026-03-14/1\n")
}

func TestAStreamOfSomeTopicsKeepsItsPlace(t *testing.T) {
	n := populate(t, newNode(t))
	l := n.listen(t, n.serve(t), "?topics=leak.message.*&topics=system.>", n.keys[auth.Viewer], nil)
	l.want("retry: 2000\nid: 1970-01-01/0\n")
	n.waiting(t)
	n.block(t, "leak.finding.detected")
	wanted := n.block(t, "system.bus.health")
	n.block(t, "leak.source.chat.state")
	n.wakes <- struct{}{}
	l.want(wanted)
	n.waiting(t)
	n.clock.Advance(streamBeat)
	l.want(": still here\n", "id: 2026-03-14/3\n")
}

func TestWithoutAWakeAStreamLooksByItself(t *testing.T) {
	n := populate(t, newNode(t, func(d *Deps) { d.Wake = nil }))
	l := n.listen(t, n.serve(t), "", n.keys[auth.Viewer], nil)
	l.want("retry: 2000\nid: 1970-01-01/0\n")
	n.waiting(t)
	next := n.block(t, "leak.finding.detected")
	n.clock.Advance(streamPoll)
	l.want(next)
}

func TestAStreamEnds(t *testing.T) {
	tests := map[string]struct {
		session bool
		end     func(t *testing.T, n *node)
	}{
		"when the server stops": {false, func(_ *testing.T, n *node) { n.Close() }},
		"when its key is revoked": {false, func(t *testing.T, n *node) {
			n.as(t, auth.Admin, "DELETE", "/api/v1/api-keys/key-viewer", nil)
			n.clock.Advance(streamBeat)
		}},
		"when its session ends": {true, func(t *testing.T, n *node) {
			if err := n.Users.SetPassword(t.Context(), auth.Principal{Kind: auth.KindLocal}, "bob", adaPassword); err != nil {
				t.Fatal(err)
			}
			n.clock.Advance(streamBeat)
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := populate(t, newNode(t))
			key, headers := n.keys[auth.Viewer], map[string]string(nil)
			if tt.session {
				key, headers = "", map[string]string{"Cookie": auth.SessionCookie + "=" + n.login(t, "bob", bobPassword)}
			}
			l := n.listen(t, n.serve(t), "", key, headers)
			l.want("retry: 2000\nid: 1970-01-01/0\n")
			n.waiting(t)
			tt.end(t, n)
			l.wantEnd()
		})
	}
}

func TestStreamsAreBoundedAndLeaveNothing(t *testing.T) {
	defer goleak.VerifyNone(t)
	n := populate(t, newNode(t))
	s := httptest.NewServer(n)
	defer s.Close()
	defer s.Client().CloseIdleConnections()
	var open []*listener
	for range streamsPerUser {
		l := n.listen(t, s, "", n.keys[auth.Viewer], nil)
		l.want("retry: 2000\nid: 1970-01-01/0\n")
		open = append(open, l)
	}
	one := n.listen(t, s, "", n.keys[auth.Viewer], nil)
	if one.res.StatusCode != 429 || one.res.Header.Get("Retry-After") == "" {
		t.Errorf("one too many: %d", one.res.StatusCode)
	}
	other := n.listen(t, s, "", n.keys[auth.Admin], nil)
	if other.res.StatusCode != 200 {
		t.Errorf("somebody else: %d", other.res.StatusCode)
	}
	n.Close()
	for _, l := range append(open, other) {
		for ok := true; ok; {
			_, ok = l.block()
		}
	}
	if w := n.as(t, auth.Viewer, "GET", "/api/v1/stream", nil); w.Code != 503 {
		t.Errorf("after the end: %d", w.Code)
	}
	for _, l := range append(open, one, other) {
		l.res.Body.Close()
	}
}

func TestAHeadOfAStreamEndsAtOnce(t *testing.T) {
	n := populate(t, newNode(t))
	if w := n.as(t, auth.Viewer, "HEAD", "/api/v1/stream", nil); w.Code != 200 || w.Body.Len() > 0 {
		t.Errorf("got %d %q", w.Code, w.Body)
	}
}
