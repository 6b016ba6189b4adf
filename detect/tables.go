package detect

import (
	"slices"

	"go.cordon.dev/cordon/detect/internal/anchor"
)

// anchor decides where a rule is tried: at or around literals its matches hold,
// around its keywords, or everywhere.
func (rs *RuleSet) anchor(c *compiled, table *anchorTable) {
	if c.searched() {
		rs.anchorAtKeywords(c, table)
		return
	}
	if c.parts == nil {
		rs.always = append(rs.always, c.index)
	}
	c.firstLook = rs.literals
	for _, p := range c.parts {
		rs.context = max(rs.context, p.high)
		table.addPart(p, c.index, rs.literals)
		rs.literals += int32(len(p.literals))
	}
}

func (rs *RuleSet) anchorAtKeywords(c *compiled, table *anchorTable) {
	o := owner{rule: c.index, high: int32(c.span + c.rule.Near), look: noOutlook}
	if c.rule.Near > 0 {
		o.low = -int32(longest(c.words) + c.rule.Near)
	}
	for _, w := range c.words {
		table.add(w, o)
	}
	rs.context, rs.behind = max(rs.context, int(o.high)), max(rs.behind, -int(o.low))
}

// anchorTable collects the distinct literals and who wants them.
type anchorTable struct {
	like     anchor.Layout
	ids      map[string]int
	literals []string
	owners   [][]owner
}

// newAnchorTable has room for as many literals as the layout knows, at most so many.
func newAnchorTable(like anchor.Layout, most int) anchorTable {
	size := min(len(like), most)
	return anchorTable{like: like, ids: make(map[string]int, size), literals: make([]string, 0, size), owners: make([][]owner, 0, size)}
}

func (t *anchorTable) finder() finder {
	return finder{anchor.NewLike(t.literals, t.like), t.owners, longest(t.literals)}
}

// addPart adds the literals of a part, of which the first has that outlook.
func (t *anchorTable) addPart(p part, rule, look int32) {
	for i, lit := range p.literals {
		t.add(lit, owner{
			rule: rule, leads: p.leads(), word: p.word, first: p.firsts[i], low: int32(p.low), high: int32(p.high),
			look: look + int32(i), size: int32(len(lit)),
		})
	}
}

// add takes a literal in small letters.
func (t *anchorTable) add(literal string, o owner) {
	id, ok := t.ids[literal]
	if !ok {
		id = len(t.literals)
		t.ids[literal] = id
		t.literals = append(t.literals, literal)
		t.owners = append(t.owners, nil)
	}
	if !slices.Contains(t.owners[id], o) {
		t.owners[id] = append(t.owners[id], o)
	}
}

// anchorTables are those of a rule set.
type anchorTables struct {
	formats, heads anchorTable
	values         [len(tiers)]anchorTable
	known          *pack
}

// finders are the tables that a layout is known of, in the order of the pack.
func (t *anchorTables) finders() []*anchorTable {
	all := []*anchorTable{&t.formats}
	for i := range t.values {
		all = append(all, &t.values[i])
	}
	return all
}

// of is the table for the literals of a rule.
func (t *anchorTables) of(c *compiled) *anchorTable {
	switch c.placed() {
	case atHeads:
		return &t.heads
	case atValues:
		return &t.values[tierOf(c.value.least)]
	}
	return &t.formats
}

// build makes the finders of a rule set of its tables.
func (t *anchorTables) build(rs *RuleSet) {
	rs.formats = t.formats.finder()
	rs.heads, rs.begins = anchor.NewHeads(t.heads.literals), t.heads.owners
	for i := range t.values {
		rs.values[i] = t.values[i].finder()
	}
}
