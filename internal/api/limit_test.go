package api

import (
	"fmt"
	"net/http"
	"testing"
	"time"

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

func TestTheMachinesAdministratorIsNotHeldUp(t *testing.T) {
	n := slow(t)
	local := auth.WithPrincipal(t.Context(), auth.Principal{Kind: auth.KindLocal, Name: "root", Role: auth.Admin})
	for range 20 {
		if w := n.call(t, request{path: "/api/v1/me", ctx: local}); w.Code != http.StatusOK {
			t.Fatalf("got %d", w.Code)
		}
	}
}
