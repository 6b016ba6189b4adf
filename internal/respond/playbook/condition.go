package playbook

import (
	"fmt"
	"strings"

	"go.cordon.dev/cordon/internal/condition"
	"go.cordon.dev/cordon/internal/event"
)

// Bounds of one condition, and of what it asks about.
const (
	maxCost  = 50_000 // CEL's units
	maxText  = 4 << 10
	maxItems = 16
)

// compile checks a condition against the fields that it may ask about.
func compile(text string, known fields) (*condition.Condition, error) {
	l := condition.Language{
		Variables: map[string]condition.Kind{"topic": condition.Text, "source": condition.Text, "subject": condition.Text, "severity": condition.Whole},
		Constants: map[string]int64{}, MaxCost: maxCost, MaxText: maxText, MaxItems: maxItems,
	}
	for _, s := range event.Severities() {
		l.Constants[s.String()] = int64(s)
	}
	for name, kind := range known {
		l.Variables["data."+name] = kind
	}
	c, err := l.Compile(text)
	if err != nil && strings.Contains(err.Error(), "undeclared reference to 'data") {
		return nil, fmt.Errorf("%w; data has the fields that all events of these topics share", err)
	}
	return c, err
}

// holds reports whether the condition is true of an event.
func (p *Playbook) holds(e event.Event, data map[string]any) (bool, error) {
	if p.condition == nil {
		return true, nil
	}
	vars := condition.Map{"topic": e.Topic, "source": e.Source, "subject": e.Subject, "severity": int64(e.Severity)}
	for name, v := range data {
		vars["data."+name] = v
	}
	return p.condition.Holds(vars)
}
