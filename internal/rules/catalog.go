package rules

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"go.cordon.dev/cordon/detect"
)

// base is a rule before operators had their say.
type base struct {
	rule   detect.Rule
	origin Origin
	from   string
}

// catalog is one state of all rules. It is never changed.
type catalog struct {
	bases   []base
	rows    map[string]Row
	rules   []Rule // the bases in their order, then own ones by id
	byID    map[string]*Rule
	set     *detect.RuleSet
	unknown []string // ids that the configuration disables and nobody has
}

// build makes the rules that bases, rows and the configuration lead to and
// compiles them.
func build(bases []base, rows map[string]Row, disable []string) (*catalog, error) {
	c := &catalog{bases: bases, rows: rows, byID: map[string]*Rule{}}
	for _, b := range bases {
		row, stored := rows[b.rule.ID]
		if stored && row.Origin.own() { // a newer pack took the id of an own rule: the operator's counts
			continue
		}
		c.rules = append(c.rules, fromBase(b, row))
	}
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		if row := rows[id]; row.Origin.own() {
			c.rules = append(c.rules, fromRow(row))
		}
	}
	c.hold(disable)
	return c, c.compile()
}

// fromBase is a builtin rule or one from a file with what is stored of it. A
// patch that this version does not take is left out.
func fromBase(b base, row Row) Rule {
	r := Rule{Rule: b.rule, Origin: b.origin, From: b.from}
	if row.Version == 0 {
		return r
	}
	r.remember(row)
	var p Patch
	err := json.Unmarshal(row.Definition, &p)
	patched := p.over(b.rule)
	if err == nil {
		_, err = detect.CheckRule(patched)
	}
	if err != nil {
		r.Problem = fmt.Sprintf("what was changed of it has no effect: %v", err)
		return r
	}
	r.Rule, r.Changed = patched, !p.empty()
	return r
}

func fromRow(row Row) Rule {
	var s Spec
	err := json.Unmarshal(row.Definition, &s)
	r := Rule{Rule: s.rule(row.RuleID), Origin: row.Origin, From: s.From}
	if err == nil {
		_, err = detect.CheckRule(r.Rule)
	}
	if err != nil {
		r.Problem = fmt.Sprintf("not run: %v", err)
	}
	r.remember(row)
	return r
}

func (r *Rule) remember(row Row) {
	at := row.UpdatedAt
	r.Version, r.UpdatedAt, r.UpdatedBy = row.Version, &at, row.UpdatedBy
}

// hold disables what the configuration disables.
func (c *catalog) hold(disable []string) {
	for i := range c.rules {
		c.byID[c.rules[i].ID] = &c.rules[i]
	}
	for _, id := range disable {
		r := c.byID[id]
		if r == nil {
			c.unknown = append(c.unknown, id)
			continue
		}
		r.Held, r.Active = true, false
	}
}

// compile leaves out rules with a problem of their own: one bad row must not
// switch detection off.
func (c *catalog) compile() (err error) {
	var all []detect.Rule
	for _, r := range c.rules {
		if r.Problem == "" || !r.Origin.own() {
			all = append(all, r.Rule)
		}
	}
	if c.set, err = detect.Compile(all, detect.Options{}); err != nil {
		return fmt.Errorf("compiling rules: %w", err)
	}
	for i, r := range c.rules {
		if known, ok := c.set.Rule(r.ID); ok {
			c.rules[i].SecretType = known.SecretType // filled in where the rule names none
		}
	}
	for _, id := range c.set.TriedEverywhere() {
		c.byID[id].Slow = true
	}
	return nil
}

// with is the rows after some changes.
func (c *catalog) with(changes []Change) map[string]Row {
	rows := maps.Clone(c.rows)
	for _, ch := range changes {
		if ch.Remove {
			delete(rows, ch.Row.RuleID)
			continue
		}
		rows[ch.Row.RuleID] = ch.Row
	}
	return rows
}

// find returns a rule by its id.
func (c *catalog) find(id string) (Rule, error) {
	if r := c.byID[id]; r != nil {
		return *r, nil
	}
	return Rule{}, fmt.Errorf("rule %q: %w", id, ErrNotFound)
}

// base returns a rule as it was before operators changed it.
func (c *catalog) base(id string) detect.Rule {
	i := slices.IndexFunc(c.bases, func(b base) bool { return b.rule.ID == id })
	if i < 0 {
		return detect.Rule{}
	}
	return c.bases[i].rule
}

// own counts the rules that are stored as a whole.
func own(rows map[string]Row) int {
	n := 0
	for _, r := range rows {
		if r.Origin.own() {
			n++
		}
	}
	return n
}

// same says whether two states come from the same rows.
func same(a, b map[string]Row) bool {
	if len(a) != len(b) {
		return false
	}
	for id, r := range a {
		o, ok := b[id]
		if !ok || o.Version != r.Version || o.Origin != r.Origin || !o.UpdatedAt.Equal(r.UpdatedAt) {
			return false
		}
	}
	return true
}

func byID(rows []Row) map[string]Row {
	out := make(map[string]Row, len(rows))
	for _, r := range rows {
		out[r.RuleID] = r
	}
	return out
}

// overlay puts the rules of files behind the builtin ones; of two with one id
// the file's counts.
func overlay(builtin, files []base) []base {
	all := slices.Clone(builtin)
	for _, f := range files {
		i := slices.IndexFunc(all, func(b base) bool { return b.rule.ID == f.rule.ID })
		if i < 0 {
			all = append(all, f)
			continue
		}
		all[i] = f
	}
	return all
}
