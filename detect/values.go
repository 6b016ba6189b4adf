package detect

import (
	"regexp/syntax"
	"strings"

	"go.cordon.dev/cordon/detect/internal/anchor"
)

// Most literals that rules are tried at are parts of words, and texts are full
// of words. What most rules look for is not: a run of at least leastRun letters,
// digits, "_" and "-". So the literals of such rules are looked for near runs
// only. Rules that know a secret by a name before it have the commonest words of
// all, but their secret is nearly always a value: a run of at least leastValue
// with a digit in it. Their names are looked for before values only.

const (
	leastRun   = 16
	leastValue = 12
	mostReach  = 256 // bytes that a match may begin before its run or value
	runBytes   = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
)

// reachOfRun is the most bytes that a match begins before a run, and the least
// before that run has ended; ok is false if a match may hold no run.
func reachOfRun(re *syntax.Regexp) (reach, within int, ok bool) {
	switch re.Op {
	case syntax.OpCapture:
		return reachOfRun(re.Sub[0])
	case syntax.OpAlternate:
		return reachOfAny(re.Sub)
	case syntax.OpConcat:
		return reachInRow(re.Sub)
	}
	n := minSpan(re)
	return 0, n, n >= leastRun && madeOf(re, runBytes)
}

func reachOfAny(subs []*syntax.Regexp) (reach, within int, ok bool) {
	within = mostReach
	for _, sub := range subs {
		r, w, ok := reachOfRun(sub)
		if !ok {
			return 0, 0, false
		}
		reach, within = max(reach, r), min(within, w)
	}
	return reach, within, true
}

func reachInRow(subs []*syntax.Regexp) (reach, within int, ok bool) {
	least, most := 0, 0 // bytes before the part at hand
	first, length := 0, 0
	for _, sub := range subs {
		if r, w, ok := reachOfRun(sub); ok {
			return most + r, least + w, true
		}
		if madeOf(sub, runBytes) {
			if length == 0 {
				first = most
			}
			length += minSpan(sub)
		} else {
			length = 0
		}
		least, most = least+minSpan(sub), most+maxSpan(sub)
		if length >= leastRun {
			return first, least, true
		}
	}
	return 0, 0, false
}

// reachOfValue is the most bytes that a match begins before its secret, and the
// least before that has ended; ok is false if the secret may be no value, but
// for the digit.
func reachOfValue(tree *syntax.Regexp) (reach, within int, ok bool) {
	if tree.Op != syntax.OpConcat {
		return 0, 0, false
	}
	for _, sub := range tree.Sub {
		if sub.Op == syntax.OpCapture && sub.Name == "secret" {
			n := minSpan(sub)
			return reach, within + n, n >= leastValue && madeOf(sub, runBytes)
		}
		reach, within = reach+maxSpan(sub), within+minSpan(sub)
	}
	return 0, 0, false
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

// needsDigit says whether the rule refuses a secret without a digit: what only a
// mention gives away, and what its validator wants mixed.
func needsDigit(r *Rule) bool {
	return r.Validator == "mixed" || strings.Contains(r.Regex, mentionGap)
}

func holdsDigit(b []byte) bool {
	for _, c := range b {
		if c-'0' <= 9 {
			return true
		}
	}
	return false
}

// beforeValue and nearRun say whether the rule's literals are looked for before
// values, or near runs. They have to begin before the value or run ends.
func (c *compiled) beforeValue() bool { return c.digit && c.reaches(c.value) }

func (c *compiled) nearRun() bool { return c.reaches(c.run) }

func (c *compiled) reaches(to distance) bool {
	if !to.known || to.reach > mostReach || len(c.rule.Keywords) > 0 || c.parts == nil {
		return false
	}
	for _, p := range c.parts {
		if p.high > to.within {
			return false
		}
	}
	return true
}

// distance is how far a match may begin before what it surely holds.
type distance struct {
	known         bool
	reach, within int // see reachOfRun
}

func distanceOf(reach, within int, known bool) distance {
	if !known {
		return distance{}
	}
	return distance{known, reach, within}
}

// zone is where the literals of a finder can begin, as far as the text was
// looked at.
type zone struct {
	from, to int
}

// matchNear runs the rules whose matches hold a run or a value near the runs and
// values of the text; their literals are looked for that begin in text[lo:hi].
func (s *session) matchNear(l *layer, lo, hi int) {
	rs := s.rs
	text := l.text[:min(len(l.text), hi+rs.nearSpan)]
	runs, values := zone{0, -1}, zone{0, -1}
	for at := lo; at < len(text); {
		s.runs, at = rs.members.Runs(text, leastValue, at, s.runs[:0])
		for _, r := range s.runs {
			if r.End-r.Start >= leastRun {
				s.near(l, &rs.runs, &runs, r, lo, hi)
			}
			if holdsDigit(text[r.Start:r.End]) {
				s.near(l, &rs.values, &values, r, lo, hi)
			}
		}
	}
	s.visitAll(l, &rs.runs, runs.from, runs.to)
	s.visitAll(l, &rs.values, values.from, values.to)
}

// near widens a zone by what lies before a run and in it; what is behind the
// zone so far is looked at.
func (s *session) near(l *layer, f *finder, z *zone, run anchor.Span, lo, hi int) {
	if begin := max(lo, run.Start-mostReach); begin > z.to {
		s.visitAll(l, f, z.from, z.to)
		z.from = begin
	}
	z.to = min(hi, run.End+1)
}

// runRoom is how many runs are looked for at a time.
const runRoom = 64
