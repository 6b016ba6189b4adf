package anomaly

import (
	"cmp"
	"time"

	guard "go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/event"
)

// ruleKeys is how many keys the counter of a rule has room for.
const ruleKeys = 4_096

// judge asks operators' rules about records.
type judge struct {
	all       []*rule.Rule
	detectors []*detector // of the rules
	index     *rule.Index
	matched   []uint8 // by rule: the steps that the record satisfies, a bit each
	found     []int   // the rules of which matched is not zero
	note      func(rule, step int)
	weighed   func(w weighing) // told of each record that a rule counts; nil: nobody is
}

// weighing is what a record came to for one rule.
type weighing struct {
	keyed  bool // it says whose it is; one that does not counts for nobody
	amount int  // of what the rule counts, of its key in the window
	at     time.Time
}

// recall is what a rule remembers of each key besides a count.
type recall interface {
	// add takes a record that satisfies some steps, and returns how much it is of what
	// the rule counts; enough: it is too much.
	add(key guard.Key, steps uint8, r *event.SecurityRecord, at time.Time) (n int, enough bool)
	// lost is how many keys were forgotten for want of room.
	lost() int64
}

// set makes the detectors of some rules.
func (j *judge) set(t *tracker, rules []*rule.Rule) error {
	j.all, j.index, j.matched = rules, rule.NewIndex(rules), make([]uint8, len(rules))
	j.note = func(rule, step int) {
		if j.matched[rule] == 0 {
			j.found = append(j.found, rule)
		}
		j.matched[rule] |= 1 << step
	}
	for _, r := range rules {
		opens := r.Count
		remembered := remembers(r)
		if remembered != nil {
			opens = 1
		}
		d, err := t.add(guard.Detector{
			Key: r.By, Threshold: r.Count, Window: r.Window, Type: guard.Type(r.ID), Severity: guard.Severity(r.Severity.String()), Keys: ruleKeys,
		}, opens)
		if err != nil {
			return err
		}
		d.recall, d.rest = remembered, r.Cooldown
		j.detectors = append(j.detectors, d)
	}
	return nil
}

// remembers is what a rule has to remember; nil when a count is enough.
func remembers(r *rule.Rule) recall {
	switch r.Form {
	case rule.Distinct:
		return newValues(r)
	case rule.Sequence:
		return newChains(r)
	}
	return nil
}

// judge counts a record for the rules that it is about, as e with more.
func (t *tracker) judge(r *event.SecurityRecord, e guard.Event) {
	j := &t.rules
	j.index.Find(r, j.note)
	if len(j.found) == 0 {
		return
	}
	e.Detail = told(r.Attributes)
	for _, n := range j.found {
		t.weigh(j.detectors[n], j.matched[n], r, e)
		j.matched[n] = 0
	}
	j.found = j.found[:0]
}

// weigh counts an event that satisfies some steps of a rule.
func (t *tracker) weigh(d *detector, steps uint8, r *event.SecurityRecord, e guard.Event) {
	w := weighing{at: e.Time}
	key := keyOf(d.Key, &e)
	if w.keyed = key != (guard.Key{}); w.keyed {
		w.amount = t.weighKey(d, key, steps, r, e)
	}
	if t.rules.weighed != nil {
		t.rules.weighed(w)
	}
}

// weighKey counts it for its key, and returns how much that has of what the rule counts.
func (t *tracker) weighKey(d *detector, key guard.Key, steps uint8, r *event.SecurityRecord, e guard.Event) (amount int) {
	if d.recall != nil {
		n, enough := d.recall.add(key, steps, r, e.Time)
		if amount = n; !enough {
			return amount
		}
	}
	c := d.counter.Add(key, e.Time)
	if d.recall == nil {
		amount = c.Events
	}
	c.Events = max(c.Events, amount)
	t.follow(d, key, c, e)
	return amount
}

// told is the attribute that says what was done; empty when none does.
func told(attributes map[string]string) string {
	return cmp.Or(attributes["path"], attributes["input"], attributes["route"], attributes["image"])
}
