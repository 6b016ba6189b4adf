package incident

import (
	"strings"

	"go.cordon.dev/cordon/internal/event"
)

// answered is what a playbook asks or did about an incident, and what people decided: a
// line of its timeline. It is known by the incident's event that was answered, or by
// what was done to whom. What would be done is not said.
func answered(e event.Event) ([]Observation, error) {
	var p event.ActionChanged
	if err := e.Decode(&p); err != nil {
		return nil, err
	}
	o := Observation{EventID: e.ID, Topic: e.Topic, At: e.Time, Severity: e.Severity, Summary: answerWords(p), By: p.DecidedBy, Remark: true}
	if p.State == "done" || p.State == "failed" {
		o.By = "" // Cordon did it
	}
	known := false
	if rest, ok := strings.CutPrefix(p.EventTopic, "incident."); ok {
		o.Incident, _, known = strings.Cut(rest, ".")
	} else if p.Fingerprint != "" {
		o.Key, known = Key{Secret, p.Fingerprint}, true
	} else if p.SourceIP != "" {
		o.Key, known = AddressKey(p.SourceIP)
	}
	if !known || o.Summary == "" {
		return nil, nil
	}
	return []Observation{o}, nil
}

// answerWords is one state of an action in words; empty: it is not worth a line.
func answerWords(p event.ActionChanged) string {
	what, because := p.Does(), ""
	if p.Kind == "notify" {
		what += ": " + p.Message
	}
	if p.Reason != "" {
		because = " (" + p.Reason + ")"
	}
	by := "playbook " + p.Playbook
	switch p.State {
	case "pending":
		return by + " asks to " + what
	case "due":
		if p.DecidedBy == "" {
			return ""
		}
		return "approved that " + by + " may " + what + because
	case "rejected":
		return "refused that " + by + " may " + what + because
	case "expired":
		return by + " asked in vain to " + what + ": nobody approved it in time"
	case "done":
		return by + " did: " + what
	case "failed":
		return by + " could not " + what + ": " + p.Result
	case "undone":
		return "undid what " + by + " did: " + what + because
	}
	return ""
}
