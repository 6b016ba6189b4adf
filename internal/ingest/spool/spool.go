// Package spool keeps records in files until they can be handed on: a bounded
// queue that survives kill -9. Records are appended to segments, each with its
// length and a checksum, and are on disk when Append returns. They are taken
// in the order in which they came; a segment is removed when all of it was
// taken, so that after a crash the records of one segment are seen again.
//
// It may import the standard library.
package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Limits bound a spool, in bytes.
type Limits struct {
	Total   int64 // of all segments. If 0, 64 MiB.
	Segment int64 // after which the next begins. If 0, 4 MiB.
}

// ErrFull says that the spool has no room for a record.
var ErrFull = errors.New("the spool is full")

// Spool is a queue in a folder. It is safe for concurrent use; one process at a
// time may use the folder.
type Spool struct {
	dir    string
	limits Limits

	mu     sync.Mutex
	open   *os.File // the segment that is appended to; nil: the next begins
	size   int64    // of it
	closed []string // segments that are not appended to any more, oldest first
	total  int64    // bytes of all segments
	next   uint64   // number of the next segment
	taking sync.Mutex
}

// Open makes the folder, or finds what is left in it.
func Open(dir string, l Limits) (*Spool, error) {
	if l.Total <= 0 {
		l.Total = 64 << 20
	}
	if l.Segment <= 0 {
		l.Segment = 4 << 20
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making spool: %w", err)
	}
	s := &Spool{dir: dir, limits: l}
	if err := s.find(); err != nil {
		return nil, fmt.Errorf("opening spool: %w", err)
	}
	return s, nil
}

// find lists the segments of earlier runs. The last may end in a record that
// was never answered for; reading stops before it.
func (s *Spool) find() error {
	names, err := filepath.Glob(filepath.Join(s.dir, "????????????????"+suffix))
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, name := range names {
		info, err := os.Lstat(name)
		if err != nil {
			return err
		}
		var n uint64
		if _, err := fmt.Sscanf(filepath.Base(name), "%016x"+suffix, &n); err != nil || !info.Mode().IsRegular() {
			return fmt.Errorf("%s is no segment of a spool; move it away", name)
		}
		s.closed, s.total, s.next = append(s.closed, name), s.total+info.Size(), n+1
	}
	return nil
}

const suffix = ".seg"

// Append stores a record: when it returns nil, the record is on disk.
func (s *Spool) Append(record []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	framed := frame(record)
	if len(record) == 0 || len(record) > maxRecord {
		return fmt.Errorf("appending to spool: a record has 1 to %d bytes, not %d", maxRecord, len(record))
	}
	if s.total+int64(len(framed)) > s.limits.Total {
		return fmt.Errorf("appending to spool: %w: %d bytes of %d are taken", ErrFull, s.total, s.limits.Total)
	}
	if err := s.write(framed); err != nil {
		s.close() // what was written in part ends the segment
		return fmt.Errorf("appending to spool: %w", err)
	}
	return nil
}

func (s *Spool) write(framed []byte) error {
	if s.open == nil {
		if err := s.begin(); err != nil {
			return err
		}
	}
	n, err := s.open.Write(framed)
	s.size, s.total = s.size+int64(n), s.total+int64(n)
	if err == nil {
		err = s.open.Sync()
	}
	if err == nil && s.size >= s.limits.Segment {
		s.close()
	}
	return err
}

// begin makes the next segment, and its name durable.
func (s *Spool) begin() error {
	name := filepath.Join(s.dir, fmt.Sprintf("%016x"+suffix, s.next))
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	s.open, s.size, s.next = f, 0, s.next+1
	return syncDir(s.dir)
}

// close ends the segment that is appended to.
func (s *Spool) close() {
	if s.open == nil {
		return
	}
	s.closed = append(s.closed, s.open.Name())
	_ = s.open.Close() // every record was synced before it was answered for
	s.open = nil
}

// Len is how many bytes wait.
func (s *Spool) Len() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// Close ends the use of the spool; what waits stays.
func (s *Spool) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.close()
}

// Take hands on the records, oldest first, until none waits or handle fails,
// whose error it returns; from then on the segment of that record is handed on
// again. Damage says what could not be read: it is skipped, and its segment is
// kept under another name.
func (s *Spool) Take(handle func(record []byte) error, damage func(why string)) error {
	s.taking.Lock()
	defer s.taking.Unlock()
	for {
		name, ok := s.oldest()
		if !ok {
			return nil
		}
		broken, err := readSegment(name, handle)
		if err != nil {
			return err
		}
		if err := s.done(name, broken); err != nil {
			return err
		}
		if broken != "" {
			damage(fmt.Sprintf("segment %s: %s; it is kept as it is, with .bad behind its name", filepath.Base(name), broken))
		}
	}
}

// oldest is the segment to read next; the one that is appended to is ended for
// that.
func (s *Spool) oldest() (name string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.closed) == 0 {
		s.close()
	}
	if len(s.closed) == 0 {
		return "", false
	}
	return s.closed[0], true
}

// done removes a segment that was taken.
func (s *Spool) done(name, broken string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	info, err := os.Lstat(name)
	if err != nil {
		return fmt.Errorf("removing a segment: %w", err)
	}
	if broken == "" {
		err = os.Remove(name)
	} else {
		err = os.Rename(name, name+".bad")
	}
	if err != nil {
		return fmt.Errorf("removing a segment: %w", err)
	}
	s.closed, s.total = s.closed[1:], s.total-info.Size()
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
