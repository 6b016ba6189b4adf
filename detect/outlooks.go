package detect

import (
	"regexp/syntax"
	"slices"
	"sync"
	"sync/atomic"

	"go.cordon.dev/cordon/detect/internal/match"
)

// outlooks tell for every literal of a rule set what can stand around it. Those of a
// rule are worked out when it meets the first of its literals: most never do.
type outlooks struct {
	mutex sync.Mutex
	known []atomic.Pointer[outlook] // nil: not worked out
}

// outlook is what can stand around a literal where a match holds it.
type outlook struct {
	behind *match.Outlook // nil: nearly anything
	before *match.Bytes   // between the start of the match and the literal; nil: nothing
	whole  []string       // the part's literals before they were cut to the fewest
}

// noOutlook is that of an owner whose literal is no part of a regex.
const noOutlook = -1

// outlook returns that of an owner's literal.
func (rs *RuleSet) outlook(o *owner) *outlook {
	if known := rs.outlooks.known[o.look].Load(); known != nil {
		return known
	}
	rs.lookAround(rs.active[o.rule])
	return rs.outlooks.known[o.look].Load()
}

// lookAround works a rule's outlooks out. The parts of a plan that was packed have
// no expressions any more; the same regex has the same parts. If it does not, the
// pack is of another version, and nothing is known.
func (rs *RuleSet) lookAround(c *compiled) {
	rs.outlooks.mutex.Lock()
	defer rs.outlooks.mutex.Unlock()
	if rs.outlooks.known[c.firstLook].Load() != nil {
		return // somebody was faster
	}
	var parts []part
	if tree, err := syntax.Parse(c.rule.Regex, syntax.Perl); err == nil { // it was parsed before
		parts = partsFor(tree, c.gate != nil)
	}
	same := slices.EqualFunc(parts, c.parts, func(a, b part) bool { return slices.Equal(a.literals, b.literals) })
	look := c.firstLook
	for i, p := range c.parts {
		all := make([]outlook, len(p.literals))
		if same {
			parts[i].outlooks(all)
		}
		for k := range all {
			rs.outlooks.known[look].Store(&all[k])
			look++
		}
	}
}

// outlooks fills in those of the part's literals.
func (p part) outlooks(all []outlook) {
	var before *match.Bytes
	if !p.leads() {
		before = match.BytesOf(p.before)
	}
	tree := &syntax.Regexp{Op: syntax.OpConcat, Sub: p.subs}
	for i, behind := range match.OutlooksOf(tree, p.literals) {
		all[i] = outlook{behind, before, p.whole}
	}
}

// goesOn says whether what stands behind a literal at text[at] can be the rest of a
// match.
func (l *outlook) goesOn(o *owner, text []byte, at int) bool {
	return l.behind == nil || l.behind.Allows(text, at+int(o.size))
}

// begun says whether the text at a literal goes on with all that is the same in
// every secret of its kind, not only with what it is looked for by.
func (l *outlook) begun(text []byte, at int) bool {
	return slices.ContainsFunc(l.whole, func(s string) bool {
		return len(text)-at >= len(s) && holdsFold(text[at:at+len(s)], s)
	})
}

// reach is where matches can begin that hold a literal at text[at]: from is the
// first place, which is behind the last if they can't.
func (l *outlook) reach(o *owner, text []byte, at int) (from, to int) {
	from, to = max(0, at-int(o.high)), min(len(text), at-int(o.low)+1)
	if l.before == nil {
		return from, to
	}
	i := at
	for i > from && l.before.Has(text[i-1]) {
		i--
	}
	return i, to
}
