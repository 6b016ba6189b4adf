package scan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/redact"
)

// Sink takes what a run finds, in the order of the inputs. It is called by one
// goroutine. An error ends the run.
type Sink interface {
	Found(f Finding) error
	NotScanned(n NotScanned) error
}

// Progress hears how far a run is.
type Progress interface {
	// Read says that so many bytes more were read. It is called by many
	// goroutines.
	Read(bytes int64)
}

// Filter says of a finding whether it is let through.
type Filter interface {
	Allows(f *Finding) bool
}

// Options steer a run.
type Options struct {
	// Scanner is mandatory.
	Scanner *detect.Scanner
	// Ring makes fingerprints. If nil, there are none.
	Ring *redact.Keyring
	// Workers is how many inputs are scanned at once. If 0, one for each core.
	Workers int
	// MaxSize leaves out larger inputs, in bytes. If 0, none.
	MaxSize int64
	// NoArchives scans archives as they are.
	NoArchives bool
	// Depth is how many archives are opened one in the other. If 0, 4.
	Depth int
	// MaxUnpacked is how many bytes one input may unpack to. If 0, 1 GiB or a
	// hundred times its size, whichever is more.
	MaxUnpacked int64
	// MinConfidence leaves out findings that are less sure, after their file has
	// been weighed. If 0, none.
	MinConfidence float64
	// Filters let findings through. They are asked in their order.
	Filters []Filter
	// Verifier checks secrets live. If nil, none is checked.
	Verifier Verifier
	// Progress hears how far the run is. If nil, nobody does.
	Progress Progress
}

const (
	defaultDepth    = 4
	defaultUnpacked = 1 << 30
	unpackedTimes   = 100
)

func (o Options) withDefaults() Options {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Depth <= 0 {
		o.Depth = defaultDepth
	}
	if o.Progress == nil {
		o.Progress = silent{}
	}
	return o
}

// budget is how many bytes an input of that size may unpack to.
func (o Options) budget(size int64) int64 {
	if o.MaxUnpacked > 0 {
		return o.MaxUnpacked
	}
	return max(defaultUnpacked, unpackedTimes*size)
}

type silent struct{}

func (silent) Read(int64) {}

// run is one run.
type run struct {
	opts    Options
	ctx     context.Context
	stop    context.CancelFunc
	summary Summary
	files   atomic.Int64
	unsure  atomic.Int64
	bytes   atomic.Int64
	parting sync.Mutex // held while a large file is scanned in parts
}

// ahead is how many inputs may wait for those before them, and how many results
// of each: what bounds the memory of a run.
const (
	ahead        = 256
	resultsAhead = 16
)

// Run scans what source yields and tells sink, in order. Inputs that cannot be
// read are told, not returned; an error is one of source, of sink or of ctx.
func Run(ctx context.Context, opts Options, source Source, sink Sink) (Summary, error) {
	began := time.Now()
	r := &run{opts: opts.withDefaults()}
	r.ctx, r.stop = context.WithCancel(ctx)
	defer r.stop()
	todo, order := make(chan *job), make(chan *job, ahead)
	var workers sync.WaitGroup
	for range r.opts.Workers {
		workers.Go(func() { r.work(todo) })
	}
	walked := make(chan error, 1)
	go func() { walked <- r.list(source, todo, order) }()
	err := r.collect(order, sink)
	r.stop()
	sourceErr := <-walked
	workers.Wait()
	if err == nil {
		err = sourceErr
	}
	if ctx.Err() != nil {
		err = fmt.Errorf("scanning: %w", ctx.Err())
	}
	r.summary.Files, r.summary.Bytes, r.summary.Unsure = int(r.files.Load()), r.bytes.Load(), int(r.unsure.Load())
	r.summary.Took = time.Since(began)
	return r.summary, err
}

// job is an input with the way its results take.
type job struct {
	in      Input
	results chan *result
}

// result is a finding, or what was not scanned.
type result struct {
	finding Finding
	skipped *NotScanned
}

// list feeds the workers. Results are awaited in the order of the inputs, and a
// job is in that order before a worker has it, so that nobody waits in a circle.
func (r *run) list(source Source, todo, order chan<- *job) error {
	defer close(order)
	defer close(todo)
	return source.Each(r.ctx, func(in Input) error {
		j := &job{in, make(chan *result, resultsAhead)}
		for _, c := range []chan<- *job{order, todo} {
			select {
			case c <- j:
			case <-r.ctx.Done():
				return r.ctx.Err()
			}
		}
		return nil
	})
}

func (r *run) work(todo <-chan *job) {
	w := newWorker(r)
	for j := range todo {
		out := &output{run: r, worker: w, in: &j.in, results: j.results}
		w.input(r.ctx, j.in, out)
		close(j.results)
	}
}

// collect hands results over in order. After an error it stops the run and
// drains what is under way.
func (r *run) collect(order <-chan *job, sink Sink) error {
	var failed error
	for j := range order {
		c := &collector{run: r, sink: sink, in: &j.in, places: places{}}
		for done := false; !done; {
			select {
			case res, more := <-j.results:
				done = !more
				if more && failed == nil {
					failed = c.take(res)
				}
			case <-r.ctx.Done():
				done = true
			}
			if failed != nil {
				r.stop()
			}
		}
	}
	return failed
}

// output is where a worker puts what it finds in one input.
type output struct {
	run     *run
	worker  *worker
	in      *Input
	results chan<- *result
	known   *earlier
}

// over says that the run was ended.
func (o *output) over() bool { return o.run.ctx.Err() != nil }

func (o *output) file() { o.run.files.Add(1) }

func (o *output) put(res *result) bool {
	select {
	case o.results <- res:
		return true
	case <-o.run.ctx.Done():
		return false
	}
}

func (o *output) skip(name, why string) {
	o.put(&result{skipped: &NotScanned{File: name, Commit: o.in.Commit, Reason: why}})
}

func (o *output) found(t target, f detect.Finding) bool {
	return o.add(t, f, t.lines.place(f))
}

func (o *output) add(t target, f detect.Finding, at Region) bool {
	if o.old(t, f) {
		f.Secret.Wipe()
		return !o.over()
	}
	if f = detect.InFile(t.name, f); f.Confidence < o.run.opts.MinConfidence {
		o.run.unsure.Add(1)
		f.Secret.Wipe()
		return !o.over()
	}
	rel := o.in.Rel + t.name[min(len(t.name), len(o.in.Name)):]
	out := newFinding(t.name, rel, o.in.Commit, f, o.run.opts.Ring)
	out.Region = at
	return o.put(&result{finding: out})
}

// counting counts what is read of an input; of a part of one, what no other part
// reads.
type counting struct {
	r        io.Reader
	size     int64
	run      *run
	from, to int64 // to is 0 for the whole
	at       int64
}

func (o *output) counting(c Content) *counting {
	return &counting{r: c.ReadCloser, size: c.Size, run: o.run}
}

func (c *counting) Read(p []byte) (int, error) {
	if err := c.run.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	counts := int64(n)
	if c.to > 0 {
		counts = max(0, min(c.at+counts, c.to)-max(c.at, c.from))
	}
	c.at += int64(n)
	c.run.bytes.Add(counts)
	c.run.opts.Progress.Read(counts)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("reading: %w", err)
	}
	return n, err
}
