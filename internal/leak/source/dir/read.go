package dir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"go.cordon.dev/cordon/internal/leak/source"
)

// smallBatch is how many files one batch has at most.
const smallBatch = 256

// reading is the reading of what one look found ready.
type reading struct {
	*watch
	root  *os.Root
	list  *listing
	batch source.Batch
	size  int
	ids   []fileID // of the files in batch, finished with it
	buf   []byte
}

// read delivers all files that are ready: small ones together, a large one in
// pieces.
func (w *watch) read(ctx context.Context, root *os.Root, l *listing) error {
	r := &reading{watch: w, root: root, list: l}
	for i, c := range l.ready {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !w.live {
			w.report(source.CatchingUp, "", new(uint64(len(l.ready)-i)))
		}
		if err := r.file(ctx, c); err != nil {
			return err
		}
	}
	return r.flush(ctx)
}

// file reads one file.
func (r *reading) file(ctx context.Context, c candidate) error {
	if c.info.Size() > r.cfg.MaxFile {
		return r.lose(c, fmt.Errorf("it is larger than %d bytes; scan it with cordon scan", r.cfg.MaxFile))
	}
	f, err := r.open(c)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errOther) {
		return nil // gone, or another by now: the next look finds out
	}
	if err != nil {
		return r.lose(c, err)
	}
	defer f.Close() //nolint:errcheck // opened for reading: nothing to lose
	if c.info.Size() <= source.PieceSize && r.done.start(c.id) == 0 {
		return r.small(ctx, f, c)
	}
	if err := r.flush(ctx); err != nil {
		return err
	}
	return r.large(ctx, f, c)
}

// errOther: what was opened is not what was found.
var errOther = errors.New("file was replaced")

// open opens exactly the file that was listed: no link, no pipe, nothing that
// took its place meanwhile.
func (r *reading) open(c candidate) (*os.File, error) {
	f, err := r.root.OpenFile(c.path, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && (!info.Mode().IsRegular() || newFileID(r.cfg.Marker, c.path, info) != c.id) {
		err = errOther
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// lose reports, once, a file that cannot be read. It is tried again.
func (r *reading) lose(c candidate, err error) error {
	r.list.problem("a file cannot be read: " + reason(err))
	if !r.unread[c.id] {
		r.unread[c.id] = true
		r.batch.Losses = append(r.batch.Losses, source.Loss{Reason: fmt.Sprintf("file %s: %s", c.path, reason(err))})
	}
	return nil
}

func entryOf(c candidate) source.Entry {
	return source.Entry{MessageID: "file:" + c.id.String(), Label: c.path, Time: c.info.ModTime().UTC()}
}

// small adds a whole file to the batch.
func (r *reading) small(ctx context.Context, f *os.File, c candidate) error {
	if r.size+int(c.info.Size()) > source.PieceSize || len(r.ids) == smallBatch {
		if err := r.flush(ctx); err != nil {
			return err
		}
	}
	data := make([]byte, c.info.Size())
	n, err := io.ReadFull(f, data)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return r.lose(c, err)
	}
	if n > 0 {
		e := entryOf(c)
		e.Data = data[:n]
		r.batch.Entries = append(r.batch.Entries, e)
	}
	r.size += n
	r.ids = append(r.ids, c.id)
	return nil
}

// flush delivers the batch.
func (r *reading) flush(ctx context.Context) error {
	if len(r.ids)+len(r.batch.Losses) == 0 {
		return nil
	}
	for _, id := range r.ids {
		r.done.finish(id)
	}
	r.batch.Position = r.done.encode()
	if err := r.sink.Deliver(ctx, r.batch); err != nil {
		return err
	}
	r.batch, r.ids, r.size = source.Batch{}, nil, 0
	return nil
}

// large delivers a file piece by piece, each with a position inside it.
func (r *reading) large(ctx context.Context, f *os.File, c candidate) error {
	if r.buf == nil {
		r.buf = make([]byte, source.PieceSize)
	}
	for offset := r.done.start(c.id); ; {
		from := max(0, offset-source.PieceOverlap)
		n, err := f.ReadAt(r.buf[:min(int64(len(r.buf)), c.info.Size()-from)], from)
		if err != nil && !errors.Is(err, io.EOF) {
			return r.lose(c, err)
		}
		e := entryOf(c)
		e.Data, e.Overlap = r.buf[:n], int(min(offset-from, int64(n)))
		offset = from + int64(n)
		last := offset == c.info.Size() || err != nil // or it was cut while it was read
		if !last {
			e.Continues = source.PieceOverlap
		}
		if err := r.piece(ctx, c, e, offset, last); err != nil || last {
			return err
		}
	}
}

func (r *reading) piece(ctx context.Context, c candidate, e source.Entry, offset int64, last bool) error {
	r.done.reach(c.id, offset)
	if last {
		r.done.finish(c.id)
	}
	return r.sink.Deliver(ctx, source.Batch{Entries: []source.Entry{e}, Position: r.done.encode()})
}
