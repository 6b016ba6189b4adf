package ledger

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"syscall"
)

// recover finds the head and opens the active file behind it.
func (l *Ledger) recover() error {
	path := filepath.Join(l.o.Dir, active)
	found, err := scanActive(path, l.notes.compare)
	if err != nil {
		return err
	}
	head, err := l.headOf(found)
	if err != nil {
		return err
	}
	if err := l.notes.reaches(head, l.o.Known); err != nil {
		return err
	}
	if n := len(found.torn); n > 0 {
		l.o.Log.Warn("cut a line off the egress audit log that a crash left half written; nobody was told that it is written",
			"file", path, "bytes", n, "behind_line", head.Seq)
	}
	l.head = head
	l.j = journal{dir: l.o.Dir, open: l.o.open, size: found.size, first: found.first.Seq, began: found.first.Time}
	if l.j.f, err = l.o.open(path); err != nil {
		return err
	}
	if err := l.j.f.Truncate(found.size); err != nil {
		return errors.Join(err, l.j.f.Close())
	}
	return syncDir(l.o.Dir)
}

// headOf is the last line: of the active file, or of the newest before it when
// that is empty.
func (l *Ledger) headOf(found recovered) (Head, error) {
	if found.lines > 0 {
		return found.last.head(), nil
	}
	all, err := segments(l.o.Dir)
	if err != nil {
		return Head{}, err
	}
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].first > 0 {
			return lastOf(all[i])
		}
	}
	return l.notes.floor, nil
}

// lastOf reads a rotated file to its end.
func lastOf(s segment) (Head, error) {
	r, err := s.open()
	if err != nil {
		return Head{}, err
	}
	defer func() { _ = r.Close() }()
	var last Line
	lines := newLines(r)
	for {
		text, _, err := lines.next()
		if errors.Is(err, io.EOF) {
			return last.head(), nil
		}
		if err == nil {
			last, err = parse(text)
		}
		if err != nil {
			return Head{}, fmt.Errorf("%w: %s: %w", ErrTampered, filepath.Base(s.path), err)
		}
	}
}

// write is the writer goroutine; it ends when Close has closed the queue and
// all jobs are answered.
func (l *Ledger) write() {
	defer close(l.done)
	for first := range l.jobs {
		l.commit(l.gather(first))
	}
}

// gather collects what waits. It does not wait for more: while one sync runs
// the next batch gathers by itself, and a lone line is not held up.
func (l *Ledger) gather(first *job) []*job {
	batch := []*job{first}
	for len(batch) < batchSize {
		select {
		case j, ok := <-l.jobs:
			if !ok {
				return batch
			}
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

// commit makes a batch durable and answers its jobs, all alike.
func (l *Ledger) commit(batch []*job) {
	l.turn()
	head, err := l.store(batch)
	if err != nil {
		err = fmt.Errorf("writing the egress audit log: %w", advise(err))
	}
	l.settle(head, err)
	for _, j := range batch {
		j.done <- err
	}
	if err == nil {
		l.tell(batch)
	}
}

func (l *Ledger) store(batch []*job) (Head, error) {
	head := l.Head()
	var text []byte
	for _, j := range batch {
		b, err := chain(head, &j.line)
		if err != nil {
			return Head{}, err
		}
		text = append(text, b...)
		head = j.line.head()
	}
	if err := l.j.write(text); err != nil {
		return Head{}, err
	}
	if l.j.first == 0 {
		l.j.first, l.j.began = batch[0].line.Seq, l.o.Clock.Now()
	}
	return head, nil
}

// turn begins a new file when the old one is full or of another day. A failure
// costs nothing: the old one goes on.
func (l *Ledger) turn() {
	now := l.o.Clock.Now()
	if l.j.broken || l.j.first == 0 || l.j.size < l.o.RotateBytes && !far(now, l.j.began, l.o.RotateAfter) {
		return
	}
	l.naming.Lock()
	defer l.naming.Unlock()
	if err := l.j.rotate(now); err != nil {
		l.o.Log.Error("the egress audit log goes on in its old file", "error", err)
	}
}

// settle notes the outcome of a batch.
func (l *Ledger) settle(head Head, err error) {
	l.mu.Lock()
	before := l.failing
	l.failing = err
	l.mu.Unlock()
	switch {
	case err == nil:
		l.announce(head)
	case before == nil: // once, not per refused connection
		l.o.Log.Error("the egress audit log cannot be written", "error", err)
	}
}

// announce moves the head and wakes readers.
func (l *Ledger) announce(head Head) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.head = head
	close(l.grown)
	l.grown = make(chan struct{})
}

// tell writes what is no proof: the lines for people and the counts.
func (l *Ledger) tell(batch []*job) {
	for _, j := range batch {
		l.stats.count(j.line)
		l.human.add(j.line)
	}
	if err := l.human.flush(); err != nil {
		l.o.Log.Debug("writing "+people, "error", err)
	}
}

// advise adds what to do about an error of the disk.
func advise(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("%w; free space where egress.log_dir is, or lower egress.retention", err)
	}
	return err
}
