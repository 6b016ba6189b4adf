package deception

import (
	"slices"
	"sync"
	"time"
)

// drainFor is how long clients may go on with a host that is no more: they know it, and
// whoever comes anew meets another. Then they are cut off.
const drainFor = 5 * time.Minute

// mutate puts another generation of a decky in its place. Ports that both have stay
// open all the time.
func (f *Fleet) mutate(old, now *decky) {
	for _, v := range now.doors {
		i := slices.IndexFunc(old.doors, func(o *door) bool { return o.port == v.port && o.isOpen() })
		if i >= 0 {
			v.inherit(old.doors[i])
		}
	}
	for _, v := range old.doors {
		v.close()
	}
	now.open()
	f.leaving.see(old, f.deps.Clock.After(drainFor))
}

// leavers are generations that have clients and let nobody in.
type leavers struct {
	wait sync.WaitGroup

	mu  sync.Mutex
	all map[*decky]bool
}

// see parts with the clients of a generation when its time is over, or sooner when they
// have gone or there is a still older one of the decky.
func (l *leavers) see(d *decky, over <-chan time.Time) {
	l.hurry(d.spec.Name)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		l.all = map[*decky]bool{}
	}
	l.all[d] = true
	l.wait.Go(func() {
		d.drain(over)
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.all, d)
	})
}

// hurry cuts off the clients of earlier generations of a decky.
func (l *leavers) hurry(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for d := range l.all {
		if d.spec.Name == name {
			d.cancel()
		}
	}
}

// end cuts off all, and waits until they have gone.
func (l *leavers) end() {
	l.mu.Lock()
	for d := range l.all {
		d.cancel()
	}
	l.mu.Unlock()
	l.wait.Wait()
}

// drain waits until the clients have gone, and cuts off those that are there when time
// is over or the decky ends.
func (d *decky) drain(over <-chan time.Time) {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for _, v := range d.doors {
			v.clients.Wait()
		}
	}()
	select {
	case <-gone:
	case <-over:
	case <-d.ctx.Done():
	}
	d.cancel()
	<-gone
}
