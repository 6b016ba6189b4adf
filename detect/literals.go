package detect

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// This file reads a parsed regex for what the search for literals needs: those a
// match must begin with, those it must hold, and how long it can be.

const (
	maxLiterals   = 1024
	minAnchor     = 3
	goodAnchor    = 4    // not worth multiplying the literals for a longer one,
	fewLiterals   = 8    // unless they stay few,
	goodChance    = 5e-5 // or are as common as this
	maxRepeated   = 8    // repetitions of a literal that are written out
	unboundedSpan = 4096 // how far a match without an upper bound is followed
)

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
		return repeatPrefixes(re)
	}
	return []string{""}, false
}

// repeatPrefixes writes out the first of the repetitions of one literal.
func repeatPrefixes(re *syntax.Regexp) ([]string, bool) {
	if re.Min == 0 {
		return []string{""}, false
	}
	set, whole := prefixes(re.Sub[0])
	if len(set) == 1 && whole {
		set[0] = strings.Repeat(set[0], min(re.Min, maxRepeated))
	}
	return set, false
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
		if len(set)*len(next) > maxLiterals || len(next) > 1 && !worthMore(set, next) {
			return set, false
		}
		set = product(set, next)
		if !whole {
			return set, false
		}
	}
	return set, true
}

// worthMore says whether literals are worth multiplying by what follows.
func worthMore(set, next []string) bool {
	return shortest(set) < goodAnchor || len(next) == 2 && len(set) <= fewLiterals || chanceOf(set) >= goodChance
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

// beginsAWord says whether every match begins with a word character before
// which there is none: the regex begins with \b and a word.
func beginsAWord(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpCapture:
		return beginsAWord(re.Sub[0])
	case syntax.OpAlternate:
		return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !beginsAWord(sub) })
	case syntax.OpConcat:
		if re.Sub[0].Op != syntax.OpWordBoundary {
			return beginsAWord(re.Sub[0])
		}
		set, _ := concatPrefixes(re.Sub[1:])
		return len(set) > 0 && !slices.ContainsFunc(set, func(s string) bool { return s == "" || !wordByte(s[0]) })
	}
	return false
}

// wordByte says whether c is what \b calls a word character.
func wordByte(c byte) bool {
	return c == '_' || lower(c) >= 'a' && lower(c) <= 'z' || c >= '0' && c <= '9'
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

func longest(set []string) int {
	n := 0
	for _, s := range set {
		n = max(n, len(s))
	}
	return n
}

// endless says whether a match has no greatest length.
func endless(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpStar, syntax.OpPlus:
		return true
	case syntax.OpRepeat:
		if re.Max < 0 {
			return true
		}
	}
	return slices.ContainsFunc(re.Sub, endless)
}

// maxSpan is the greatest length in bytes of a match, capped at unboundedSpan.
func maxSpan(re *syntax.Regexp) int { return greatest(re, utf8.UTFMax) }

// maxChars is that in characters.
func maxChars(re *syntax.Regexp) int { return greatest(re, 1) }

// greatest is the greatest length of a match when a character that is not ASCII
// counts for wide.
func greatest(re *syntax.Regexp, wide int) int {
	switch re.Op {
	case syntax.OpLiteral:
		return literalSpan(re, wide)
	case syntax.OpCharClass:
		return classWidth(re, wide)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return wide
	case syntax.OpCapture, syntax.OpQuest:
		return greatest(re.Sub[0], wide)
	case syntax.OpStar, syntax.OpPlus:
		return unboundedSpan
	case syntax.OpRepeat:
		if re.Max < 0 {
			return unboundedSpan
		}
		return min(unboundedSpan, re.Max*greatest(re.Sub[0], wide))
	}
	return greatestOfSubs(re, wide)
}

// literalSpan knows that a letter may be longer in another case: the sign of the
// unit kelvin is a K, and there is a long s.
func literalSpan(re *syntax.Regexp, wide int) int {
	n := 0
	for _, r := range re.Rune {
		switch {
		case re.Flags&syntax.FoldCase == 0 && r < 0x80:
			n++
		case r < 0x80 && strings.IndexByte("ksKS", byte(r)) < 0:
			n++
		default:
			n += wide
		}
	}
	return n
}

func greatestOfSubs(re *syntax.Regexp, wide int) int {
	n := 0
	for _, sub := range re.Sub {
		if re.Op == syntax.OpAlternate {
			n = max(n, greatest(sub, wide))
		} else {
			n += greatest(sub, wide)
		}
	}
	return min(unboundedSpan, n)
}

func classWidth(re *syntax.Regexp, wide int) int {
	if n := len(re.Rune); n > 0 && re.Rune[n-1] < 0x80 {
		return 1
	}
	return wide
}

// ShortestMatch is the least number of characters that a match of an RE2
// expression has. The error is that of regexp/syntax.
func ShortestMatch(expr string) (int, error) {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return 0, err
	}
	return minSpan(tree), nil
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

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}
