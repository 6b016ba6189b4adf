package rule

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	guard "go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/internal/condition"
	"go.cordon.dev/cordon/internal/event"
)

// Bounds of a document and of a rule.
const (
	MaxDocument    = 1 << 20 // bytes
	MaxRules       = 256
	MaxSteps       = 8
	MaxChain       = 64     // records of a sequence
	MaxDistinct    = 256    // different values
	maxThreshold   = 60_000 // records: what a window counts to
	maxWords       = 2_000  // bytes of a description
	ShortestWindow = time.Second
	LongestWindow  = time.Hour // a start reads the log of two windows
	maxCooldown    = 24 * time.Hour
)

// idForm is that of the kinds of episodes, which are a token of a topic.
var idForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

type document struct {
	Rules []entry `yaml:"rules"`
}

type entry struct {
	ID          string         `yaml:"id"`
	Description string         `yaml:"description,omitempty"`
	On          []string       `yaml:"on,flow,omitempty"`
	When        string         `yaml:"when,omitempty"`
	By          guard.KeyKind  `yaml:"by,omitempty"`
	Threshold   int            `yaml:"threshold,omitempty"`
	Distinct    *distinctEntry `yaml:"distinct,omitempty"`
	Sequence    []stepEntry    `yaml:"sequence,omitempty"`
	Window      string         `yaml:"window,omitempty"`
	Cooldown    string         `yaml:"cooldown,omitempty"`
	Severity    string         `yaml:"severity,omitempty"`
}

type distinctEntry struct {
	Of    string `yaml:"of"`
	Count int    `yaml:"count"`
}

type stepEntry struct {
	On    []string `yaml:"on,flow"`
	When  string   `yaml:"when,omitempty"`
	Count int      `yaml:"count,omitempty"`
}

// wrong is what is wrong with a part of a rule; part is the key, with which its line is
// found.
type wrong struct {
	part string
	err  error
}

func (w *wrong) Error() string { return w.part + ": " + w.err.Error() }

func about(part, format string, args ...any) error { return &wrong{part, fmt.Errorf(format, args...)} }

// Parse reads a document. Everything that is wrong with it is said at once, each with
// its line. No rule may have one of the ids in taken.
func Parse(text []byte, taken []string) ([]*Rule, error) {
	var d document
	doc, err := condition.ReadDocument(text, MaxDocument, &d)
	if err != nil {
		return nil, err
	}
	if len(d.Rules) > MaxRules {
		return nil, fmt.Errorf("there are %d rules; %d is the most", len(d.Rules), MaxRules)
	}
	var errs []error
	var all []*Rule
	costs := map[string]uint64{}
	for i, e := range d.Rules {
		r, err := e.rule()
		if err == nil && slices.Contains(taken, e.ID) {
			err = about("id", "is taken")
		}
		if err == nil {
			err = r.pay(costs)
		}
		if err != nil {
			errs = append(errs, placed(doc, i, e.ID, err))
			continue
		}
		taken, all = append(taken, r.ID), append(all, r)
	}
	return all, errors.Join(errs...)
}

// placed says on which line of a document a rule is wrong.
func placed(doc *condition.Document, i int, id string, err error) error {
	return fmt.Errorf("line %d: rule %.64q: %w", lineOf(doc, fmt.Sprintf("$.rules[%d]", i), err), id, err)
}

// lineOf is the line on which a rule is wrong that stands at a place of a document.
func lineOf(doc *condition.Document, place string, err error) int {
	var w *wrong
	if errors.As(err, &w) {
		if at := doc.Line(place + "." + w.part); at > 0 {
			return at
		}
	}
	return max(doc.Line(place), 1)
}

// rule checks an entry and fills in what it leaves out.
func (e entry) rule() (*Rule, error) {
	r := &Rule{ID: e.ID, Description: e.Description, By: cmp.Or(e.By, guard.BySource), Severity: event.Medium, written: e}
	switch {
	case !idForm.MatchString(e.ID):
		return nil, about("id", "give 1 to 64 lower-case letters, digits or _, a letter first")
	case len(e.Description) > maxWords:
		return nil, about("description", "it has more than %d bytes", maxWords)
	case !slices.Contains([]guard.KeyKind{guard.BySource, guard.BySubnet, guard.ByUser}, r.By):
		return nil, about("by", "%.64q is not ip, subnet or user", e.By)
	}
	for _, read := range []func(*Rule) error{e.times, e.severity, e.form} {
		if err := read(r); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (e entry) severity(r *Rule) (err error) {
	if e.Severity == "" {
		return nil
	}
	if r.Severity, err = event.ParseSeverity(strings.ToLower(e.Severity)); err != nil || r.Severity == event.Info {
		return about("severity", "%.64q is not low, medium, high or critical", e.Severity)
	}
	return nil
}

func (e entry) times(r *Rule) (err error) {
	if r.Window, err = lasts(e.Window, 5*time.Minute, ShortestWindow, LongestWindow); err != nil {
		return &wrong{"window", err}
	}
	if r.Cooldown, err = lasts(e.Cooldown, r.Window, r.Window, maxCooldown); err != nil {
		return &wrong{"cooldown", err}
	}
	return nil
}

func lasts(text string, usual, least, most time.Duration) (time.Duration, error) {
	if text == "" {
		return usual, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%.64q is no duration such as 10m or 90s", text)
	}
	if d < least || d > most {
		return 0, fmt.Errorf("%s is not between %s and %s", d, least, most)
	}
	return d, nil
}

// form reads which records count, and when they are too many.
func (e entry) form(r *Rule) error {
	given := 0
	for _, is := range []bool{e.Threshold != 0, e.Distinct != nil, len(e.Sequence) > 0} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		return about("id", "give one of threshold, distinct and sequence")
	case len(e.Sequence) > 0:
		return e.sequence(r)
	}
	step, err := stepEntry{On: e.On, When: e.When, Count: 1}.step("")
	if err != nil {
		return err
	}
	r.Steps = []Step{step}
	if e.Distinct != nil {
		return e.Distinct.read(r)
	}
	if r.Form, r.Count = Threshold, e.Threshold; r.Count < 1 || r.Count > maxThreshold {
		return about("threshold", "%d is not between 1 and %d", r.Count, maxThreshold)
	}
	return nil
}

func (e distinctEntry) read(r *Rule) error {
	if r.Form, r.Count = Distinct, e.Count; r.Count < 2 || r.Count > MaxDistinct {
		return about("distinct.count", "%d is not between 2 and %d", r.Count, MaxDistinct)
	}
	variable, name, inside := strings.Cut(e.Of, ".")
	if r.Of = (Field{variable, name}); e.Of == "user" || e.Of == "source_ip" || variable == "attributes" && inside && name != "" {
		return nil
	}
	return about("distinct.of", "%.64q is not user, source_ip or attributes.NAME", e.Of)
}

func (e entry) sequence(r *Rule) error {
	switch {
	case len(e.On) > 0 || e.When != "":
		return about("sequence", "on and when stand in its steps")
	case len(e.Sequence) > MaxSteps:
		return about("sequence", "it has more than %d steps", MaxSteps)
	}
	r.Form = Sequence
	for i, s := range e.Sequence {
		part := fmt.Sprintf("sequence[%d]", i)
		s.Count = cmp.Or(s.Count, 1)
		step, err := s.step(part + ".")
		if err != nil {
			return err
		}
		if r.Count += s.Count; s.Count < 1 || r.Count > MaxChain {
			return about(part, "count: a step has 1 record at least, and all together have %d at most", MaxChain)
		}
		r.Steps = append(r.Steps, step)
	}
	if r.Count < 2 {
		return about("sequence", "it has one record; that is a threshold")
	}
	return nil
}

func (e stepEntry) step(at string) (Step, error) {
	s := Step{On: slices.Clone(e.On), When: e.When, Count: e.Count}
	slices.Sort(s.On)
	if s.On = slices.Compact(s.On); len(s.On) == 0 {
		return s, about(at+"on", "give the kinds of records that count: %s", strings.Join(event.RecordKinds(), ", "))
	}
	for _, kind := range s.On {
		if !slices.Contains(event.RecordKinds(), kind) {
			return s, about(at+"on", "%.64q is not one of %s", kind, strings.Join(event.RecordKinds(), ", "))
		}
	}
	if s.When == "" {
		return s, nil
	}
	var err error
	if s.condition, err = language().Compile(s.When); err != nil {
		return s, &wrong{at + "when", err}
	}
	return s, nil
}

// pay adds what the rule's conditions can cost to the costs of their kinds of records.
func (r *Rule) pay(costs map[string]uint64) error {
	for i, s := range r.Steps {
		for _, kind := range s.On {
			if s.condition == nil {
				continue
			}
			if costs[kind] += s.condition.Cost(); costs[kind] > maxCosts {
				part := "when"
				if r.Form == Sequence {
					part = fmt.Sprintf("sequence[%d].when", i)
				}
				return about(part, "with the rules before it, the conditions about %s may cost too much to compute: compare shorter texts, or fewer", kind)
			}
		}
	}
	return nil
}
