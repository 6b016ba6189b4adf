package detect

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"strings"
)

// Most literals that rules are tried at are parts of words, and texts are full
// of words. What most rules look for is not: a run of at least leastRun letters,
// digits and some marks. What such a match begins with is looked for in runs only.
// Rules that know a secret by a name before it have the commonest words of all,
// but their secret is nearly always a value: a run with a digit in it. Their names
// are looked for before values only.

const (
	leastRun  = 16
	mostReach = 256 // characters that a match may begin before its value
	longNamed = 20  // bytes of an assigned secret that has a digit
	wordBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
	runBytes  = wordBytes + "-+/=."
)

// distance is how far a match may begin before a run that it surely holds.
type distance struct {
	known  bool
	reach  int // characters that it begins before the run at most
	within int // bytes from where it begins to where the run ends, at least
	least  int // bytes of the run
}

// runOf is the distance to a run of runBytes.
func runOf(re *syntax.Regexp) distance {
	switch re.Op {
	case syntax.OpCapture:
		return runOf(re.Sub[0])
	case syntax.OpAlternate:
		return runOfAny(re.Sub)
	case syntax.OpConcat:
		return runInRow(re.Sub)
	}
	n := minSpan(re)
	return distance{known: n >= leastRun && madeOf(re, runBytes), within: n, least: n}
}

func runOfAny(subs []*syntax.Regexp) distance {
	all := runOf(subs[0])
	for _, sub := range subs[1:] {
		d := runOf(sub)
		all.known = all.known && d.known
		all.reach, all.within, all.least = max(all.reach, d.reach), min(all.within, d.within), min(all.least, d.least)
	}
	return all
}

// runInRow is the distance to the first run in parts that follow each other; the
// run goes on through all parts that are made of its bytes.
func runInRow(subs []*syntax.Regexp) distance {
	least, most := 0, 0 // bytes and characters before the part at hand
	first, length := 0, 0
	for _, sub := range subs {
		if madeOf(sub, runBytes) {
			length += minSpan(sub)
			least, most = least+minSpan(sub), most+maxChars(sub)
			continue
		}
		if length >= leastRun {
			break
		}
		if d := runOf(sub); d.known {
			d.reach, d.within = most+d.reach, least+d.within
			return d
		}
		least, most = least+minSpan(sub), most+maxChars(sub)
		first, length = most, 0
	}
	return distance{known: length >= leastRun, reach: first, within: least, least: length}
}

// valueOf is the distance to the secret, if that is a value but for the digit.
func valueOf(tree *syntax.Regexp) (d distance) {
	if tree.Op != syntax.OpConcat {
		return d
	}
	for _, sub := range tree.Sub {
		if sub.Op == syntax.OpCapture && sub.Name == "secret" {
			n := minSpan(sub)
			d.known = n >= leastRun && madeOf(sub, runBytes)
			d.within, d.least = d.within+n, n
			return d
		}
		d.reach, d.within = d.reach+maxChars(sub), d.within+minSpan(sub)
	}
	return distance{}
}

// staysOnLine says whether what stands before the secret of a match lies on the
// secret's line, or is one that beginOfNamed follows: the regex is that of a mention
// or an assignment whose names hold no line end, or holds none up to its secret.
func staysOnLine(regex string, tree *syntax.Regexp) bool {
	for _, gap := range []string{mentionGap, operator} {
		if names, _, found := strings.Cut(regex, gap); found {
			before, err := syntax.Parse(names, syntax.Perl)
			return err == nil && !canBreak(before)
		}
	}
	for _, sub := range tree.Sub {
		if tree.Op != syntax.OpConcat || sub.Op == syntax.OpCapture && sub.Name == "secret" {
			return tree.Op == syntax.OpConcat
		}
		if canBreak(sub) {
			return false
		}
	}
	return false
}

func canBreak(re *syntax.Regexp) bool { return canHold(re, '\n') || canHold(re, '\r') }

// canHold says whether a match of re can hold the character.
func canHold(re *syntax.Regexp, r rune) bool {
	switch re.Op {
	case syntax.OpAnyChar:
		return true
	case syntax.OpAnyCharNotNL:
		return r != '\n'
	case syntax.OpLiteral:
		return slices.Contains(re.Rune, r)
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			if re.Rune[i] <= r && r <= re.Rune[i+1] {
				return true
			}
		}
	}
	return slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return canHold(sub, r) })
}

// madeOf says whether every match of re consists of these bytes only.
func madeOf(re *syntax.Regexp, members string) bool {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if !strings.ContainsRune(members, r) || re.Flags&syntax.FoldCase != 0 {
				return false
			}
		}
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
				if !strings.ContainsRune(members, r) {
					return false
				}
			}
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return false
	}
	for _, sub := range re.Sub {
		if !madeOf(sub, members) {
			return false
		}
	}
	return true
}

// wantsDigit says whether the rule refuses a secret without a digit: what its
// validator wants mixed, what only a mention gives away, and what is long and known
// by its name alone.
func wantsDigit(r *Rule, p *plan) bool {
	long := p.value.known && p.value.least >= longNamed && p.digits
	return r.Validator == "mixed" || strings.Contains(r.Regex, mentionGap) || long && (r.Generic || strings.Contains(r.Regex, operator))
}

func canHoldDigit(re *syntax.Regexp) bool {
	if re == nil {
		return false
	}
	for r := '0'; r <= '9'; r++ {
		if canHold(re, r) {
			return true
		}
	}
	return false
}

// holdsDigit looks at eight bytes at once: a digit, less the sign of 0, is below ten.
func holdsDigit(b []byte) bool {
	const each, tops = 0x0101010101010101, 0x8080808080808080
	for ; len(b) >= 8; b = b[8:] {
		x := binary.LittleEndian.Uint64(b) ^ '0'*each
		if ^(x|(x&^tops+(128-10)*each))&tops != 0 {
			return true
		}
	}
	for _, c := range b {
		if c-'0' <= 9 {
			return true
		}
	}
	return false
}
