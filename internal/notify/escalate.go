package notify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// Bounds of a webhook's escalation.
const (
	MaxSteps  = 8
	MinAfter  = time.Minute
	MaxAfter  = 7 * 24 * time.Hour
	fireAtOne = 64 // steps that are told before the queue is looked at again
)

// Step is who is told of an incident that nobody has acknowledged in time.
type Step struct {
	// After is how long after the webhook was told; each step's is longer than the
	// one's before it.
	After time.Duration `json:"after"`
	To    string        `json:"to"` // a webhook's id; it may be the same one, which is reminded
}

// Timer is an incident that a webhook was told of and nobody has acknowledged since.
type Timer struct {
	IncidentID string
	Webhook    string    // whose escalation it is
	Since      time.Time // when that was told
	Step       int       // the next one
	Due        time.Time // when it comes
}

// Sign is what an event says of an incident's timers.
type Sign struct {
	IncidentID string
	Begin      []Timer // new ones, where there are none; empty: the incident has none any more
}

// Firing is a step whose time has come.
type Firing struct {
	Timer  Timer
	Step   Step
	Next   *time.Time // when the step after it comes; nil: it is the last
	Source string     // who says the event
}

// Escalations keeps the timers of incidents.
type Escalations interface {
	// Mark begins and ends timers, in the order of the signs, in one transaction. A
	// timer that is there already stays as it is, also when its last step was told.
	Mark(ctx context.Context, signs []Sign) error
	// DueTimers returns at most limit timers whose time has come, the earliest first.
	DueTimers(ctx context.Context, now time.Time, limit int) ([]Timer, error)
	// Fire tells of a step: its event, a line in the incident's timeline and the timer
	// are stored in one transaction. Nothing is told when the timer is another by now,
	// or the incident is acknowledged or over; one that is snoozed waits until then. The
	// zero Step tells nothing and ends the timer.
	Fire(ctx context.Context, f Firing) (told bool, err error)
}

// CheckSteps reports what is wrong with an escalation.
func CheckSteps(steps []Step) error {
	if len(steps) > MaxSteps {
		return fmt.Errorf("%d steps are more than %d", len(steps), MaxSteps)
	}
	before := time.Duration(0)
	for _, s := range steps {
		if s.After < MinAfter || s.After > MaxAfter || s.After%time.Second != 0 {
			return fmt.Errorf("after %s is not between %s and %s, in whole seconds", s.After, MinAfter, MaxAfter)
		}
		if s.After <= before {
			return fmt.Errorf("after %s does not come later than the step before it", s.After)
		}
		if err := checkID(s.To); err != nil {
			return fmt.Errorf("to: %w", err)
		}
		before = s.After
	}
	return nil
}

// stepsLead refuses steps that lead to no webhook.
func (n *Notifier) stepsLead(ctx context.Context, h Webhook) error {
	if len(h.Escalate) == 0 {
		return nil
	}
	subs, err := n.subscriptions(ctx)
	if err != nil {
		return err
	}
	for _, s := range h.Escalate {
		known := s.To == h.ID || slices.ContainsFunc(subs, func(o Subscription) bool { return o.ID == s.To })
		if !known {
			return &InputError{"escalate", fmt.Sprintf("there is no webhook %q to tell; make that one first", s.To)}
		}
	}
	return nil
}

// mark begins and ends timers as records ask for it. What it did once it does not do
// again, so a batch may come twice.
func (n *Notifier) mark(ctx context.Context, who audience, records []event.Record) error {
	signs := n.signs(who, records)
	if len(signs) == 0 {
		return nil
	}
	if err := n.deps.Escalations.Mark(ctx, signs); err != nil {
		return fmt.Errorf("keeping the timers of incidents: %w", err)
	}
	return nil
}

// signs are what records say of timers.
func (n *Notifier) signs(who audience, records []event.Record) (signs []Sign) {
	if n.deps.Escalations == nil || len(who.escalating) == 0 {
		return nil
	}
	for _, r := range records {
		if !ofIncident(r.Event.Topic) {
			continue
		}
		if s, ok := sign(r.Event, who.escalating, who.silences); ok {
			signs = append(signs, s)
		}
	}
	return signs
}

func ofIncident(topic string) bool {
	return slices.ContainsFunc([]string{"opened", "updated", "closed"}, func(what string) bool { return event.Match("incident.*."+what, topic) })
}

// sign is what an event of an incident says of its timers; ok is false when it says
// nothing: of an incident that is open, and of which no webhook with steps is told.
func sign(e event.Event, subs []Subscription, silences []Silence) (s Sign, ok bool) {
	var p event.Incident
	if e.Decode(&p) != nil || p.IncidentID == "" {
		return s, false
	}
	s.IncidentID = p.IncidentID
	if p.State != "triggered" || p.MergedInto != "" {
		return s, true
	}
	for _, sub := range subs {
		told := newDelivery(sub.ID, e, e.Time)
		if !sub.Wants(e) || hush(silences, told).State == Silenced {
			continue // whoever is not told cannot be late
		}
		since := sub.Manner.when(e, e.Time)
		s.Begin = append(s.Begin, Timer{IncidentID: p.IncidentID, Webhook: sub.ID, Since: since, Due: since.Add(sub.Escalate[0].After)})
	}
	return s, len(s.Begin) > 0
}

// escalate tells of steps whose time has come, until ctx ends.
func (n *Notifier) escalate(ctx context.Context) {
	health := faults{log: n.deps.Log, what: "escalating incidents"}
	for ctx.Err() == nil {
		more, err := n.fireDue(ctx)
		if ctx.Err() == nil {
			health.note(err)
		}
		if err != nil || !more {
			n.pause(ctx, n.opts.Poll, nil)
		}
	}
}

func (n *Notifier) fireDue(ctx context.Context) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	due, err := n.deps.Escalations.DueTimers(ctx, n.deps.Clock.Now(), fireAtOne)
	if err != nil {
		return false, fmt.Errorf("reading timers: %w", err)
	}
	if len(due) == 0 {
		return false, nil
	}
	subs, err := n.subscriptions(ctx)
	if err != nil {
		return false, err
	}
	for _, t := range due {
		if err := n.fire(ctx, t, subs); err != nil {
			return false, fmt.Errorf("escalating incident %s: %w", t.IncidentID, err)
		}
	}
	return len(due) == fireAtOne, nil
}

// fire tells of a timer's step as its webhook has it now.
func (n *Notifier) fire(ctx context.Context, t Timer, subs []Subscription) error {
	k := slices.IndexFunc(subs, func(s Subscription) bool { return s.ID == t.Webhook })
	if k < 0 || subs[k].State() == Paused || t.Step >= len(subs[k].Escalate) {
		_, err := n.deps.Escalations.Fire(ctx, Firing{Timer: t}) // it has no step any more
		return err
	}
	steps := subs[k].Escalate
	f := Firing{Timer: t, Step: steps[t.Step], Source: n.deps.Node}
	if t.Step+1 < len(steps) {
		next := n.deps.Clock.Now().Add(steps[t.Step+1].After - steps[t.Step].After) // also when this one is late
		f.Next = &next
	}
	told, err := n.deps.Escalations.Fire(ctx, f)
	if err != nil || !told {
		return err
	}
	log := n.deps.Log.With("incident", t.IncidentID, "subscription", t.Webhook, "to", f.Step.To, "after", f.Step.After)
	if !slices.ContainsFunc(subs, func(s Subscription) bool { return s.ID == f.Step.To }) {
		log.Error("nobody acknowledged an incident, and the webhook that was to be told is not there")
		return nil
	}
	log.Warn("nobody acknowledged an incident")
	return nil
}

// escalatedTo reports whether the event is a step that tells s, whatever it wants to
// hear otherwise.
func (s Subscription) escalatedTo(e event.Event) bool {
	if !event.Match("incident.*.escalated", e.Topic) {
		return false
	}
	var p event.IncidentEscalated
	return e.Decode(&p) == nil && p.To == s.ID
}
