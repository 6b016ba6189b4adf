package ledger

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// file is what a journal needs of an open file, which is written at its end;
// *os.File is one.
type file interface {
	io.WriteCloser
	Sync() error
	Truncate(size int64) error
}

// journal is the file that grows. Only the writer uses it.
type journal struct {
	dir    string
	open   func(path string) (file, error)
	f      file
	size   int64  // bytes that are durable
	first  uint64 // number of its first line; 0: it is empty
	began  time.Time
	broken bool // a write failed and what it left was not removed yet
}

func openFile(path string) (file, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
}

// write makes lines durable, all or none of them.
func (j *journal) write(lines []byte) error {
	if err := j.rewind(); err != nil {
		return err
	}
	j.broken = true
	if _, err := j.f.Write(lines); err != nil {
		return errors.Join(err, j.rewind())
	}
	if err := j.f.Sync(); err != nil {
		return errors.Join(err, j.rewind())
	}
	j.size += int64(len(lines))
	j.broken = false
	return nil
}

// rewind removes what a failed write left behind. After a failed sync nobody
// knows what of it is on the disk, so the file is opened anew and cut to what
// was durable before.
func (j *journal) rewind() error {
	if !j.broken {
		return nil
	}
	_ = j.f.Close() // its error is the one that brought us here
	f, err := j.open(filepath.Join(j.dir, active))
	if err != nil {
		return err
	}
	j.f = f
	if err := f.Truncate(j.size); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	j.broken = false
	return nil
}

// rotate gives the file its number and begins a new one.
func (j *journal) rotate(now time.Time) error {
	if err := os.Rename(filepath.Join(j.dir, active), filepath.Join(j.dir, rotated(j.first))); err != nil {
		return fmt.Errorf("rotating the audit log: %w", err)
	}
	old := j.f
	f, err := j.open(filepath.Join(j.dir, active))
	if err != nil { // go on in the old one, under its old name
		return errors.Join(fmt.Errorf("rotating the audit log: %w", err),
			os.Rename(filepath.Join(j.dir, rotated(j.first)), filepath.Join(j.dir, active)))
	}
	j.f, j.size, j.first, j.began = f, 0, 0, now
	return errors.Join(old.Close(), syncDir(j.dir))
}

// syncDir makes names durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// recovered is what a scan of the active file found.
type recovered struct {
	first, last Line
	lines       int
	size        int64  // of what is good
	torn        []byte // behind that; never acknowledged
}

// maxTorn bounds what a crash may leave behind the last good line: one batch.
const maxTorn = batchSize * maxLine

// recover reads the active file up to its last good line. What a crash left
// behind it is torn; a good line behind a bad one is no crash's doing.
func scanActive(path string, seen func(Line) error) (recovered, error) {
	var r recovered
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	defer func() { _ = f.Close() }()
	lines := newLines(f)
	for {
		text, whole, err := lines.next()
		if err != nil || !whole {
			return r, errors.Join(notEOF(err), r.tear(f))
		}
		l, err := parse(text)
		if err == nil && r.lines > 0 {
			err = l.follows(r.last.head())
		}
		if err != nil {
			return r, r.tear(f)
		}
		if err := seen(l); err != nil {
			return r, err
		}
		if r.lines == 0 {
			r.first = l
		}
		r.last, r.lines, r.size = l, r.lines+1, r.size+int64(len(text))+1
	}
}

func notEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// tear takes what lies behind the last good line.
func (r *recovered) tear(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if n := info.Size() - r.size; n > maxTorn {
		return fmt.Errorf("%w: behind line %d are %d bytes that are no audit lines", ErrTampered, r.last.Seq, n)
	}
	if r.torn, err = io.ReadAll(io.NewSectionReader(f, r.size, maxTorn)); err != nil {
		return err
	}
	for text := range bytes.SplitSeq(r.torn, []byte("\n")) {
		if _, err := parse(text); err == nil && r.behind(text) {
			return fmt.Errorf("%w: the line behind line %d was changed or removed", ErrTampered, r.last.Seq)
		}
	}
	return nil
}

// behind reports whether a good line of the torn part is another than the next:
// that one may have lost nothing but its line break.
func (r *recovered) behind(text []byte) bool {
	l, _ := parse(text)
	return r.lines > 0 && l.follows(r.last.head()) != nil || r.lines == 0 && l.Seq > 1 && !bytes.HasPrefix(r.torn, text)
}

// lines reads a file line by line.
type lines struct{ r *bufio.Reader }

func newLines(r io.Reader) *lines { return &lines{bufio.NewReaderSize(r, 64<<10)} }

// next returns a line without its break; whole is false for a last one that has
// none. A line longer than any that is written ends the reading.
func (l *lines) next() (text []byte, whole bool, err error) {
	for {
		piece, err := l.r.ReadSlice('\n')
		text = append(text, piece...)
		switch {
		case err == nil:
			return text[:len(text)-1], true, nil
		case errors.Is(err, io.EOF) && len(text) > 0:
			return text, false, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, false, err
		case len(text) > maxLine:
			return text, false, nil
		}
	}
}
