package scan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"go.cordon.dev/cordon/detect"
)

// residentSize is up to which size an input is read whole before it is scanned,
// which saves the copy that streaming makes. Each worker holds that much.
const residentSize = 4 << 20

// worker scans inputs one after the other and reuses its memory.
type worker struct {
	run   *run
	buf   []byte
	known []signature
	lines columns // of the stream that is read
	spare *worker // for earlier versions; nil until there is one
}

func newWorker(r *run) *worker {
	return &worker{run: r, buf: make([]byte, residentSize), known: signatures()}
}

// target is what an input on its way through archives is called, and where
// what is found in it goes.
type target struct {
	ctx   context.Context
	name  string
	out   *output
	depth int
	pack  string // the name of the compressed file of which this is the content
	left  *int64 // bytes that may still be unpacked
	lines *columns
}

// inner is the target of an archive's member.
func (t target) inner(member string) target {
	t.name += "!" + member
	t.depth++
	t.pack = ""
	return t
}

// input scans one input and says whether anything of it was.
func (w *worker) input(ctx context.Context, in Input, out *output) {
	if in.Failed != nil {
		out.skip(in.Name, in.Failed.Error())
		return
	}
	c, err := in.Open(ctx)
	if err != nil {
		if !errors.Is(err, ErrSkip) {
			out.skip(in.Name, err.Error())
		}
		return
	}
	defer func() { _ = c.Close() }()
	if most := w.run.opts.MaxSize; most > 0 && c.Size > most {
		out.skip(in.Name, tooLarge(c.Size, most).Error())
		return
	}
	left := w.run.opts.budget(c.Size)
	w.content(target{ctx: ctx, name: in.Name, out: out, left: &left}, c.Size, out.counting(c))
}

// content scans what r reads: itself, or what it packs.
func (w *worker) content(t target, size int64, r io.Reader) {
	head, whole, err := w.head(size, r)
	if err != nil {
		t.out.skip(t.name, err.Error())
		if len(head) == 0 {
			return
		}
	}
	k, format := plain, ""
	if !w.run.opts.NoArchives {
		k, format = kindOf(head, w.known)
	}
	switch {
	case k == plain && (whole || err != nil):
		t.out.file()
		w.resident(t, head)
	case k == plain && w.parted(t, head, r):
		t.out.file()
	case k == plain:
		t.out.file()
		w.stream(t, io.MultiReader(bytes.NewReader(bytes.Clone(head)), r))
	case err != nil:
	case k == rtfFile:
		w.rtf(t, head, whole, r)
	case k == compoundFile:
		w.compound(t, io.MultiReader(bytes.NewReader(bytes.Clone(head)), r))
	case k == closed:
		t.out.skip(t.name, format+" is a format that is not unpacked")
	default:
		w.unpack(t, k, format, head, whole, r)
	}
}

// head reads an input into the worker's buffer: all of it when it is small,
// else as much as tells its kind.
func (w *worker) head(size int64, r io.Reader) (head []byte, whole bool, err error) {
	want := residentSize
	if size > residentSize {
		want = headSize
	}
	n, err := fill(r, w.buf[:want])
	if err == io.EOF {
		return w.buf[:n], true, nil
	}
	return w.buf[:n], false, err
}

// fill reads until buf is full. Unlike io.ReadFull it keeps the reader's error:
// a compressed stream that is cut off is not one that ends.
func fill(r io.Reader, buf []byte) (n int, err error) {
	for idle := 0; n < len(buf) && err == nil; {
		var m int
		m, err = r.Read(buf[n:])
		n += m
		if idle++; m > 0 {
			idle = 0
		}
		if idle == 100 {
			err = io.ErrNoProgress
		}
	}
	if n == len(buf) && err == io.EOF {
		err = nil // whoever reads on meets it again
	}
	return n, err
}

func (w *worker) resident(t target, text []byte) {
	t.lines = &columns{buf: text}
	w.report(t, w.run.opts.Scanner.Scan(text, t.found))
}

// stream scans an input of any size in constant memory.
func (w *worker) stream(t target, r io.Reader) {
	t.lines = &w.lines
	defer w.lines.forget()
	report, err := w.run.opts.Scanner.ScanReader(t.ctx, w.lines.through(r), t.found)
	if err != nil && t.ctx.Err() == nil {
		t.out.skip(t.name, reason(err))
		report.NotScanned = withoutEnd(report.NotScanned)
	}
	w.report(t, report)
}

// withoutEnd takes off the note of a read error, which is told in full.
func withoutEnd(all []detect.NotScanned) []detect.NotScanned {
	if n := len(all); n > 0 && all[n-1].Reason == detect.ReasonReadError {
		return all[:n-1]
	}
	return all
}

func (w *worker) report(t target, r detect.Report) {
	for _, n := range r.NotScanned {
		if n.Reason == detect.ReasonStopped && t.ctx.Err() != nil {
			continue
		}
		t.out.skip(t.name, fmt.Sprintf("bytes %d to %d: %s", n.Start, n.End, n.Reason))
	}
}

// found takes a finding of detect; it says false when the run is over.
func (t target) found(f detect.Finding) bool { return t.out.found(t, f) }

// reason is what went wrong, without what detect puts before it.
func reason(err error) string {
	if inner := errors.Unwrap(err); inner != nil {
		return inner.Error()
	}
	return err.Error()
}
