// Package withheld keeps what the server said must not pass, and what may again:
// ids and keyed hashes of messages, fingerprints of secrets. The list is a file,
// so that it still holds when the server is away.
//
// It may import the standard library only. To take another kind, add it to
// kinds, and whoever asks asks for it.
package withheld

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// The kinds of values.
const (
	KindContentHash = "content_hash"
	KindMessageID   = "message_id"
	KindFingerprint = "fingerprint"
)

// Item is one change of the list, as the server's feed has it.
type Item struct {
	Cursor  string `json:"cursor"`           // where the feed goes on behind it
	Kind    string `json:"kind"`             // content_hash, message_id, fingerprint
	Value   string `json:"value"`            //
	Blocked bool   `json:"blocked"`          // false: it may pass again
	Reason  string `json:"reason,omitempty"` // for people
}

// DefaultMax is how many values a list holds.
const DefaultMax = 200_000

const maxValue = 512

// List is the list. It is safe for concurrent use.
type List struct {
	name string
	max  int

	mu      sync.RWMutex
	state   map[key]bool // blocked; false is kept of fingerprints only
	counts  map[string]int
	cursor  string
	dropped int64
	lines   int // of the file
}

type key struct{ kind, value string }

// Open reads the list from a file, or begins one. A damaged file is read as far
// as it is whole; the rest comes from the server again. If max is 0, DefaultMax.
func Open(name string, max int) (*List, error) {
	if max <= 0 {
		max = DefaultMax
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the withheld list: %w", err)
	}
	l := &List{name: name, max: max, state: map[key]bool{}, counts: map[string]int{}}
	b, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("reading the withheld list: %w", err)
	}
	l.read(bytes.NewReader(b))
	if err := l.rewrite(); err != nil {
		return nil, err
	}
	return l, nil
}

// read takes items until one is not whole.
func (l *List) read(r io.Reader) {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var it Item
		if json.Unmarshal(line, &it) != nil || check(it) != nil {
			return
		}
		l.take(it)
	}
}

func check(it Item) error {
	switch it.Kind {
	case KindContentHash, KindMessageID, KindFingerprint:
	default:
		return fmt.Errorf("kind %q is none of content_hash, message_id, fingerprint", it.Kind)
	}
	if it.Value == "" || len(it.Value) > maxValue || len(it.Cursor) > maxValue {
		return fmt.Errorf("a value has 1 to %d bytes", maxValue)
	}
	return nil
}

func (l *List) take(it Item) {
	k := key{it.Kind, it.Value}
	was, known := l.state[k]
	l.cursor = it.Cursor
	if known && was {
		l.counts[it.Kind]--
	}
	keep := it.Blocked || it.Kind == KindFingerprint
	switch {
	case !keep:
		delete(l.state, k)
		return
	case !known && len(l.state) >= l.max:
		l.dropped++
		return
	}
	l.state[k] = it.Blocked
	if it.Blocked {
		l.counts[it.Kind]++
	}
}

// Apply takes the next items of the feed, and where it goes on, and returns when
// they are on disk. Items that are of no use are left out, counted, and named in
// the error; the others hold.
func (l *List) Apply(items []Item, next string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var bad error
	var text bytes.Buffer
	for _, it := range items {
		it.Reason = "" // it may hold what nobody asked to keep here
		if err := check(it); err != nil {
			l.dropped++
			bad = fmt.Errorf("an item of the withheld feed: %w", err)
			continue
		}
		l.take(it)
		text.Write(line(it))
		l.lines++
	}
	if next != "" {
		l.cursor = next
	}
	if l.lines > 2*len(l.state)+1000 {
		return errors.Join(bad, l.rewrite())
	}
	return errors.Join(bad, l.append(text.Bytes()))
}

func line(it Item) []byte {
	b, _ := json.Marshal(it) // never fails: strings and a bool
	return append(b, '\n')
}

func (l *List) append(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	f, err := os.OpenFile(l.name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("writing the withheld list: %w", err)
	}
	_, err = f.Write(b)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing the withheld list: %w", err)
	}
	return nil
}

// rewrite writes the list without what was changed since.
func (l *List) rewrite() error {
	var text bytes.Buffer
	for k, blocked := range l.state {
		text.Write(line(Item{Cursor: l.cursor, Kind: k.kind, Value: k.value, Blocked: blocked}))
	}
	temporary := l.name + ".new"
	if err := os.WriteFile(temporary, nil, 0o600); err != nil {
		return fmt.Errorf("writing the withheld list: %w", err)
	}
	whole := List{name: temporary}
	if err := whole.append(text.Bytes()); err != nil {
		return err
	}
	if err := os.Rename(temporary, l.name); err != nil {
		return fmt.Errorf("writing the withheld list: %w", err)
	}
	l.lines = len(l.state)
	return nil
}

// Cursor is where the feed goes on; empty: from its start.
func (l *List) Cursor() string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.cursor
}

// Blocked reports whether a value must not pass.
func (l *List) Blocked(kind, value string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.state[key{kind, value}]
}

// Allowed reports whether a secret of this fingerprint may pass: a person said
// that it is none, or no danger.
func (l *List) Allowed(fingerprint string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	blocked, known := l.state[key{KindFingerprint, fingerprint}]
	return known && !blocked
}

// Count is how many values of a kind must not pass.
func (l *List) Count(kind string) int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.counts[kind]
}

// Dropped is how many items found no room, or were of no use.
func (l *List) Dropped() int64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.dropped
}
