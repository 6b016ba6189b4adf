package main

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
	"time"

	"go.cordon.dev/cordon/bench/served"
)

// hook sends alerts and receives them as webhooks.
type hook struct {
	*httptest.Server
	secret string
	key    []byte

	mu     sync.Mutex
	sent   map[uint64]time.Time
	first  map[uint64]time.Time
	forged int
}

func newHook() *hook {
	h := &hook{key: []byte("of a measurement, and no secret."), sent: map[uint64]time.Time{}, first: map[uint64]time.Time{}}
	h.secret = "whsec_" + base64.StdEncoding.EncodeToString(h.key)
	h.Server = httptest.NewServer(http.HandlerFunc(h.receive))
	return h
}

func (h *hook) receive(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var e struct {
		Data struct {
			Position uint64 `json:"hypercore_position"`
		} `json:"data"`
	}
	if err != nil || json.Unmarshal(body, &e) != nil {
		return
	}
	now := time.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.signed(r.Header, body) {
		h.forged++
		return
	}
	if _, known := h.first[e.Data.Position]; !known {
		h.first[e.Data.Position] = now
	}
}

// signed checks a signature (Standard Webhooks 1.0: HMAC-SHA256 of id, time and body).
func (h *hook) signed(header http.Header, body []byte) bool {
	mac := hmac.New(sha256.New, h.key)
	_, _ = fmt.Fprintf(mac, "%s.%s.%s", header.Get("webhook-id"), header.Get("webhook-timestamp"), body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return slices.Contains(strings.Fields(header.Get("webhook-signature")), want)
}

// alert sends alerts at a rate a second, each by itself.
func (h *hook) alert(s *served.Server, rate int, long time.Duration) error {
	began, errs := time.Now(), make(chan error, 1)
	var under sync.WaitGroup
	for n := range int(long.Seconds()) * rate {
		time.Sleep(time.Until(began.Add(time.Duration(n) * time.Second / time.Duration(rate))))
		under.Go(func() {
			if err := h.one(s, uint64(n)); err != nil {
				select {
				case errs <- err:
				default:
				}
			}
		})
	}
	under.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}

func (h *hook) one(s *served.Server, n uint64) error {
	now := time.Now()
	h.mu.Lock()
	h.sent[n] = now
	h.mu.Unlock()
	return s.Say(served.Alert(n, now))
}

// wait returns how long the alerts took, sorted, and how many never came.
func (h *hook) wait(limit time.Duration) (took []time.Duration, missing int) {
	for deadline := time.Now().Add(limit); h.count() < len(h.sent) && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for n, at := range h.sent {
		if got, ok := h.first[n]; ok {
			took = append(took, got.Sub(at))
		} else {
			missing++
		}
	}
	slices.Sort(took)
	return took, missing
}

func (h *hook) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.first)
}
