package main

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"go.cordon.dev/cordon/bench/served"
)

// pages are what the dashboard asks for on each of its pages.
func pages() []string {
	return []string{
		"/overview?hours=24", "/quarantine?limit=50", "/quarantine?limit=50&severity=critical&reviewed=false",
		"/findings?limit=50", "/sources", "/health", "/metrics/detection",
	}
}

// users are people with the dashboard open: each walks through the pages, one a
// second, until the walk is ended.
type users struct {
	server *served.Server
	end    chan struct{}
	wg     sync.WaitGroup

	mu     sync.Mutex
	took   []time.Duration
	failed int
}

func walk(s *served.Server, count int) *users {
	u := &users{server: s, end: make(chan struct{})}
	for i := range count {
		u.wg.Go(func() { u.walk(i) })
	}
	return u
}

func (u *users) walk(first int) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for i := first; ; i++ {
		u.look(pages()[i%len(pages())])
		select {
		case <-u.end:
			return
		case <-tick.C:
		}
	}
}

func (u *users) look(path string) {
	began := time.Now()
	ok := u.read(path) == nil
	took := time.Since(began)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.took = append(u.took, took)
	if !ok {
		u.failed++
	}
}

func (u *users) read(path string) error {
	r, err := u.server.Do(http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	defer func() { _ = r.Body.Close() }()
	if _, err := io.Copy(io.Discard, r.Body); err != nil || r.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s, %v", path, r.Status, err)
	}
	return nil
}

// stop ends the walk and returns how long each request took.
func (u *users) stop() (took []time.Duration, failed int) {
	close(u.end)
	u.wg.Wait()
	slices.Sort(u.took)
	return u.took, u.failed
}
