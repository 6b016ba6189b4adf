package detect

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// This file picks the literals a rule is tried at: of those that every match
// holds the rarest, at the price of the places from which a match can reach them.

// part is a set of literals of which every match of a regex, or of one of its
// alternatives, holds one that begins at least low and at most high bytes behind
// the start of the match.
type part struct {
	literals  []string
	low, high int
	word      bool             // a match begins with it, and no word character stands before
	firsts    string           // what each literal begins with if its case is known, else 0
	subs      []*syntax.Regexp // the literals and what follows
	before    []*syntax.Regexp // what a match has before them
	whole     []string         // the literals as they were before they were cut to the fewest
}

// leads says whether the part tells the one place where a match can begin.
func (p part) leads() bool { return p.low == p.high }

const (
	maxStarts   = 1024 // most places from which a literal is worth being reached
	startCost   = 8    // so many more of them count as one more occurrence
	costSamples = 16   // so many literals stand for all
	heldCost    = 8    // a literal is better begun with than held; by so much
)

// cost is how often the engine may have to look because of the part, in a text
// of one byte, as far as that can be guessed.
func (p part) cost() float64 {
	sum := chanceOf(p.whole)
	sum *= 1 + float64(p.high-p.low)/startCost
	if p.high > 0 {
		sum *= heldCost
	}
	return sum
}

// partsOf returns the parts of which every match holds one, nil if the regex
// promises none.
func partsOf(re *syntax.Regexp) []part {
	switch re.Op {
	case syntax.OpLiteral:
		return lead([]*syntax.Regexp{re})
	case syntax.OpCapture, syntax.OpPlus:
		return partsOf(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return partsOf(re.Sub[0])
		}
	case syntax.OpConcat:
		return partsOfConcat(re)
	case syntax.OpAlternate:
		return partsOfAlternate(re)
	}
	return nil
}

func partsOfAlternate(re *syntax.Regexp) []part {
	whole := lead([]*syntax.Regexp{re})
	var each []part
	for _, sub := range re.Sub {
		parts := partsOf(sub)
		if parts == nil {
			return whole
		}
		each = append(each, parts...)
	}
	return cheaper(whole, each)
}

func partsOfConcat(re *syntax.Regexp) []part {
	var best []part
	low, high := 0, 0
	for i, sub := range re.Sub {
		if high > maxStarts {
			break
		}
		best = cheaper(best, behind(lead(re.Sub[i:]), re.Sub[:i], low, high))
		best = cheaper(best, behind(partsOf(sub), re.Sub[:i], low, high))
		low, high = low+minSpan(sub), high+maxSpan(sub)
	}
	return best
}

// lead makes a part of the literals that subs, in a row, begin with.
func lead(subs []*syntax.Regexp) []part {
	set, _ := concatPrefixes(subs)
	if len(set) == 0 || shortest(set) < minAnchor || len(set) > maxLiterals {
		return nil
	}
	word := beginsAWord(&syntax.Regexp{Op: syntax.OpConcat, Sub: subs})
	return []part{{literals: fewest(set), whole: set, word: word, subs: subs}}
}

// behind moves parts by what stands before them.
func behind(parts []part, before []*syntax.Regexp, low, high int) []part {
	out := slices.Clone(parts)
	for i := range out {
		out[i].before = slices.Concat(before, out[i].before)
		out[i].low += low
		out[i].high += high
		out[i].word = out[i].word && high == 0
		if out[i].high > maxStarts {
			return nil
		}
	}
	return out
}

func cheaper(a, b []part) []part {
	if a == nil || b != nil && costOf(b) < costOf(a) {
		return b
	}
	return a
}

func costOf(parts []part) (sum float64) {
	for _, p := range parts {
		sum += p.cost()
	}
	return sum
}

// headsOf notes with which bytes a match of subs, in a row, can begin, and says
// whether it can be empty.
func headsOf(subs []*syntax.Regexp, t *[256]bool) bool {
	for _, sub := range subs {
		if !heads(sub, t) {
			return false
		}
	}
	return true
}

func heads(re *syntax.Regexp, t *[256]bool) (empty bool) {
	switch re.Op {
	case syntax.OpLiteral:
		headsOfLiteral(re, t)
		return len(re.Rune) == 0
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		headsOfClass(re, t)
		return false
	case syntax.OpCapture, syntax.OpPlus:
		return heads(re.Sub[0], t)
	case syntax.OpStar, syntax.OpQuest:
		heads(re.Sub[0], t)
		return true
	case syntax.OpRepeat:
		return heads(re.Sub[0], t) || re.Min == 0
	case syntax.OpConcat:
		return headsOf(re.Sub, t)
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			empty = heads(sub, t) || empty
		}
		return empty
	}
	return true
}

func headsOfLiteral(re *syntax.Regexp, t *[256]bool) {
	if len(re.Rune) == 0 {
		return
	}
	r := re.Rune[0]
	if r >= 0x80 {
		headsBeyond(t)
		return
	}
	t[r] = true
	if re.Flags&syntax.FoldCase != 0 {
		t[lower(byte(r))], t[upper(byte(r))] = true, true
		headsBeyond(t)
	}
}

func headsOfClass(re *syntax.Regexp, t *[256]bool) {
	if re.Op != syntax.OpCharClass {
		*t = [256]bool{}
		for i := range t {
			t[i] = true
		}
	}
	for i := 0; i+1 < len(re.Rune); i += 2 {
		for r := re.Rune[i]; r <= min(re.Rune[i+1], 0x7f); r++ {
			t[r] = true
		}
		if re.Rune[i+1] >= 0x80 {
			headsBeyond(t)
		}
	}
}

func headsBeyond(t *[256]bool) {
	for i := 0x80; i < len(t); i++ {
		t[i] = true
	}
}

// chance is about how often a literal begins at a byte of ordinary text: letters
// come as they do in English, but the words that programs are full of come more
// often than their letters say.
func chance(lit string) float64 {
	p := 1.0
	for lit != "" {
		n := commonWord(lit)
		if n > 0 {
			p *= wordChance
			lit = lit[n:]
			continue
		}
		p *= letterChance(lit[0])
		lit = lit[1:]
	}
	return p
}

// chanceOf is that of any of a set.
func chanceOf(set []string) float64 {
	sum := 0.0
	step := 1 + len(set)/costSamples
	for i := 0; i < len(set); i += step {
		sum += chance(set[i]) * float64(step)
	}
	return sum
}

const wordChance = 1e-3

// commonWord is how much of lit is the end, or all it has of a longer part, of a
// common word.
func commonWord(lit string) int {
	for _, w := range []string{
		"http", "://", "www", ".com", "api", "key", "token", "secret", "auth", "password", "access", "status", "message", "json", "text", "data",
		"name", "type", "user", "value", "test", "public", "private", "aaaa", "0000", "----", "====", "    ", "app", "client", "service", "server",
		"cookie", "session", "connect", "cipher", "host", "email", "config",
	} {
		for i := range len(w) - 2 {
			if end := w[i:]; strings.HasPrefix(lit, end) {
				return len(end)
			} else if len(lit) > 2 && strings.HasPrefix(end, lit) {
				return len(lit)
			}
		}
	}
	return 0
}

func letterChance(c byte) float64 {
	const letters = "etaoinsrhldcumfpgwybvkxjqz"
	i := strings.IndexByte(letters, lower(c))
	switch {
	case i >= 0:
		return 0.08 / (1 + float64(i*i)/60)
	case c >= '0' && c <= '9':
		return 0.015
	case c == ' ':
		return 0.1
	case strings.IndexByte("_-./:=\"',", c) >= 0:
		return 0.01
	}
	return 0.003
}
