package budget_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/budget"
)

var (
	daily  = policy.Budget{Bytes: 1000, Per: policy.Day, Scope: policy.PerRule}
	hourly = policy.Budget{Bytes: 1000, Per: policy.Hour, Scope: policy.PerProgram}
	noon   = time.Date(2026, 7, 15, 12, 30, 0, 0, time.UTC)
	upload = budget.Key{Rule: "upload"}
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestNoMoreLeavesThanTheBudget(t *testing.T) {
	b := budget.New()
	for _, step := range []struct {
		ask, want int64
	}{{600, 600}, {600, 400}, {1, 0}} {
		if got := b.Take(upload, daily, step.ask, noon); got != step.want {
			t.Errorf("asked for %d, got %d, want %d", step.ask, got, step.want)
		}
	}
	b.Return(upload, 100, noon)
	if got := b.Left(upload, daily, noon); got != 100 {
		t.Errorf("%d left after 100 were given back", got)
	}
	if got := b.Take(budget.Key{Rule: "other"}, daily, 7, noon); got != 7 {
		t.Errorf("another rule got %d", got)
	}
}

// What is given back of a period that is over does not make room in the one that is.
func TestWhatIsReturnedLateIsNotOfThisPeriod(t *testing.T) {
	b := budget.New()
	b.Take(upload, daily, 600, noon)
	tomorrow := noon.Add(24 * time.Hour)
	b.Take(upload, daily, 300, tomorrow)
	b.Return(upload, 100, noon)
	if got := b.Left(upload, daily, tomorrow); got != 700 {
		t.Errorf("%d left after a return of yesterday, want 700", got)
	}
	b.Return(upload, 100, tomorrow)
	if got := b.Left(upload, daily, tomorrow); got != 800 {
		t.Errorf("%d left after a return of today, want 800", got)
	}
}

// What was used counts until the next full hour or day begins, and a clock that is
// turned back begins nothing.
func TestPeriods(t *testing.T) {
	for _, tt := range []struct {
		name  string
		limit policy.Budget
		then  []time.Duration // after noon, one after the other
		left  int64
	}{
		{"later on the day", daily, []time.Duration{11 * time.Hour}, 400},
		{"the next day", daily, []time.Duration{12 * time.Hour}, 1000},
		{"the next hour", hourly, []time.Duration{30 * time.Minute}, 1000},
		{"the day before", daily, []time.Duration{-24 * time.Hour}, 400},
		{"a week before, and back", daily, []time.Duration{-7 * 24 * time.Hour}, 400},
		{"midnight, from both sides", daily, []time.Duration{-13 * time.Hour, 0}, 400},
		{"a longer period", policy.Budget{Bytes: 1000, Per: policy.Hour}, []time.Duration{0}, 400},
	} {
		b := budget.New()
		first := tt.limit
		if tt.name == "a longer period" {
			first = daily
		}
		b.Take(upload, first, 600, noon)
		var left int64
		for _, d := range tt.then {
			left = b.Left(upload, tt.limit, noon.Add(d))
		}
		if left != tt.left {
			t.Errorf("%s: %d left, want %d", tt.name, left, tt.left)
		}
	}
}

func TestScopes(t *testing.T) {
	each := policy.Decision{RuleID: "upload", Budget: hourly}
	if a, b := budget.KeyOf(each, "/bin/a"), budget.KeyOf(each, "/bin/b"); a == b {
		t.Error("two programs share a line")
	}
	if a, b := budget.KeyOf(each, ""), budget.KeyOf(each, "/"+strings.Repeat("x", 5000)); a != b {
		t.Error("programs that are not known do not share a line")
	}
	all := policy.Decision{RuleID: "upload", Budget: daily}
	if a, b := budget.KeyOf(all, "/bin/a"), budget.KeyOf(all, "/bin/b"); a != b {
		t.Error("a budget of the rule is counted for each program")
	}
}

// A process that is killed forgets nothing that has left; one that ends well keeps
// the exact count.
func TestWhatWasUsedOutlivesTheProcess(t *testing.T) {
	file := filepath.Join(t.TempDir(), "budgets")
	limit := policy.Budget{Bytes: 10 << 20, Per: policy.Day, Scope: policy.PerRule}
	killed := budget.Open(file, quiet())
	killed.Take(upload, limit, 3<<20, noon)
	if left := budget.Open(file, quiet()).Left(upload, limit, noon); left > 7<<20 || left < 6<<20 {
		t.Errorf("%d left after a crash", left)
	}
	ended := budget.Open(file, quiet())
	used := limit.Bytes - ended.Left(upload, limit, noon)
	ended.Take(upload, limit, 1<<20, noon)
	if err := ended.Close(); err != nil {
		t.Fatal(err)
	}
	if left := budget.Open(file, quiet()).Left(upload, limit, noon); left != limit.Bytes-used-1<<20 {
		t.Errorf("%d left after a good end, %d were used before", left, used)
	}
	if left := budget.Open(file, quiet()).Left(upload, limit, noon.Add(24*time.Hour)); left != limit.Bytes {
		t.Errorf("%d left the next day", left)
	}
}

// Where the book cannot be read or written, nothing leaves.
func TestABookThatIsBrokenGrantsNothing(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "budgets")
	for _, text := range []string{"{", `[{"rule":"a","bytes":1,"per":"week","used":0,"window":0}]`, `[{"rule":"a","bytes":1,"per":"day","used":-5,"window":0}]`} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		b := budget.Open(file, quiet())
		if b.Left(upload, daily, noon) != 0 || b.Take(upload, daily, 1, noon) != 0 || b.Close() != nil {
			t.Errorf("%s: something is granted", text)
		}
		if kept, err := os.ReadFile(file); err != nil || string(kept) != text {
			t.Errorf("%s became %s, %v", text, kept, err)
		}
	}
	gone := budget.Open(filepath.Join(dir, "no", "budgets"), quiet())
	if got := gone.Take(upload, daily, 1, noon); got != 0 {
		t.Errorf("%d granted without a place to write it down", got)
	}
}

func TestAListOfWhatIsUsed(t *testing.T) {
	b := budget.New()
	b.Take(budget.Key{Rule: "b"}, daily, 5, noon)
	b.Take(budget.Key{Rule: "a", Program: "/bin/x"}, hourly, 6, noon)
	b.Overdraw(budget.Key{Rule: "a", Program: "/bin/x"}, hourly, 2000, noon)
	all := b.All(noon)
	if len(all) != 2 || all[0].Rule != "a" || all[0].Used != 2006 || !all[0].Until.Equal(noon.Add(30*time.Minute)) || all[1].Used != 5 || !all[1].Until.Equal(noon.Add(11*time.Hour+30*time.Minute)) {
		t.Errorf("%+v", all)
	}
	if all := b.All(noon.Add(time.Hour)); len(all) != 1 {
		t.Errorf("an hour later: %+v", all)
	}
}

// Memory is bounded: with too many programs nothing more leaves, until the period
// is over.
func TestTooManyPrograms(t *testing.T) {
	b := budget.New()
	for i := range 16_384 {
		b.Take(budget.Key{Rule: "r", Program: string(rune(i + 1))}, hourly, 1, noon)
	}
	if got := b.Take(budget.Key{Rule: "one more"}, hourly, 1, noon); got != 0 {
		t.Errorf("got %d", got)
	}
	if got := b.Take(budget.Key{Rule: "one more"}, hourly, 1, noon.Add(time.Hour)); got != 1 {
		t.Errorf("got %d an hour later", got)
	}
}

// However many ask at the same time, for however much, giving back what they did
// not need, and whenever the process is killed: what left is never more than the
// budget.
func TestStrictUnderConcurrency(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		limit := policy.Budget{Bytes: rapid.Int64Range(1, 1<<20).Draw(rt, "bytes"), Per: policy.Day, Scope: policy.PerRule}
		asks := rapid.SliceOfN(rapid.Int64Range(0, 1<<18), 1, 64).Draw(rt, "asks")
		file := filepath.Join(dir, "budgets")
		_ = os.Remove(file) // of the run before
		var left atomic.Int64
		for range rapid.IntRange(1, 3).Draw(rt, "lives of the process") {
			b := budget.Open(file, quiet())
			var all sync.WaitGroup
			for i, n := range asks {
				all.Go(func() {
					granted := b.Take(upload, limit, n, noon)
					if back := granted / int64(i+1) / 2; back > 0 {
						b.Return(upload, back, noon)
						granted -= back
					}
					left.Add(granted)
				})
			}
			all.Wait()
		}
		if left.Load() > limit.Bytes {
			rt.Fatalf("%d bytes left by a budget of %d", left.Load(), limit.Bytes)
		}
	})
}

// No file makes a book that grants more than a budget has, or that cannot be
// written again.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(`[{"rule":"upload","bytes":1000,"per":"day","scope":"rule","window":20649,"used":300}]`))
	f.Add([]byte(`[{"rule":"upload","bytes":1000,"per":"hour","scope":"rule","window":9223372036854775807,"used":9223372036854775807}]`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(t.TempDir(), "budgets")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		b := budget.Open(file, quiet())
		if got := b.Take(upload, daily, 5000, noon); got < 0 || got > daily.Bytes {
			t.Errorf("granted %d", got)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
}
