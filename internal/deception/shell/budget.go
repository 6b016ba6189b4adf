package shell

import (
	"context"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// paceEvery is how many steps pass between looks at the clock.
const paceEvery = 1024

// step counts one command, turn of a loop or expansion. A login that took more
// than its burst is slowed down to its pace, and one that took all of its steps
// is killed.
func (l *login) step(ctx context.Context) error {
	if ctx.Err() != nil {
		return vfs.EINTR
	}
	n := l.steps.Add(1)
	if n > l.m.limits.Steps {
		l.end(SIGKILL)
		return vfs.EINTR
	}
	if n%paceEvery == 0 {
		return l.pace(ctx, n)
	}
	return nil
}

// unitsPerStep is how much work of some ten nanoseconds is as much as a step.
const unitsPerStep = 64

// work counts a computation of so many units as steps, before it is done or as it
// goes on.
func (l *login) work(ctx context.Context, units int) error {
	if ctx.Err() != nil {
		return vfs.EINTR
	}
	done := l.units.Add(int64(units))
	steps := done/unitsPerStep - (done-int64(units))/unitsPerStep
	n := l.steps.Add(steps)
	if n > l.m.limits.Steps {
		l.end(SIGKILL)
		return vfs.EINTR
	}
	if n/paceEvery != (n-steps)/paceEvery {
		return l.pace(ctx, n)
	}
	return nil
}

func (l *login) pace(ctx context.Context, n int64) error {
	limits := l.m.limits
	allowed := limits.Burst + int64(l.m.Now().Sub(l.began).Seconds()*float64(limits.Pace))
	if n <= allowed {
		return nil
	}
	wait := time.Duration(float64(n-allowed) / float64(limits.Pace) * float64(time.Second))
	select {
	case <-ctx.Done():
		return vfs.EINTR
	case <-l.m.clock.After(min(wait, time.Second)):
		return nil
	}
}

// unshared is how much memory a login has without asking for a part of what all
// machines together may have: its shell runs, however much others take.
const unshared = 256 << 10

// ledger counts the memory of a login. Its zero value is not ready.
type ledger struct {
	most int64
	more func(bytes int64) bool // takes of what all may have, or gives back

	mu   sync.Mutex
	used int64
	owed int64 // that was taken although there was no more
}

// take counts memory that is kept, and reports whether it fits.
func (g *ledger) take(bytes int64) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.used+bytes > g.most {
		return false
	}
	if asked := beyond(g.used+bytes) - beyond(g.used); asked > 0 && !g.more(asked) {
		return false
	}
	g.used += bytes
	return true
}

// repeat counts what is kept already once more, whether it fits or not.
func (g *ledger) repeat(bytes int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if asked := beyond(g.used+bytes) - beyond(g.used); asked > 0 && !g.more(asked) {
		g.owed += asked
	}
	g.used += bytes
}

// give counts memory that is no longer kept.
func (g *ledger) give(bytes int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	back := beyond(g.used) - beyond(g.used-bytes)
	paid := min(back, g.owed)
	g.used, g.owed = g.used-bytes, g.owed-paid
	if back > paid {
		g.more(paid - back)
	}
}

// close gives all back.
func (g *ledger) close() { g.give(g.used) }

func beyond(bytes int64) int64 { return max(bytes-unshared, 0) }

// hold counts memory that is kept, or, when bytes is negative, no longer is, and
// reports whether it fits.
func (l *login) hold(bytes int) bool {
	if bytes <= 0 {
		l.memory.give(-int64(bytes))
		return true
	}
	return l.memory.take(int64(bytes))
}

// end ends all processes of a login.
func (l *login) end(s Signal) { l.cancel(signalled(s)) }
