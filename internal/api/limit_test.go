package api

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/httpx"
)

// slow is a node that takes three requests of one caller, then one a second.
func slow(t *testing.T) *node {
	t.Helper()
	return populate(t, newNode(t, func(d *Deps) {
		d.Limit = httpx.NewLimiter(httpx.LimiterOptions{Every: time.Second, Burst: 3, Clock: d.Clock})
	}))
}

func TestACallerWhoIsTooFastWaits(t *testing.T) {
	n := slow(t)
	me := func(key, from string) int {
		return n.call(t, request{path: "/api/v1/me", key: key, from: from}).Code
	}
	for range 3 {
		if code := me(n.keys[auth.Viewer], "192.0.2.1:1"); code != http.StatusOK {
			t.Fatalf("got %d", code)
		}
	}
	w := n.call(t, request{path: "/api/v1/me", key: n.keys[auth.Viewer], from: "192.0.2.9:1"})
	wantProblem(t, w, http.StatusTooManyRequests, "too many requests")
	if w.Header().Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
	}
	if code := me(n.keys[auth.Admin], "192.0.2.1:1"); code != http.StatusOK {
		t.Errorf("another caller at the address: %d", code)
	}
	n.clock.Advance(time.Second)
	if code := me(n.keys[auth.Viewer], "192.0.2.1:1"); code != http.StatusOK {
		t.Errorf("after waiting: %d", code)
	}
}

// Whoever is not known shares the bucket of the network, so that neither
// guessing keys nor the anonymous pages keep the store busy.
func TestTheUnknownShareTheirNetworksLimit(t *testing.T) {
	n := slow(t)
	for i := range 5 {
		want := http.StatusUnauthorized
		if i >= 3 {
			want = http.StatusTooManyRequests
		}
		q := request{path: "/api/v1/me", from: fmt.Sprintf("[2001:db8::%d]:1", i+1)}
		if i%2 == 0 {
			q.key = auth.KeyPrefix + "guess"
		}
		if w := n.call(t, q); w.Code != want {
			t.Errorf("request %d: %d", i, w.Code)
		}
	}
	if w := n.call(t, request{path: "/api/v1/setup", from: "[2001:db8:0:1::1]:1"}); w.Code != http.StatusOK {
		t.Errorf("another network: %d", w.Code)
	}
}

// Also the page of metrics looks keys up.
func TestGuessesAtThePageOfMetricsAreLimited(t *testing.T) {
	n := newNode(t, func(d *Deps) {
		d.Limit = httpx.NewLimiter(httpx.LimiterOptions{Every: time.Second, Burst: 3, Clock: d.Clock})
		d.Prometheus = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	})
	for i := range 5 {
		want := http.StatusUnauthorized
		if i >= 3 {
			want = http.StatusTooManyRequests
		}
		if w := n.call(t, request{path: "http://cordon.example/metrics", key: auth.KeyPrefix + "guess", from: "192.0.2.1:1"}); w.Code != want {
			t.Errorf("guess %d: %d", i, w.Code)
		}
	}
	if w := n.call(t, request{path: "http://127.0.0.1:8420/metrics", from: "127.0.0.1:9"}); w.Code != http.StatusOK {
		t.Errorf("a program of this machine: %d", w.Code)
	}
}

// Each operation says how much it takes, and nobody says less before it.
func TestNoOperationTakesMoreThanComesIn(t *testing.T) {
	a, _ := build(Deps{})
	for path, item := range a.huma.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil && op.MaxBodyBytes > MaxBody {
				t.Errorf("%s takes %d bytes", path, op.MaxBodyBytes)
			}
		}
	}
}

// What is large takes many times its size while it is read: a few come at a time, and
// hold up nobody else.
func TestLargeBodiesTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var large, small atomic.Int32
		leave := make(chan struct{})
		n := populate(t, newNode(t, func(d *Deps) {
			d.Egress = &Egress{Hear: func(_ context.Context, m EgressMessage) policy.Decision {
				came := &large
				if len(m.Text) == 1 {
					came = &small
				}
				came.Add(1)
				<-leave
				return policy.Decision{Result: policy.Allow}
			}}
		}))
		hear := func(size int) {
			body := EgressHearRequest{Server: "files.localhost", Text: make([]byte, size)}
			if w := n.as(t, auth.Responder, "POST", "/api/v1/egress/hear", body); w.Code != http.StatusOK {
				t.Errorf("%d bytes: %d %s", size, w.Code, w.Body)
			}
		}
		for range 2 * mostLarge {
			go hear(2 << 20)
		}
		go hear(1)
		synctest.Wait()
		if large.Load() != mostLarge || small.Load() != 1 {
			t.Errorf("%d large ones came at a time, and %d small ones", large.Load(), small.Load())
		}
		close(leave)
		synctest.Wait()
		if large.Load() != 2*mostLarge {
			t.Errorf("%d came at all", large.Load())
		}
	})
}

func TestTheMachinesAdministratorIsNotHeldUp(t *testing.T) {
	n := slow(t)
	local := auth.WithPrincipal(t.Context(), auth.Principal{Kind: auth.KindLocal, Name: "root", Role: auth.Admin})
	for range 20 {
		if w := n.call(t, request{path: "/api/v1/me", ctx: local}); w.Code != http.StatusOK {
			t.Fatalf("got %d", w.Code)
		}
	}
}
