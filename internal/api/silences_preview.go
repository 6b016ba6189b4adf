package api

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
)

// Bounds of a preview: pages of the event log, each of which has a bound of its own, and
// events in one.
const (
	previewPages = 10
	previewPage  = 1000
)

type previewSilenceInput struct {
	Topic       []string `query:"topic,explode" required:"true" minItems:"1" maxItems:"16" nullable:"false" example:"leak.>" doc:"Patterns of topics; may repeat."`
	Rule        []string `query:"rule,explode" maxItems:"64" nullable:"false" doc:"Only events that name one of these rules; may repeat."`
	Source      []string `query:"source,explode" maxItems:"64" nullable:"false" doc:"Only events that name one of these leak sources; may repeat."`
	Fingerprint []string `query:"fingerprint,explode" maxItems:"64" nullable:"false" doc:"Only events about one of these secrets; may repeat."`
	MaxSeverity string   `query:"max_severity" enum:"info,low,medium,high,critical" doc:"What is worse is told all the same. Absent: high."`
	Days        int      `query:"days" minimum:"1" maximum:"90" default:"30" doc:"How far back."`
}

type silencePreviewOutput struct{ Body SilencePreview }

func (s *server) previewSilence(ctx context.Context, in *previewSilenceInput) (*silencePreviewOutput, error) {
	most, err := event.ParseSeverity(cmp.Or(in.MaxSeverity, event.High.String()))
	if err != nil {
		return nil, invalid("query.max_severity", err.Error())
	}
	for _, t := range in.Topic {
		if err := event.CheckPattern(t); err != nil {
			return nil, invalid("query.topic", err.Error())
		}
	}
	p := preview{
		silence:   notify.Silence{Topics: in.Topic, Rules: in.Rule, Sources: in.Source, Secrets: in.Fingerprint, MaxSeverity: most},
		incidents: map[string]bool{},
		out:       SilencePreview{Since: utc(s.Clock.Now().AddDate(0, 0, -in.Days))},
	}
	if err := p.look(ctx, s.Events); err != nil {
		return nil, fmt.Errorf("previewing a silence: %w", err)
	}
	return &silencePreviewOutput{p.out}, nil
}

// preview holds the event log against a silence.
type preview struct {
	silence   notify.Silence
	incidents map[string]bool // ids
	out       SilencePreview
}

// look reads the log backwards, until its bound.
func (p *preview) look(ctx context.Context, log EventStore) error {
	f, before, back := event.Filter{Topics: p.silence.Topics, Since: p.out.Since}, int64(0), p.out.Since
	for range previewPages {
		found, err := log.FindEvents(ctx, f, before, previewPage)
		if err != nil {
			return err
		}
		for _, r := range found.Records {
			p.see(r.Event)
		}
		if before = found.Next; before == 0 {
			p.out.Complete = true
			return nil
		}
		back = reached(found, back)
	}
	p.out.Since = utc(back)
	return nil
}

// reached is how far back a search has come that goes on; so far it was before.
func reached(found event.Found, before time.Time) time.Time {
	if !found.Back.IsZero() {
		return found.Back
	}
	if n := len(found.Records); n > 0 {
		return found.Records[n-1].Event.Time
	}
	return before
}

func (p *preview) see(e event.Event) {
	if !p.silence.Hides(e) {
		p.out.Told++
		return
	}
	p.out.Hidden++
	if rest, ok := strings.CutPrefix(e.Topic, "incident."); ok {
		id, _, _ := strings.Cut(rest, ".")
		p.incidents[id] = true
		p.out.Incidents = len(p.incidents)
	}
}
