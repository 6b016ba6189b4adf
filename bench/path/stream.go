package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"go.cordon.dev/cordon/bench/served"
)

// rows watches the event stream, which tells of a row once it is committed.
type rows struct {
	body interface{ Close() error }
	done chan struct{}
	mu   sync.Mutex
	at   map[uint64]time.Time
}

func watchRows(s *served.Server) (*rows, error) {
	r, err := s.Do(http.MethodGet, "/stream?topics=leak.message.quarantined", nil)
	if err != nil {
		return nil, err
	}
	if r.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("opening the stream: %s", r.Status)
	}
	w := &rows{body: r.Body, done: make(chan struct{}), at: map[uint64]time.Time{}}
	go func() {
		defer close(w.done)
		for lines := bufio.NewScanner(r.Body); lines.Scan(); {
			w.note(lines.Text())
		}
	}()
	return w, nil
}

func (w *rows) note(line string) {
	now := time.Now()
	text, ok := strings.CutPrefix(line, "data: ")
	if !ok {
		return
	}
	var e struct {
		Data struct {
			Position uint64 `json:"hypercore_position"`
		} `json:"data"`
	}
	if json.Unmarshal([]byte(text), &e) != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at[e.Data.Position] = now
}

// stop returns when each position's row was there.
func (w *rows) stop() map[uint64]time.Time {
	_ = w.body.Close()
	<-w.done
	return w.at
}
