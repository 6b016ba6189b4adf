package rule

import (
	"go.cordon.dev/cordon/internal/condition"
	"go.cordon.dev/cordon/internal/event"
)

// What a condition may cost, in CEL's units: one, and all about one kind of record
// together. A unit takes some nanoseconds: a record costs no more than about a
// millisecond, whatever is in it.
const (
	maxCost  = 2_500
	maxCosts = 40_000
	maxText  = 1 << 10 // bytes of an attribute that intake keeps
	maxItems = 16      // attributes
)

func language() condition.Language {
	return condition.Language{
		Variables: map[string]condition.Kind{
			"kind": condition.Text, "source_ip": condition.Text, "user": condition.Text, "time": condition.Moment, "attributes": condition.ByNames,
		},
		MaxCost: maxCost, MaxText: maxText, MaxItems: maxItems,
	}
}

// Asked is a record as conditions ask about it. It may be used again for another.
type Asked struct {
	*event.SecurityRecord
	attributes any // made when it is first asked for
}

// Set makes it about a record.
func (a *Asked) Set(r *event.SecurityRecord) { a.SecurityRecord, a.attributes = r, nil }

// Value implements condition.Variables.
func (a *Asked) Value(name string) any {
	switch name {
	case "kind":
		return a.Kind
	case "source_ip":
		return a.SourceIP
	case "user":
		return a.User
	case "time":
		return a.Time
	case "attributes":
		if a.attributes == nil {
			a.attributes = condition.Named(a.Attributes)
		}
		return a.attributes
	}
	return nil
}
