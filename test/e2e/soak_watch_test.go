//go:build servers && soak

package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// entries is how many entries the overview counts; -1 while it cannot.
func (n *node) entries() int {
	status, body := n.get("/api/v1/overview")
	var o struct {
		Quarantined int `json:"quarantined"`
	}
	if status != http.StatusOK || json.Unmarshal(body, &o) != nil {
		return -1
	}
	return o.Quarantined
}

// sample is what a node uses at one moment. Of its memory, heap is what Go's
// objects take, idle what Go keeps for more of them, and the rest is Go's own, the
// program's text, and what SQLite holds outside of Go's heap.
type sample struct {
	at                      time.Time
	memory, goroutines, fds float64
	live, heap, idle        float64 // live: heap without what lies unused between objects
	released                float64 // of what Go counts as idle, what the system has back
}

// watchNode reads the node's own metrics every ten seconds.
func watchNode(n *node, end time.Time) <-chan []sample {
	done := make(chan []sample, 1)
	go func() {
		var all []sample
		for time.Now().Before(end) {
			if status, body := n.get("/metrics"); status == http.StatusOK {
				all = append(all, readSample(body))
			}
			time.Sleep(10 * time.Second)
		}
		done <- all
	}()
	return done
}

func readSample(metrics []byte) sample {
	s := sample{at: time.Now()}
	for lines := bufio.NewScanner(bytes.NewReader(metrics)); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		for want, to := range map[string]*float64{
			"process_resident_memory_bytes": &s.memory, "go_goroutines": &s.goroutines, "process_open_fds": &s.fds,
			"go_memstats_alloc_bytes": &s.live, "go_memstats_heap_inuse_bytes": &s.heap, "go_memstats_heap_idle_bytes": &s.idle,
			"go_memstats_heap_released_bytes": &s.released,
		} {
			if name == want {
				_, _ = fmt.Sscan(value, to)
			}
		}
	}
	return s
}

// checkFlat compares the second quarter of the run with the last: a leak shows
// as a difference, a cache that fills does not. It leaves a table behind in file.
func checkFlat(t *testing.T, file string, all []sample) {
	t.Helper()
	if len(all) < 8 {
		t.Fatalf("only %d samples: they prove nothing", len(all))
	}
	early, late := all[len(all)/4:len(all)/2], all[3*len(all)/4:]
	for _, m := range []struct {
		name  string
		of    func(sample) float64
		grows float64 // part that is noise
		slack float64
	}{
		{"memory", func(s sample) float64 { return s.memory }, .15, 8e6},
		{"goroutines", func(s sample) float64 { return s.goroutines }, .1, 10},
		{"open files", func(s sample) float64 { return s.fds }, .1, 10},
	} {
		a, b := median(early, m.of), median(late, m.of)
		t.Logf("%s: %.0f in the second quarter, %.0f in the last", m.name, a, b)
		if a == 0 || b > a*(1+m.grows)+m.slack {
			t.Errorf("%s grows: %.0f, then %.0f", m.name, a, b)
		}
	}
	keep(t, file, all)
}

func median(some []sample, of func(sample) float64) float64 {
	var values []float64
	for _, s := range some {
		values = append(values, of(s))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func keep(t *testing.T, file string, all []sample) {
	t.Helper()
	text := "time,memory_bytes,goroutines,open_files,live_bytes,heap_bytes,idle_heap_bytes\n"
	for _, s := range all {
		text += fmt.Sprintf("%s,%.0f,%.0f,%.0f,%.0f,%.0f,%.0f\n", s.at.UTC().Format(time.RFC3339), s.memory, s.goroutines, s.fds,
			s.live, s.heap, s.idle-s.released)
	}
	if err := os.WriteFile(filepath.Join(artifacts(t), file), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// artifacts is the directory of what a soak leaves behind.
func artifacts(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "artifacts"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// people have the dashboard open: each looks at a page a second, and listens to
// the stream. While the database is away their pages fail; that is counted.
type people struct {
	end            chan struct{}
	wg             sync.WaitGroup
	mu             sync.Mutex
	looked, failed int
}

func startPeople(n *node, count int) *people {
	p := &people{end: make(chan struct{})}
	for i := range count {
		p.wg.Go(func() { p.look(n, i) })
		p.wg.Go(func() { p.listen(n) })
	}
	return p
}

func (p *people) look(n *node, i int) {
	pages := []string{"/overview", "/quarantine?limit=50", "/findings?limit=50", "/sources", "/health", "/workers", "/webhooks", "/rules"}
	for ; ; i++ {
		status, _ := n.get("/api/v1" + pages[i%len(pages)])
		p.mu.Lock()
		p.looked++
		if status != http.StatusOK {
			p.failed++
		}
		p.mu.Unlock()
		select {
		case <-p.end:
			return
		case <-time.After(time.Second):
		}
	}
}

// listen holds a stream open, and opens it again when it ends.
func (p *people) listen(n *node) {
	for {
		p.follow(n)
		select {
		case <-p.end:
			return
		case <-time.After(time.Second):
		}
	}
}

func (p *people) follow(n *node) {
	req, _ := http.NewRequest(http.MethodGet, "http://"+n.addr+"/api/v1/stream", nil)
	req.Header.Set("Authorization", "Bearer "+n.key)
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return
	}
	closed := make(chan struct{})
	go func() {
		select {
		case <-p.end:
			_ = r.Body.Close()
		case <-closed:
		}
	}()
	_, _ = io.Copy(io.Discard, r.Body)
	close(closed)
	_ = r.Body.Close()
}

// stop ends them; most of what they asked for must have been answered.
func (p *people) stop(t *testing.T) {
	t.Helper()
	close(p.end)
	p.wg.Wait()
	t.Logf("%d pages looked at, %d failed (as while the database is away)", p.looked, p.failed)
	if p.looked == 0 || p.failed*4 > p.looked {
		t.Errorf("%d of %d pages failed", p.failed, p.looked)
	}
}
