package httpx

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

func fakeLimiter(burst, keys int) (*Limiter, *clock.Fake) {
	c := clock.NewFake(time.Date(2026, 3, 14, 14, 0, 0, 0, time.UTC))
	return NewLimiter(LimiterOptions{Every: 10 * time.Second, Burst: burst, MaxKeys: keys, Clock: c}), c
}

func TestLimiterAllowsABurstThenItsRate(t *testing.T) {
	l, c := fakeLimiter(3, 10)
	for i := range 3 {
		if ok, _ := l.Allow("a"); !ok {
			t.Fatalf("refused %d of the burst", i+1)
		}
	}
	for range 5 { // being refused costs nothing
		if ok, wait := l.Allow("a"); ok || wait != 10*time.Second {
			t.Fatalf("allowed %t, wait %v; want a wait of 10 s", ok, wait)
		}
	}
	if ok, _ := l.Allow("b"); !ok {
		t.Error("one key's burst cost another's")
	}
	c.Advance(10 * time.Second)
	if ok, _ := l.Allow("a"); !ok {
		t.Error("refused after the wait it was told")
	}
	if ok, _ := l.Allow("a"); ok {
		t.Error("allowed two after a wait for one")
	}
}

func TestLimiterForgetsTheLeastRecentlySeen(t *testing.T) {
	l, _ := fakeLimiter(1, 2)
	l.Allow("a")
	l.Allow("b")
	l.Allow("a") // refused, but seen
	l.Allow("c") // b is forgotten
	if ok, _ := l.Allow("a"); ok {
		t.Error("a was forgotten though it was seen later than b")
	}
	if got := len(l.buckets); got != 2 || l.recent.Len() != 2 {
		t.Errorf("%d keys are remembered, %d listed; want 2", got, l.recent.Len())
	}
	for i := range 1000 {
		l.Allow(fmt.Sprint(i))
	}
	if got := len(l.buckets); got != 2 {
		t.Errorf("%d keys are remembered after a thousand, want 2", got)
	}
}

func TestLimiterWithoutABurstAllowsNothing(t *testing.T) {
	l, _ := fakeLimiter(0, 1)
	if ok, wait := l.Allow("a"); ok || wait <= 0 {
		t.Errorf("allowed %t, wait %v", ok, wait)
	}
}

func TestLimiterBearsConcurrentUse(t *testing.T) {
	l, _ := fakeLimiter(50, 3)
	var allowed atomic.Int64
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if ok, _ := l.Allow("a"); ok {
				allowed.Add(1)
			}
		})
	}
	wg.Wait()
	if allowed.Load() != 50 {
		t.Errorf("%d allowed at once, want 50", allowed.Load())
	}
}

func TestClientKey(t *testing.T) {
	cases := map[string]string{
		"203.0.113.9:1000":            "203.0.113.9",
		"[::ffff:203.0.113.9]:1000":   "203.0.113.9",
		"[2001:db8:1:2:3:4:5:6]:1000": "2001:db8:1:2::/64",
		"[2001:db8:1:2:ffff::1]:1":    "2001:db8:1:2::/64",
		"[fe80::1%eth0]:1":            "fe80::/64",
		"@":                           "@",
	}
	for addr, want := range cases {
		if got := ClientKey(&http.Request{RemoteAddr: addr}); got != want {
			t.Errorf("key of %s is %q, want %q", addr, got, want)
		}
	}
}

func TestRetryAfterIsWholeSeconds(t *testing.T) {
	for wait, want := range map[time.Duration]string{0: "1", time.Millisecond: "1", time.Second: "1", 1100 * time.Millisecond: "2", time.Hour: "3600"} {
		if got := RetryAfter(wait); got != want {
			t.Errorf("RetryAfter(%v) = %s, want %s", wait, got, want)
		}
	}
}
