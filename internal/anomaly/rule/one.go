package rule

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"

	"github.com/goccy/go-yaml"

	"go.cordon.dev/cordon/internal/condition"
)

// MaxText is the longest text of one rule, in bytes.
const MaxText = 16 << 10

// MaxCost is what the conditions about one kind of record may cost together, in CEL's
// units.
const MaxCost = maxCosts

// Mistake is what is wrong with the text of a rule, and on which line of it.
type Mistake struct {
	Line int // from 1
	Err  error
}

// Error implements error.
func (m *Mistake) Error() string { return fmt.Sprintf("line %d: %v", m.Line, m.Err) }

// Unwrap gives errors.Is and errors.As what is wrong.
func (m *Mistake) Unwrap() error { return m.Err }

// One reads a rule that stands by itself, as an entry of a document does below its dash.
// The error is a *Mistake.
func One(text []byte) (*Rule, error) {
	var e entry
	doc, err := condition.ReadDocument(text, MaxText, &e)
	if err != nil {
		return nil, misread(err)
	}
	r, err := e.rule()
	if err == nil {
		err = r.pay(map[string]uint64{})
	}
	if err != nil {
		return nil, &Mistake{lineOf(doc, "$", err), err}
	}
	return r, nil
}

// misread takes the line out of what is said of a text that is no rule: [3:5] what is wrong.
func misread(err error) error {
	found := regexp.MustCompile(`^\[(\d+):\d+\] ((?s:.*))$`).FindStringSubmatch(err.Error())
	if found == nil {
		return &Mistake{1, err}
	}
	line, _ := strconv.Atoi(found[1]) // digits: what is too many of them is line 0
	return &Mistake{max(line, 1), fmt.Errorf("%s", found[2])}
}

// Text is the rule as One reads it. What its file had of comments is not in it.
func (r *Rule) Text() (string, error) {
	b, err := yaml.MarshalWithOptions(r.written, yaml.IndentSequence(true))
	if err != nil {
		return "", fmt.Errorf("writing rule %q: %w", r.ID, err)
	}
	return string(b), nil
}

// Budget is what is left of what the conditions of rules may cost together. The zero
// Budget is whole.
type Budget struct{ costs map[string]uint64 }

// Take pays for a rule. The error says of which kind of record the conditions would be
// too dear; nothing is taken then.
func (b *Budget) Take(r *Rule) error {
	costs := maps.Clone(b.costs)
	if costs == nil {
		costs = map[string]uint64{}
	}
	if err := r.pay(costs); err != nil {
		return err
	}
	b.costs = costs
	return nil
}
