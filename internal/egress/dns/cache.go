package dns

import (
	"context"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"go.cordon.dev/cordon/internal/clock"
)

// For how long answers are kept, whatever they say themselves (RFC 2308, 5 and 7;
// RFC 8767, 4 for the longest).
const (
	longestKept  = 24 * time.Hour
	shortestKept = time.Second      // also when an answer is to be kept for no time: who hears each question learns from it
	longestNone  = 15 * time.Minute // that there is nothing
	usualNone    = time.Minute      // likewise, from a server that does not say
	longestError = 2 * time.Second  // that nobody answered
)

// cache keeps answers as long as they are good, and asks for each only once at a
// time, however many want it.
type cache struct {
	clock clock.Clock
	ask   func(context.Context, key) (*answer, error)

	mu    sync.Mutex
	kept  *lru[key, *kept]
	asked map[key]*asked
	hits  int64
}

// kept is an answer, or that there was none.
type kept struct {
	*answer
	err   error
	until time.Time
}

// asked is a question that somebody waits for.
type asked struct {
	done   chan struct{}
	answer *answer
	err    error
}

func newCache(c clock.Clock, bytes int, ask func(context.Context, key) (*answer, error)) *cache {
	return &cache{clock: c, ask: ask, asked: map[key]*asked{}, kept: newLRU[key](bytes, func(k *kept) int {
		if k.answer == nil {
			return 1024
		}
		return k.weight()
	})}
}

// get returns an answer, which nobody may change.
func (c *cache) get(ctx context.Context, k key) (*answer, error) {
	c.mu.Lock()
	if got, ok := c.kept.get(k); ok && c.clock.Now().Before(got.until) {
		c.hits++
		c.mu.Unlock()
		return got.answer, got.err
	}
	w, waiting := c.asked[k]
	if !waiting {
		w = &asked{done: make(chan struct{})}
		c.asked[k] = w
	}
	c.mu.Unlock()
	if !waiting {
		c.fetch(ctx, k, w)
	}
	select {
	case <-w.done:
		return w.answer, w.err
	case <-ctx.Done():
		return nil, errNoAnswer
	}
}

// fresh reports whether get would ask nobody.
func (c *cache) fresh(k key) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	got, ok := c.kept.get(k)
	return ok && c.clock.Now().Before(got.until)
}

// fetch asks, for all who wait.
func (c *cache) fetch(ctx context.Context, k key, w *asked) {
	w.answer, w.err = c.ask(ctx, k)
	now := c.clock.Now()
	until := now.Add(longestError)
	if w.err == nil {
		w.answer.got, w.answer.until = now, now.Add(max(shortestKept, w.answer.good()))
		until = w.answer.until
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.asked, k)
	c.kept.put(k, &kept{w.answer, w.err, until})
	close(w.done)
}

// good is for how long an answer may be repeated.
func (a *answer) good() time.Duration {
	if len(a.records) > 0 && a.rcode == dnsmessage.RCodeSuccess {
		least := longestKept
		for _, r := range a.records {
			least = min(least, time.Duration(r.Header.TTL)*time.Second)
		}
		return least
	}
	if a.soa == nil {
		return usualNone
	}
	ttl := min(a.soa.Header.TTL, a.soa.Body.(*dnsmessage.SOAResource).MinTTL)
	return min(longestNone, time.Duration(ttl)*time.Second)
}

func (c *cache) hit() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hits
}
