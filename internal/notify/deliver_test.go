package notify_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/notify/notifytest"
	"go.cordon.dev/cordon/internal/testport"
)

func TestAnEventArrivesOnceInOrderAndUnchanged(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	r.store.Put(hook("soc", ep))
	r.run()
	said := r.say(40)
	r.until("40 deliveries", r.delivered("soc", 40))
	var want, got []string
	for _, e := range said {
		want = append(want, e.ID)
	}
	for _, g := range ep.received() {
		var e event.Event
		if err := json.Unmarshal(g.body, &e); err != nil {
			t.Fatal(err)
		}
		got = append(got, e.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-said +received):\n%s", diff)
	}
	if first := ep.received()[0]; first.id != notify.DeliveryID("soc", said[0].ID) || first.header.Get("Content-Type") != "application/json" {
		t.Errorf("webhook-id %q, headers %v", first.id, first.header)
	}
}

func TestSignatureIsThatOfStandardWebhooks(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	for name, secret := range map[string]string{
		"standard notation": "whsec_" + base64.StdEncoding.EncodeToString(key),
		"plain bytes":       "not base64, used as it is!",
	} {
		t.Run(name, func(t *testing.T) {
			r, ep := newRig(t), newEndpoint(t, nil)
			s := hook("soc", ep)
			s.SealedSecret, _ = sealer{'k'}.Seal([]byte(secret))
			r.store.Put(s)
			r.run()
			r.say(1)
			r.until("delivery", r.delivered("soc", 1))
			got := ep.received()[0]
			if err := verifier(t, secret).Verify(got.body, got.header); err != nil {
				t.Errorf("the reference library refuses: %v", err)
			}
			if err := verifier(t, secret).Verify(append(got.body, ' '), got.header); err == nil {
				t.Error("the reference library accepts a changed body")
			}
		})
	}
}

func verifier(t *testing.T, secret string) *standardwebhooks.Webhook {
	t.Helper()
	make := standardwebhooks.NewWebhook
	if !strings.HasPrefix(secret, "whsec_") {
		make = func(s string) (*standardwebhooks.Webhook, error) { return standardwebhooks.NewWebhookRaw([]byte(s)) }
	}
	w, err := make(secret)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWithoutASecretThereIsNoSignature(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	r.store.Put(hook("soc", ep))
	r.run()
	r.say(1)
	r.until("delivery", r.delivered("soc", 1))
	h := ep.received()[0].header
	if h.Get("webhook-id") == "" || h.Get("webhook-timestamp") == "" || h.Get("webhook-signature") != "" {
		t.Errorf("headers %v; want id and timestamp, no signature", h)
	}
}

func TestASecretThatCannotBeOpenedIsNeverSkipped(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	s := hook("soc", ep)
	s.SealedSecret, _ = sealer{'?'}.Seal([]byte("secret"))
	r.store.Put(s)
	r.run()
	r.say(1)
	r.until("attempt", r.attempted("soc", 1))
	d := r.store.Deliveries("soc")[0]
	if d.State != notify.Pending || !strings.Contains(d.LastError, "master key") || len(ep.received()) != 0 {
		t.Errorf("delivery is %s with %q, endpoint got %d; want pending, a hint at the master key, none", d.State, d.LastError, len(ep.received()))
	}
}

// The retry table: 408, 429, 5xx and no answer come again, all else is final.
func TestWhatAnAnswerLeadsTo(t *testing.T) {
	for code, want := range map[int]notify.DeliveryState{
		200: notify.Delivered, 201: notify.Delivered, 202: notify.Delivered, 204: notify.Delivered, 299: notify.Delivered,
		301: notify.Dead, 302: notify.Dead, 304: notify.Dead, 307: notify.Dead, 308: notify.Dead,
		400: notify.Dead, 401: notify.Dead, 403: notify.Dead, 404: notify.Dead, 405: notify.Dead, 409: notify.Dead,
		410: notify.Dead, 413: notify.Dead, 422: notify.Dead, 451: notify.Dead,
		408: notify.Pending, 429: notify.Pending,
		500: notify.Pending, 502: notify.Pending, 503: notify.Pending, 504: notify.Pending, 599: notify.Pending,
	} {
		t.Run(http.StatusText(code), func(t *testing.T) {
			r, ep := newRig(t), newEndpoint(t, nil)
			ep.answer(code)
			r.store.Put(hook("soc", ep))
			r.run()
			r.say(1)
			r.until("attempt", r.attempted("soc", 1))
			d := r.store.Deliveries("soc")[0]
			if d.State != want || d.LastStatus != code || (d.LastError == "") != (want == notify.Delivered) {
				t.Errorf("HTTP %d: %s with status %d, error %q; want %s", code, d.State, d.LastStatus, d.LastError, want)
			}
			if failures := r.subscription("soc").Failures; (failures == 0) != (want == notify.Delivered) {
				t.Errorf("HTTP %d: %d failures are counted", code, failures)
			}
		})
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	r, target := newRig(t), newEndpoint(t, nil)
	ep := newEndpoint(t, func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, target.URL, http.StatusTemporaryRedirect)
	})
	r.store.Put(hook("soc", ep))
	r.run()
	r.say(1)
	r.until("attempt", r.attempted("soc", 1))
	if d := r.store.Deliveries("soc")[0]; d.State != notify.Dead || !strings.Contains(d.LastError, "redirects are not followed") {
		t.Errorf("delivery is %s with %q", d.State, d.LastError)
	}
	if got := target.received(); len(got) != 0 {
		t.Errorf("the redirect's target got %d requests", len(got))
	}
}

func TestGuardIsAskedForTheAddressUnlessPrivateIsAllowed(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	var asked addresses
	r.deps.Guard = asked.refuse
	closed, open := hook("closed", ep), hook("open", ep)
	closed.AllowPrivate = false
	closed.URL = strings.Replace(closed.URL, "127.0.0.1", "localhost", 1)
	r.store.Put(closed, open)
	r.run()
	r.say(1)
	r.until("delivery to the open one", r.delivered("open", 1))
	r.until("attempt of the closed one", r.attempted("closed", 1))
	d := r.store.Deliveries("closed")[0]
	if d.State != notify.Pending || !strings.Contains(d.LastError, "refused by guard") {
		t.Errorf("delivery is %s with %q; want pending, refused by guard", d.State, d.LastError)
	}
	for _, a := range asked.all() {
		if host, _, err := net.SplitHostPort(a); err != nil || net.ParseIP(host) == nil {
			t.Errorf("guard was asked about %q, want a resolved address", a)
		}
	}
	if len(asked.all()) == 0 || len(ep.received()) != 1 {
		t.Errorf("guard was asked %d times, endpoint got %d requests", len(asked.all()), len(ep.received()))
	}
}

type addresses struct {
	mu   sync.Mutex
	seen []string
}

func (a *addresses) refuse(_, address string, _ syscall.RawConn) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen = append(a.seen, address)
	return errors.New("refused by guard")
}

func (a *addresses) all() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string(nil), a.seen...)
}

func TestNetworkFaultsComeAgainAndNameNoPath(t *testing.T) {
	silent := newEndpoint(t, func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() })
	abrupt := newEndpoint(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	encrypted := httptest.NewUnstartedServer(nil)
	encrypted.Config.ErrorLog = discardLog()
	encrypted.StartTLS()
	t.Cleanup(encrypted.Close)
	for name, tc := range map[string]struct{ url, want string }{
		"nobody listens":   {"http://" + testport.Addr(t), "refused"},
		"never answers":    {silent.URL, "no answer within"},
		"hangs up":         {abrupt.URL, "without an answer"},
		"echoes":           {"http://" + echoServer(t), "not HTTP"},
		"unknown issuer":   {encrypted.URL, "TLS: x509"},
		"http behind TLS":  {strings.Replace(silent.URL, "http:", "https:", 1), "not TLS"},
		"no such name":     {"http://not..a.name", "looking up not..a.name"},
		"not a usable url": {"http://[::1", "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			if name == "never answers" {
				r.opts.Timeout = 100 * time.Millisecond
			}
			s := notifytest.Subscription("soc", strings.Replace(tc.url, "://", "://user:"+hidden+"@", 1)+"/"+hidden+"?q="+hidden)
			s.AllowPrivate = true
			r.store.Put(s)
			r.run()
			r.say(1)
			r.until("attempt", r.attempted("soc", 1))
			d := r.store.Deliveries("soc")[0]
			if d.LastStatus != 0 || !strings.Contains(d.LastError, tc.want) || strings.Contains(d.LastError, hidden) {
				t.Errorf("status %d, error %q; want 0 and %q", d.LastStatus, d.LastError, tc.want)
			}
			if want := notify.Pending; tc.want != "malformed" && d.State != want {
				t.Errorf("delivery is %s, want %s", d.State, want)
			}
		})
	}
}

// echoServer sends back what it reads: its "answer" holds the request line.
func echoServer(t *testing.T) string {
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
			buf := make([]byte, 4096)
			n, _ := c.Read(buf)
			_, _ = c.Write(buf[:n])
			_ = c.Close()
		}
	})
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	return l.Addr().String()
}

func TestAnEndlessAnswerIsCutShort(t *testing.T) {
	r := newRig(t)
	ep := newEndpoint(t, func(w http.ResponseWriter, req *http.Request) {
		for req.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1024)); err != nil {
				return
			}
		}
	})
	r.store.Put(hook("soc", ep))
	r.run()
	r.say(3)
	r.until("3 deliveries", r.delivered("soc", 3))
}

// badFormat breaks in the way its name says.
type badFormat string

func (f badFormat) Name() string { return string(f) }

func (f badFormat) Render(event.Event) ([]byte, string, error) {
	switch f {
	case "panics":
		panic("a bug")
	case "refuses":
		return nil, "", errors.New("cannot say this\x1b[31m" + strings.Repeat("x", 1000))
	}
	return make([]byte, notify.MaxBody+1), "text/plain", nil
}

func TestWhatCannotBeRenderedIsGivenUp(t *testing.T) {
	for format, want := range map[string]string{
		"panics": "format panics panicked", "refuses": "cannot say this", "huge": "larger than", "gone": `format "gone" is not known`,
	} {
		t.Run(format, func(t *testing.T) {
			r, ep := newRig(t), newEndpoint(t, nil)
			r.deps.Formats = []notify.Format{badFormat("panics"), badFormat("refuses"), badFormat("huge")}
			s := hook("soc", ep)
			s.Format = format
			r.store.Put(s)
			r.run()
			r.say(1)
			r.until("attempt", r.attempted("soc", 1))
			d := r.store.Deliveries("soc")[0]
			if strings.Contains(d.LastError, "\x1b") || len(d.LastError) > 400 {
				t.Errorf("error of %d bytes is kept as it came: %q", len(d.LastError), d.LastError)
			}
			if d.State != notify.Dead || !strings.Contains(d.LastError, want) || len(ep.received()) != 0 {
				t.Errorf("delivery is %s with %q, endpoint got %d; want dead, %q, none", d.State, d.LastError, len(ep.received()), want)
			}
		})
	}
}

// Allowing private addresses does not allow all of them: the other guard has
// the last word, so that a name cannot lead to a cloud's metadata service.
func TestPrivateGuardIsAskedWherePrivateIsAllowed(t *testing.T) {
	r, ep := newRig(t), newEndpoint(t, nil)
	var asked addresses
	r.deps.PrivateGuard = asked.refuse
	r.store.Put(hook("open", ep))
	r.run()
	r.say(1)
	r.until("attempt of the open one", r.attempted("open", 1))
	if d := r.store.Deliveries("open")[0]; !strings.Contains(d.LastError, "refused by guard") || len(asked.all()) == 0 {
		t.Errorf("delivery says %q; want it refused by the guard", d.LastError)
	}
	if n := len(ep.received()); n != 0 {
		t.Errorf("the endpoint got %d requests", n)
	}
}
