package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
)

const (
	// MaxSilence is the longest time that people may be kept from hearing of
	// something; a silence that nobody remembers hides what nobody expects.
	MaxSilence = 90 * 24 * time.Hour
	// MaxSilences bounds how many are in force at once: each event is held
	// against all of them.
	MaxSilences = 256
)

// Errors of silences, matched with errors.Is.
var (
	// ErrEnded: the silence is over.
	ErrEnded = errors.New("the silence is over")
	// ErrTooManySilences: MaxSilences are in force.
	ErrTooManySilences = errors.New("too many silences are in force; end one first")
)

// Silence keeps some events from some webhooks for a while. What it hides is in
// the delivery log as silenced and can be sent all the same.
type Silence struct {
	ID          string         // UUIDv7
	Topics      []string       // patterns, event.CheckPattern
	Webhooks    []string       // only from these; empty: from all
	Rules       []string       // only events that name one of these rules; empty: any
	Sources     []string       // only events that name one of these leak sources; empty: any
	Secrets     []string       // only events about one of these secrets, by keyed fingerprint; empty: any
	MaxSeverity event.Severity // what is worse is told all the same
	Reason      string
	By          string // who made it
	CreatedAt   time.Time
	Until       time.Time
	EndedAt     *time.Time // when somebody ended it early; nil: nobody did
	EndedBy     string
}

// ActiveAt reports whether the silence is in force.
func (s Silence) ActiveAt(at time.Time) bool { return s.EndedAt == nil && at.Before(s.Until) }

// Hides reports whether a silence in force keeps the event from the webhooks that it is
// about.
func (s Silence) Hides(e event.Event) bool {
	s.Webhooks = nil
	return s.hides("", e)
}

// hides reports whether a silence in force keeps the event from the webhook.
// Unlike a webhook's filters it never takes an event that does not say what the
// silence asks for: rather an alert too many.
func (s Silence) hides(webhook string, e event.Event) bool {
	if e.Topic == event.TopicSilenceChanged || e.Severity > s.MaxSeverity || len(s.Webhooks) > 0 && !slices.Contains(s.Webhooks, webhook) {
		return false
	}
	matches := func(pattern string) bool { return event.Match(pattern, e.Topic) }
	if !slices.ContainsFunc(s.Topics, matches) {
		return false
	}
	if len(s.Rules) == 0 && len(s.Sources) == 0 && len(s.Secrets) == 0 {
		return true
	}
	var t told
	if e.Decode(&t) != nil {
		return false
	}
	return named(s.Rules, t.Rule) && named(s.Sources, t.SourceID) && named(s.Secrets, t.Secret)
}

func named(wanted []string, value *string) bool {
	return len(wanted) == 0 || value != nil && slices.Contains(wanted, *value)
}

// hush makes a delivery that a silence hides one that is done.
func hush(silences []Silence, d Delivery) Delivery {
	for _, s := range silences {
		if s.hides(d.SubscriptionID, d.Event) {
			d.NextAttempt, d.State, d.LastError = d.CreatedAt, Silenced, clip(fmt.Sprintf("silence %s of %s: %s", s.ID, s.By, s.Reason))
			return d
		}
	}
	return d
}

func (s Silence) check(now time.Time) error {
	if s.Reason == "" {
		return &InputError{"reason", "say why; people will ask"}
	}
	if d := s.Until.Sub(now); d <= 0 || d > MaxSilence {
		return &InputError{"until", fmt.Sprintf("%s is not within the next 90 days", s.Until.UTC().Format(time.RFC3339))}
	}
	for _, c := range []struct {
		field string
		err   error
	}{
		{"topics", checkTopics(s.Topics)},
		{"webhooks", checkNames("webhooks", s.Webhooks)},
		{"rules", checkNames("rules", s.Rules)},
		{"sources", checkNames("sources", s.Sources)},
		{"fingerprints", checkNames("fingerprints", s.Secrets)},
	} {
		if c.err != nil {
			return &InputError{c.field, c.err.Error()}
		}
	}
	return nil
}

// Silence stores a new silence, whose id and beginning are set here; a bad
// field is an InputError. ErrTooManySilences.
func (n *Notifier) Silence(ctx context.Context, s Silence, by audit.Entry) (Silence, error) {
	now := n.deps.Clock.Now().UTC()
	s.ID, s.CreatedAt, s.Until, s.EndedAt, s.EndedBy = id.New(), now, s.Until.UTC(), nil, ""
	if err := s.check(now); err != nil {
		return s, err
	}
	e, err := n.tellOfSilence(s, s.By, s.Reason)
	if err != nil {
		return s, err
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	by.Target = s.ID
	if err := n.deps.Silences.AddSilence(ctx, s, by, e); err != nil {
		return s, fmt.Errorf("adding silence: %w", err)
	}
	n.deps.Log.Warn("webhooks are silenced", "silence", s.ID, "topics", s.Topics, "until", s.Until, "by", s.By)
	return s, nil
}

// EndSilence ends a silence early. ErrNotFound, ErrEnded.
func (n *Notifier) EndSilence(ctx context.Context, id, who string, by audit.Entry) (Silence, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	s, err := n.deps.Silences.EndSilence(ctx, id, who, n.deps.Clock.Now().UTC(), by, func(s Silence) (event.Event, error) {
		return n.tellOfSilence(s, who, by.Reason)
	})
	if err != nil {
		return s, fmt.Errorf("ending silence %q: %w", id, err)
	}
	return s, nil
}

// Silences returns a page of all silences, the newest first.
func (n *Notifier) Silences(ctx context.Context, before string, limit int) ([]Silence, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	all, err := n.deps.Silences.ListSilences(ctx, before, limit)
	if err != nil {
		return nil, fmt.Errorf("listing silences: %w", err)
	}
	return all, nil
}

// silencesNow are those in force.
func (n *Notifier) silencesNow(ctx context.Context) ([]Silence, error) {
	all, err := n.deps.Silences.SilencesAt(ctx, n.deps.Clock.Now().UTC())
	if err != nil {
		return nil, fmt.Errorf("reading silences: %w", err)
	}
	return all, nil
}

func (n *Notifier) tellOfSilence(s Silence, who, reason string) (event.Event, error) {
	level := event.Info
	if s.EndedAt == nil {
		level = event.Medium
	}
	return event.New(event.Header{Time: n.deps.Clock.Now(), Source: n.deps.Node, Severity: level, Subject: strings.Join(s.Topics, " ")},
		event.SilenceChanged{
			SilenceID: s.ID, Active: s.EndedAt == nil, Topics: s.Topics, Webhooks: s.Webhooks, MaxSeverity: s.MaxSeverity,
			Until: s.Until, Reason: reason, ChangedBy: who,
		})
}

// Story is what the audit log says of the silence.
func (s Silence) Story() (json.RawMessage, error) {
	b, err := json.Marshal(map[string]any{
		"id": s.ID, "topics": s.Topics, "webhooks": s.Webhooks, "rules": s.Rules, "sources": s.Sources, "fingerprints": s.Secrets,
		"max_severity": s.MaxSeverity, "reason": s.Reason, "by": s.By, "until": s.Until, "ended_at": s.EndedAt,
	})
	if err != nil {
		return nil, fmt.Errorf("telling of silence %s: %w", s.ID, err)
	}
	return b, nil
}
