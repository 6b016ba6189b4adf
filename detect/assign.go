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
	"(?:['\"`\\])]{0,3}[ \\t]{0,24}(?:(?:=>|:{1,3}=|\\|\\|:|[?.]=|={1,3}|:)\\s{0,5}|>[ \\t]{0,3}|[ \\t]-[ \\t]{1,3})|['\"`],\\s{0,5})" +
	"(?:(?i:bearer|basic|token)[ \\t]{1,3})?['\"`({\\[=\\s]{0,5}"

// operatorEnds is what may stand before a line end in it: marks, and the last
// letters of bearer, basic and token.
const operatorEnds = ">=:,-'\"`([{rcn"

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
func gateOf(regex string, tree *syntax.Regexp) *gate {
	names, _, found := strings.Cut(regex, operator)
	secret := captureNamed(tree, "secret")
	if !found || secret == nil {
		return nil
	}
	return &gate{least: solidSpan(secret), words: wordsOf(names)}
}

// wordsOf is one for the operator's, and any number where names hold blanks.
func wordsOf(names string) int {
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

// sight is what stands behind the place where a name begins. It is looked at
// once for all rules that know a name there.
type sight struct {
	at    int  // -1: nothing is known
	least int  // a value is followed that far
	limit int  // words are followed that far
	words int  // after the first one of the name
	open  bool // whatever the rule
	value int  // bytes of the value: -1 if there can be none
}

// plenty is the value of which there is no telling how long it is.
const plenty = 1 << 30

// open says whether the regex is worth trying where a name begins.
func (g *gate) open(v *sight, text []byte, at int) bool {
	if v.at != at || v.words > v.limit && g.words > v.limit {
		v.look(text, at, g.words)
	}
	return v.open || v.words <= g.words && v.value >= g.least
}

func (v *sight) look(text []byte, at, limit int) {
	*v = sight{at: at, least: v.least, limit: limit, value: -1}
	end := min(len(text), at+gateName)
	i := at + 1
	for i < end && gateBytes[text[i]]&nameClass != 0 {
		if i++; text[i-1] > ' ' || i == end || text[i] <= ' ' || gateBytes[text[i]]&nameClass == 0 {
			continue
		}
		if v.open = text[i] == '-'; v.open {
			return
		}
		if v.words++; v.words > limit {
			return
		}
	}
	switch {
	case i == end && end < len(text):
		v.value = plenty
	case i < end && gateBytes[text[i]]&operatorClass != 0 && (text[i] != ',' || quote(text[i-1])):
		v.value = v.valueAt(text, i)
	}
}

// valueAt measures the value behind the operator that begins at i.
func (v *sight) valueAt(text []byte, i int) int {
	start, first, most := i, i+1, 0 // a value may begin with, or be, what an operator is made of, such as =
	for ; i < start+gateSkip && i < len(text) && gateBytes[text[i]]&fillClass != 0; i++ {
		if gateBytes[text[i]]&solidClass == 0 {
			first = i + 1
		}
		most = max(most, i+1-first)
	}
	j := i
	for j < len(text) && j-first < v.least && gateBytes[text[j]]&solidClass != 0 {
		j++
	}
	if j-first < v.least && scheme(text[i:j]) {
		return plenty
	}
	return max(most, j-first)
}

func scheme(word []byte) bool {
	return bytes.EqualFold(word, []byte("bearer")) || bytes.EqualFold(word, []byte("basic")) || bytes.EqualFold(word, []byte("token"))
}

func quote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

// What a byte can be in an assignment.
const (
	nameClass     = 1 << iota // name, blanks, closing quote
	operatorClass             // first byte of an operator
	fillClass                 // operator, blanks, opening quote
	solidClass                // neither blank nor quote
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
		if strings.IndexByte(blanksAndQuotes, b) < 0 {
			t[c] |= solidClass
		}
	}
	return t
}()
