package egress

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"go.cordon.dev/cordon/guard/egress/policy"
)

const lookIntoAPI = lookInto + leakPolicy

// handle puts a handler behind api.example.
func handle(t *testing.T, doc string, h http.HandlerFunc) *veiled {
	t.Helper()
	v := unveil(t, doc)
	v.serve("api.example", "203.0.113.9", h, nil)
	return v
}

func TestManyStreamsShareOneConnectionOnEachSide(t *testing.T) {
	const streams = 100
	var together sync.WaitGroup
	together.Add(streams - 1)
	var peers sync.Map
	v := handle(t, lookIntoAPI, func(w http.ResponseWriter, r *http.Request) {
		peers.Store(r.RemoteAddr, true)
		if r.URL.Path == "/" {
			return
		}
		together.Done()
		together.Wait() // none is answered before all are there
		_, _ = io.WriteString(w, r.URL.RequestURI())
	})
	c := v.browser(true)
	first, err := c.Get("https://api.example/") // what follows finds a connection
	if first != nil {
		_ = first.Body.Close()
	}
	var wg sync.WaitGroup
	for i := range streams - 1 {
		wg.Go(func() {
			got, err := c.Get(fmt.Sprintf("https://api.example//odd/./path?n=%d", i))
			if err != nil {
				t.Error(err)
				return
			}
			text, err := io.ReadAll(got.Body)
			_ = got.Body.Close()
			if want := fmt.Sprintf("//odd/./path?n=%d", i); string(text) != want || got.ProtoMajor != 2 {
				t.Errorf("%s %q, %v", got.Proto, text, err)
			}
		})
	}
	wg.Wait()
	n := 0
	peers.Range(func(any, any) bool { n++; return true })
	if err != nil || n != 1 || len(v.dials()) != 1 {
		t.Errorf("%v: %d connections at the origin, dialed %v", err, n, v.dials())
	}
}

func TestStreamsPassWhatTheyAre(t *testing.T) {
	const size = 6 << 20
	line := strings.Repeat("an ordinary line of text that says nothing at all\n", size/50)
	v := handle(t, lookIntoAPI, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/download":
			_, _ = io.WriteString(w, line)
		case "/upload":
			n, err := io.Copy(io.Discard, r.Body)
			_, _ = fmt.Fprintf(w, "%d %v %q %d", n, err, r.Trailer.Get("X-Sum"), r.ContentLength)
		case "/trailers":
			w.Header().Set("Trailer", "X-Late")
			_, _ = io.WriteString(w, "body")
			w.Header().Set("X-Late", "yes")
			w.Header().Set(http.TrailerPrefix+"X-Later", "too")
		case "/headers":
			_, _ = fmt.Fprint(w, r.Host, r.Header["Accept"], r.Header["X-Two"], r.Header["User-Agent"], r.Header["Accept-Encoding"])
		case "/hints":
			w.Header().Set("Link", "</a.css>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusNoContent)
		case "/early":
			w.WriteHeader(http.StatusConflict) // and the body is left unread
		}
	})
	c := v.browser(true)
	ask := func(method, path string, body io.Reader, tune func(*http.Request)) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequest(method, "https://api.example"+path, body)
		if err != nil {
			t.Fatal(err)
		}
		if tune != nil {
			tune(r)
		}
		got, err := c.Do(r)
		if err != nil {
			t.Fatal(path, err)
		}
		text, err := io.ReadAll(got.Body)
		_ = got.Body.Close()
		if err != nil {
			t.Fatal(path, err)
		}
		return got, string(text)
	}
	if got, text := ask("GET", "/download", nil, nil); text != line || got.ContentLength > 0 {
		t.Errorf("%d bytes came, %d said", len(text), got.ContentLength)
	}
	if _, text := ask("POST", "/upload", io.MultiReader(strings.NewReader(line)), func(r *http.Request) { r.Trailer = http.Header{"X-Sum": {"abc"}} }); text != fmt.Sprintf("%d <nil> %q -1", len(line), "abc") {
		t.Errorf("upload: %q", text)
	}
	if _, text := ask("PUT", "/upload", strings.NewReader(line), nil); !strings.HasSuffix(text, fmt.Sprint(len(line))) {
		t.Errorf("an upload of a known length: %q", text)
	}
	if got, text := ask("GET", "/trailers", nil, nil); text != "body" || got.Trailer.Get("X-Late") != "yes" || got.Trailer.Get("X-Later") != "too" {
		t.Errorf("%q, %v", text, got.Trailer)
	}
	if _, text := ask("GET", "/headers", nil, func(r *http.Request) {
		r.Header = http.Header{"Accept": {"text/plain"}, "X-Two": {"a", "b"}, "User-Agent": {"mine"}}
	}); text != "api.example[text/plain] [a b] [mine] []" {
		t.Errorf("%q", text)
	}
	if got, _ := ask("HEAD", "/download", nil, nil); got.StatusCode != 200 {
		t.Errorf("HEAD: %s", got.Status)
	}
	var hints atomic.Int32
	trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
		if code == http.StatusEarlyHints && h.Get("Link") != "" {
			hints.Add(1)
		}
		return nil
	}}
	if got, _ := ask("GET", "/hints", nil, func(r *http.Request) { *r = *r.WithContext(httptrace.WithClientTrace(r.Context(), trace)) }); got.StatusCode != 204 || hints.Load() != 1 {
		t.Errorf("hints: %s, %d", got.Status, hints.Load())
	}
	endless, stop := io.Pipe()
	defer func() { _ = stop.Close() }()
	if got, _ := ask("POST", "/early", endless, nil); got.StatusCode != 409 {
		t.Errorf("early: %s", got.Status)
	}
	if len(v.reasons()) > 0 {
		t.Errorf("denied: %v", v.reasons())
	}
}

// Both ends speak on one stream at the same time, as gRPC's calls do.
func TestAStreamGoesBothWaysAtOnce(t *testing.T) {
	v := handle(t, lookIntoAPI, func(w http.ResponseWriter, r *http.Request) {
		flush := http.NewResponseController(w).Flush
		_ = flush()
		buf := make([]byte, 100)
		for {
			n, err := r.Body.Read(buf)
			_, _ = w.Write(buf[:n])
			if _ = flush(); err != nil {
				return
			}
		}
	})
	body, say := io.Pipe()
	got, err := v.browser(true).Post("https://api.example/talk", "text/plain", body)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"one", "two", "three"} {
		_, _ = io.WriteString(say, word)
		heard := make([]byte, len(word))
		if _, err := io.ReadFull(got.Body, heard); err != nil || string(heard) != word {
			t.Fatalf("%q, %v", heard, err)
		}
	}
	_ = say.Close()
	if rest, err := io.ReadAll(got.Body); len(rest) > 0 || err != nil {
		t.Errorf("%q, %v", rest, err)
	}
	_ = got.Body.Close()
}

// A client that gives a stream up is told to the origin, and the other way round.
func TestAStreamThatIsGivenUpEndsOnBothSides(t *testing.T) {
	gone := make(chan error, 1)
	v := handle(t, lookIntoAPI, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		if r.URL.Path == "/abort" {
			panic(http.ErrAbortHandler)
		}
		<-r.Context().Done()
		gone <- r.Context().Err()
	})
	c := v.browser(true)
	ctx, cancel := context.WithCancel(t.Context())
	r, _ := http.NewRequestWithContext(ctx, "GET", "https://api.example/wait", nil)
	got, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	_ = got.Body.Close()
	if got, err = c.Get("https://api.example/abort"); err == nil {
		_, err = io.ReadAll(got.Body)
		_ = got.Body.Close()
	}
	if bad := (http2.StreamError{}); !strings.Contains(fmt.Sprint(err), "stream error") && !errors.As(err, &bad) {
		t.Errorf("an answer that broke off looks whole: %v", err)
	}
	eventually(t, "both ends", func() bool { return len(v.ends()) >= 2 })
	if len(v.dials()) != 1 {
		t.Errorf("the connection did not outlive its streams: %v", v.dials())
	}
}

// A denied stream does not disturb its neighbours.
func TestADeniedStreamLeavesTheOthersAlone(t *testing.T) {
	release := make(chan struct{})
	v := handle(t, lookIntoAPI, func(w http.ResponseWriter, r *http.Request) {
		<-release
		_, _ = io.Copy(w, r.Body)
	})
	c := v.browser(true)
	done := make(chan string, 1)
	go func() {
		got, err := c.Post("https://api.example/slow", "text/plain", strings.NewReader("patience"))
		if err != nil {
			done <- err.Error()
			return
		}
		text, _ := io.ReadAll(got.Body)
		_ = got.Body.Close()
		done <- string(text)
	}()
	eventually(t, "the slow stream", func() bool { return len(v.decisions()) >= 2 })
	got, err := c.Post("https://api.example/leak", "text/plain", strings.NewReader(fake(t)))
	if err != nil || got.StatusCode != 403 {
		t.Fatalf("%v, %v", got, err)
	}
	_ = got.Body.Close()
	close(release)
	if text := <-done; text != "patience" {
		t.Errorf("the neighbour got %q", text)
	}
}

// An origin that sends us on (GOAWAY) gets no further stream; the client notices
// nothing.
func TestAnOriginMaySendTheGatewayOn(t *testing.T) {
	v := handle(t, lookIntoAPI, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/last" {
			w.Header().Set("Connection", "close") // net/http says GOAWAY then
		}
		_, _ = io.WriteString(w, "thanks")
	})
	c := v.browser(true)
	for i, path := range []string{"/", "/last", "/", "/last", "/"} {
		got, err := c.Get("https://api.example" + path)
		if err != nil {
			t.Fatal(i, err)
		}
		_, _ = io.Copy(io.Discard, got.Body)
		_ = got.Body.Close()
	}
	if n := len(v.dials()); n < 2 || n > 3 {
		t.Errorf("%d connections", n)
	}
}

func TestTheKillSwitchCutsHTTP2(t *testing.T) {
	for name, busy := range map[string]bool{"idle": false, "streams in flight": true} {
		t.Run(name, func(t *testing.T) {
			v := handle(t, lookIntoAPI, func(w http.ResponseWriter, r *http.Request) {
				_ = http.NewResponseController(w).Flush()
				if r.URL.Path == "/wait" {
					<-r.Context().Done()
				}
			})
			c := v.browser(true)
			path := map[bool]string{false: "/", true: "/wait"}[busy]
			var wg sync.WaitGroup
			for range 10 {
				got, err := c.Get("https://api.example" + path)
				if err != nil {
					t.Fatal(err)
				}
				wg.Go(func() {
					_, err := io.ReadAll(got.Body)
					if _ = got.Body.Close(); (err != nil) != busy {
						t.Errorf("%v", err)
					}
				})
			}
			if !busy {
				wg.Wait()
				eventually(t, "the ends of the streams", func() bool { return len(v.ends()) == 10 })
			}
			v.kill("drill")
			wg.Wait()
			eventually(t, "the end of all", func() bool { return v.gw.Stats().Flows == 0 && v.gw.Stats().Clients == 0 })
			if _, err := c.Get("https://api.example/"); err == nil {
				t.Error("it goes on")
			}
			cut := 0
			for _, e := range v.ends() {
				if strings.Contains(e.Cut, "drill") {
					cut++
				}
			}
			if want := map[bool]int{false: 1, true: 11}[busy]; cut != want {
				t.Errorf("%d ends tell of the switch, want %d", cut, want)
			}
		})
	}
}

// A new policy ends the streams that it no longer allows; the others live on.
func TestANewPolicyEndsStreamsOneByOne(t *testing.T) {
	rule := func(paths string) string {
		return "mode: strict\nallowlist: {rules: [{host: api.example, paths: [" + paths + "], intercept_tls: true}]}\n"
	}
	v := handle(t, rule("/a, /b"), func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		_, _ = io.Copy(w, r.Body)
	})
	c := v.browser(true)
	open := func(path string) (io.Closer, io.ReadCloser) {
		body, say := io.Pipe()
		got, err := c.Post("https://api.example"+path, "text/plain", body)
		if err != nil {
			t.Fatal(err)
		}
		return say, got.Body
	}
	sayA, hearA := open("/a")
	sayB, hearB := open("/b")
	v.setPolicy(rule("/b"))
	if n := v.gw.Rejudge(); n != 1 {
		t.Errorf("%d were cut", n)
	}
	if _, err := io.ReadAll(hearA); err == nil {
		t.Error("/a ended in peace")
	}
	_, _ = sayA.Close(), sayB.Close()
	if _, err := io.ReadAll(hearB); err != nil {
		t.Errorf("/b: %v", err)
	}
	_, _ = hearA.Close(), hearB.Close()
}

// A gateway that stops lets streams end, takes no new ones, and does not wait for who
// is idle.
func TestAStopDoesNotWaitForAnIdleHTTP2Client(t *testing.T) {
	v := unveil(t, lookIntoAPI, func(o *Options) { o.Limits.Drain = time.Minute }) // or the client is cut after it
	got, err := v.browser(true).Get("https://api.example/")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, got.Body)
	_ = got.Body.Close()
	eventually(t, "the end of the stream", func() bool { return len(v.ends()) == 1 })
	v.stop()
	<-v.done
	for _, e := range v.ends() {
		if e.Cut != "" {
			t.Errorf("cut: %+v", e)
		}
	}
}

func TestADeniedStreamIsToldWhatToDo(t *testing.T) {
	v := unveil(t, "mode: strict\nallowlist: {rules: [{id: api, host: api.example, paths: [/v1], intercept_tls: true}]}\n")
	got, err := v.browser(true).Get("https://api.example/v2")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	var p problem
	if err := json.NewDecoder(got.Body).Decode(&p); err != nil || p.Rule != "api" || p.Reason != policy.ReasonPath || p.AllowCommand == "" || got.Header.Get("Content-Type") != "application/problem+json" || got.Header.Get("X-Cordon-Decision") != "deny" {
		t.Errorf("%+v, %v, %v", p, got.Header, err)
	}
}
