//go:build servers

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A secret that a program wants to send is told to whoever asked for it: once, signed,
// with the rule and the host, and without the secret. What is clean is told to nobody.
func TestALeakThatWasBlockedIsTold(t *testing.T) {
	t.Parallel()
	hook := newReceiver(t, signingSecret())
	g := newGateway(t, "", fmt.Sprintf(`
notify: {webhooks: [{id: soc, url: %q, secret: "env:E2E_SIGNING_SECRET", topics: ["egress.leak.blocked"], allow_private: true}]}
`, hook.URL))
	g.start()
	var heard atomic.Int64
	origin := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		heard.Add(n)
	}))
	t.Cleanup(origin.Close)
	proxy := &url.URL{Scheme: "http", Host: g.proxy}
	c := &http.Client{Timeout: time.Minute, Transport: &http.Transport{Proxy: http.ProxyURL(proxy), DisableKeepAlives: true}}
	post := func(body string) int {
		t.Helper()
		res, err := c.Post(origin.URL+"/paste", "text/plain", strings.NewReader(body))
		mustDo(t, err)
		mustDo(t, res.Body.Close())
		return res.StatusCode
	}
	key := awsKey(rand.New(rand.NewPCG(11, 4)))
	for body, want := range map[string]int{"ordinary words": http.StatusOK, "key=" + key: http.StatusForbidden} {
		if got := post(body); got != want {
			t.Errorf("%d bytes: %d, want %d", len(body), got, want)
		}
	}
	eventually(t, 2*time.Minute, "the webhook", func() bool { return hook.distinct() == 1 })
	g.stop()
	hook.mu.Lock()
	defer hook.mu.Unlock()
	if len(hook.ids) != 1 || len(hook.bad) > 0 {
		t.Errorf("%d deliveries, with a wrong signature: %v", len(hook.ids), hook.bad)
	}
	var told struct {
		Topic   string
		Payload json.RawMessage
	}
	mustDo(t, json.Unmarshal(hook.bodies[0], &told))
	text := string(hook.bodies[0])
	if told.Topic != "egress.leak.blocked" || !strings.Contains(text, "aws-access-key-id") || !strings.Contains(text, "127.0.0.1") || strings.Contains(text, key) {
		t.Errorf("told %s", strings.ReplaceAll(text, key, "[the secret]"))
	}
	if heard.Load() != int64(len("ordinary words")) {
		t.Errorf("the origin got %d bytes", heard.Load())
	}
	searchFor(t, tree(t, g.data), []planted{{form: "plain", plain: key, wire: key}})
}
