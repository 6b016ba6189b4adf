package egress

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// one allows a.example wholly.
const one = "mode: strict\ndefault_policy: deny\nallowlist: {rules: [{id: a, host: a.example}]}\n"

// alone is a world where a.example is an origin, under 203.0.113.1 and that port.
func alone(t *testing.T, port int, o *origin, tune func(*Options)) *world {
	w := open(t, one, tune)
	w.name("a.example", "203.0.113.1")
	w.route(fmt.Sprintf("203.0.113.1:%d", port), o.addr)
	return w
}

// through is an HTTP client that uses the gateway.
func (w *world) through() *http.Client {
	u := &url.URL{Scheme: "http", Host: w.addr}
	tr := &http.Transport{Proxy: http.ProxyURL(u)}
	w.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func get(t *testing.T, c *http.Client, url string) (*http.Response, string) {
	t.Helper()
	got, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got, string(body)
}

func hello(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "hello "+r.URL.Path) }

func TestARequestIsForwardedAndRecorded(t *testing.T) {
	w := alone(t, 80, web(t, http.HandlerFunc(hello)), nil)
	got, body := get(t, w.through(), "http://a.example/x?token=1")
	if got.StatusCode != http.StatusOK || body != "hello /x" {
		t.Errorf("%s %q", got.Status, body)
	}
	eventually(t, "the end", func() bool { return len(w.ends()) == 1 })
	d, e := w.decisions()[0], w.ends()[0]
	if d.Decision.Result != policy.Allow || d.Decision.RuleID != "a" || d.Host != "a.example" || d.Address.String() != "203.0.113.1" || d.Method != "GET" || d.URL.Reveal() != "http://a.example/x?token=1" || d.Protocol != policy.HTTP {
		t.Errorf("decided %+v", d)
	}
	if e.Flow != d.Flow || e.BytesOut == 0 || e.BytesIn == 0 || e.Cut != "" {
		t.Errorf("ended %+v", e)
	}
	if s := fmt.Sprintf("%v %+v %#v", d, d, d); strings.Contains(s, "token=1") {
		t.Error("a record that is printed shows its URL")
	}
}

func TestADenialSaysWhy(t *testing.T) {
	w := alone(t, 80, web(t, http.HandlerFunc(hello)), nil)
	got, body := get(t, w.through(), "http://b.example/")
	for _, want := range []string{`"reason":"default_policy"`, `"status":403`, `"allow_command":"cordon egress add b.example`} {
		if !strings.Contains(body, want) {
			t.Errorf("the problem lacks %s: %s", want, body)
		}
	}
	if got.StatusCode != http.StatusForbidden || got.Header.Get("X-Cordon-Decision") != "deny" || got.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s %v", got.Status, got.Header)
	}
	if len(w.looked) > 0 {
		t.Errorf("a denied name was looked up: %v", w.looked)
	}
	if b := w.gw.Blocked(0); len(b) != 1 || b[0].Host != "b.example" {
		t.Errorf("blocked: %+v", b)
	}
}

func TestConnectCarriesBytesBothWays(t *testing.T) {
	w := alone(t, 7, listen(t, echo), nil)
	c := w.connect().tunnel("a.example:7")
	c.say("some words\x00").expect("some words\x00")
	if f := w.gw.Flows(0); len(f) != 1 || f[0].BytesOut != 11 || f[0].Host != "a.example" || f[0].Protocol != policy.TCP || !f[0].Local.IsValid() {
		t.Errorf("flows: %+v", f)
	}
	_ = c.Conn.(*net.TCPConn).CloseWrite()
	if rest := c.over(); rest != "" {
		t.Errorf("and then %q", rest)
	}
	eventually(t, "the end", func() bool { return len(w.ends()) == 1 })
	if e := w.ends()[0]; e.BytesOut != 11 || e.BytesIn != 11 || e.Cut != "" {
		t.Errorf("ended %+v", e)
	}
	if s := w.gw.Stats(); s.Flows != 0 || s.Allowed != 1 || s.BytesIn != 11 || s.BytesOut != 11 {
		t.Errorf("stats %+v", s)
	}
}

func TestSOCKSCarriesBytesBothWays(t *testing.T) {
	w := alone(t, 7, listen(t, echo), nil)
	c := w.connect()
	if code := c.socks("a.example", 7); code != 0 {
		t.Fatalf("reply %d", code)
	}
	c.say("some words\x00").expect("some words\x00")
}

func TestSOCKSDenies(t *testing.T) {
	w := alone(t, 7, listen(t, echo), nil)
	if code := w.connect().socks("b.example", 7); code != 2 {
		t.Errorf("reply %d", code)
	}
}

func TestABigBodyKeepsItsBytes(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 1<<17) // 2 MiB
	w := alone(t, 80, web(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		w.Header().Set("X-Got", fmt.Sprint(n))
		_, _ = io.WriteString(w, big)
	})), nil)
	for name, body := range map[string]io.Reader{"sized": strings.NewReader(big), "chunked": io.MultiReader(strings.NewReader(big))} {
		got, err := w.through().Post("http://a.example/", "text/plain", body)
		if err != nil {
			t.Fatal(err)
		}
		back, err := io.ReadAll(got.Body)
		_ = got.Body.Close()
		if err != nil || string(back) != big || got.Header.Get("X-Got") != fmt.Sprint(len(big)) {
			t.Errorf("%s: %d bytes back, %s received, %v", name, len(back), got.Header.Get("X-Got"), err)
		}
	}
}

// 64 MB through a tunnel, in bursts and pauses, arrive whole and are counted to
// the byte.
func TestBulkIsWholeAndCounted(t *testing.T) {
	const size = 64 << 20
	piece := make([]byte, 1<<20)
	for i := range piece {
		piece[i] = byte(i * 7)
	}
	sum := make(chan [32]byte, 1)
	o := listen(t, func(c net.Conn) {
		h := sha256.New()
		_, _ = io.CopyN(h, c, size)
		sum <- [32]byte(h.Sum(nil))
		_, _ = io.WriteString(c, "thanks")
	})
	w := alone(t, 7, o, nil)
	c := w.connect().tunnel("a.example:7")
	want := sha256.New()
	for i := range size / len(piece) {
		piece[0] = 0xf0 + byte(i%16)
		_, _ = want.Write(piece)
		if _, err := c.Write(piece); err != nil {
			t.Fatal(err)
		}
		if i%8 == 0 {
			time.Sleep(time.Millisecond) // the burst ends
		}
	}
	c.expect("thanks")
	if got := <-sum; got != [32]byte(want.Sum(nil)) {
		t.Error("what arrived is not what was sent")
	}
	_ = c.Close()
	eventually(t, "the end", func() bool { return len(w.ends()) == 1 })
	if e := w.ends()[0]; e.BytesOut != size || e.BytesIn != 6 {
		t.Errorf("counted %d and %d", e.BytesOut, e.BytesIn)
	}
}
