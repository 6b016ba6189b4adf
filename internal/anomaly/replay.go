package anomaly

import (
	"time"

	"go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/event"
)

// What is kept of a replay.
const (
	MostEpisodes = 200 // the first to open; the others are counted
	MostBuckets  = 120
)

// Replay asks one rule about records as they come, and stores nothing. One goroutine
// uses it.
type Replay struct {
	t       *tracker
	from    time.Time
	width   time.Duration
	out     Outcome
	places  map[string]int  // episodes by id: their places in out
	running map[string]bool // ids of those that are open, while the stretch has not begun
	begun   bool
}

// Outcome is what a rule made of records.
type Outcome struct {
	Matched  int64    // records that the rule is about
	Keyless  int64    // of these, those that do not say whose they are: they count for nobody
	Unjudged bool     // the condition could not be answered for some record, which did not count
	Already  int      // episodes that were open when the stretch began; Opened does not count them
	Opened   int      // episodes
	Episodes []Played // the first MostEpisodes of them
	Buckets  []Bucket // from the begin of the stretch on, one after another
	Width    time.Duration
}

// Played is an episode that a rule would have kept.
type Played struct {
	Episode
	Grown int // how often it would have been told of again because it had doubled
}

// Bucket is a part of the stretch that a replay is of.
type Bucket struct {
	At      time.Time // its begin
	Matched int64     // records
	Peak    int       // the most of one key in the rule's window, of what the rule counts
}

// NewReplay makes a Replay of a rule over a stretch of time.
func NewReplay(r *rule.Rule, from, to time.Time) (*Replay, error) {
	t, err := newTracker(nil, []*rule.Rule{r})
	if err != nil {
		return nil, err
	}
	p := &Replay{t: t, from: from.UTC(), places: map[string]int{}, running: map[string]bool{}}
	p.width = max(to.Sub(from)/MostBuckets, 0).Truncate(time.Second) + time.Second
	return p, nil
}

// WarmUp counts records that were received before the stretch began, so that its first
// window is as full as it was. What they open is told of in Outcome.Already only. It is
// called before Take.
func (p *Replay) WarmUp(records []event.SecurityRecord, received time.Time) {
	p.t.sweep(received)
	p.t.take(records, received)
	p.forget()
}

// forget keeps of what the tracker would tell of only which episodes are open.
func (p *Replay) forget() {
	p.t.rules.index.Failed() // asked for, it is forgotten
	for _, s := range p.t.said {
		switch s.state {
		case event.AnomalyOpened:
			p.running[s.episode.ID] = true
		case event.AnomalyClosed:
			delete(p.running, s.episode.ID)
		}
	}
	for _, f := range p.t.changed {
		f.changed, f.fresh = false, false
	}
	p.t.changed, p.t.said = nil, nil
}

// begin begins the stretch.
func (p *Replay) begin() {
	if p.begun {
		return
	}
	p.t.sweep(p.from)
	p.forget()
	p.begun, p.out.Already, p.running = true, len(p.running), nil
	p.t.rules.weighed = p.weighed
}

// weighed draws a record in its place. One from before the stretch is drawn at its begin.
func (p *Replay) weighed(w weighing) {
	p.out.Matched++
	if !w.keyed {
		p.out.Keyless++
	}
	n := min(int(max(w.at.Sub(p.from), 0)/p.width), MostBuckets-1)
	for k := len(p.out.Buckets); k <= n; k++ {
		p.out.Buckets = append(p.out.Buckets, Bucket{At: p.from.Add(time.Duration(k) * p.width)})
	}
	b := &p.out.Buckets[n]
	b.Matched, b.Peak = b.Matched+1, max(b.Peak, w.amount)
}

// Take counts records, which were received at a time.
func (p *Replay) Take(records []event.SecurityRecord, received time.Time) {
	p.begin()
	p.t.sweep(received)
	p.t.take(records, received)
	p.collect()
}

// End is what the rule made of them, as of a time. What had not been quiet for long enough
// by then is open.
func (p *Replay) End(now time.Time) Outcome {
	p.begin()
	p.t.sweep(now)
	p.collect()
	p.out.Width = p.width
	return p.out
}

// collect takes what the tracker would tell of.
func (p *Replay) collect() {
	p.out.Unjudged = len(p.t.rules.index.Failed()) > 0 || p.out.Unjudged
	for _, s := range p.t.said {
		p.say(s)
	}
	for _, f := range p.t.changed { // as of now, whether it is told of or not
		f.changed, f.fresh = false, false
		if k, ok := p.places[f.ID]; ok {
			p.out.Episodes[k].Episode = f.Episode
		}
	}
	p.t.changed, p.t.said = nil, nil
}

func (p *Replay) say(s said) {
	if s.state == event.AnomalyOpened {
		p.out.Opened++
		if len(p.out.Episodes) < MostEpisodes {
			p.places[s.episode.ID] = len(p.out.Episodes)
			p.out.Episodes = append(p.out.Episodes, Played{Episode: s.episode})
		}
	}
	k, ok := p.places[s.episode.ID]
	if ok && s.state == event.AnomalyGrowing {
		p.out.Episodes[k].Grown++
	}
}
