package rules

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
)

// The actions of patterns_history, and who submits.
const (
	actionAdd    = "add"
	actionUpdate = "update"
	actionRemove = "remove"

	approved = "approved"
	human    = "human"
)

// Bounds of what operators may add.
const (
	maxOwn = 2000 // custom and imported rules
	maxID  = 128  // bytes of an id
)

// Decision is who changes a rule, and why.
type Decision struct {
	Who    auth.Principal
	Reason string // may be empty
	// Check refuses a change that rests on another version than the rule has
	// now. If nil, any will do.
	Check func(now Rule) error
}

func (d Decision) check(r Rule) error {
	if d.Check == nil {
		return nil
	}
	return d.Check(r)
}

// Update changes a rule and returns it as it is now.
func (m *Manager) Update(ctx context.Context, ruleID string, e Edit, d Decision) (Rule, error) {
	return m.one(ctx, ruleID, func(c *catalog) ([]Change, error) {
		before, err := c.find(ruleID)
		if err != nil {
			return nil, err
		}
		if err := d.check(before); err != nil {
			return nil, err
		}
		row, after, err := m.edited(c, before, e)
		if err != nil {
			return nil, err
		}
		if alike(row.Definition, c.rows[ruleID].Definition) || before.Version == 0 && alike(row.Definition, nothing) {
			return nil, nil
		}
		return m.step(actionUpdate, c, row, before.Rule, after, d)
	})
}

// edited is the row that an edit leads to.
func (m *Manager) edited(c *catalog, before Rule, e Edit) (Row, detect.Rule, error) {
	switch {
	case before.Held && e.Active != nil && *e.Active:
		return Row{}, detect.Rule{}, fmt.Errorf("enabling rule %q: %w", before.ID, ErrHeld)
	case before.Origin.own() && e.Reset:
		return Row{}, detect.Rule{}, &InputError{"reset", "a custom or imported rule has no earlier form; give the values themselves"}
	case before.Origin.own():
		after := e.over(before.Rule)
		if before.Held {
			after.Active = c.rows[before.ID].active()
		}
		row, err := ownRow(after, before.Origin, before.From)
		return row, after, m.sound(before.Rule, after, err)
	case e.beyond() != "":
		return Row{}, detect.Rule{}, &InputError{e.beyond(), "belongs to the rule itself; of a builtin rule, or one from a file, active, severity, confidence and regex can be changed"}
	}
	return m.patched(c, before, e)
}

// patched lays an edit over what was changed before of a rule that is not own.
func (m *Manager) patched(c *catalog, before Rule, e Edit) (Row, detect.Rule, error) {
	var p Patch
	if row, ok := c.rows[before.ID]; ok && !e.Reset {
		if err := json.Unmarshal(row.Definition, &p); err != nil {
			return Row{}, detect.Rule{}, fmt.Errorf("reading what is stored of rule %q: %w", before.ID, err)
		}
	}
	plain := c.base(before.ID)
	p = p.merge(e.Patch).against(plain)
	after := p.over(plain)
	definition, err := json.Marshal(p)
	return Row{RuleID: before.ID, Origin: before.Origin, Definition: definition}, after, m.sound(plain, after, err)
}

func (p Patch) merge(o Patch) Patch {
	if o.Active != nil {
		p.Active = o.Active
	}
	if o.Severity != nil {
		p.Severity = o.Severity
	}
	if o.Confidence != nil {
		p.Confidence = o.Confidence
	}
	if o.Regex != nil {
		p.Regex = o.Regex
	}
	return p
}

// against drops what is no difference.
func (p Patch) against(r detect.Rule) Patch {
	if p.Active != nil && *p.Active == r.Active {
		p.Active = nil
	}
	if p.Severity != nil && *p.Severity == r.Severity {
		p.Severity = nil
	}
	if p.Confidence != nil && *p.Confidence == r.Confidence {
		p.Confidence = nil
	}
	if p.Regex != nil && *p.Regex == r.Regex {
		p.Regex = nil
	}
	return p
}

// active is what an own rule's row says, whatever the configuration holds.
func (r Row) active() bool {
	var s Spec
	return json.Unmarshal(r.Definition, &s) == nil && s.Active
}

func ownRow(r detect.Rule, origin Origin, from string) (Row, error) {
	definition, err := json.Marshal(specOf(r, from))
	return Row{RuleID: r.ID, Origin: origin, Definition: definition}, err
}

// sound refuses a rule that cannot be run, or that says a secret itself where
// the rule before did not: what it says is stored and shown.
func (m *Manager) sound(before, r detect.Rule, err error) error {
	if err != nil {
		return fmt.Errorf("encoding rule %q: %w", r.ID, err)
	}
	if len(r.ID) > maxID {
		return &InputError{"id", fmt.Sprintf("is longer than %d bytes", maxID)}
	}
	if key, err := detect.CheckRule(r); err != nil {
		return &InputError{key, err.Error()}
	}
	known := says(before)
	for name, texts := range says(r) {
		if slices.Equal(texts, known[name]) {
			continue
		}
		if err := m.tellsNothing(name, texts); err != nil {
			return err
		}
	}
	return nil
}

// says lists what people wrote into a rule, by field.
func says(r detect.Rule) map[string][]string {
	a := r.Allowlist
	return map[string][]string{
		"regex": {r.Regex}, "description": {r.Description}, "recommendation": {r.Recommendation}, "keywords": r.Keywords, "tags": r.Tags,
		"allowlist": slices.Concat(a.Regexes, a.MatchRegexes, a.LineRegexes, a.Stopwords),
	}
}

func (m *Manager) tellsNothing(field string, texts []string) error {
	s := m.scanner.Load()
	for _, text := range texts {
		found, _ := s.FindAll([]byte(text))
		for _, f := range found {
			if !f.Rule.Generic {
				return &InputError{field, fmt.Sprintf("holds what looks like a live secret (rule %s); write its shape instead", f.Rule.ID)}
			}
		}
	}
	return nil
}

// Add adds a custom rule. Its positives have to fire and its negatives must
// not; neither is stored, since people try rules with real secrets.
func (m *Manager) Add(ctx context.Context, r detect.Rule, d Decision) (Rule, error) {
	return m.one(ctx, r.ID, func(c *catalog) ([]Change, error) {
		if c.byID[r.ID] != nil {
			return nil, fmt.Errorf("rule %q: %w", r.ID, ErrExists)
		}
		if own(c.rows) >= maxOwn {
			return nil, &InputError{"id", fmt.Sprintf("there are %d custom and imported rules already; remove some first", maxOwn)}
		}
		row, err := ownRow(r, Custom, "")
		if err := m.sound(detect.Rule{}, r, err); err != nil {
			return nil, err
		}
		if err := proven(r); err != nil {
			return nil, err
		}
		return m.step(actionAdd, c, row, detect.Rule{}, r, d)
	})
}

// proven runs a rule over its own examples.
func proven(r detect.Rule) error {
	r.Active = true
	set, err := detect.Compile([]detect.Rule{r}, detect.Options{})
	if err != nil {
		return fmt.Errorf("compiling rule: %w", err)
	}
	s := detect.NewScanner(set)
	for i, text := range r.Positives {
		if found, _ := s.FindAll([]byte(text)); len(found) == 0 {
			return &InputError{fmt.Sprintf("positives[%d]", i), "the rule does not fire on it"}
		}
	}
	for i, text := range r.Negatives {
		if found, _ := s.FindAll([]byte(text)); len(found) > 0 {
			return &InputError{fmt.Sprintf("negatives[%d]", i), "the rule fires on it"}
		}
	}
	return nil
}

// Remove removes a custom or imported rule.
func (m *Manager) Remove(ctx context.Context, ruleID string, d Decision) error {
	_, err := m.change(ctx, func(c *catalog) ([]Change, error) {
		before, err := c.find(ruleID)
		if err != nil {
			return nil, err
		}
		if err := d.check(before); err != nil {
			return nil, err
		}
		if !before.Origin.own() {
			return nil, fmt.Errorf("rule %q: %w", ruleID, ErrNotOwn)
		}
		if before.Held {
			return nil, fmt.Errorf("rule %q: %w", ruleID, ErrHeld)
		}
		return m.step(actionRemove, c, Row{RuleID: ruleID}, before.Rule, detect.Rule{}, d)
	})
	return err
}

// one makes a change and returns the rule as it is then.
func (m *Manager) one(ctx context.Context, ruleID string, plan func(*catalog) ([]Change, error)) (Rule, error) {
	c, err := m.change(ctx, plan)
	if err != nil {
		return Rule{}, err
	}
	return c.find(ruleID)
}

// change plans on the newest state, compiles what it leads to, stores it, and
// only then puts it in force.
func (m *Manager) change(ctx context.Context, plan func(*catalog) ([]Change, error)) (*catalog, error) {
	if _, err := m.current(ctx); err != nil {
		return nil, err
	}
	m.changing.Lock()
	defer m.changing.Unlock()
	now, err := m.newest(ctx)
	if err != nil {
		return nil, err
	}
	changes, err := plan(now)
	if err != nil || len(changes) == 0 {
		return now, err
	}
	next, err := build(now.bases, now.with(changes), m.config.Disable)
	if err != nil {
		return nil, err
	}
	if err := m.deps.Store.ChangeRules(ctx, changes); err != nil {
		return nil, fmt.Errorf("storing changed rules: %w", err)
	}
	m.use(next)
	return next, nil
}

// step makes the change of one rule with all that tells of it.
func (m *Manager) step(action string, c *catalog, row Row, before, after detect.Rule, d Decision) ([]Change, error) {
	now := m.deps.Clock.Now().UTC().Truncate(time.Microsecond)
	row.Version, row.UpdatedAt, row.UpdatedBy = c.rows[row.RuleID].Version+1, now, d.Who.Label()
	ch := Change{Row: row, Was: c.rows[row.RuleID].Version, Remove: action == actionRemove}
	what := map[string]string{actionAdd: "added", actionRemove: "removed", actionUpdate: summary(before, after)}[action]
	ch.History = history(action, what, before, after, d, now)
	ch.History.PatternName = row.RuleID
	ch.Audit = d.Who.Act(now, "rule."+action, row.RuleID, d.Reason)
	ch.Audit.Before, ch.Audit.After = facts(before), facts(after)
	var err error
	ch.Event, err = m.event(action, what, row.RuleID, before, after, d, now)
	return []Change{ch}, err
}

func history(action, what string, before, after detect.Rule, d Decision, now time.Time) History {
	h := History{
		ID: id.New(), Action: action, Confidence: after.Confidence, Status: approved, SubmittedBy: human,
		ApprovedBy: d.Who.Label(), DecisionReason: what, Timestamp: now,
	}
	if d.Reason != "" {
		h.DecisionReason += ": " + d.Reason
	}
	if before.ID != "" {
		h.OldRegex = &before.Regex
	}
	if after.ID != "" {
		h.NewRegex = &after.Regex
	} else {
		h.Confidence = before.Confidence
	}
	return h
}

func (m *Manager) event(action, what, ruleID string, before, after detect.Rule, d Decision, now time.Time) (event.Event, error) {
	r := after
	if r.ID == "" {
		r = before
	}
	return event.New(event.Header{Time: now, Source: m.deps.Node, Severity: event.Info, Subject: ruleID}, event.RuleApproved{
		Rule: ruleID, Action: action, Change: what, Active: after.Active, Severity: r.Severity.String(), Confidence: r.Confidence,
		SubmittedBy: human, ApprovedBy: d.Who.Label(), Reason: d.Reason,
	})
}

// facts is what the audit log keeps of a rule; nil when there is none.
func facts(r detect.Rule) json.RawMessage {
	if r.ID == "" {
		return nil
	}
	b, err := json.Marshal(specOf(r, ""))
	if err != nil { // a rule that was checked: cannot fail
		return nil
	}
	return b
}
