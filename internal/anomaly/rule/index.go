package rule

import (
	"slices"

	"go.cordon.dev/cordon/internal/condition"
	"go.cordon.dev/cordon/internal/event"
)

// Index finds the steps of rules that a record satisfies. Of a condition it knows the
// texts that have to be in a record, and asks the condition only where they are, and only
// if they are not all that it asks. A condition that wants a text to be equal to one, or
// to begin or end with one, is not even looked at for most others. One goroutine uses it
// at a time.
type Index struct {
	rules  []*Rule
	kinds  map[string]*shelf
	asked  Asked
	failed []bool // by rule: a condition could not be answered
}

// shelf are the steps about one kind of record.
type shelf struct {
	drawers []drawer
	others  []candidate
}

// candidate is a step that a record may satisfy.
type candidate struct {
	rule, step int
	needs      []need
	condition  *condition.Condition // nil: the needs are all
}

// need is a condition.Need and the field that it is about.
type need struct {
	condition.Need
	of Field
}

// NewIndex makes an Index of some rules, whose places in it are their numbers.
func NewIndex(rules []*Rule) *Index {
	x := &Index{rules: rules, kinds: map[string]*shelf{}, failed: make([]bool, len(rules))}
	for number, r := range rules {
		for at, s := range r.Steps {
			c := candidate{rule: number, step: at, needs: s.needs(), condition: s.condition}
			if c.condition != nil && c.condition.Whole() && len(c.needs) == len(c.condition.Needs()) {
				c.condition = nil
			}
			for _, kind := range s.On {
				x.shelf(kind).put(c)
			}
		}
	}
	return x
}

// needs are those about texts of a record.
func (s Step) needs() (all []need) {
	if s.condition == nil {
		return nil
	}
	for _, n := range s.condition.Needs() {
		of := Field{n.Variable, n.Name}
		if slices.Contains([]string{"user", "source_ip", "kind"}, n.Variable) && n.Name == "" || n.Variable == "attributes" && n.Name != "" {
			all = append(all, need{n, of})
		}
	}
	return all
}

func (x *Index) shelf(kind string) *shelf {
	if x.kinds[kind] == nil {
		x.kinds[kind] = &shelf{}
	}
	return x.kinds[kind]
}

// Find calls found for each step that a record satisfies: with the number of its rule,
// and its own in the rule.
func (x *Index) Find(r *event.SecurityRecord, found func(rule, step int)) {
	s := x.kinds[r.Kind]
	if s == nil {
		return
	}
	x.asked.Set(r)
	for i := range s.drawers {
		same := s.drawers[i].of(r)
		for k := range same {
			x.try(&same[k], r, found)
		}
	}
	for i := range s.others {
		x.try(&s.others[i], r, found)
	}
}

func (x *Index) try(c *candidate, r *event.SecurityRecord, found func(rule, step int)) {
	for i := range c.needs {
		if !c.needs[i].Holds(c.needs[i].of.Text(r)) {
			return
		}
	}
	if c.condition != nil {
		holds, err := c.condition.Holds(&x.asked)
		if err != nil {
			x.failed[c.rule] = true
		}
		if !holds {
			return
		}
	}
	found(c.rule, c.step)
}

// Failed returns the rules of which a condition could not be answered since it was last
// asked. Such a record does not count.
func (x *Index) Failed() (ids []string) {
	for i, failed := range x.failed {
		if failed {
			ids, x.failed[i] = append(ids, x.rules[i].ID), false
		}
	}
	return ids
}
