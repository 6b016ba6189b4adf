package wording

import (
	"fmt"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/event"
)

// sentence says in one sentence what an event reports. A topic nobody wrote a
// sentence for, or a payload that does not decode, gets its subject.
func sentence(e event.Event) []Span {
	for _, t := range table() {
		if event.Match(t.pattern, e.Topic) {
			if said := t.say(e); said != nil {
				return said
			}
		}
	}
	said := []Span{{Code, e.Topic}}
	if e.Subject != "" {
		said = append(said, Span{Own, ": "}, Span{Plain, e.Subject})
	}
	return said
}

type entry struct {
	pattern string
	say     func(event.Event) []Span // nil: the payload does not decode
}

func table() []entry {
	return []entry{
		{event.TopicFindingDetected, as(finding)},
		{event.TopicQuarantineReviewed, as(reviewed)},
		{event.TopicSubscriptionsChanged, as(subscriptions)},
		{event.TopicSilenceChanged, as(silenceChanged)},
		{event.TopicBlockChanged, as(blockChanged)},
		{event.TopicActionChanged, as(actionChanged)},
		{event.TopicWebhookDigest, as(digest)},
		{event.TopicWebhookTest, as(tested)},
		{event.TopicLeakBlocked, as(leakBlocked)},
		{event.TopicConnectionDenied, as(denied)},
		{event.TopicConnectionAllowed, as(allowed)},
		{event.TopicKillSwitchChanged, as(killSwitch)},
		{event.TopicEndpointFirstSeen, as(firstSeen)},
		{event.TopicThresholdExceeded, as(tooManyDenied)},
		{event.TopicBaselineDeviated, as(unusual)},
		{event.TopicBusHealth, as(busHealth)},
		{"incident.*.opened", as(incidentOpened)},
		{"incident.*.updated", as(incidentUpdated)},
		{"incident.*.escalated", as(incidentEscalated)},
		{"incident.*.closed", as(incidentClosed)},
		{"leak.source.*.state", as(sourceState)},
		{"leak.gateway.*.state", as(gatewayState)},
		{"leak.gateway.*.bypass", as(gatewayBypassed)},
		{event.TopicWithheldChanged, as(withheldChanged)},
		{"system.*.health", as(workerHealth)},
		{"system.*.control", as(workerControl)},
	}
}

// as decodes the payload that say takes.
func as[P any](say func(event.Event, P) []Span) func(event.Event) []Span {
	return func(e event.Event) []Span {
		var p P
		if e.Decode(&p) != nil {
			return nil
		}
		return say(e, p)
	}
}

func finding(e event.Event, p event.FindingDetected) []Span {
	said := []Span{{Strong, e.Severity.String()}, {Own, " finding: "}, {Code, p.SecretType}, {Own, " in "}, {Code, p.SourceID}}
	if at := position(p.Place); at != "" {
		said = append(said, Span{Own, " at " + at})
	}
	return append(said, Span{Own, ", " + percent(p.Confidence) + " sure ("}, Span{Code, p.Redacted}, Span{Own, ")"})
}

func reviewed(_ event.Event, p event.QuarantineReviewed) []Span {
	said := []Span{
		{Code, p.Reviewer}, {Own, " reviewed quarantine entry "}, {Code, p.QuarantineID}, {Own, " ("}, {Code, p.Rule}, {Own, "): "},
		{Plain, words(p.Action)},
	}
	return append(said, because(p.Reason)...)
}

// subscriptions says what changed; of a trip, the subject says all.
func subscriptions(e event.Event, p event.SubscriptionsChanged) []Span {
	if e.Subject != "" && e.Severity > event.Info {
		return []Span{{Long, e.Subject}}
	}
	said := []Span{{Own, "Webhook subscriptions changed"}}
	if len(p.Names) > 0 {
		said = append(said, Span{Own, ": "}, Span{Long, strings.Join(p.Names, ", ")})
	}
	if e.Subject != "" {
		said = append(said, Span{Own, " ("}, Span{Plain, e.Subject}, Span{Own, ")"})
	}
	return said
}

func tested(_ event.Event, p event.WebhookTest) []Span {
	return []Span{{Own, "Test of webhook "}, {Code, p.Webhook}, {Own, ", sent for "}, {Code, p.RequestedBy}, {Own, ": it works."}}
}

// digest says what happened in one line; formats cut it where they must, and the
// worst comes first.
func digest(_ event.Event, p event.WebhookDigest) []Span {
	said := []string{}
	for _, g := range p.Groups {
		said = append(said, strconv.Itoa(g.Count)+" × "+g.About)
	}
	if p.MoreGroups > 0 {
		said = append(said, "and "+strconv.Itoa(p.MoreGroups)+" more kinds")
	}
	return []Span{
		{Own, "Digest of " + strconv.Itoa(p.Count) + " events from " + p.From.UTC().Format("2006-01-02 15:04") + " to " + p.To.UTC().Format("2006-01-02 15:04 UTC") + ": "},
		{Long, strings.Join(said, "; ")},
	}
}

func silenceChanged(_ event.Event, p event.SilenceChanged) []Span {
	who := "all webhooks"
	if len(p.Webhooks) > 0 {
		who = strings.Join(p.Webhooks, ", ")
	}
	if !p.Active {
		said := []Span{{Code, p.ChangedBy}, {Own, " ended the silence of "}, {Plain, who}, {Own, " about "}, {Code, strings.Join(p.Topics, ", ")}}
		return append(said, because(p.Reason)...)
	}
	said := []Span{
		{Code, p.ChangedBy}, {Own, " silenced "}, {Plain, who}, {Own, " about "}, {Code, strings.Join(p.Topics, ", ")},
		{Own, " until " + p.Until.UTC().Format("2006-01-02 15:04 UTC") + ", up to severity " + p.MaxSeverity.String()},
	}
	return append(said, because(p.Reason)...)
}

func busHealth(_ event.Event, p event.BusHealth) []Span {
	state := "lost"
	if p.Connected {
		state = "connected"
	}
	return append([]Span{{Own, "Bus ("}, {Plain, p.Kind}, {Own, ") is "}, {Strong, state}}, because(p.Detail)...)
}

func sourceState(_ event.Event, p event.SourceStateChanged) []Span {
	said := []Span{{Own, "Source "}, {Code, p.SourceID}, {Own, " is "}, {Strong, words(p.State)}}
	if p.Position != nil {
		said = append(said, Span{Own, fmt.Sprintf(" at position %d", *p.Position)})
	}
	return append(said, because(p.Detail)...)
}

func workerHealth(_ event.Event, p event.WorkerBeat) []Span {
	return append([]Span{{Own, "Worker "}, {Code, p.Worker}, {Own, " is "}, {Strong, p.State}}, because(p.Detail)...)
}

func workerControl(e event.Event, p event.WorkerCommand) []Span {
	return []Span{{Code, p.RequestedBy}, {Own, " asked "}, {Code, e.Topic}, {Own, " to "}, {Plain, p.Action}}
}

func because(detail string) []Span {
	if detail == "" {
		return nil
	}
	return []Span{{Own, ": "}, {Long, detail}}
}

func words(s string) string { return strings.ReplaceAll(s, "_", " ") }
