package notify

import (
	"slices"

	"go.cordon.dev/cordon/internal/event"
)

// Wants reports whether the event is to be delivered to s. A tripped
// subscription still wants: its deliveries wait until it is enabled again. A
// paused one does not.
func (s Subscription) Wants(e event.Event) bool {
	if s.State() == Paused {
		return false
	}
	if s.escalatedTo(e) {
		return true
	}
	if e.Severity < s.MinSeverity {
		return false
	}
	matches := func(pattern string) bool { return event.Match(pattern, e.Topic) }
	return slices.ContainsFunc(s.Topics, matches) && s.passes(e)
}

// told is what the filters look at. An event that does not tell one of these
// is not held back by its filter.
type told struct {
	Confidence *float64 `json:"confidence"`
	Rule       *string  `json:"rule"`
	SourceID   *string  `json:"source_id"`
	Secret     *string  `json:"fingerprint"`
}

func (s Subscription) passes(e event.Event) bool {
	if s.MinConfidence <= 0 && len(s.Rules) == 0 && len(s.Sources) == 0 {
		return true
	}
	var t told
	if e.Decode(&t) != nil {
		return true // rather an alert too many
	}
	sure := t.Confidence == nil || *t.Confidence >= s.MinConfidence
	return sure && among(s.Rules, t.Rule) && among(s.Sources, t.SourceID)
}

func among(wanted []string, value *string) bool {
	return len(wanted) == 0 || value == nil || slices.Contains(wanted, *value)
}
