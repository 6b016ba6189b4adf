package anomaly

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync/atomic"
	"time"
)

// Options of a Monitor. All may be left out.
type Options struct {
	// Handler is told of alerts, one at a time, by a goroutine of the Monitor. If nil,
	// they are counted in Stats and nobody is told: LogTo(nil) is the least there should
	// be. It must not call Close.
	Handler func(Alert)
	// Allowlist are networks from which events count for nobody: own health checks and
	// scanners. They are in Stats.Allowlisted only. Whoever comes from there is not seen,
	// so no proxy belongs into it.
	Allowlist []netip.Prefix
	// Detectors are what is watched for. If nil, Defaults. Those of one Kind are asked
	// in this order, up to the first that has an episode open.
	Detectors []Detector
	// Now is the clock; for events of a record that is read again, it is theirs. If
	// nil, time.Now.
	Now func() time.Time
	// Queue is how many alerts may wait for Handler; more are dropped and counted. If
	// 0, 1,024.
	Queue int
}

// Monitor counts events and tells of episodes. It is safe for concurrent use.
type Monitor struct {
	o         Options
	detectors map[Kind][]*detector
	all       []*detector
	totals    map[Kind]*atomic.Int64

	queue    chan Alert
	dropped  atomic.Int64
	panicked atomic.Int64
	told     atomic.Int64
	unknown  atomic.Int64
	keyless  atomic.Int64
	spared   atomic.Int64

	stop  context.CancelFunc
	ended chan struct{} // closed when run is over
}

// detector is a Detector at work.
type detector struct {
	Detector
	counter *Counter
	budget  budget
	past    past
}

const (
	sweepEvery  = time.Second
	usualQueue  = 1_024
	usualBudget = 30
)

// New makes a Monitor and starts its goroutine, which Close ends: one that is not closed
// stays in memory. The error says which detector or which network cannot be.
func New(o Options) (*Monitor, error) {
	for i, p := range o.Allowlist {
		if !p.IsValid() || p.Addr().Is4In6() {
			return nil, fmt.Errorf("network %d of the allowlist (%v) is none, or one of IPv4 written as IPv6, which contains nothing", i+1, p)
		}
	}
	if o.Detectors == nil {
		o.Detectors = Defaults()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Queue <= 0 {
		o.Queue = usualQueue
	}
	m := &Monitor{o: o, detectors: map[Kind][]*detector{}, totals: map[Kind]*atomic.Int64{}, queue: make(chan Alert, o.Queue), ended: make(chan struct{})}
	for i, d := range o.Detectors {
		if err := m.add(d); err != nil {
			return nil, fmt.Errorf("detector %d (%s by %s): %w", i+1, d.Kind, d.Key, err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	m.stop = stop
	go func() {
		defer close(m.ended)
		m.run(ctx)
	}()
	return m, nil
}

func (m *Monitor) add(d Detector) (err error) {
	if d.Kind == "" || d.Type == "" || d.Severity == "" {
		return errors.New("Kind, Type and Severity must be given")
	}
	if d.Key != BySource && d.Key != BySubnet && d.Key != ByUser {
		return errors.New("Key must be BySource, BySubnet or ByUser")
	}
	if d.Budget <= 0 {
		d.Budget = usualBudget
	}
	w := &detector{Detector: d, budget: budget{most: d.Budget}}
	w.counter, err = NewCounter(CounterOptions{
		Keys: d.Keys, Window: d.Window, Threshold: d.Threshold,
		Tell: func() bool { return w.budget.take(m.o.Now()) }, Again: func() bool { return w.budget.again(m.o.Now()) },
	})
	if err != nil {
		return err
	}
	m.all, m.detectors[d.Kind] = append(m.all, w), append(m.detectors[d.Kind], w)
	if m.totals[d.Kind] == nil {
		m.totals[d.Kind] = &atomic.Int64{}
	}
	return nil
}

// RecordFailedAuth is a login that failed.
func (m *Monitor) RecordFailedAuth(from netip.Addr, user string) {
	m.Record(Event{Kind: FailedAuth, Addr: from, User: user})
}

// RecordPrivilegedContainerAttempt is a container with privileges that was refused.
func (m *Monitor) RecordPrivilegedContainerAttempt(user string) {
	m.Record(Event{Kind: PrivilegedContainer, User: user})
}

// RecordPathTraversal is a path that leads out of where it may lead.
func (m *Monitor) RecordPathTraversal(from netip.Addr, path string) {
	m.Record(Event{Kind: Traversal, Addr: from, Detail: path})
}

// RecordCommandInjection is an input that would have become a command.
func (m *Monitor) RecordCommandInjection(from netip.Addr, input string) {
	m.Record(Event{Kind: Injection, Addr: from, Detail: input})
}

// RecordSuspiciousContainer is a container that was let run and should be looked at.
func (m *Monitor) RecordSuspiciousContainer(user, image string) {
	m.Record(Event{Kind: OddContainer, User: user, Detail: image})
}

// RecordRateLimitExceeded is a caller who was told to come back later.
func (m *Monitor) RecordRateLimitExceeded(from netip.Addr, route string) {
	m.Record(Event{Kind: RateLimited, Addr: from, Detail: route})
}

// Record counts an event. It never waits for a handler. An event of a Kind that no
// detector is for is counted as unknown only, one from the allowlist as that.
func (m *Monitor) Record(e Event) {
	if len(m.o.Allowlist) > 0 && within(e.Addr.Unmap().WithZone(""), m.o.Allowlist) {
		m.spared.Add(1)
		return
	}
	total := m.totals[e.Kind]
	if total == nil {
		m.unknown.Add(1)
		return
	}
	n := total.Add(1)
	if now := m.o.Now(); e.Time.IsZero() || e.Time.After(now) {
		e.Time = now
	}
	keyed := false
	for _, d := range m.detectors[e.Kind] {
		key := d.Key.of(&e)
		if key == (Key{}) {
			continue
		}
		keyed = true
		count := d.counter.Add(key, e.Time)
		if count.Step == Opened && count.Told {
			m.tell(d.opened(e, key.String(), count.Events, n))
		}
		if count.Missed {
			d.budget.miss(m.o.Now())
		}
		if count.Step != Quiet {
			return // it explains the event
		}
	}
	if !keyed {
		m.keyless.Add(1)
	}
}

// tell queues an alert.
func (m *Monitor) tell(a Alert) {
	select {
	case m.queue <- a:
	default:
		m.dropped.Add(1)
	}
}

// Close ends the Monitor after the alerts that wait were handled, however long the
// handler takes; Shutdown waits no longer than it is told. Episodes that are open stay
// untold of. Events that are recorded later are counted, and told to nobody. It may be
// called twice, and not by the handler, for which it would wait.
func (m *Monitor) Close() {
	m.stop()
	<-m.ended
}

// Shutdown is Close that waits for the handler until ctx ends, and returns its error
// then. The handler goes on.
func (m *Monitor) Shutdown(ctx context.Context) error {
	m.stop()
	select {
	case <-m.ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("closing the monitor: its handler has not come back: %w", ctx.Err())
	}
}

// run hands alerts to the handler and closes episodes.
func (m *Monitor) run(ctx context.Context) {
	sweep := time.NewTicker(sweepEvery)
	defer sweep.Stop()
	for {
		select {
		case a := <-m.queue:
			m.handle(a)
		case <-sweep.C:
			m.sweep(m.o.Now())
		case <-ctx.Done():
			m.rest()
			return
		}
	}
}

// rest handles what waits at the end.
func (m *Monitor) rest() {
	for {
		select {
		case a := <-m.queue:
			m.handle(a)
		default:
			return
		}
	}
}

func (m *Monitor) handle(a Alert) {
	defer func() {
		if recover() != nil {
			m.panicked.Add(1)
		}
	}()
	m.told.Add(1)
	if m.o.Handler != nil {
		m.o.Handler(a)
	}
}

// sweep tells of episodes that have ended, and of those that were too many to be told
// of one by one.
func (m *Monitor) sweep(now time.Time) {
	for _, d := range m.all {
		d.counter.Sweep(now, func(e Episode) {
			d.past.add(e.Key, now)
			if e.Told {
				m.handle(d.closed(e, now))
			}
		})
		if n := d.budget.rest(now); n > 0 {
			m.handle(d.digest(n, now))
		}
	}
}
