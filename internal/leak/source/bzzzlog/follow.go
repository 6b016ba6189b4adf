package bzzzlog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/leak/source/wake"
	"go.cordon.dev/cordon/internal/regular"
)

// follower is one Run. After an error it is of no more use: the next Run begins
// at the position that was stored.
type follower struct {
	cfg   Config
	pos   position
	sink  source.Sink
	waker *wake.Waker
	file  *os.File // nil while there is none
	buf   []byte
	last  *uint64 // index of the last entry delivered
	live  bool    // the end was reached once
	wrong string  // the last break of the chain, for people
}

func (f *follower) close() {
	if f.file != nil {
		_ = f.file.Close() // opened for reading: nothing to lose
		f.file = nil
	}
}

// pass reads all there is to read, in the file it has and in the one that took
// its place.
func (f *follower) pass(ctx context.Context) error {
	f.waker.Watch(filepath.Dir(f.cfg.Path), f.cfg.Path)
	for {
		if f.file == nil {
			if err := f.open(ctx); err != nil || f.file == nil {
				return err
			}
		}
		if err := f.readAll(ctx); err != nil {
			return err
		}
		replaced, err := f.replaced()
		if err != nil || !replaced {
			return err
		}
		if err := f.leave(ctx); err != nil {
			return err
		}
	}
}

// open opens the log and finds out whether it is the one that was read before.
func (f *follower) open(ctx context.Context) error {
	file, _, err := regular.Open(f.cfg.Path)
	if errors.Is(err, fs.ErrNotExist) {
		f.report(source.Waiting, "there is no such file yet", nil)
		return nil
	}
	if err != nil {
		return err
	}
	f.file = file
	f.waker.Rewatch(f.cfg.Path)
	if !f.live {
		f.report(source.CatchingUp, "", nil)
	}
	if same, err := f.unchanged(); err != nil || same {
		return err
	}
	return f.begin(ctx, "the log was replaced or rewritten: what was added to the old one since is not known")
}

// begin goes to the start of a new fork and says what may be lost.
func (f *follower) begin(ctx context.Context, why string) error {
	f.pos = f.pos.afresh()
	return f.deliver(ctx, source.Batch{Losses: []source.Loss{{Reason: why}}})
}

// readAll reads to the end of the open file.
func (f *follower) readAll(ctx context.Context) error {
	same, err := f.unchanged()
	if err == nil && !same {
		err = f.begin(ctx, "the log was truncated or rewritten in place: what was written between is not known")
	}
	for more := true; more && err == nil; {
		more, err = f.step(ctx)
	}
	if err == nil {
		f.live = true
		err = f.reportLive()
	}
	return err
}

func (f *follower) reportLive() error {
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	detail := f.wrong
	if info.Size() > f.pos.Offset {
		detail = join(detail, "the last line has no line end yet; it is read when it is complete, or longer than the limit")
	}
	f.report(source.Live, detail, new(uint64))
	return nil
}

// unchanged says whether the file still has, before the position, what was
// read there.
func (f *follower) unchanged() (bool, error) {
	info, err := f.file.Stat()
	if err != nil {
		return false, err
	}
	if info.Size() < f.pos.Offset {
		return false, nil
	}
	head, err := f.marked(0, f.pos.HeadLen, f.pos.Head)
	if err != nil || !head {
		return false, err
	}
	return f.marked(f.pos.Offset-int64(f.pos.TailLen), f.pos.TailLen, f.pos.Tail)
}

// marked says whether n bytes of the file have a mark; none always do.
func (f *follower) marked(at int64, n int, mark string) (bool, error) {
	if n == 0 {
		return true, nil
	}
	text := make([]byte, n)
	if _, err := f.file.ReadAt(text, at); err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("reading again what was read: %w", err)
	}
	return f.cfg.Marker.Marked(text, mark), nil
}

// replaced says whether the path leads to another file now. A path that leads
// nowhere does so on its way to another file: the old one is kept.
func (f *follower) replaced() (bool, error) {
	mine, err := f.file.Stat()
	if err != nil {
		return false, err
	}
	now, err := os.Stat(f.cfg.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && !os.SameFile(mine, now), err
}

// leave scans what is left of a file that was rotated away, its last line
// without a line end, and goes on to the next.
func (f *follower) leave(ctx context.Context) error {
	if err := f.readAll(ctx); err != nil {
		return err
	}
	for {
		from := max(f.pos.Start, f.pos.Offset-source.PieceOverlap)
		rest, err := f.read(from, source.PieceSize)
		if err != nil {
			return err
		}
		if len(rest) == 0 || !f.pos.inLine() && from+int64(len(rest)) == f.pos.Offset {
			break
		}
		if err := f.piece(ctx, from, rest, len(rest) < source.PieceSize); err != nil {
			return err
		}
	}
	f.close()
	f.pos, f.live, f.wrong = f.pos.afresh(), false, ""
	return nil
}

// read reads at most size bytes at an offset; fewer only at the end.
func (f *follower) read(at int64, size int) ([]byte, error) {
	if cap(f.buf) < size {
		f.buf = make([]byte, size)
	}
	n, err := f.file.ReadAt(f.buf[:size], at)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return f.buf[:n], err
}

func (f *follower) deliver(ctx context.Context, b source.Batch) error {
	b.Position = f.pos.encode()
	return f.sink.Deliver(ctx, b)
}

func (f *follower) report(state source.State, detail string, lag *uint64) {
	f.sink.Report(source.Status{State: state, Detail: detail, Index: f.last, Lag: lag, Damaged: f.wrong != ""})
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}
