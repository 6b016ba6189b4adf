package notify

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/notify/wording"
)

const (
	maxTogether = 500 // deliveries that one message may carry
	maxGroups   = 50  // lines of a digest
	maxAbout    = 200 // characters of a line
	maxIDs      = 20  // events that a line names
)

// parcel is what one message carries: a delivery, and others that waited with
// it.
type parcel struct {
	Delivery            // what is sent: the delivery itself, or the digest of all
	all      []Delivery // those whose fate it decides
}

// outcome is an outcome as it is reported: of the message, under its own id.
func (p parcel) outcome(o Outcome) Outcome {
	o.Delivery.ID, o.Delivery.Event = p.ID, p.Event
	return o
}

// next takes the first parcel off ds, which are due. What was held back until
// the same time is told together, and read when all that was sent is recorded.
func (n *Notifier) next(ctx context.Context, s Subscription, ds []Delivery, l *ledger) (p parcel, rest []Delivery, err error) {
	first := ds[0]
	if !s.Manner.held(first) {
		return parcel{first, ds[:1]}, ds[1:], nil
	}
	l.wait()
	all, err := n.together(ctx, s, first.NextAttempt)
	if err != nil {
		return parcel{}, nil, err
	}
	rest = slices.DeleteFunc(slices.Clone(ds[1:]), func(d Delivery) bool {
		return slices.ContainsFunc(all, func(t Delivery) bool { return t.ID == d.ID })
	})
	if len(all) < 2 {
		return parcel{first, ds[:1]}, rest, nil
	}
	sum, err := n.digest(s, all)
	return parcel{sum, all}, rest, err
}

// held reports whether the delivery waited for its time, or for another try
// together with those that did.
func (m Manner) held(d Delivery) bool {
	return m.waits() && !m.urgent(d.Event) && d.NextAttempt.After(d.CreatedAt)
}

// together reads all deliveries that were held back until one time, by the
// event's id. After a crash or a failure these are the same.
func (n *Notifier) together(ctx context.Context, s Subscription, at time.Time) ([]Delivery, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	all, err := n.deps.Waiting.DueTogether(ctx, s.ID, at, maxTogether)
	if err != nil {
		return nil, fmt.Errorf("reading what waits for a digest: %w", err)
	}
	return slices.DeleteFunc(all, func(d Delivery) bool { return !s.Manner.held(d) }), nil
}

// digest is the delivery that tells of all. It is a pure function of them, so
// that a repeat has the same webhook-id and body.
func (n *Notifier) digest(s Subscription, all []Delivery) (Delivery, error) {
	p, worst, last := summary(s.ID, all)
	e, err := event.New(event.Header{
		Time: last, Source: n.deps.Node, Severity: worst, CorrelationID: all[0].Event.CorrelationID,
		Subject: fmt.Sprintf("%d events in %d groups", p.Count, len(p.Groups)+p.MoreGroups),
	}, p)
	if err != nil {
		return Delivery{}, fmt.Errorf("making a digest: %w", err)
	}
	var ids strings.Builder
	for _, d := range all {
		ids.WriteString(d.ID)
	}
	sum := sha256.Sum256([]byte(ids.String()))
	e.ID = id.From(last, [10]byte(sum[16:26]))
	d := all[0]
	d.ID, d.Event = "msg_"+hex.EncodeToString(sum[:16]), e
	return d, nil
}

// summary groups the events of deliveries, the worst group first.
func summary(webhook string, all []Delivery) (p event.WebhookDigest, worst event.Severity, last time.Time) {
	p = event.WebhookDigest{Webhook: webhook, Count: len(all), From: all[0].Event.Time}
	groups := map[string]*event.DigestGroup{}
	var order []*event.DigestGroup
	for _, d := range all {
		key := groupOf(d.Event)
		g := groups[key]
		if g == nil {
			g = &event.DigestGroup{Topic: d.Event.Topic, First: d.Event.Time}
			groups[key], order = g, append(order, g)
		}
		count(g, d.Event)
		worst, last = max(worst, d.Event.Severity), later(last, d.Event.Time)
		p.From, p.To = earlier(p.From, d.Event.Time), last
	}
	slices.SortStableFunc(order, func(a, b *event.DigestGroup) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(b.Count, a.Count))
	})
	for i, g := range order {
		if i == maxGroups {
			p.MoreGroups = len(order) - maxGroups
			break
		}
		p.Groups = append(p.Groups, *g)
	}
	return p, worst, last
}

// count adds an event to its group, which is told by the worst of its events.
func count(g *event.DigestGroup, e event.Event) {
	if g.Count == 0 || e.Severity > g.Severity {
		g.Severity, g.About = e.Severity, wording.Write(wording.Of(e).Title, maxAbout, wording.OneLine)
	}
	g.Count++
	g.First, g.Last = earlier(g.First, e.Time), later(g.Last, e.Time)
	if len(g.EventIDs) < maxIDs {
		g.EventIDs = append(g.EventIDs, e.ID)
	}
}

// groupOf is what events of one line of a digest have in common: the topic and,
// as far as they say so, what it is about.
func groupOf(e event.Event) string {
	var about struct {
		Rule     string `json:"rule"`
		SourceID string `json:"source_id"`
		Program  string `json:"program"`
		Host     string `json:"host"`
		Decky    string `json:"decky"`
		Webhook  string `json:"webhook"`
		Worker   string `json:"worker"`
	}
	_ = e.Decode(&about) // a payload of another shape has the topic in common
	return fmt.Sprintf("%s\x00%+q", e.Topic, []string{about.Rule, about.SourceID, about.Program, about.Host, about.Decky, about.Webhook, about.Worker})
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
