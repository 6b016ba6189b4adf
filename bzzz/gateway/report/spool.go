package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Spool keeps events in files until the server has them: a bounded queue that
// survives kill -9. A line of a segment is a checksum (CRC-32C, RFC 3720, in
// hex), a space, and an event in JSON. One process at a time may use the folder.
type Spool struct {
	dir     string
	limit   int64 // bytes of all segments
	segment int64 // bytes from when on the next begins

	mu    sync.Mutex
	names []string // segments, oldest first
	total int64
	open  *os.File // the last segment; nil: the next begins
	size  int64    // of it
	next  int
}

// ErrFull says that the spool has no room.
var ErrFull = errors.New("the spool is full")

const (
	spoolLimit   = 64 << 20
	spoolSegment = 1 << 20
	suffix       = ".events"
)

// OpenSpool makes the folder, or finds what is left in it. If limit is 0, 64 MiB.
func OpenSpool(dir string, limit int64) (*Spool, error) {
	if limit <= 0 {
		limit = spoolLimit
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the spool: %w", err)
	}
	s := &Spool{dir: dir, limit: limit, segment: min(spoolSegment, max(1, limit/4))}
	names, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil {
		return nil, fmt.Errorf("opening the spool: %w", err)
	}
	slices.Sort(names)
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, fmt.Errorf("opening the spool: %w", err)
		}
		n, err := strconv.Atoi(strings.TrimSuffix(filepath.Base(name), suffix))
		if err != nil {
			return nil, fmt.Errorf("opening the spool: %s is no segment; move it away", name)
		}
		s.names, s.total, s.next = append(s.names, name), s.total+info.Size(), n+1
	}
	return s, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func frame(events []Event) ([]byte, error) {
	var out bytes.Buffer
	for _, e := range events {
		b, err := json.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("encoding for the spool: %w", err)
		}
		fmt.Fprintf(&out, "%08x %s\n", crc32.Checksum(b, castagnoli), b)
	}
	return out.Bytes(), nil
}

// Append adds events; they are on disk when it returns. All or none.
func (s *Spool) Append(events []Event) error {
	text, err := frame(events)
	if err != nil || len(text) == 0 {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.total+int64(len(text)) > s.limit {
		return ErrFull
	}
	if err := s.write(text); err != nil {
		s.shut() // the next append begins a segment: this one may end in half a line
		return fmt.Errorf("appending to the spool: %w", err)
	}
	if s.size += int64(len(text)); s.size >= s.segment {
		s.shut()
	}
	return nil
}

func (s *Spool) write(text []byte) error {
	if s.open == nil {
		name := filepath.Join(s.dir, fmt.Sprintf("%012d%s", s.next, suffix))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		s.open, s.size, s.next = f, 0, s.next+1
		s.names = append(s.names, name)
		if err := syncDir(s.dir); err != nil {
			return err
		}
	}
	n, err := s.open.Write(text)
	s.total += int64(n)
	return errors.Join(err, s.open.Sync())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (s *Spool) shut() {
	if s.open != nil {
		_ = s.open.Close() // it was synced
		s.open = nil
	}
}

// Close ends the use of the folder.
func (s *Spool) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shut()
}

// Len is how many bytes wait.
func (s *Spool) Len() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// Oldest returns the events of the oldest segment and its name, to be given to
// Done; empty when nothing waits. damaged says how many lines could not be read.
func (s *Spool) Oldest() (name string, events []Event, damaged int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.names) == 0 {
		return "", nil, 0, nil
	}
	name = s.names[0]
	if len(s.names) == 1 {
		s.shut()
	}
	events, damaged, err = readSegment(name)
	return name, events, damaged, err
}

func readSegment(name string) (events []Event, damaged int, err error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, 0, fmt.Errorf("reading the spool: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, len(b)+1)
	for lines.Scan() {
		if e, ok := unframe(lines.Bytes()); ok {
			events = append(events, e)
		} else {
			damaged++
		}
	}
	return events, damaged, nil
}

func unframe(line []byte) (e Event, ok bool) {
	sum, text, found := bytes.Cut(line, []byte(" "))
	want, err := strconv.ParseUint(string(sum), 16, 32)
	if !found || err != nil || crc32.Checksum(text, castagnoli) != uint32(want) {
		return e, false
	}
	return e, json.Unmarshal(text, &e) == nil
}

// Done removes a segment: the server has its events. If damaged, it is kept
// beside the others under another name, for a person to look at.
func (s *Spool) Done(name string, damaged bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("emptying the spool: %w", err)
	}
	if damaged {
		err = os.Rename(name, name+".bad")
	} else {
		err = os.Remove(name)
	}
	if err != nil {
		return fmt.Errorf("emptying the spool: %w", err)
	}
	s.names = slices.DeleteFunc(s.names, func(n string) bool { return n == name })
	s.total -= info.Size()
	return nil
}
