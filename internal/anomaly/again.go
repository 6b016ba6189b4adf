package anomaly

import (
	"time"

	guard "go.cordon.dev/cordon/guard/anomaly"
)

// What was reported may come again, long after: a file is read anew, a sender sends its
// archive once more. The sensor remembers the names of the latest records; of older ones
// it remembers the anomalies that they made. So what has a name, comes late and lies
// within an anomaly of its key that is over, opens none again. What has no name is never
// taken for what was there before: a device whose clock begins anew at each start would
// be attacked unseen.

// lateness is how late a record may come before it may have come before.
const lateness = time.Hour

// Past asks for an anomaly that is over and was going on at a time, or began within a
// window after it: what comes again may come in another order.
type Past struct {
	Kind    string
	KeyKind string
	Key     string
	At      time.Time
	Window  time.Duration
}

// tell opens an episode that there is room for, unless it was told of before.
func (t *tracker) tell(d *detector, p place, count int, e guard.Event) {
	if until := t.toldUntil(d, p, e); !until.IsZero() {
		d.budget.taken-- // nothing is told
		t.open[p] = &following{untold: true, until: until}
		return
	}
	t.start(d, p, string(d.Key), p.key, count, e)
}

func (t *tracker) toldUntil(d *detector, p place, e guard.Event) time.Time {
	if t.ended == nil || !t.again {
		return time.Time{}
	}
	return t.ended(Past{Kind: string(d.Type), KeyKind: string(d.Key), Key: p.key, At: e.Time, Window: d.Window})
}

// outlast opens an episode for a key whose earlier one explains no more: enough has
// happened after that was over.
func (t *tracker) outlast(d *detector, p place, f *following, c guard.Count, e guard.Event) {
	if t.silent || !e.Time.After(f.until) || c.Events < d.opens {
		return
	}
	delete(t.open, p)
	t.begin(d, p, c.Events, e)
}
