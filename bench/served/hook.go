package served

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Hook receives webhooks. What its secret did not sign is counted and goes no further.
type Hook struct {
	*httptest.Server
	Secret string // as notify.webhooks takes it
	key    []byte
	forged atomic.Int64
}

// NewHook receives until it is closed, and hands what is signed to take, several at once:
// the webhook-id, the body, and when it had come.
func NewHook(take func(id string, body []byte, came time.Time)) *Hook {
	h := &Hook{key: []byte("of a measurement, and no secret.")}
	h.Secret = "whsec_" + base64.StdEncoding.EncodeToString(h.key)
	h.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		came := time.Now()
		switch {
		case err != nil:
		case !h.signed(r.Header, body):
			h.forged.Add(1)
		default:
			take(r.Header.Get("webhook-id"), body, came)
		}
	}))
	return h
}

// Forged is how many had a wrong signature.
func (h *Hook) Forged() int { return int(h.forged.Load()) }

func (h *Hook) signed(header http.Header, body []byte) bool {
	want := h.Sign(header.Get("webhook-id"), header.Get("webhook-timestamp"), body)
	return slices.Contains(strings.Fields(header.Get("webhook-signature")), want)
}

// Sign is the signature of a message (Standard Webhooks 1.0: HMAC-SHA256 of id, time and
// body).
func (h *Hook) Sign(id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, h.key)
	_, _ = fmt.Fprintf(mac, "%s.%s.%s", id, timestamp, body) // a hash takes all
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Await returns when a count has come so far, or the time is up.
func Await(count func() int, want int, limit time.Duration) {
	for deadline := time.Now().Add(limit); count() < want && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
}

// Arrivals is a Hook that remembers when a place of a log was first told of.
type Arrivals struct {
	*Hook
	mu    sync.Mutex
	first map[uint64]time.Time
}

// NewArrivals receives until it is closed.
func NewArrivals() *Arrivals {
	a := &Arrivals{first: map[uint64]time.Time{}}
	a.Hook = NewHook(a.take)
	return a
}

func (a *Arrivals) take(_ string, body []byte, came time.Time) {
	var e struct {
		Data struct {
			Position uint64 `json:"hypercore_position"`
		} `json:"data"`
	}
	if json.Unmarshal(body, &e) != nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, known := a.first[e.Data.Position]; !known {
		a.first[e.Data.Position] = came
	}
}

// Wait returns how long each place took that was sent, shortest first, and how many never
// came.
func (a *Arrivals) Wait(sent map[uint64]time.Time, limit time.Duration) (took []time.Duration, missing int) {
	Await(a.count, len(sent), limit)
	a.mu.Lock()
	defer a.mu.Unlock()
	for place, at := range sent {
		came, ok := a.first[place]
		if !ok {
			missing++
			continue
		}
		took = append(took, came.Sub(at))
	}
	slices.Sort(took)
	return took, missing
}

func (a *Arrivals) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.first)
}
