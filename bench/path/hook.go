package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// hook receives webhooks and remembers when each position came first.
type hook struct {
	*httptest.Server
	mu    sync.Mutex
	first map[uint64]time.Time
}

func newHook() *hook {
	h := &hook{first: map[uint64]time.Time{}}
	h.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		now := time.Now()
		var e struct {
			Data struct {
				Position uint64 `json:"hypercore_position"`
			} `json:"data"`
		}
		if json.NewDecoder(r.Body).Decode(&e) != nil {
			return
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if _, known := h.first[e.Data.Position]; !known {
			h.first[e.Data.Position] = now
		}
	}))
	return h
}

// wait returns how long each secret took, and how many never came.
func (h *hook) wait(appended map[uint64]time.Time, limit time.Duration) (took []time.Duration, missing int) {
	for deadline := time.Now().Add(limit); h.count() < len(appended) && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, at := range appended {
		got, ok := h.first[i]
		if !ok {
			missing++
			continue
		}
		took = append(took, got.Sub(at))
	}
	return took, missing
}

func (h *hook) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.first)
}
