package detect

import (
	"slices"
	"sync"
	"sync/atomic"
)

// An input is scanned in segments of fixed size at fixed offsets, each with a
// margin of its surroundings, whether it is resident or streamed. That makes
// both ways find the same, and bounds the memory of the second.
const (
	segmentSize = 1 << 20
	margin      = 64 << 10
)

// Scanner finds secrets with a rule set that can be exchanged while it runs. It
// is safe for use by many goroutines.
type Scanner struct {
	shared *shared
	limit  *limit // nil: every MiB of input may decode Options.MaxDecoded bytes
}

// shared is what a scanner and its limited ones have in common.
type shared struct {
	rules atomic.Pointer[RuleSet]
	pool  sync.Pool // *session
}

// limit is what the scans of one limited scanner share.
type limit struct {
	rules   *RuleSet
	left    atomic.Int64
	decoded atomic.Int64
}

// NewScanner returns a scanner for rs, which is mandatory.
func NewScanner(rs *RuleSet) *Scanner {
	s := &Scanner{shared: &shared{}}
	s.shared.rules.Store(rs)
	return s
}

// Limited returns a scanner for an input that is scanned in parts: it has the
// rules of now, whatever Swap does, and all its scans together decode at most
// so many bytes. What would be more is reported as not scanned (ReasonBudget).
// Use it for one input and drop it.
func (s *Scanner) Limited(bytes int64) *Scanner {
	l := &limit{rules: s.RuleSet()}
	l.left.Store(max(0, bytes))
	return &Scanner{shared: s.shared, limit: l}
}

// Decoded is how many bytes the scans of a limited scanner have decoded so far.
func (s *Scanner) Decoded() int64 {
	if s.limit == nil {
		return 0
	}
	return s.limit.decoded.Load()
}

// Swap makes rs the rule set of every scan that starts from now on and returns
// the one before. Running scans finish with the set they began with.
func (s *Scanner) Swap(rs *RuleSet) *RuleSet { return s.shared.rules.Swap(rs) }

// RuleSet returns the current rule set; of a limited scanner that which it was
// made with.
func (s *Scanner) RuleSet() *RuleSet {
	if s.limit != nil {
		return s.limit.rules
	}
	return s.shared.rules.Load()
}

// Scan looks for secrets in buf and calls emit for each, in the order of their
// places, until emit returns false, which is noted in the report. It keeps
// nothing of buf; findings may be kept. An empty report.NotScanned means that
// everything was looked at.
func (s *Scanner) Scan(buf []byte, emit func(Finding) bool) Report { return s.scan(buf, emit, nil) }

func (s *Scanner) scan(buf []byte, emit func(Finding) bool, watch *Watch) Report {
	w := s.newWalk(emit)
	w.sess.watch = watch
	defer s.done(w)
	for lo := 0; ; lo += segmentSize {
		hi := min(len(buf), lo+segmentSize)
		from, to := max(0, lo-margin), min(len(buf), hi+margin)
		w.segment(view{text: buf[from:to], base: int64(from), lo: lo - from, hi: hi - from, last: hi == len(buf), all: buf[from:]})
		if hi == len(buf) || w.stopped {
			return w.finish(int64(len(buf)))
		}
	}
}

// FindAll is Scan for callers who want a slice.
func (s *Scanner) FindAll(buf []byte) ([]Finding, Report) {
	var all []Finding
	report := s.Scan(buf, func(f Finding) bool {
		all = append(all, f)
		return true
	})
	return all, report
}

// view is a segment text[lo:hi] with its margins; base is the offset of text[0]
// in the input.
type view struct {
	text   []byte
	base   int64
	lo, hi int
	last   bool
	all    []byte // text and all that follows it, if that is in memory; nil if not
}

// walk is one scan: it carries over from segment to segment what may still
// overlap with the next.
type walk struct {
	sess    *session
	emit    func(Finding) bool
	report  Report
	pending []hit
	lines   lineCounter
	stopped bool
	behind  int64 // end of the last finding that was delivered
}

func (s *Scanner) newWalk(emit func(Finding) bool) *walk {
	rs := s.RuleSet()
	sess, _ := s.shared.pool.Get().(*session)
	if sess == nil || sess.rs != rs {
		sess = newSession(rs)
	}
	sess.limit = s.limit
	return sess.start(emit)
}

// start begins a scan.
func (s *session) start(emit func(Finding) bool) *walk {
	s.walk.sess, s.walk.emit = s, emit
	return &s.walk
}

func (s *Scanner) done(w *walk) {
	sess := w.sess
	sess.release()
	s.shared.pool.Put(sess)
}

func (w *walk) segment(v view) {
	if hits := w.sess.scan(v, &w.report); len(hits) > 0 || len(w.pending) > 0 {
		w.lines.locate(hits, v)
		w.settle(hits, v)
	}
	if !v.last {
		w.lines.advance(v)
	}
	w.report.Bytes = v.base + int64(v.hi)
}

// settle delivers what no later segment can change.
func (w *walk) settle(hits []hit, v view) {
	all := append(w.pending, hits...)
	w.pending = resolve(all)
	clear(all[len(w.pending):])
	end := v.base + int64(v.hi)
	ready := len(w.pending)
	if !v.last {
		ready = slices.IndexFunc(w.pending, func(h hit) bool { return h.to > end })
	}
	if ready < 0 {
		ready = len(w.pending)
	}
	for _, h := range w.pending[:ready] {
		w.deliver(h)
	}
	w.carry(ready)
}

// carry keeps what may overlap with the next segment, and nothing of the view.
func (w *walk) carry(ready int) {
	n := copy(w.pending, w.pending[ready:])
	clear(w.pending[n:])
	w.pending = w.pending[:n]
	for i := range w.pending {
		w.pending[i].layer = nil
	}
}

func (w *walk) deliver(h hit) {
	if w.stopped {
		return
	}
	w.report.Findings++
	w.behind = max(w.behind, h.to)
	if !w.emit(h.finding) {
		w.stopped = true
	}
}

// finish notes what lies behind the finding at which the caller stopped.
func (w *walk) finish(size int64) Report {
	if w.stopped {
		w.report.note(NotScanned{Start: min(w.behind, size), End: size, Reason: ReasonStopped})
	}
	return w.report
}
