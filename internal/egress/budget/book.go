package budget

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// Bounds of a Book.
const (
	maxLines   = 16_384  // rules and programs with a budget at a time; beyond them nothing leaves
	maxProgram = 1_024   // bytes of the path of an executable; longer ones share a line
	leastStep  = 4 << 10 // by how much the file is ahead, in bytes
	steps      = 64      // of a whole budget, where that is more
)

// Book has a line for every rule, or rule and program, that has sent something. It
// is safe for concurrent use.
type Book struct {
	file string // empty: kept in memory only
	log  *slog.Logger

	mu     sync.Mutex
	lines  map[Key]*line
	broken error // why nothing may be granted; nil: it may
}

// Key names a line.
type Key struct {
	Rule    string
	Program string // path of the executable; empty: the rule's, or not known
}

// line is one account.
type line struct {
	budget policy.Budget // as it was last asked with
	window int64         // number of the period since 1970
	used   int64         // taken in that period
	kept   int64         // used as far as the file says; ahead of used
}

// Usage is a line for people.
type Usage struct {
	Key
	Budget policy.Budget
	Used   int64
	Until  time.Time // when it begins anew
}

// New returns a Book that a restart forgets.
func New() *Book { return &Book{lines: map[Key]*line{}, log: slog.New(slog.DiscardHandler)} }

// KeyOf names the line of a decision that has a budget.
func KeyOf(d policy.Decision, exe string) Key {
	if d.Budget.Scope != policy.PerProgram {
		return Key{Rule: d.RuleID}
	}
	if len(exe) > maxProgram {
		exe = ""
	}
	return Key{d.RuleID, exe}
}

// Left is how many bytes may still leave.
func (b *Book) Left(k Key, limit policy.Budget, now time.Time) int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.line(k, limit, now)
	if l == nil || b.broken != nil {
		return 0
	}
	return max(limit.Bytes-l.used, 0)
}

// Take asks for n bytes and returns how many may leave.
func (b *Book) Take(k Key, limit policy.Budget, n int64, now time.Time) (granted int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.line(k, limit, now)
	if l == nil || b.broken != nil {
		return 0
	}
	n = min(n, limit.Bytes-l.used)
	if n <= 0 {
		return 0
	}
	if !b.ahead(l, n) {
		n = min(n, l.kept-l.used)
	}
	l.used += n
	return n
}

// Overdraw counts bytes that left although nothing was granted, as in audit mode.
func (b *Book) Overdraw(k Key, limit policy.Budget, n int64, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l := b.line(k, limit, now); l != nil {
		b.ahead(l, n)
		l.used += n
	}
}

// Return gives back what was taken at that time and not sent. A line that has begun
// anew meanwhile keeps what it has.
func (b *Book) Return(k Key, n int64, taken time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l := b.lines[k]; l != nil && windowOf(l.budget.Per, taken) == l.window {
		l.used = max(l.used-n, 0)
	}
}

// line finds or makes a line and brings it to now; nil when there are too many.
func (b *Book) line(k Key, limit policy.Budget, now time.Time) *line {
	l := b.lines[k]
	if l == nil {
		if len(b.lines) >= maxLines {
			b.forgetPast(now)
		}
		if len(b.lines) >= maxLines {
			return nil
		}
		l = &line{budget: limit, window: windowOf(limit.Per, now)}
		b.lines[k] = l
	}
	l.reach(limit, now)
	return l
}

// reach begins a new period if there is one. With a clock that was turned back, or
// another length of periods, what was used stays; a clock that wavers around the
// end of a period begins the next one once.
func (l *line) reach(limit policy.Budget, now time.Time) {
	w := windowOf(limit.Per, now)
	same := l.budget.Per == limit.Per
	l.budget = limit
	if same && w == l.window-1 {
		return
	}
	if same && w > l.window {
		l.used, l.kept = 0, 0
	}
	l.window = w
}

func windowOf(p policy.Period, now time.Time) int64 {
	return now.Unix() / int64(max(p.Length(), time.Hour)/time.Second)
}

// ahead makes sure that the file counts n more bytes than were used, and reports
// whether it does.
func (b *Book) ahead(l *line, n int64) bool {
	if b.file == "" || l.used+n <= l.kept {
		return true
	}
	before := l.kept
	l.kept = max(l.used+n, min(l.used+n+max(l.budget.Bytes/steps, leastStep), l.budget.Bytes))
	if err := b.save(func(l *line) int64 { return l.kept }); err != nil {
		l.kept = before
		b.log.Error("egress: what left by a rule with a data_budget cannot be written down, so nothing more leaves by it", "error", err)
		return false
	}
	return true
}

// forgetPast drops lines whose period is over.
func (b *Book) forgetPast(now time.Time) {
	for k, l := range b.lines {
		if windowOf(l.budget.Per, now) > l.window {
			delete(b.lines, k)
		}
	}
}

// All lists the lines of now, by rule and program.
func (b *Book) All(now time.Time) []Usage {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]Usage, 0, len(b.lines))
	for k, l := range b.lines {
		w := windowOf(l.budget.Per, now)
		if w > l.window {
			continue
		}
		all = append(all, Usage{k, l.budget, l.used, time.Unix((l.window+1)*int64(l.budget.Per.Length()/time.Second), 0).UTC()})
	}
	slices.SortFunc(all, func(a, b Usage) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Program, b.Program))
	})
	return all
}

// Close writes down what was used, exactly.
func (b *Book) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.file == "" || b.broken != nil {
		return nil
	}
	if err := b.save(func(l *line) int64 { return l.used }); err != nil {
		return fmt.Errorf("closing the book of data budgets: %w", err)
	}
	return nil
}
