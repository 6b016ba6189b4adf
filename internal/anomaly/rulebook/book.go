package rulebook

import (
	"fmt"
	"maps"
	"slices"

	"go.cordon.dev/cordon/internal/anomaly"
	"go.cordon.dev/cordon/internal/anomaly/rule"
)

// book is one state of all rules. It is never changed.
type book struct {
	files []Filed
	rows  map[string]Row
	all   []Entry // of files in their order, then own ones by id
}

// bind makes the state that files and rows lead to. What was read before is not read
// again: a rule that stays is the same pointer.
func bind(files []Filed, rows map[string]Row, before *book) *book {
	b := &book{files: files, rows: rows}
	for _, f := range files {
		b.all = append(b.all, fromFile(f, rows[f.ID]))
	}
	for _, ruleID := range slices.Sorted(maps.Keys(rows)) {
		if row := rows[ruleID]; row.Origin == Custom {
			b.all = append(b.all, fromRow(row, before))
		}
	}
	b.allow()
	return b
}

func fromFile(f Filed, row Row) Entry {
	e := Entry{ID: f.ID, Rule: f.Rule, Origin: File, From: f.File, Enabled: true}
	e.Text, _ = f.Text() // it was read: it can be written
	if row.Origin == File {
		e.Enabled = row.Enabled
		e.remember(row)
	}
	return e
}

func fromRow(row Row, before *book) Entry {
	e := Entry{ID: row.RuleID, Text: row.Text, Origin: Custom, Enabled: row.Enabled}
	e.remember(row)
	if before != nil {
		if was := before.own(row.RuleID); was != nil && was.Rule != nil && was.Text == row.Text {
			e.Rule = was.Rule
			return e
		}
	}
	r, err := rule.One([]byte(row.Text))
	switch {
	case err != nil:
		e.Problem = fmt.Sprintf("what is stored cannot be read: %v", err)
	case r.ID != row.RuleID:
		e.Problem = fmt.Sprintf("its text says that it is %q", r.ID)
	default:
		e.Rule = r
	}
	return e
}

func (e *Entry) remember(row Row) {
	at := row.UpdatedAt
	e.Version, e.UpdatedAt, e.UpdatedBy = row.Version, &at, row.UpdatedBy
}

// allow gives those that are enabled what there is of ids, places and time, in their order.
func (b *book) allow() {
	taken, running := anomaly.Kinds(), 0
	var budget rule.Budget
	for i := range b.all {
		e := &b.all[i]
		if e.Problem != "" || e.Origin == File && !e.Enabled {
			continue
		}
		if slices.Contains(taken, e.ID) {
			e.Problem = "its id is taken by a rule of a file, or by a kind of anomaly; give it another"
			continue
		}
		taken = append(taken, e.ID)
		if !e.Enabled {
			continue
		}
		if e.Problem = b.refusal(e.Rule, running, &budget); e.Problem == "" {
			running++
		}
	}
}

func (b *book) refusal(r *rule.Rule, running int, budget *rule.Budget) string {
	if running >= rule.MaxRules {
		return fmt.Sprintf("%d rules run already; that is the most", rule.MaxRules)
	}
	if err := budget.Take(r); err != nil {
		return err.Error()
	}
	return ""
}

// running are the rules in force.
func (b *book) running() (all []*rule.Rule) {
	for _, e := range b.all {
		if e.Runs() {
			all = append(all, e.Rule)
		}
	}
	return all
}

// find returns a rule by its id; of two the operators' own.
func (b *book) find(ruleID string) (Entry, error) { return b.findOf(ruleID, "") }

// findOf returns a rule by its id and origin; an empty one is as find has it.
func (b *book) findOf(ruleID string, origin Origin) (Entry, error) {
	for _, o := range []Origin{Custom, File} {
		if e := b.of(ruleID, o); e != nil && (origin == "" || origin == o) {
			return *e, nil
		}
	}
	return Entry{}, fmt.Errorf("rule %.64q: %w", ruleID, ErrNotFound)
}

func (b *book) own(ruleID string) *Entry { return b.of(ruleID, Custom) }

func (b *book) of(ruleID string, origin Origin) *Entry {
	i := slices.IndexFunc(b.all, func(e Entry) bool { return e.ID == ruleID && e.Origin == origin })
	if i < 0 {
		return nil
	}
	return &b.all[i]
}

// with is the rows after a change.
func (b *book) with(c Change) map[string]Row {
	rows := maps.Clone(b.rows)
	if c.Remove {
		delete(rows, c.Row.RuleID)
		return rows
	}
	rows[c.Row.RuleID] = c.Row
	return rows
}

// worse is the first rule that runs in this state, or is not there, and cannot run in
// another.
func (b *book) worse(next *book) *Entry {
	for i, e := range next.all {
		if e.Problem == "" {
			continue
		}
		was := slices.IndexFunc(b.all, func(o Entry) bool { return o.ID == e.ID && o.Origin == e.Origin })
		if was < 0 || b.all[was].Problem == "" {
			return &next.all[i]
		}
	}
	return nil
}

// owned counts the rules that operators added.
func (b *book) owned() (n int) {
	for _, r := range b.rows {
		if r.Origin == Custom {
			n++
		}
	}
	return n
}

// same says whether two states come from the same rows.
func same(a, b map[string]Row) bool {
	return maps.EqualFunc(a, b, func(x, y Row) bool {
		return x.Version == y.Version && x.Origin == y.Origin && x.UpdatedAt.Equal(y.UpdatedAt)
	})
}
