package playbook

import (
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// Trial is what a playbook makes of an event.
type Trial struct {
	Playbook string
	Mode     Mode
	Topic    string
	EventID  string
	Actions  []Action
	Problem  string // why it cannot judge the event; empty: it can
}

// Try asks playbooks about events, and does nothing. What they leave alone is left
// out.
func Try(all []*Playbook, events []event.Event) []Trial {
	var out []Trial
	for _, p := range all {
		for _, e := range events {
			actions, err := p.Answers(e)
			t := Trial{Playbook: p.ID, Mode: p.Mode, Topic: e.Topic, EventID: e.ID, Actions: actions}
			if err != nil {
				t.Problem = err.Error()
			}
			if err != nil || len(actions) > 0 {
				out = append(out, t)
			}
		}
	}
	return out
}

// Examples are the catalogue's, as events.
func Examples() ([]event.Event, error) {
	var out []event.Event
	for _, entry := range event.Catalogue() {
		e, err := event.New(event.Header{Time: time.Unix(0, 0), Source: "example/" + entry.Name, Severity: entry.Level, Subject: entry.Subject}, entry.Example)
		if err != nil {
			return nil, fmt.Errorf("example of %s: %w", entry.Name, err)
		}
		out = append(out, e)
	}
	return out, nil
}

// String says the action in a few words.
func (a Action) String() string {
	switch a.Kind {
	case BlockAddress:
		return fmt.Sprintf("block %s for %s", a.Target, a.For)
	case Quarantine:
		return "withhold secret " + a.Target
	case QuarantineMessage:
		return "withhold message " + a.Target
	case KillSwitch:
		return "turn the kill switch on"
	}
	return "notify: " + a.Text
}
