package rule

import (
	"slices"
	"time"

	guard "go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/internal/condition"
	"go.cordon.dev/cordon/internal/event"
)

// Rule is what of some records is too much. Parse makes it.
type Rule struct {
	ID          string // the kind of its episodes
	Description string
	Severity    event.Severity
	By          guard.KeyKind // whose records are counted together
	Window      time.Duration
	Cooldown    time.Duration // an episode is over when it was quiet for so long; at least Window
	Form        Form
	Count       int    // of records, of different values, or of all records of a sequence
	Of          Field  // Distinct: whose values
	Steps       []Step // one, but of a Sequence

	written entry
}

// Cost is the most that its conditions can cost for one record, in CEL's units.
func (r *Rule) Cost() (units uint64) {
	for _, s := range r.Steps {
		if s.condition != nil {
			units += s.condition.Cost()
		}
	}
	return units
}

// Kinds lists the kinds of records that count, each once.
func (r *Rule) Kinds() (all []string) {
	for _, s := range r.Steps {
		all = append(all, s.On...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Form is how records are too much.
type Form string

// The forms of rules.
const (
	Threshold Form = "threshold" // so many within the window
	Distinct  Form = "distinct"  // so many different values of a field
	Sequence  Form = "sequence"  // one after another
)

// Step is which records count.
type Step struct {
	On    []string // kinds of records
	When  string   // CEL; empty: all
	Count int      // so many of them, in a Sequence

	condition *condition.Condition // nil: all
}

// Field is a text of a record: user, source_ip, or attributes.NAME.
type Field struct {
	variable, name string
}

// String is the field as it is written in a rule.
func (f Field) String() string {
	if f.name == "" {
		return f.variable
	}
	return f.variable + "." + f.name
}

// Text is the field's in a record; empty when it does not say.
func (f Field) Text(r *event.SecurityRecord) string {
	switch f.variable {
	case "user":
		return r.User
	case "source_ip":
		return r.SourceIP
	case "kind":
		return r.Kind
	}
	return r.Attributes[f.name]
}
