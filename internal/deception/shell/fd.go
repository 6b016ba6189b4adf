package shell

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"sync/atomic"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// stream is what a descriptor leads to.
type stream interface {
	read(ctx context.Context, b []byte) (int, error)
	write(ctx context.Context, b []byte) (int, error)
	close() error
}

// desc is an open file as processes share it. It is closed when the last
// descriptor for it is.
type desc struct {
	s    stream
	refs atomic.Int32
	file *vfs.File // when it is one
	tty  bool
}

func open(s stream) *desc { return &desc{s: s} }

func openFile(f *vfs.File) *desc { return &desc{s: fileStream{f}, file: f} }

// terminal reports whether it is the login's terminal.
func (d *desc) terminal() bool { return d.tty }

func (d *desc) drop() {
	if d.refs.Add(-1) == 0 {
		_ = d.s.close()
	}
}

// mostDescriptor is the last one that a process may have.
const mostDescriptor = 1023

// fdTable are a process's descriptors.
type fdTable map[int]*desc

func (t fdTable) clone() fdTable {
	c := maps.Clone(t)
	for _, d := range c {
		d.refs.Add(1)
	}
	return c
}

// set makes a number lead to d; nil closes it.
func (t fdTable) set(n int, d *desc) {
	if d != nil {
		d.refs.Add(1)
	}
	if old := t[n]; old != nil {
		old.drop()
	}
	if d == nil {
		delete(t, n)
		return
	}
	t[n] = d
}

func (t fdTable) close() {
	for _, n := range slices.Sorted(maps.Keys(t)) {
		t.set(n, nil)
	}
}

// free is the lowest number from a given one on that leads to nothing.
func (t fdTable) free(from int) int {
	for t[from] != nil {
		from++
	}
	return from
}

// fileStream is a file of the virtual file system. A pipe there waits with the
// context of the view that it was opened through.
type fileStream struct{ f *vfs.File }

func (s fileStream) read(_ context.Context, b []byte) (int, error)  { return s.f.Read(b) }
func (s fileStream) write(_ context.Context, b []byte) (int, error) { return s.f.Write(b) }
func (s fileStream) close() error                                   { return s.f.Close() }

// textStream is a here-document.
type textStream struct {
	rest *[]byte
	free func() // gives back what it counts; nil: it counts nothing
}

func (s textStream) read(_ context.Context, b []byte) (int, error) {
	if len(*s.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b, *s.rest)
	*s.rest = (*s.rest)[n:]
	return n, nil
}

func (textStream) write(context.Context, []byte) (int, error) { return 0, vfs.EBADF }

func (s textStream) close() error {
	if s.free != nil {
		s.free()
	}
	return nil
}

// bound is a descriptor as one process uses it: what it waits for ends with the
// process, and writing to a pipe that nobody reads ends the process.
type bound struct {
	p   *process
	ctx context.Context
	d   *desc
}

// Read implements io.Reader.
func (b bound) Read(to []byte) (int, error) {
	if b.d == nil {
		return 0, vfs.EBADF
	}
	if b.ctx.Err() != nil {
		return 0, vfs.EINTR
	}
	return b.d.s.read(b.ctx, to)
}

// Write implements io.Writer.
func (b bound) Write(from []byte) (int, error) {
	if b.d == nil {
		return 0, vfs.EBADF
	}
	if b.ctx.Err() != nil {
		return 0, vfs.EINTR
	}
	n, err := b.d.s.write(b.ctx, from)
	if errors.Is(err, vfs.EPIPE) {
		b.p.deliver(SIGPIPE)
	}
	return n, err
}

func (t fdTable) stream(p *process, n int) bound { return bound{p, p.ctx, t[n]} }

// loginStream is what the client sends and sees.
type loginStream struct {
	l   *login
	out io.Writer // nil: input only
}

func (s loginStream) read(ctx context.Context, b []byte) (int, error) { return s.l.read(ctx, b) }

func (s loginStream) write(ctx context.Context, b []byte) (int, error) {
	if s.out == nil {
		return 0, vfs.EBADF
	}
	if s.l.output.Add(int64(len(b))) > s.l.m.limits.Output {
		s.l.end(SIGKILL)
		return 0, vfs.EINTR
	}
	s.l.outMu.Lock() // the writers of a login need not take several at once
	_, err := s.out.Write(b)
	s.l.outMu.Unlock()
	if err != nil {
		s.l.end(SIGHUP)
		return 0, vfs.EPIPE
	}
	return len(b), nil
}

func (loginStream) close() error { return nil }

// foreign is a reader or writer that a program put in the place of a stream.
type foreign struct{ v any }

func (s foreign) read(_ context.Context, b []byte) (int, error) {
	if r, ok := s.v.(io.Reader); ok {
		return r.Read(b)
	}
	return 0, vfs.EBADF
}

func (s foreign) write(_ context.Context, b []byte) (int, error) {
	if w, ok := s.v.(io.Writer); ok {
		return w.Write(b)
	}
	return 0, vfs.EBADF
}

func (foreign) close() error { return nil }
