package killswitch

import (
	"context"
	"os"
	"time"
)

// Watch looks at the files every period, and turns the switch on for each
// signal that comes on signals (SIGUSR1, which the caller has asked for by
// signal.Notify). It returns when ctx ends. The clock is now's.
func (s *Switch) Watch(ctx context.Context, period time.Duration, signals <-chan os.Signal, now func() time.Time) {
	tick := time.NewTicker(period)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case sig := <-signals:
			// On even when the file could not be written: there is nobody to tell
			// here, and State says who turned it.
			_ = s.Set(true, "the signal "+sig.String()+" came", "signal", now())
		case <-tick.C:
			s.Look()
		}
	}
}
