package egress

import (
	"context"
	"time"
)

// watchStalls cuts flows that moved no byte for too long. One watch over all is
// cheaper than a deadline around every read and write of each.
func (g *Gateway) watchStalls(ctx context.Context) {
	period := min(g.o.Limits.Stall, g.o.Limits.Answer, 2*time.Minute) / 4
	for {
		select {
		case <-ctx.Done():
			return
		case <-g.o.Clock.After(period):
			g.cutStalled()
		}
	}
}

func (g *Gateway) cutStalled() {
	now := g.o.Clock.Now()
	for _, f := range g.flows.all() {
		switch still := f.stalled(now); {
		case still:
			f.sever("no byte moved for " + f.quiet.String())
		case f.within != nil:
			f.within.touch(now)
		}
	}
}

// stalled reports whether the flow has been quiet for too long.
func (f *flow) stalled(now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := f.out.Load() + f.in.Load(); n != f.seen {
		f.seen, f.moved = n, now
	}
	return now.Sub(f.moved) >= f.quiet
}
