package detect

import (
	"regexp/syntax"
	"sync"
	"sync/atomic"

	"go.cordon.dev/cordon/detect/internal/match"
)

// outlooks are what can stand behind each of a rule's literals. They are worked out
// when the rule meets the first of them, because most never do.
type outlooks struct {
	once  sync.Mutex
	known atomic.Pointer[[]*match.Outlook] // of the literals of all parts, in their order; nil: nearly anything
}

// noOutlook is that of an owner whose literal is no part of a regex.
const noOutlook = -1

// goesOn says whether what stands behind the literal, which begins at text[at] and
// has so many bytes, is what the owner's regex allows there.
func (c *compiled) goesOn(o *owner, text []byte, at int) bool {
	if o.look == noOutlook {
		return true
	}
	known := c.looks.known.Load()
	if known == nil {
		known = c.lookAround()
	}
	look := (*known)[o.look]
	return look == nil || look.Allows(text, at+int(o.size))
}

// lookAround works the outlooks out. The parts of a plan that was packed have no
// expressions any more; the same regex has the same parts.
func (c *compiled) lookAround() *[]*match.Outlook {
	c.looks.once.Lock()
	defer c.looks.once.Unlock()
	if known := c.looks.known.Load(); known != nil {
		return known
	}
	var all []*match.Outlook
	tree, err := syntax.Parse(c.rule.Regex, syntax.Perl)
	if err != nil {
		panic(err) // it was parsed before
	}
	for _, p := range partsFor(tree, c.gate != nil) {
		behind := &syntax.Regexp{Op: syntax.OpConcat, Sub: p.subs}
		all = append(all, match.OutlooksOf(behind, p.literals)...)
	}
	c.looks.known.Store(&all)
	return &all
}
