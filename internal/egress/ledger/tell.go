package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// human writes network_access.log: a line per decision, for people and grep.
// What cannot be written is lost: audit.log is the record.
type human struct {
	path string
	max  int64
	f    *os.File
	size int64
	b    bytes.Buffer
}

func openHuman(path string, limit int64) (*human, error) {
	h := &human{path: path, max: limit}
	return h, h.reopen()
}

func (h *human) reopen() error {
	f, err := os.OpenFile(h.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("opening %s: %w", people, err)
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	h.f, h.size = f, info.Size()
	return nil
}

// add puts a line into the buffer, which a batch bounds.
func (h *human) add(l Line) {
	if l.Kind != Decision {
		return
	}
	fmt.Fprintf(&h.b, "%s %-5s %s:%d %s", l.Time.Format(time.RFC3339Nano), strings.ToUpper(l.Decision), l.Host, l.Port, l.Reason)
	for _, f := range []struct{ name, text string }{
		{"rule", l.Rule}, {"protocol", l.Protocol}, {"method", l.Method}, {"url", l.URL}, {"address", l.Address},
		{"exe", l.Exe}, {"source", l.SourceFile}, {"function", l.Function},
	} {
		if f.text != "" {
			fmt.Fprintf(&h.b, " %s=%q", f.name, f.text)
		}
	}
	if l.PID > 0 {
		fmt.Fprintf(&h.b, " pid=%d", l.PID)
	}
	h.b.WriteByte('\n')
}

// flush writes what waits; the file before it is kept when this one is full.
func (h *human) flush() error {
	defer h.b.Reset()
	if h.size > h.max {
		if err := errors.Join(h.f.Close(), os.Rename(h.path, h.path+".1"), h.reopen()); err != nil {
			return err
		}
	}
	n, err := h.f.Write(h.b.Bytes())
	h.size += int64(n)
	return err
}

func (h *human) close() error { return h.f.Close() }

// maxReasons bounds the reasons that are counted apart; they are a fixed set.
const maxReasons = 64

// Counts is what metrics.json holds.
type Counts struct {
	Since    time.Time        `json:"since"`   // start of the process
	Updated  time.Time        `json:"updated"` // when it was written
	Allowed  int64            `json:"allowed"`
	Denied   int64            `json:"denied"`
	Reasons  map[string]int64 `json:"reasons"` // decisions by their reason
	BytesOut int64            `json:"bytes_out"`
	BytesIn  int64            `json:"bytes_in"`
	Findings int64            `json:"findings"`
	LastLine uint64           `json:"last_line"`
	LastHash string           `json:"last_hash"`
	Signed   uint64           `json:"signed_up_to"`
}

type stats struct {
	mu sync.Mutex
	c  Counts
}

func newStats(now time.Time) *stats {
	return &stats{c: Counts{Since: now, Reasons: map[string]int64{}}}
}

func (s *stats) count(l Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.Kind == End {
		s.c.BytesOut += l.BytesOut
		s.c.BytesIn += l.BytesIn
		return
	}
	if l.Decision == "allow" {
		s.c.Allowed++
	} else {
		s.c.Denied++
	}
	s.c.Findings += int64(len(l.Findings))
	if _, known := s.c.Reasons[l.Reason]; known || len(s.c.Reasons) < maxReasons {
		s.c.Reasons[l.Reason]++
	}
}

// Counts is what was counted since the start.
func (l *Ledger) Counts() Counts {
	l.stats.mu.Lock()
	c := l.stats.c
	reasons := make(map[string]int64, len(c.Reasons))
	for k, v := range c.Reasons {
		reasons[k] = v
	}
	l.stats.mu.Unlock()
	head := l.Head()
	c.Reasons, c.Updated, c.LastLine, c.LastHash, c.Signed = reasons, l.o.Clock.Now(), head.Seq, head.Hash, l.notes.last()
	return c
}

func (l *Ledger) saveMetrics() error {
	text, err := json.MarshalIndent(l.Counts(), "", "  ")
	if err != nil {
		return fmt.Errorf("encoding %s: %w", metricsFile, err)
	}
	return replace(filepath.Join(l.o.Dir, metricsFile), append(text, '\n'))
}
