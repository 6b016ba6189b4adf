package detect

import (
	"bytes"
	"regexp/syntax"
	"slices"
	"strings"
)

// assigned is the short form of a regex for secrets that only the name they are
// assigned to gives away: `datadog_api_key = "0123..."`.
type assigned struct {
	// Names is a regex (any case) that the name of the variable, key or header
	// must hold. It may match letters, digits, "_", "-", "." and spaces only.
	Names string `yaml:"names"`
	// Value is the regex (case matters) of the secret.
	Value string `yaml:"value"`
}

// operator is what stands between a name and its value: the rest of the name,
// one more word at most, its closing quote, then = : => := or the like, a comma
// after a quote, the end of an XML tag or a dash, then an opening quote.
const operator = "[\\w.\\-]{0,32}(?:[ \\t][\\w.\\-]{1,20})?" +
	"(?:['\"`\\])]{0,3}[ \\t]{0,3}(?:(?:=>|:{1,3}=|\\|\\|:|[?.]=|={1,3}|:)\\s{0,5}|>[ \\t]{0,3}|[ \\t]-[ \\t]{1,3})|['\"`],\\s{0,5})" +
	"(?:(?i:bearer|basic|token)[ \\t]{1,3})?['\"`({\\[=\\s]{0,5}"

func (a assigned) regex() string {
	return "(?i:" + a.Names + ")" + operator + "(?P<secret>" + a.Value + ")(?:[^\\w\\-+/=]|\\z)"
}

// gate is a quick look at whether an assigned value of enough bytes can follow a
// name, so that the regex isn't tried on every mention of a word such as "key".
// It never refuses what the regex would match.
type gate struct {
	least int // bytes of the value
	words int // words that may follow the first one of the name
}

// blanksAndQuotes is RE2's \s and what may stand around a value.
const blanksAndQuotes = " \t\r\n\f'\"`"

const (
	gateName = 160 // longest name and rest of a name
	gateSkip = 16  // longest operator, opening quote and scheme
)

// gateOf returns the gate of a regex made by assigned.regex, or nil.
func gateOf(r *Rule, tree *syntax.Regexp) *gate {
	if !strings.Contains(r.Regex, operator) || len(r.Keywords) > 0 {
		return nil
	}
	return &gate{least: solidSpan(captureNamed(tree, "secret")), words: wordsOf(r)}
}

// wordsOf is one for the operator's, and any number where names hold blanks.
func wordsOf(r *Rule) int {
	names, _, _ := strings.Cut(r.Regex, operator)
	if tree, err := syntax.Parse(names, syntax.Perl); err != nil || porous(tree) {
		return gateName
	}
	return 1
}

func captureNamed(re *syntax.Regexp, name string) *syntax.Regexp {
	if re.Op == syntax.OpCapture && re.Name == name {
		return re
	}
	for _, sub := range re.Sub {
		if found := captureNamed(sub, name); found != nil {
			return found
		}
	}
	return nil
}

// solidSpan is the least number of characters a match begins with before it can
// hold a blank or a quote.
func solidSpan(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpCapture:
		return solidSpan(re.Sub[0])
	case syntax.OpAlternate:
		n := solidSpan(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			n = min(n, solidSpan(sub))
		}
		return n
	case syntax.OpConcat:
		n := 0
		for _, sub := range re.Sub {
			if porous(sub) {
				return n
			}
			n += minSpan(sub)
		}
		return n
	}
	if porous(re) {
		return 0
	}
	return minSpan(re)
}

// porous says whether a match can hold a blank or a quote.
func porous(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return true
	case syntax.OpLiteral:
		return strings.ContainsAny(string(re.Rune), blanksAndQuotes)
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			for _, c := range blanksAndQuotes {
				if re.Rune[i] <= c && c <= re.Rune[i+1] {
					return true
				}
			}
		}
	}
	return slices.ContainsFunc(re.Sub, porous)
}

// open says whether the regex is worth trying where a name begins.
func (g *gate) open(text []byte, at int) bool {
	if g == nil {
		return true
	}
	end := min(len(text), at+gateName)
	i, words := at+1, 0
	for i < end && gateBytes[text[i]]&nameClass != 0 {
		if text[i-1] <= ' ' && text[i] > ' ' {
			if text[i] == '-' {
				return true
			}
			words++
		}
		i++
	}
	if words > g.words {
		return false
	}
	if i == end || gateBytes[text[i]]&operatorClass == 0 || text[i] == ',' && !quote(text[i-1]) {
		return i == end && end < len(text)
	}
	return g.valueAt(text, i)
}

// valueAt looks for the value behind the operator that begins at i.
func (g *gate) valueAt(text []byte, i int) bool {
	start := i
	for i < start+gateSkip && i < len(text) && gateBytes[text[i]]&fillClass != 0 {
		i++
	}
	first := i // a value may begin with what an operator is made of, such as =
	for first > start+1 && solid(text[first-1]) {
		first--
	}
	j := i
	for j < len(text) && j-first < g.least && solid(text[j]) {
		j++
	}
	return j-first >= g.least || scheme(text[i:j])
}

func solid(c byte) bool { return strings.IndexByte(blanksAndQuotes, c) < 0 }

func scheme(word []byte) bool {
	return bytes.EqualFold(word, []byte("bearer")) || bytes.EqualFold(word, []byte("basic")) || bytes.EqualFold(word, []byte("token"))
}

func quote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

// What a byte can be in an assignment.
const (
	nameClass     = 1 << iota // name, blanks, closing quote
	operatorClass             // first byte of an operator
	fillClass                 // operator, blanks, opening quote
)

var gateBytes = func() (t [256]uint8) {
	for c := range t {
		b := byte(c)
		if b == '_' || lower(b) >= 'a' && lower(b) <= 'z' || b >= '0' && b <= '9' || strings.IndexByte(".- \t'\"`])", b) >= 0 {
			t[c] |= nameClass
		}
		if strings.IndexByte("=:|?,>", b) >= 0 {
			t[c] |= operatorClass
		}
		if strings.IndexByte("=:|?,>({["+blanksAndQuotes, b) >= 0 {
			t[c] |= fillClass
		}
	}
	return t
}()
