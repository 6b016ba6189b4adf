package pagerduty

import (
	"strings"

	"go.cordon.dev/cordon/internal/event"
)

// What PagerDuty is asked to do with an alert.
const (
	trigger     = "trigger"
	acknowledge = "acknowledge"
	resolve     = "resolve"
)

// judge says what to do, and with which alert. The key of a secret's alert
// follows from its fingerprint, so that a review meets the alert it is about;
// that of a state, from what is in it.
func judge(e event.Event) (action, dedup string) {
	switch {
	case e.Topic == event.TopicQuarantineReviewed:
		return judgeReview(e)
	case event.Match("leak.source.*.state", e.Topic):
		return onState(e, "failing", "waiting"), key(e.Topic)
	case event.Match("leak.gateway.*.state", e.Topic):
		return onState(e, event.GatewayLost), key(e.Topic)
	case e.Topic == event.TopicBusHealth:
		return judgeBus(e), key(e.Topic, e.Source)
	case event.Match("system.*.health", e.Topic):
		return onState(e, "degraded", "failed"), key(e.Topic, e.Source)
	}
	if f := fingerprint(e); f != "" {
		return trigger, key(f)
	}
	return trigger, key(e.Topic, e.Subject)
}

func key(parts ...string) string { return "cordon/" + strings.Join(parts, "/") }

func fingerprint(e event.Event) string {
	var p struct {
		Fingerprint string `json:"fingerprint"`
	}
	if e.Decode(&p) != nil {
		return ""
	}
	return p.Fingerprint
}

// judgeReview: a false positive needs nobody any more; whatever else a person
// decided, somebody is at it.
func judgeReview(e event.Event) (action, dedup string) {
	var p event.QuarantineReviewed
	if e.Decode(&p) != nil {
		return trigger, key(e.Topic, e.Subject)
	}
	if p.Action == "false_positive" {
		return resolve, key(p.Fingerprint)
	}
	return acknowledge, key(p.Fingerprint)
}

// onState triggers in bad states and resolves in all others.
func onState(e event.Event, bad ...string) string {
	var p struct {
		State string `json:"state"`
	}
	if e.Decode(&p) != nil {
		return trigger
	}
	for _, b := range bad {
		if p.State == b {
			return trigger
		}
	}
	return resolve
}

func judgeBus(e event.Event) string {
	var p event.BusHealth
	if e.Decode(&p) == nil && p.Connected {
		return resolve
	}
	return trigger
}
