package rulebook

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/anomaly"
	"go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
)

// What is done to a rule.
const (
	actionAdd    = "add"
	actionUpdate = "update"
	actionRemove = "remove"
)

// maxOwn is how many rules operators may add, those that are off included.
const maxOwn = rule.MaxRules

// Decision is who changes a rule, and why.
type Decision struct {
	Who    auth.Principal
	Reason string // may be empty
	// Check refuses a change that rests on another version than the rule has now. If nil,
	// any will do.
	Check func(now Entry) error
}

// Edit is what an operator wants different; nil fields stay as they are.
type Edit struct {
	Text    *string // YAML of the rule
	Enabled *bool
}

// Add adds a rule.
func (m *Manager) Add(ctx context.Context, text string, enabled bool, d Decision) (Entry, error) {
	r, err := m.readable("text", text)
	if err != nil {
		return Entry{}, err
	}
	return m.change(ctx, r.ID, actionAdd, d, func(b *book) (before, after Entry, err error) {
		if _, err := b.find(r.ID); err == nil {
			return before, after, fmt.Errorf("rule %q: %w", r.ID, ErrExists)
		}
		if b.owned() >= maxOwn {
			return before, after, &InputError{"text", 1, fmt.Sprintf("operators have added %d rules already, which is the most; remove some first", maxOwn)}
		}
		return before, Entry{ID: r.ID, Rule: r, Text: text, Origin: Custom, Enabled: enabled}, nil
	})
}

// readable reads the text of a rule that is to be kept.
func (m *Manager) readable(field, text string) (*rule.Rule, error) {
	r, err := rule.One([]byte(text))
	if err != nil {
		return nil, mistaken(field, err)
	}
	if slices.Contains(anomaly.Kinds(), r.ID) {
		return nil, &InputError{field, 1, fmt.Sprintf("id: %s is a kind of anomaly that there is without rules; give another", r.ID)}
	}
	if m.deps.Clean(text) != text {
		return nil, &InputError{field, 1, "it holds what looks like a live secret; compare with something else"}
	}
	return r, nil
}

// Update changes a rule, and returns it as it is now.
func (m *Manager) Update(ctx context.Context, ruleID string, e Edit, d Decision) (Entry, error) {
	var r *rule.Rule
	if e.Text != nil {
		var err error
		if r, err = m.readable("text", *e.Text); err != nil {
			return Entry{}, err
		}
		if r.ID != ruleID {
			return Entry{}, &InputError{"text", 1, fmt.Sprintf("its id is %q, not %q: an id stays; add another rule instead", r.ID, ruleID)}
		}
	}
	return m.change(ctx, ruleID, actionUpdate, d, func(b *book) (before, after Entry, err error) {
		if before, err = b.find(ruleID); err != nil {
			return before, after, err
		}
		if after = before; e.Enabled != nil {
			after.Enabled = *e.Enabled
		}
		if r != nil && *e.Text != before.Text {
			after.Text, after.Rule = *e.Text, r
			if before.Origin == File {
				err = fmt.Errorf("rule %q: %w", ruleID, ErrFromFile)
			}
		}
		return before, after, err
	})
}

// Remove removes a rule that an operator added.
func (m *Manager) Remove(ctx context.Context, ruleID string, d Decision) error {
	_, err := m.change(ctx, ruleID, actionRemove, d, func(b *book) (before, after Entry, err error) {
		if before, err = b.find(ruleID); err == nil && before.Origin == File {
			err = fmt.Errorf("rule %q: %w", ruleID, ErrFromFile)
		}
		return before, after, err
	})
	return err
}

// change plans on the newest state, looks at what it leads to as a whole, stores it, and
// only then puts it in force.
func (m *Manager) change(ctx context.Context, ruleID, action string, d Decision, plan func(*book) (before, after Entry, err error)) (Entry, error) {
	if _, err := m.current(ctx); err != nil {
		return Entry{}, err
	}
	m.changing.Lock()
	defer m.changing.Unlock()
	now, err := m.newest(ctx)
	if err != nil {
		return Entry{}, err
	}
	before, after, err := plan(now)
	if err != nil {
		return Entry{}, err
	}
	if err := d.check(before); err != nil {
		return Entry{}, err
	}
	if action == actionUpdate && after.Text == before.Text && after.Enabled == before.Enabled {
		return before, nil
	}
	c, err := m.step(ruleID, action, now.rows[ruleID].Version, before, after, d)
	if err != nil {
		return Entry{}, err
	}
	field := "text"
	if action == actionUpdate && after.Text == before.Text {
		field = "enabled"
	}
	return m.store(ctx, now, c, field)
}

func (d Decision) check(now Entry) error {
	if d.Check == nil || now.ID == "" {
		return nil
	}
	return d.Check(now)
}

// store stores a change of a field that leaves every rule running that runs now.
func (m *Manager) store(ctx context.Context, now *book, c Change, field string) (Entry, error) {
	next := bind(now.files, now.with(c), now)
	if bad := now.worse(next); bad != nil {
		return Entry{}, &InputError{field, 1, bad.unfit(c.Row.RuleID)}
	}
	if err := m.deps.Store.ChangeAnomalyRule(ctx, c); err != nil {
		return Entry{}, fmt.Errorf("storing anomaly rule: %w", err)
	}
	if _, err := m.use(next); err != nil || c.Remove {
		return Entry{}, err
	}
	return next.find(c.Row.RuleID)
}

// unfit says why a change of a rule is refused after which this one would not run.
func (e Entry) unfit(changed string) string {
	if e.ID == changed {
		return e.Problem
	}
	return fmt.Sprintf("rule %q would not run any more: %s", e.ID, e.Problem)
}

// step makes the change of one rule with all that tells of it.
func (m *Manager) step(ruleID, action string, was int64, before, after Entry, d Decision) (Change, error) {
	now := m.deps.Clock.Now().UTC().Truncate(time.Microsecond)
	c := Change{
		Row: Row{RuleID: ruleID, Origin: after.Origin, Enabled: after.Enabled, Version: was + 1, UpdatedAt: now, UpdatedBy: d.Who.Label()},
		Was: was, Remove: action == actionRemove, Audit: d.Who.Act(now, "anomaly_rule."+action, ruleID, d.Reason),
	}
	if text := after.own(); text != nil {
		c.Row.Text = *text
	}
	what := summary(action, before, after)
	c.Step = Step{ID: id.New(), RuleID: ruleID, Action: action, What: what, OldText: before.own(), NewText: after.own(), Who: d.Who.Label(), Reason: d.Reason, At: now}
	c.Audit.Before, c.Audit.After = before.facts(), after.facts()
	last := after
	if c.Remove {
		last = before
	}
	var err error
	c.Event, err = event.New(event.Header{Time: now, Source: m.deps.Node, Severity: event.Info, Subject: ruleID}, event.AnomalyRuleChanged{
		Rule: ruleID, Action: action, Change: what, Enabled: after.Enabled, Severity: last.severity(), ChangedBy: d.Who.Label(), Reason: d.Reason,
	})
	return c, err
}

// summary says what is different, for people.
func summary(action string, before, after Entry) string {
	switch action {
	case actionAdd:
		return "added: " + after.Rule.Words()
	case actionRemove:
		return "removed"
	}
	var parts []string
	if before.Enabled != after.Enabled {
		parts = append(parts, map[bool]string{true: "switched on", false: "switched off"}[after.Enabled])
	}
	if before.Text != after.Text {
		parts = append(parts, rewritten(before.Rule, after.Rule))
	}
	return strings.Join(parts, ", ")
}

// rewritten says what another text of a rule changes.
func rewritten(before, after *rule.Rule) string {
	switch {
	case before == nil:
		return "now " + after.Words()
	case before.Words() != after.Words():
		return before.Words() + " -> " + after.Words()
	case before.Severity != after.Severity:
		return fmt.Sprintf("severity %s -> %s", before.Severity, after.Severity)
	}
	return "other details"
}
