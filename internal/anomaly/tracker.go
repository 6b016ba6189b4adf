package anomaly

import (
	"fmt"
	"time"

	guard "go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/turns"
)

// usualBudget is how many episodes of a detector open in a minute, each by itself.
const usualBudget = 30

// tracker makes episodes of events. It knows no clock: now is when what it is given
// was received.
type tracker struct {
	detectors []*detector
	byKind    map[guard.Kind][]*detector
	known     *recent
	now       time.Time
	silent    bool // what it is given is history: it is counted, and changes no episode
	again     bool // the record may have been sent before: it has a name, and comes late

	// ended asks until when an episode explains what comes again; the zero time: none does.
	// If nil, none does.
	ended func(of Past) time.Time

	open map[place]*following
	// loose are open episodes that their counters do not follow: of an earlier run that the
	// windows, read again, did not reach, and of senders whose clocks are behind. Every event
	// has to be compared with them.
	loose map[place]*following
	// cooling are open episodes that their counters no longer follow, and that are not
	// over before the cooldown of their rule is.
	cooling map[place]*following

	rules judge

	changed []*following
	said    []said
}

// detector is a guard.Detector at work.
type detector struct {
	guard.Detector
	number   int
	severity event.Severity
	counter  *guard.Counter
	budget   budget
	opens    int           // events in a window that open an episode
	rest     time.Duration // an episode is over when it was quiet for so long
	recall   recall        // of a rule that asks for more than a count; else nil
}

// place is where an open episode is found: by its detector and its key. That of
// those that are counted together has no key.
type place struct {
	detector int
	key      string
}

// following is an open episode.
type following struct {
	Episode
	rest    time.Duration // it is over when it was quiet for so long
	heard   time.Time     // when its latest event was received, in this run: the clock of who says its time may be behind
	untold  bool          // it is counted together with others, or was told of before
	until   time.Time     // it was told of before, and explains what happened up to then; else zero
	fresh   bool          // it is not stored
	changed bool          // in tracker.changed
}

// said is an event to be: an episode as it was then.
type said struct {
	episode Episode
	state   string
	at      time.Time
}

func newTracker(detectors []guard.Detector, rules []*rule.Rule) (*tracker, error) {
	t := &tracker{
		byKind: map[guard.Kind][]*detector{}, known: newRecent(), open: map[place]*following{}, loose: map[place]*following{}, cooling: map[place]*following{},
	}
	for _, d := range detectors {
		w, err := t.add(d, d.Threshold)
		if err != nil {
			return nil, err
		}
		t.byKind[d.Kind] = append(t.byKind[d.Kind], w)
	}
	return t, t.rules.set(t, rules)
}

// add makes a detector that opens an episode at so many events of a key in a window.
func (t *tracker) add(d guard.Detector, opens int) (*detector, error) {
	severity, err := event.ParseSeverity(string(d.Severity))
	if err != nil {
		return nil, err
	}
	c, err := guard.NewCounter(guard.CounterOptions{Keys: d.Keys, Window: d.Window, Threshold: opens})
	if err != nil {
		return nil, fmt.Errorf("detector of %s by %s: %w", d.Type, d.Key, err)
	}
	w := &detector{Detector: d, number: len(t.detectors), severity: severity, counter: c, opens: opens, budget: budget{most: usualBudget}, rest: d.Window}
	t.detectors = append(t.detectors, w)
	return w, nil
}

// restore takes up the open episodes of an earlier run. Those of detectors that there
// are no more are over.
func (t *tracker) restore(open []Episode, now time.Time) {
	t.now = now
	for _, e := range open {
		f := &following{Episode: e, rest: e.Window}
		p, ok := t.placeOf(e)
		if _, twice := t.open[p]; !ok || twice {
			t.end(f)
			continue
		}
		t.open[p] = f
		if p.key != "" {
			f.rest = t.detectors[p.detector].rest
			t.unfollowed(p, f)
		}
	}
}

func (t *tracker) placeOf(e Episode) (place, bool) {
	for _, d := range t.detectors {
		switch {
		case string(d.Type) != e.Kind:
		case string(d.Key) == e.KeyKind:
			return place{d.number, e.Key}, true
		case e.KeyKind == Global && string(d.Key) == e.Key:
			return place{detector: d.number}, true
		}
	}
	return place{}, false
}

// take counts records, which were received at a time.
func (t *tracker) take(records []event.SecurityRecord, received time.Time) {
	t.now = received
	for i := range records {
		turns.Give(i)
		r := &records[i]
		if r.ID != "" && !t.known.add(r.Kind+" "+r.ID) {
			continue
		}
		e := about(r, received)
		t.again = r.ID != "" && received.Sub(e.Time) > lateness
		shown(r, e, t.count)
		t.judge(r, e)
	}
}

// count asks the detectors of an event's kind, up to the first that explains it.
func (t *tracker) count(e guard.Event) {
	for _, d := range t.byKind[e.Kind] {
		key := keyOf(d.Key, &e)
		if key == (guard.Key{}) {
			continue
		}
		if t.follow(d, key, d.counter.Add(key, e.Time), e) {
			return
		}
	}
}

// follow does for the episode of a key what a count asks for, and reports whether
// there is one.
func (t *tracker) follow(d *detector, key guard.Key, c guard.Count, e guard.Event) (explained bool) {
	if c.Step == guard.Quiet && len(t.loose) == 0 {
		return false
	}
	p := place{d.number, named(key.String())}
	if c.Step == guard.Quiet && t.loose[p] == nil {
		return false
	}
	if c.Step != guard.Quiet { // the counter tells when it is over
		delete(t.loose, p)
		delete(t.cooling, p)
	}
	f := t.open[p]
	switch {
	case f != nil && !f.until.IsZero():
		t.outlast(d, p, f, c, e)
	case f != nil && f.untold:
		t.surface(d, p, f, e)
	case f != nil:
		t.grow(f, e)
	case t.silent:
	case c.Step != guard.Untracked:
		t.begin(d, p, c.Events, e)
	case c.Missed:
		t.together(d, e)
	}
	return true
}

func (t *tracker) grow(f *following, e guard.Event) {
	f.heard = t.now
	if t.silent {
		return
	}
	if t.touch(f); f.add(e) {
		t.say(f, event.AnomalyGrowing)
	}
}

// begin opens an episode, or counts it with others when too many open.
func (t *tracker) begin(d *detector, p place, count int, e guard.Event) {
	if !d.budget.take(t.now) {
		t.open[p] = &following{untold: true, Episode: Episode{Count: int64(count), Told: int64(count)}}
		t.together(d, e)
		return
	}
	t.tell(d, p, count, e)
}

// surface counts an episode that is told of with others. One that goes on is told of by
// itself as soon as there is room: it is asked for whenever it has doubled.
func (t *tracker) surface(d *detector, p place, f *following, e guard.Event) {
	if f.Count++; t.silent || f.Count < 2*f.Told {
		return
	}
	f.Told = f.Count
	if d.budget.take(t.now) {
		t.tell(d, p, int(f.Count), e)
	}
}

// together counts an episode that is not told of by itself.
func (t *tracker) together(d *detector, e guard.Event) {
	p := place{detector: d.number}
	e.Time = t.now // of whose events it counts one is as late as another
	if f := t.open[p]; f != nil {
		t.grow(f, e)
		return
	}
	f := t.start(d, p, Global, string(d.Key), 1, e)
	f.Threshold, f.Window, f.rest = d.budget.most, time.Minute, time.Minute
}

func (t *tracker) start(d *detector, p place, keyKind, key string, count int, e guard.Event) *following {
	f := &following{fresh: true, rest: d.rest, heard: t.now, Episode: Episode{
		ID: id.New(), Kind: string(d.Type), KeyKind: keyKind, Key: key, Severity: d.severity, Count: int64(count), Told: int64(count),
		Threshold: d.Threshold, Window: d.Window, OpenedAt: e.Time,
	}}
	f.latest(e)
	t.open[p] = f
	t.touch(f)
	t.say(f, event.AnomalyOpened)
	return f
}

// sweep closes what was quiet for a whole window.
func (t *tracker) sweep(now time.Time) {
	t.now = now
	for _, d := range t.detectors {
		d.counter.Sweep(now, func(e guard.Episode) { t.left(place{d.number, named(e.Key)}) })
		if p := (place{detector: d.number}); !t.silent && t.quiet(t.open[p]) {
			t.close(p)
		}
	}
	for _, unfollowed := range []map[place]*following{t.loose, t.cooling} {
		for p, f := range unfollowed {
			if !t.silent && t.quiet(f) {
				t.close(p)
			}
		}
	}
}

// mostCooling bounds how many episodes wait for the end of their cooldown.
const mostCooling = 4_096

// left is an episode that a counter no longer follows. In history it may have gone on
// all the same: with events from before what is read again. So may one of which events
// still come that were late when they came.
func (t *tracker) left(p place) {
	f := t.open[p]
	switch {
	case f != nil && !f.untold && (t.silent || t.cools(f) || t.goesOn(f)):
		t.unfollowed(p, f)
	case !t.silent:
		t.close(p)
	}
}

func (t *tracker) cools(f *following) bool {
	return f.rest > f.Window && len(t.cooling) < mostCooling
}

// goesOn reports whether events of an episode still come. A counter may be early by one
// part of its window.
func (t *tracker) goesOn(f *following) bool {
	return t.now.Sub(f.heard) < f.Window-f.Window/8
}

// unfollowed keeps an open episode that no counter follows.
func (t *tracker) unfollowed(p place, f *following) {
	if f.rest > f.Window {
		t.cooling[p] = f
		return
	}
	t.loose[p] = f
}

func (t *tracker) quiet(f *following) bool {
	return f != nil && t.now.Sub(f.SeenAt) >= f.rest && t.now.Sub(f.heard) >= f.rest
}

func (t *tracker) close(p place) {
	f := t.open[p]
	delete(t.open, p)
	delete(t.loose, p)
	delete(t.cooling, p)
	if f != nil && !f.untold {
		t.end(f)
	}
}

// end closes an episode as of when it had been quiet for long enough.
func (t *tracker) end(f *following) {
	at := f.SeenAt.Add(f.rest)
	if at.After(t.now) { // nobody watches it any more
		at = t.now
	}
	f.ClosedAt = &at
	t.touch(f)
	t.say(f, event.AnomalyClosed)
}

func (t *tracker) touch(f *following) {
	if !f.changed {
		f.changed, t.changed = true, append(t.changed, f)
	}
}

func (t *tracker) say(f *following, state string) {
	t.said = append(t.said, said{f.Episode, state, t.now})
}

// changes are the episodes that have changed since it was last asked, and what is to
// be said of them. What they return is stored, or the tracker is done with.
func (t *tracker) changes(source string) (all []Change, events []event.Event, err error) {
	for _, f := range t.changed {
		all = append(all, Change{Episode: f.Episode, Fresh: f.fresh})
		f.changed, f.fresh = false, false
	}
	for _, s := range t.said {
		e, err := s.episode.Event(s.state, source, s.at)
		if err != nil {
			return nil, nil, err
		}
		events = append(events, e)
	}
	t.changed, t.said = nil, nil
	return all, events, nil
}
