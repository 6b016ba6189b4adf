package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// receiver is whom all webhooks lead to.
type receiver struct {
	*httptest.Server
	secret string
	key    []byte

	mu          sync.Mutex
	got         map[string]int // by webhook-id
	first, last time.Time
	forged      int
}

func newReceiver() *receiver {
	r := &receiver{key: []byte("of a measurement, and no secret."), got: map[string]int{}}
	r.secret = "whsec_" + base64.StdEncoding.EncodeToString(r.key)
	r.Server = httptest.NewServer(http.HandlerFunc(r.receive))
	return r
}

func (r *receiver) receive(_ http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	id, now := req.Header.Get("webhook-id"), time.Now()
	good := r.signed(req.Header, id, body)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !good {
		r.forged++
		return
	}
	if r.first.IsZero() {
		r.first = now
	}
	r.last = now
	r.got[id]++
}

// signed checks a signature (Standard Webhooks 1.0: HMAC-SHA-256 of id, time and body).
func (r *receiver) signed(h http.Header, id string, body []byte) bool {
	mac := hmac.New(sha256.New, r.key)
	_, _ = fmt.Fprintf(mac, "%s.%s.", id, h.Get("webhook-timestamp")) // a hash takes all
	mac.Write(body)
	return h.Get("webhook-signature") == "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// wait returns when so many deliveries were got, or the time is up.
func (r *receiver) wait(want int, limit time.Duration) {
	for deadline := time.Now().Add(limit); r.count() < want && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got)
}

// print prints the table.
func (r *receiver) print(o options, spent time.Duration, memory int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	twice := 0
	for _, n := range r.got {
		twice += n - 1
	}
	n, owed := len(r.got), o.webhooks*o.events
	fmt.Printf("%d events to %d webhooks, server and receiver on one machine\n\n", o.events, o.webhooks)
	fmt.Println("| what | measured | goal |")
	fmt.Println("|---|---|---|")
	fmt.Printf("| deliveries a second, verified | %.0f/s | 10,000/s |\n", float64(n)/r.last.Sub(r.first).Seconds())
	fmt.Printf("| processor time of the server for one | %.0f µs | |\n", float64(spent.Microseconds())/float64(max(n, 1)))
	fmt.Printf("| missing | %d of %d | 0 |\n", owed-n, owed)
	fmt.Printf("| that came twice | %d | 0 |\n", twice)
	fmt.Printf("| with a wrong signature | %d | 0 |\n", r.forged)
	fmt.Printf("| memory of the server | %d MB | |\n", memory)
}
