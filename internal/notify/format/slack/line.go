package slack

import (
	"fmt"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/event"
)

// line says in one sentence, as mrkdwn, what an event reports. A topic nobody
// wrote a sentence for, or a payload that does not decode, gets its subject.
func line(e event.Event) string {
	for _, s := range sentences() {
		if event.Match(s.pattern, e.Topic) {
			if said := s.say(e); said != "" {
				return said
			}
		}
	}
	said := code(e.Topic, maxValue)
	if e.Subject != "" {
		said += ": " + escape(e.Subject, maxValue)
	}
	return said
}

type sentence struct {
	pattern string
	say     func(event.Event) string // empty: the payload does not decode
}

func sentences() []sentence {
	return []sentence{
		{event.TopicFindingDetected, as(finding)},
		{event.TopicQuarantineReviewed, as(reviewed)},
		{event.TopicSubscriptionsChanged, as(subscriptions)},
		{event.TopicBusHealth, as(busHealth)},
		{"leak.source.*.state", as(sourceState)},
		{"system.*.health", as(workerHealth)},
		{"system.*.control", as(workerControl)},
	}
}

// as decodes the payload that say takes.
func as[P any](say func(event.Event, P) string) func(event.Event) string {
	return func(e event.Event) string {
		var p P
		if e.Decode(&p) != nil {
			return ""
		}
		return say(e, p)
	}
}

func finding(e event.Event, p event.FindingDetected) string {
	said := fmt.Sprintf("*%s* finding: %s in %s", e.Severity, code(p.SecretType, maxValue), code(p.SourceID, maxValue))
	if at := position(p.Place); at != "" {
		said += " at " + at
	}
	return fmt.Sprintf("%s, %s sure (%s)", said, percent(p.Confidence), code(p.Redacted, maxValue))
}

func reviewed(_ event.Event, p event.QuarantineReviewed) string {
	said := fmt.Sprintf("%s reviewed quarantine entry %s (%s): %s", code(p.Reviewer, maxValue),
		code(p.QuarantineID, maxValue), code(p.Rule, maxValue), escape(strings.ReplaceAll(p.Action, "_", " "), maxValue))
	return said + because(p.Reason)
}

func subscriptions(_ event.Event, p event.SubscriptionsChanged) string {
	return "Webhook subscriptions changed; now " + strconv.Itoa(len(p.Names)) + ": " + escape(strings.Join(p.Names, ", "), maxContent)
}

func busHealth(_ event.Event, p event.BusHealth) string {
	state := "lost"
	if p.Connected {
		state = "connected"
	}
	return fmt.Sprintf("Bus (%s) is *%s*", escape(p.Kind, maxValue), state) + because(p.Detail)
}

func sourceState(_ event.Event, p event.SourceStateChanged) string {
	said := fmt.Sprintf("Source %s is *%s*", code(p.SourceID, maxValue), escape(strings.ReplaceAll(p.State, "_", " "), maxValue))
	if p.Position != nil {
		said += fmt.Sprintf(" at position %d", *p.Position)
	}
	return said + because(p.Detail)
}

func workerHealth(_ event.Event, p event.WorkerBeat) string {
	return fmt.Sprintf("Worker %s is *%s*", code(p.Worker, maxValue), escape(p.State, maxValue)) + because(p.Detail)
}

func workerControl(e event.Event, p event.WorkerCommand) string {
	return fmt.Sprintf("%s asked %s to %s", code(p.RequestedBy, maxValue), code(e.Topic, maxValue), escape(p.Action, maxValue))
}

func because(detail string) string {
	if detail == "" {
		return ""
	}
	return ": " + escape(detail, maxContent)
}
