package scan

import (
	"bytes"
	"context"
	"io"
	"sync"

	"go.cordon.dev/cordon/detect"
)

// A large file is scanned in parts, on all cores. Each part is read from a little
// before it begins to a little behind its end, so that the engine, which looks at
// segments of 1 MiB at fixed offsets with 64 KiB around them, sees the same there
// as in a scan of the whole, and keeps what begins within the part.
const (
	partedSize = 64 << 20 // smaller files are read by one
	partSize   = 32 << 20
	partBefore = 2 << 20 // a whole segment, and one that lacks what is before it
	partBehind = 2 << 20
)

// part is a stretch of a file, with what comes before the bytes that are read for
// it: lines, and the bytes and UTF-16 code units of the line that goes on there.
type part struct {
	from, to      int64 // what begins here is reported
	start, end    int64 // what is read
	known         int64 // bytes that were counted as read before
	lines         int
	column, units int64
	results       chan partResult
}

// partResult is a finding, or at the end what the scan says of the part.
type partResult struct {
	finding detect.Finding
	region  Region
	report  *detect.Report
	err     error
}

// parted scans a large file in parts when it can be read at any place, and no
// other one is under way: what that takes of memory is bounded.
func (w *worker) parted(t target, head []byte, rest io.Reader) bool {
	f, ok := rest.(*counting)
	if !ok || f.size < partedSize || w.run.opts.Workers < 2 || !w.run.parting.TryLock() {
		return false
	}
	defer w.run.parting.Unlock()
	at, ok := f.r.(io.ReaderAt)
	if ok {
		all := split(f.size, partSize)
		all[0].known = int64(len(head))
		w.parts(t, at, all)
	}
	return ok
}

// split cuts a file of that size. The last part goes on to wherever the file ends
// by then.
func split(size, each int64) []*part {
	var all []*part
	for from := int64(0); from < size; from += each {
		all = append(all, &part{
			from: from, to: from + each, start: max(0, from-partBefore), end: from + each + partBehind, results: make(chan partResult, resultsAhead),
		})
	}
	last := all[len(all)-1]
	last.to, last.end = 1<<62, 1<<62
	return all
}

// parts scans all parts and tells what they hold in their order. A part that
// waits for its turn to tell is never the first, so that they come to an end.
func (w *worker) parts(t target, at io.ReaderAt, all []*part) {
	measure(t.ctx, at, all, w.run.opts.Workers)
	var workers sync.WaitGroup
	todo := make(chan *part, len(all))
	for _, p := range all {
		todo <- p
	}
	close(todo)
	for range w.run.opts.Workers {
		workers.Go(func() {
			for p := range todo {
				p.scan(t.ctx, w.run, at)
			}
		})
	}
	for _, p := range all {
		w.tell(t, p)
	}
	workers.Wait()
}

func (w *worker) tell(t target, p *part) {
	for r := range p.results {
		switch {
		case r.report == nil:
			t.out.add(t, r.finding, r.region)
			continue
		case r.err != nil && t.ctx.Err() == nil:
			t.out.skip(t.name, reason(r.err))
		}
		w.report(t, *r.report)
	}
}

// scan scans a part.
func (p *part) scan(ctx context.Context, run *run, at io.ReaderAt) {
	defer close(p.results)
	lines := &columns{base: p.start, unit: int(p.units)}
	defer lines.forget()
	in := lines.through(&counting{r: io.NewSectionReader(at, p.start, p.end-p.start), run: run, from: p.from - p.start + p.known, to: p.to - p.start})
	report, err := run.opts.Scanner.ScanReader(ctx, in, func(f detect.Finding) bool {
		if p.move(&f); f.Start < p.from || f.Start >= p.to {
			f.Secret.Wipe()
			return ctx.Err() == nil
		}
		return p.put(ctx, partResult{finding: f, region: lines.place(f)})
	})
	p.clip(&report)
	if err != nil {
		report.NotScanned = withoutEnd(report.NotScanned)
	}
	p.put(ctx, partResult{report: &report, err: err})
}

func (p *part) put(ctx context.Context, r partResult) bool {
	select {
	case p.results <- r:
		return true
	case <-ctx.Done():
		return false
	}
}

// move gives a finding its place in the file.
func (p *part) move(f *detect.Finding) {
	f.Start, f.End = f.Start+p.start, f.End+p.start
	if f.Line == 1 {
		f.Column += int(p.column)
	}
	f.Line += p.lines
}

// clip leaves of a report what begins within the part.
func (p *part) clip(r *detect.Report) {
	var mine []detect.NotScanned
	for _, n := range r.NotScanned {
		n.Start, n.End = n.Start+p.start, n.End+p.start
		if n.Start >= p.from && n.Start < p.to || n.Reason == detect.ReasonReadError {
			mine = append(mine, n)
		}
	}
	r.NotScanned = mine
}

// measure counts the lines before each part. It reads the file once more, which
// is far quicker than to scan it.
func measure(ctx context.Context, at io.ReaderAt, all []*part, workers int) {
	stretches := make([]stretch, len(all)-1)
	todo := make(chan int, len(all))
	for i := range stretches {
		todo <- i
	}
	close(todo)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range todo {
				stretches[i] = measured(ctx, io.NewSectionReader(at, all[i].start, all[i+1].start-all[i].start))
			}
		})
	}
	wg.Wait()
	for i, s := range stretches {
		p, next := all[i], all[i+1]
		next.lines, next.column, next.units = p.lines+s.lines, s.column, s.units
		if s.lines == 0 {
			next.column, next.units = p.column+s.column, p.units+s.units
		}
	}
}

// stretch is what stands before a part: line ends, and the bytes and code units
// behind the last of them.
type stretch struct {
	lines         int
	column, units int64
}

func measured(ctx context.Context, r io.Reader) (s stretch) {
	buf := make([]byte, 256<<10)
	for ctx.Err() == nil {
		n, err := r.Read(buf)
		b := buf[:n]
		s.lines += bytes.Count(b, []byte{'\n'})
		if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
			b, s.column, s.units = b[i+1:], 0, 0
		}
		s.column += int64(len(b))
		s.units += int64(units(b))
		if err != nil {
			break // the part that cannot be read says so
		}
	}
	clear(buf)
	return s
}
