package detect

import (
	"regexp/syntax"
	"strings"
)

// plan is what a regex tells about how it is best tried.
type plan struct {
	parts   []part // nil: everywhere
	gate    *gate  // nil: the regex is always tried
	span    int    // greatest length of a match, as far as it is followed
	endless bool   // there is no greatest length
	groups  int
	run     distance // to a run of token characters
	value   distance // to the secret, if that is a value but for the digit
	line    bool     // see staysOnLine
	digits  bool     // the secret can hold a digit
	secret  int      // the group that is the secret, unless the rule names another
}

func planOf(regex string, tree *syntax.Regexp) *plan {
	value := valueOf(tree)
	p := &plan{
		gate: gateOf(regex, tree), span: maxSpan(tree), endless: endless(tree), run: runOf(tree), value: value, line: staysOnLine(regex, tree), digits: canHoldDigit(captureNamed(tree, "secret")), groups: tree.MaxCap(), secret: min(1, tree.MaxCap()),
	}
	for i, name := range tree.CapNames() {
		if name == "secret" && i > 0 {
			p.secret = i
			break
		}
	}
	p.parts = partsFor(tree, p.gate != nil)
	for i := range p.parts {
		p.parts[i].firsts = firstsOf(p.parts[i])
	}
	return p
}

// partsFor are the parts that a rule is tried at. A gate looks at what stands
// behind the beginning of a name, so that a gated rule is tried there if it can be.
func partsFor(tree *syntax.Regexp, gated bool) []part {
	if gated {
		if names := lead([]*syntax.Regexp{tree}); names != nil {
			return names
		}
	}
	return partsOf(tree)
}

// firstsOf tells with which byte each literal begins if its case is known, else
// it is 0.
func firstsOf(p part) string {
	var t [256]bool
	headsOf(p.subs, &t)
	var b strings.Builder
	for _, lit := range p.literals {
		switch small, big := lower(lit[0]), upper(lit[0]); {
		case t[small] == t[big]:
			b.WriteByte(0)
		case t[big]:
			b.WriteByte(big)
		default:
			b.WriteByte(small)
		}
	}
	return b.String()
}
