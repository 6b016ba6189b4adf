package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/bench/served"
)

// relay does the least that a durable relay of alerts does: it writes each to a file,
// syncs that, and posts it, signed. It judges nothing, has no queue and keeps no record of
// what was delivered: how long an alert takes through it, beside the same load, is what
// the machine takes.
type relay struct {
	*httptest.Server
	to     *served.Arrivals
	client *http.Client
	posts  sync.WaitGroup
	count  atomic.Uint64

	mu   sync.Mutex
	file *os.File
}

func newRelay(dir string) (*relay, error) {
	file, err := os.CreateTemp(dir, "relay-")
	if err != nil {
		return nil, err
	}
	r := &relay{to: served.NewArrivals(), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}, file: file}
	r.Server = httptest.NewServer(http.HandlerFunc(r.take))
	return r, nil
}

func (r *relay) take(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err == nil {
		err = r.keep(body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	event := strings.TrimSuffix(strings.TrimPrefix(string(body), `{"events": [`), `]}`)
	r.posts.Go(func() { // what is not taken is missing in the end
		_ = r.to.Post(r.client, fmt.Sprintf("msg_%d", r.count.Add(1)), event)
	})
	w.WriteHeader(http.StatusAccepted)
}

func (r *relay) keep(body []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := r.file.Write(body); err != nil {
		return err
	}
	return r.file.Sync()
}

func (r *relay) close() {
	r.Close()
	r.posts.Wait()
	r.client.CloseIdleConnections()
	r.to.Close()
	_ = r.file.Close() // it goes with its folder
}

// floor times alerts through a relay while the server has the same load of records.
func floor(o options, s *served.Server, dir string, long time.Duration) (took []time.Duration, missing int, err error) {
	r, err := newRelay(dir)
	if err != nil {
		return nil, 0, err
	}
	defer r.close()
	sending, sent := &alerts{server: &served.Server{URL: r.URL}, sent: map[uint64]time.Time{}}, make(chan error, 1)
	go func() { sent <- sending.send(o.alerts, long) }()
	if _, err := flood(s, o, o.rate, long); err != nil {
		return nil, 0, fmt.Errorf("sending records: %w", err)
	}
	if err := <-sent; err != nil {
		return nil, 0, fmt.Errorf("sending alerts to a bare relay: %w", err)
	}
	took, missing = r.to.Wait(sending.sent, 30*time.Second)
	return took, missing, nil
}
