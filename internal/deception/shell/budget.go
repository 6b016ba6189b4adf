package shell

import (
	"context"
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

// hold counts memory that is kept, and reports whether it fits.
func (l *login) hold(bytes int) bool {
	if l.memory.Add(int64(bytes)) <= l.m.limits.Memory || bytes <= 0 {
		return true
	}
	l.memory.Add(-int64(bytes))
	return false
}

// end ends all processes of a login.
func (l *login) end(s Signal) { l.cancel(signalled(s)) }
