package detect

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// This file reads a parsed regex for what the prefilter needs: the literals a
// match must begin with, the literals it must hold, and how long it can be.

const (
	maxLiterals   = 128
	minAnchor     = 3
	goodAnchor    = 4    // not worth multiplying the literals for a longer one
	unboundedSpan = 4096 // how far a match without an upper bound is followed
)

// leadingLiterals returns lower-case literals with one of which every match
// begins, or nil when there is no such set of useful literals.
func leadingLiterals(re *syntax.Regexp) []string {
	set, _ := prefixes(re)
	if len(set) == 0 || shortest(set) < minAnchor {
		return nil
	}
	return set
}

// prefixes returns the literals a match of re begins with, and whether each of
// them is a whole match (so that what follows may be appended).
func prefixes(re *syntax.Regexp) (set []string, whole bool) {
	switch re.Op {
	case syntax.OpLiteral:
		return literalOf(re)
	case syntax.OpBeginLine, syntax.OpBeginText, syntax.OpWordBoundary, syntax.OpNoWordBoundary,
		syntax.OpEmptyMatch, syntax.OpEndLine, syntax.OpEndText:
		return []string{""}, true
	case syntax.OpCapture:
		return prefixes(re.Sub[0])
	case syntax.OpCharClass:
		return classLiterals(re)
	case syntax.OpConcat:
		return concatPrefixes(re.Sub)
	case syntax.OpAlternate:
		return alternatePrefixes(re.Sub)
	case syntax.OpQuest:
		set, whole := prefixes(re.Sub[0])
		return append(set, ""), whole
	case syntax.OpPlus:
		set, _ := prefixes(re.Sub[0])
		return set, false
	case syntax.OpRepeat:
		if re.Min > 0 {
			set, _ := prefixes(re.Sub[0])
			return set, false
		}
	}
	return []string{""}, false
}

func literalOf(re *syntax.Regexp) ([]string, bool) {
	s := strings.ToLower(string(re.Rune))
	for i := range len(s) {
		if s[i] >= 0x80 {
			return []string{""}, false
		}
	}
	return []string{s}, true
}

// classLiterals lists a small ASCII class as one-letter literals.
func classLiterals(re *syntax.Regexp) ([]string, bool) {
	seen := map[string]bool{}
	var set []string
	for i := 0; i < len(re.Rune); i += 2 {
		if re.Rune[i+1] >= 0x80 || re.Rune[i+1]-re.Rune[i] > 16 {
			return []string{""}, false
		}
		for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
			if s := strings.ToLower(string(r)); !seen[s] {
				seen[s] = true
				set = append(set, s)
			}
		}
	}
	if len(set) > 16 {
		return []string{""}, false
	}
	return set, true
}

func concatPrefixes(subs []*syntax.Regexp) ([]string, bool) {
	set := []string{""}
	for _, sub := range subs {
		next, whole := prefixes(sub)
		if len(set)*len(next) > maxLiterals || len(next) > 1 && shortest(set) >= goodAnchor {
			return set, false
		}
		set = product(set, next)
		if !whole {
			return set, false
		}
	}
	return set, true
}

func product(heads, tails []string) []string {
	out := make([]string, 0, len(heads)*len(tails))
	for _, h := range heads {
		for _, t := range tails {
			out = append(out, h+t)
		}
	}
	return out
}

func alternatePrefixes(subs []*syntax.Regexp) ([]string, bool) {
	var set []string
	whole := true
	for _, sub := range subs {
		s, w := prefixes(sub)
		set = append(set, s...)
		whole = whole && w
	}
	if len(set) > maxLiterals {
		return []string{""}, false
	}
	return set, whole
}

// requiredLiterals returns literals of which every match holds at least one, or
// nil when the regex promises none.
func requiredLiterals(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		if set, ok := literalOf(re); ok && len(set[0]) >= minAnchor {
			return set
		}
	case syntax.OpCapture, syntax.OpPlus:
		return requiredLiterals(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return requiredLiterals(re.Sub[0])
		}
	case syntax.OpConcat:
		return bestRequired(re)
	case syntax.OpAlternate:
		return allRequired(re.Sub)
	}
	return nil
}

func bestRequired(re *syntax.Regexp) []string {
	best := leadingLiterals(re)
	for _, sub := range re.Sub {
		if set := requiredLiterals(sub); shortest(set) > shortest(best) {
			best = set
		}
	}
	return best
}

func allRequired(subs []*syntax.Regexp) []string {
	var all []string
	for _, sub := range subs {
		set := requiredLiterals(sub)
		if set == nil || len(all)+len(set) > maxLiterals {
			return nil
		}
		all = append(all, set...)
	}
	return all
}

func shortest(set []string) int {
	if len(set) == 0 {
		return 0
	}
	n := len(set[0])
	for _, s := range set[1:] {
		n = min(n, len(s))
	}
	return n
}

// maxSpan is the greatest length in bytes of a match, capped at unboundedSpan.
func maxSpan(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return 4 * len(re.Rune)
	case syntax.OpCharClass:
		return classWidth(re)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 4
	case syntax.OpCapture, syntax.OpQuest:
		return maxSpan(re.Sub[0])
	case syntax.OpStar, syntax.OpPlus:
		return unboundedSpan
	case syntax.OpRepeat:
		if re.Max < 0 {
			return unboundedSpan
		}
		return min(unboundedSpan, re.Max*maxSpan(re.Sub[0]))
	}
	return maxSpanOfSubs(re)
}

func maxSpanOfSubs(re *syntax.Regexp) int {
	n := 0
	for _, sub := range re.Sub {
		if re.Op == syntax.OpAlternate {
			n = max(n, maxSpan(sub))
		} else {
			n += maxSpan(sub)
		}
	}
	return min(unboundedSpan, n)
}

func classWidth(re *syntax.Regexp) int {
	if n := len(re.Rune); n > 0 && re.Rune[n-1] < 0x80 {
		return 1
	}
	return 4
}

// minSpan is the least length of a match in characters.
func minSpan(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpCapture, syntax.OpPlus:
		return minSpan(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min * minSpan(re.Sub[0])
	case syntax.OpConcat:
		n := 0
		for _, sub := range re.Sub {
			n += minSpan(sub)
		}
		return n
	case syntax.OpAlternate:
		n := minSpan(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			n = min(n, minSpan(sub))
		}
		return n
	}
	return 0
}

// reach is how far after the start of a match one of words can begin: all that
// stands before the part that requires them, and that part.
func reach(re *syntax.Regexp, words []string) int {
	n := 0
	if re.Op == syntax.OpConcat {
		for _, sub := range re.Sub {
			n += maxSpan(sub)
			if set := requiredLiterals(sub); set != nil && subset(set, words) {
				return min(unboundedSpan, n)
			}
		}
	}
	return maxSpan(re)
}

func subset(set, words []string) bool {
	for _, s := range set {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, s) }) {
			return false
		}
	}
	return true
}
