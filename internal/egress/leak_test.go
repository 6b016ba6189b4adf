package egress

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andybalholm/brotli"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/dlp"
)

const (
	leakPolicy  = "mode: strict\nglobal: {network_enabled: true}\nallowlist: {rules: [{id: api, host: api.example}]}\n"
	auditPolicy = "mode: audit\nglobal: {network_enabled: true}\nallowlist: {rules: [{id: api, host: api.example}]}\n"
)

var builtin = sync.OnceValues(func() (*detect.Scanner, error) {
	rules, err := detect.BuiltinRules()
	if err != nil {
		return nil, err
	}
	set, err := detect.Compile(rules, detect.Options{})
	if err != nil {
		return nil, err
	}
	return detect.NewScanner(set), nil
})

// fake is a secret that was never one.
func fake(t testing.TB) string {
	t.Helper()
	text, err := detect.ExpandExample("AKIA{{base32:16}}")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// mailbox is an origin that keeps requests whole.
type mailbox struct {
	mu  sync.Mutex
	got []string
}

func (m *mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.got = append(m.got, fmt.Sprint(r.Method, r.URL, r.Header, string(body), r.Trailer, err))
	_, _ = io.WriteString(w, "thanks")
}

func (m *mailbox) all() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return strings.Join(m.got, "\n")
}

// inspected is a world in which somebody looks at what is sent.
func inspected(t *testing.T, doc string) (*world, *mailbox) {
	t.Helper()
	scanner, err := builtin()
	if err != nil {
		t.Fatal(err)
	}
	i, err := dlp.New(dlp.Options{Scanner: scanner, Fingerprint: func(s []byte) string { return fmt.Sprint("fp", len(s)) }})
	if err != nil {
		t.Fatal(err)
	}
	w := open(t, doc, func(o *Options) { o.Inspector = func() *dlp.Inspector { return i } })
	box := &mailbox{}
	w.name("api.example", "203.0.113.9")
	w.route("203.0.113.9:80", web(t, box).addr)
	return w, box
}

// client is an ordinary one, which goes through the gateway.
func (w *world) client() *http.Client {
	proxy := &url.URL{Scheme: "http", Host: w.addr}
	tr := &http.Transport{Proxy: http.ProxyURL(proxy)}
	w.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.WriteString(z, text)
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// brotlied is one stream of several blocks, as a program has it that flushes.
func brotlied(t *testing.T, texts ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := brotli.NewWriter(&b)
	for _, text := range texts {
		_, err := io.WriteString(z, text)
		if err = errors.Join(err, z.Flush()); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// leaks are ways to send a secret.
func leaks(t *testing.T, secret string) map[string]func() *http.Request {
	post := func(body io.Reader) *http.Request {
		r, err := http.NewRequest(http.MethodPost, "http://api.example/upload", body)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	words := strings.Repeat("an ordinary line of text that says nothing at all\n", 9000)
	return map[string]func() *http.Request{
		"url":    func() *http.Request { r := post(nil); r.URL.RawQuery = "q=" + secret; return r },
		"method": func() *http.Request { r := post(nil); r.Method = secret; return r },
		"header": func() *http.Request { r := post(nil); r.Header.Set("X-Debug", secret); return r },
		"body":   func() *http.Request { return post(strings.NewReader(`{"note":"` + secret + `"}`)) },
		"late":   func() *http.Request { return post(strings.NewReader(words + secret + "\n" + words)) },
		"chunked": func() *http.Request {
			return post(io.MultiReader(strings.NewReader("x "+secret[:7]), strings.NewReader(secret[7:]+" y")))
		},
		"compressed": func() *http.Request {
			r := post(strings.NewReader(zipped(t, words+secret+"\n")))
			r.Header.Set("Content-Encoding", "gzip")
			return r
		},
		"brotli": func() *http.Request {
			r := post(strings.NewReader(brotlied(t, words, secret+"\n", words)))
			r.Header.Set("Content-Encoding", "br")
			return r
		},
		"gzip in brotli": func() *http.Request {
			r := post(strings.NewReader(brotlied(t, zipped(t, words+secret+"\n"))))
			r.Header.Set("Content-Encoding", "gzip, BR")
			return r
		},
		"trailer": func() *http.Request {
			r := post(io.MultiReader(strings.NewReader("x")))
			r.Trailer = http.Header{"X-End": {secret}}
			return r
		},
	}
}

func TestASecretDoesNotLeave(t *testing.T) {
	secret := fake(t)
	for name, request := range leaks(t, secret) {
		t.Run(name, func(t *testing.T) {
			w, box := inspected(t, leakPolicy)
			got, err := w.client().Do(request())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = got.Body.Close() }()
			var p problem
			if err := json.NewDecoder(got.Body).Decode(&p); err != nil || got.StatusCode != http.StatusForbidden || p.Reason != policy.ReasonLeak || !strings.Contains(p.Detail, "api.example:80: aws-access-key-id in the ") {
				t.Errorf("%s, %+v, %v", got.Status, p, err)
			}
			w.gw.Sever("the test is over")
			if strings.Contains(box.all(), secret) {
				t.Error("the origin got it")
			}
			d := w.decisions()
			last := d[len(d)-1]
			if last.Decision.Allowed() || len(last.Findings) != 1 || last.Findings[0].Rule != "aws-access-key-id" || last.Findings[0].Fingerprint != "fp20" {
				t.Errorf("%+v", last)
			}
		})
	}
}

func TestInAuditASecretLeavesAndIsRecorded(t *testing.T) {
	secret := fake(t)
	for name, request := range leaks(t, secret) {
		t.Run(name, func(t *testing.T) {
			w, _ := inspected(t, auditPolicy)
			got, err := w.client().Do(request())
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(got.Body); err != nil || string(text) != "thanks" {
				t.Errorf("%s, %q, %v", got.Status, text, err)
			}
			_ = got.Body.Close()
			eventually(t, "the end of the flow", func() bool { return len(w.ends()) == 1 })
			d := w.decisions()
			for _, r := range []Record{d[len(d)-1], w.ends()[0]} {
				if len(r.Findings) != 1 || !r.Decision.Allowed() || r.Decision.Would != policy.Deny || r.Decision.Reason != policy.ReasonLeak {
					t.Errorf("%+v", r)
				}
			}
		})
	}
}

func TestWhatHoldsNoSecretArrivesAsItWasSent(t *testing.T) {
	body := strings.Repeat("line of a log 10.0.0.7 GET /index.html 200 1532\n", 20_000)
	for name, send := range map[string]func() io.Reader{
		"of a known length": func() io.Reader { return strings.NewReader(body) },
		"in chunks":         func() io.Reader { return io.MultiReader(strings.NewReader(body)) },
		"empty chunks":      func() io.Reader { return io.MultiReader(strings.NewReader("")) },
	} {
		t.Run(name, func(t *testing.T) {
			w, box := inspected(t, leakPolicy)
			r, err := http.NewRequest(http.MethodPut, "http://api.example/log", send())
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(name, "chunks") {
				r.Trailer = http.Header{"X-Sum": {"abc"}}
			}
			got, err := w.client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = got.Body.Close()
			want, _ := io.ReadAll(send())
			if got.StatusCode != http.StatusOK || !strings.Contains(box.all(), string(want)) || r.Trailer != nil && !strings.Contains(box.all(), "X-Sum:[abc]") {
				t.Errorf("%s, %d bytes arrived", got.Status, len(box.all()))
			}
			if f := w.decisions()[0].Findings; len(f) > 0 {
				t.Errorf("found %+v", f)
			}
		})
	}
}

func TestACredentialGoesToItsOwnHost(t *testing.T) {
	secret := fake(t)
	for name, request := range leaks(t, secret) {
		t.Run(name, func(t *testing.T) {
			w, box := inspected(t, strings.Replace(leakPolicy, "host: api.example", "host: api.example, credentials: [aws-access-key-id]", 1))
			r := request()
			got, err := w.client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = got.Body.Close()
			if got.StatusCode != http.StatusOK || r.Header.Get("Content-Encoding") == "" && !strings.Contains(box.all(), secret) {
				t.Errorf("%s; the origin got %d bytes", got.Status, len(box.all()))
			}
		})
	}
}

// A client that waits for an answer before it says more is not kept waiting.
func TestAPauseInABodyIsPassedOn(t *testing.T) {
	w, _ := inspected(t, leakPolicy)
	heard := make(chan string, 1)
	w.route("203.0.113.9:80", web(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var b [5]byte
		_, _ = io.ReadFull(r.Body, b[:])
		heard <- string(b[:])
		_, _ = io.Copy(io.Discard, r.Body)
	})).addr)
	pr, pw := io.Pipe()
	go func() {
		_, _ = io.WriteString(pw, "hello")
		if got := <-heard; got != "hello" {
			t.Errorf("heard %q", got)
		}
		_ = pw.Close()
	}()
	got, err := w.client().Post("http://api.example/stream", "text/plain", pr)
	if err != nil {
		t.Fatal(err)
	}
	_ = got.Body.Close()
}

// What is encoded so that nobody could look at it is refused before it is sent.
func TestABodyThatCannotBeLookedIntoIsRefused(t *testing.T) {
	for coding, want := range map[string]int{
		"compress": 403, "aes128gcm": 403, "br, gzip": 403, "gzip, unheard-of": 403, "br": 403, // whose body is no brotli
		"identity": 200, "": 200,
	} {
		t.Run(coding, func(t *testing.T) {
			w, box := inspected(t, leakPolicy)
			c := w.connect().say("POST http://api.example/x HTTP/1.1\r\nHost: api.example\r\nContent-Encoding: " + coding + "\r\nContent-Length: 11\r\n\r\nhello world")
			if got := c.answer("POST"); got.StatusCode != want || want == http.StatusForbidden && strings.Contains(box.all(), "hello") {
				t.Errorf("%s; the origin got %s", got.Status, box.all())
			}
		})
	}
}

// Who waits for 100-continue gets it before there is a body to look at.
func TestTheHeadDoesNotWaitForTheBody(t *testing.T) {
	w, box := inspected(t, leakPolicy)
	c := w.connect().say("POST http://api.example/x HTTP/1.1\r\nHost: api.example\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
	if got := c.answer("POST"); got.StatusCode != http.StatusContinue {
		t.Fatal(got.Status)
	}
	if got := c.say("hello").answer("POST"); got.StatusCode != http.StatusOK || !strings.Contains(box.all(), "hello") {
		t.Errorf("%s, %s", got.Status, box.all())
	}
}

// In audit a body full of secrets passes, and what is kept of it is bounded.
func TestABodyFullOfSecretsKeepsABoundedRecord(t *testing.T) {
	w, _ := inspected(t, auditPolicy)
	var body strings.Builder
	for range 3 * mostFindings {
		body.WriteString("id " + fake(t) + "\n")
	}
	got, err := w.client().Post("http://api.example/upload", "text/plain", strings.NewReader(body.String()))
	if err != nil {
		t.Fatal(err)
	}
	_ = got.Body.Close()
	eventually(t, "the end of the flow", func() bool { return len(w.ends()) == 1 })
	if n := len(w.ends()[0].Findings); n != mostFindings {
		t.Errorf("%d findings are kept", n)
	}
}

// Requests inside a tunnel that is not encrypted are looked at, too.
func TestASecretDoesNotLeaveByAPlainTunnel(t *testing.T) {
	w, box := inspected(t, leakPolicy)
	secret := fake(t)
	c := w.connect().tunnel("api.example:80")
	c.say("GET /?" + secret + " HTTP/1.1\r\nHost: api.example\r\n\r\n")
	if got := c.answer("GET"); got.StatusCode != http.StatusForbidden {
		t.Errorf("%s", got.Status)
	}
	if slices.Contains(box.got, secret) {
		t.Error("the origin got it")
	}
}

// An origin that speaks at the same moment as the client makes no opaque tunnel of
// HTTP: nobody would look at what is sent.
func TestHTTPAtTheSameTimeAsAGreeting(t *testing.T) {
	w, _ := inspected(t, leakPolicy)
	inside, program := net.Pipe()
	outside, origin := net.Pipe()
	var heard bytes.Buffer
	var all sync.WaitGroup
	for conn, to := range map[net.Conn]io.Writer{program: io.Discard, origin: &heard} {
		_ = conn.SetDeadline(time.Now().Add(time.Minute)) // a tunnel that is spliced ends then, too
		all.Go(func() { _, _ = io.Copy(to, conn); _ = conn.Close() })
	}
	c := newClient(w.gw, &door{}, inside)
	c.r.Unread([]byte("GET /?" + fake(t) + " HTTP/1.1\r\nHost: evil.example\r\n\r\n"))
	up := newUpstream(target{"api.example", 80}, netip.MustParseAddr("203.0.113.9"), outside)
	up.flow = c.begin(EntryConnect)
	up.r.Unread([]byte("220 welcome\r\n"))
	cut := (&tunnel{c: c, f: up.flow, up: up}).clientFirst()
	up.flow.end(cut)
	c.close()
	up.abort()
	all.Wait()
	if cut != string(ReasonBadRequest) || heard.Len() > 0 {
		t.Errorf("%q; the origin got %d bytes", cut, heard.Len())
	}
}
