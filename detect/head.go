package detect

import (
	"regexp"
	"regexp/syntax"
)

// anchored is a regex that is tried at one place of a text.
type anchored struct {
	first *regexp.Regexp // at the start of the text
	inner *regexp.Regexp // after one byte, so that \b sees it
	span  int            // greatest length of a match
}

func newAnchored(expr string, span int) *anchored {
	return &anchored{
		first: regexp.MustCompile(`\A(?:` + expr + `)`),
		inner: regexp.MustCompile(`\A(?s:.)(?:` + expr + `)`),
		span:  span,
	}
}

// at cuts out what a match at that place can depend on.
func (a *anchored) at(text []byte, at int) (re *regexp.Regexp, from, to int) {
	to = min(len(text), at+a.span+1)
	if at == 0 {
		return a.first, 0, to
	}
	return a.inner, at - 1, to
}

func (a *anchored) match(text []byte, at int) bool {
	re, from, to := a.at(text, at)
	return re.Match(text[from:to])
}

const (
	headSpan  = 64  // longest beginning that is tried on its own
	longMatch = 128 // regexes whose matches are shorter need no such help
)

// headOf makes a regex of what every match of tree begins with, within headSpan
// bytes. Most places where a literal stands are told apart by it, at a fraction
// of the price of a long regex. It returns nil when there is nothing to gain.
func headOf(tree *syntax.Regexp) *anchored {
	if maxSpan(tree) < longMatch {
		return nil
	}
	head := beginning(tree, headSpan)
	if minSpan(head) == 0 {
		return nil
	}
	return newAnchored(head.String(), maxSpan(head))
}

// beginning returns a regex that matches a prefix, at most budget bytes long, of
// every match of re.
func beginning(re *syntax.Regexp, budget int) *syntax.Regexp {
	if maxSpan(re) <= budget {
		return re
	}
	switch re.Op {
	case syntax.OpCapture:
		return beginning(re.Sub[0], budget)
	case syntax.OpConcat:
		return beginningOfConcat(re, budget)
	case syntax.OpAlternate:
		out := &syntax.Regexp{Op: syntax.OpAlternate, Flags: re.Flags}
		for _, sub := range re.Sub {
			out.Sub = append(out.Sub, beginning(sub, budget))
		}
		return out
	case syntax.OpRepeat, syntax.OpPlus:
		if n := min(max(re.Min, 1), budget/max(1, maxSpan(re.Sub[0]))); n > 0 && (re.Op == syntax.OpPlus || re.Min > 0) {
			return &syntax.Regexp{Op: syntax.OpRepeat, Flags: re.Flags, Sub: re.Sub[:1], Min: n, Max: n}
		}
	}
	return &syntax.Regexp{Op: syntax.OpEmptyMatch}
}

func beginningOfConcat(re *syntax.Regexp, budget int) *syntax.Regexp {
	out := &syntax.Regexp{Op: syntax.OpConcat, Flags: re.Flags}
	for _, sub := range re.Sub {
		out.Sub = append(out.Sub, beginning(sub, budget))
		if maxSpan(sub) > budget {
			break
		}
		budget -= maxSpan(sub)
	}
	return out
}
