package shell

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A pattern is matched by following the set of all places in the text that can
// be reached, element by element; that takes time in proportion to the product
// of both lengths, whatever the pattern. The text of *(…) and its kin is
// bounded, since those may take as long again for each of its characters. All of it
// is paid for as it goes on.

// element is a piece of a pattern.
type element struct {
	kind elementKind
	char rune
	set  func(r rune) bool
	cost int  // of set, in places that it looks at
	op   byte // of ?( *( +( @( !(
	alts [][]element
}

type elementKind uint8

const (
	oneChar elementKind = iota
	anyChar
	anyText
	oneOf
	group
)

// mostGroups is how long a text may be that is matched against *(…) and the like.
const mostGroups = 32 << 10

// Bounds of what is read of a pattern. A longer one matches nothing.
const (
	mostPattern = 32 << 10 // bytes
	mostOpen    = 64       // brackets that have no end, before others are no longer tried
	mostClass   = 16       // bytes of [:alpha:] and the like
)

// parsePattern reads a pattern. Characters after a backslash mean themselves.
func parsePattern(pat string, fold bool) []element {
	if len(pat) > mostPattern {
		return []element{{kind: oneOf, set: func(rune) bool { return false }}}
	}
	out, _ := (&patternReader{fold: fold, open: map[int]bool{}}).sequence(pat, false)
	return out
}

type patternReader struct {
	fold  bool
	depth int
	// open are the groups that have no end, by the bytes behind where they begin: they
	// are not read a second time inside another that has none.
	open     map[int]bool
	brackets int // that had no end
}

// sequence reads up to the end, or to a | or ) when it is inside a group.
func (r *patternReader) sequence(pat string, inside bool) (out []element, rest string) {
	for pat != "" {
		c := pat[0]
		if inside && (c == '|' || c == ')') {
			return out, pat
		}
		if len(pat) > 1 && pat[1] == '(' && strings.IndexByte("?*+@!", c) >= 0 && r.depth < 20 && !r.open[len(pat)] {
			e, after, ok := r.group(pat)
			if ok {
				out, pat = append(out, e), after
				continue
			}
			r.open[len(pat)] = true
		}
		e, n := r.element(pat)
		if n > 0 && (e.kind != anyText || len(out) == 0 || out[len(out)-1].kind != anyText) {
			out = append(out, e)
		}
		pat = pat[n:]
	}
	return out, ""
}

func (r *patternReader) group(pat string) (element, string, bool) {
	r.depth++
	defer func() { r.depth-- }()
	e := element{kind: group, op: pat[0]}
	rest := pat[2:]
	for {
		var alt []element
		alt, rest = r.sequence(rest, true)
		e.alts = append(e.alts, alt)
		if rest == "" {
			return e, "", false
		}
		end := rest[0] == ')'
		if rest = rest[1:]; end {
			return e, rest, true
		}
	}
}

func (r *patternReader) element(pat string) (element, int) {
	switch pat[0] {
	case '*':
		return element{kind: anyText}, 1
	case '?':
		return element{kind: anyChar}, 1
	case '[':
		if r.brackets >= mostOpen {
			break
		}
		if set, cost, n := r.bracket(pat); n > 0 {
			return element{kind: oneOf, set: set, cost: cost}, n
		}
		r.brackets++
	case '\\':
		if len(pat) > 1 {
			c, n := utf8.DecodeRuneInString(pat[1:])
			return r.char(c, pat[1:], n), n + 1
		}
	}
	c, n := utf8.DecodeRuneInString(pat)
	return r.char(c, pat, n), n
}

// char is one character; a byte that is none of UTF-8's stands for itself,
// beyond all characters.
func (r *patternReader) char(c rune, pat string, n int) element {
	if c == utf8.RuneError && n == 1 {
		return element{char: rune(pat[0]) + wild}
	}
	if r.fold {
		l, u := unicode.ToLower(c), unicode.ToUpper(c)
		return element{kind: oneOf, set: func(r rune) bool { return r == c || r == l || r == u }}
	}
	return element{char: c}
}

// wild is added to bytes that are no characters.
const wild = unicode.MaxRune + 1

// bracket reads [abc], [!a-z] and [[:alpha:]]; n is 0 when it has no end.
func (r *patternReader) bracket(pat string) (set func(rune) bool, cost, n int) {
	i := 1
	not := i < len(pat) && (pat[i] == '!' || pat[i] == '^')
	if not {
		i++
	}
	var tests []func(rune) bool
	for first := true; ; first = false {
		if i >= len(pat) || pat[i] == '/' {
			return nil, 0, 0
		}
		if pat[i] == ']' && !first {
			break
		}
		test, k := bracketItem(pat[i:])
		if k == 0 {
			return nil, 0, 0
		}
		tests = append(tests, test)
		i += k
	}
	return func(c rune) bool {
		for _, t := range tests {
			if t(c) || r.fold && (t(unicode.ToLower(c)) || t(unicode.ToUpper(c))) {
				return !not
			}
		}
		return not
	}, len(tests), i + 1
}

func bracketItem(pat string) (test func(rune) bool, n int) {
	if strings.HasPrefix(pat, "[:") {
		if end := strings.Index(pat[:min(len(pat), mostClass)], ":]"); end > 0 {
			return class(pat[2:end]), end + 2
		}
	}
	from, n := bracketChar(pat)
	if n == 0 {
		return nil, 0
	}
	if rest := pat[n:]; len(rest) > 1 && rest[0] == '-' && rest[1] != ']' {
		to, k := bracketChar(rest[1:])
		if k == 0 {
			return nil, 0
		}
		return func(c rune) bool { return c >= from && c <= to }, n + 1 + k
	}
	return func(c rune) bool { return c == from }, n
}

func bracketChar(pat string) (rune, int) {
	skip := 0
	if pat[0] == '\\' && len(pat) > 1 {
		skip = 1
	}
	c, n := utf8.DecodeRuneInString(pat[skip:])
	return c, n + skip
}

// class is one of POSIX's, in the C locale.
func class(name string) func(rune) bool {
	in := func(chars string) func(rune) bool {
		return func(c rune) bool { return c < 128 && strings.ContainsRune(chars, c) }
	}
	between := func(a, b rune) func(rune) bool { return func(c rune) bool { return c >= a && c <= b } }
	switch name {
	case "alpha":
		return unicode.IsLetter
	case "digit":
		return between('0', '9')
	case "alnum":
		return func(c rune) bool { return unicode.IsLetter(c) || c >= '0' && c <= '9' }
	case "upper":
		return unicode.IsUpper
	case "lower":
		return unicode.IsLower
	case "space":
		return in(" \t\n\v\f\r")
	case "blank":
		return in(" \t")
	case "punct":
		return in("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
	case "print":
		return func(c rune) bool { return c >= ' ' && c != 127 }
	case "graph":
		return func(c rune) bool { return c > ' ' && c != 127 }
	case "cntrl":
		return func(c rune) bool { return c < ' ' || c == 127 }
	case "xdigit":
		return in("0123456789abcdefABCDEF")
	case "word":
		return func(c rune) bool { return unicode.IsLetter(c) || c >= '0' && c <= '9' || c == '_' }
	}
	return func(rune) bool { return false }
}

// places is a set of places in a text.
type places []bool

func (p places) any() bool {
	for _, in := range p {
		if in {
			return true
		}
	}
	return false
}

// reach returns where a pattern can end in s when it begins at one of the given
// places; backwards, where it can begin when it ends at one.
func (m *matcher) reach(pat []element, s string, at places, back bool) places {
	for i := range pat {
		e := pat[i]
		if back {
			e = pat[len(pat)-1-i]
		}
		if at = m.follow(e, s, at, back); !at.any() {
			return at
		}
	}
	return at
}

// follow is reach of one element; it reaches nothing when nobody pays any more.
func (m *matcher) follow(e element, s string, at places, back bool) places {
	if m.over = m.over || m.pay(8+len(at)/4+len(at)*e.cost) != nil; m.over {
		return make(places, len(at))
	}
	switch e.kind {
	case anyText:
		return spread(at, back)
	case group:
		if len(s) > mostGroups {
			return make(places, len(at))
		}
		return m.groups(e, s, at, back)
	}
	out := make(places, len(at))
	for i := 0; i < len(s); {
		c, n := utf8.DecodeRuneInString(s[i:])
		if c == utf8.RuneError && n == 1 {
			c = rune(s[i]) + wild
		}
		from, to := i, i+n
		if back {
			from, to = to, from
		}
		if at[from] && e.takes(c) {
			out[to] = true
		}
		i += n
	}
	return out
}

func (e element) takes(c rune) bool {
	switch e.kind {
	case oneChar:
		return c == e.char
	case oneOf:
		return e.set(c)
	}
	return true
}

// spread reaches all places from the first on, or up to the last.
func spread(at places, back bool) places {
	out := make(places, len(at))
	on := false
	for i := range at {
		k := i
		if back {
			k = len(at) - 1 - i
		}
		on = on || at[k]
		out[k] = on
	}
	return out
}

func (m *matcher) groups(e element, s string, at places, back bool) places {
	once := func(from places) places {
		out := make(places, len(at))
		for _, alt := range e.alts {
			for i, in := range m.reach(alt, s, from, back) {
				out[i] = out[i] || in
			}
		}
		return out
	}
	switch e.op {
	case '@':
		return once(at)
	case '?':
		return union(at, once(at))
	case '!':
		return m.others(at, back, once)
	}
	out := once(at)
	for fresh := out; fresh.any(); {
		fresh = minus(once(fresh), out)
		out = union(out, fresh)
	}
	if e.op == '*' {
		out = union(out, at)
	}
	return out
}

// others is !(…): from each place, all that the alternatives do not reach.
func (m *matcher) others(at places, back bool, once func(places) places) places {
	out := make(places, len(at))
	for i, in := range at {
		if !in || m.over {
			continue
		}
		from := make(places, len(at))
		from[i] = true
		out = union(out, minus(spread(from, back), once(from)))
	}
	return out
}

func union(a, b places) places {
	out := make(places, len(a))
	for i := range a {
		out[i] = a[i] || b[i]
	}
	return out
}

func minus(a, b places) places {
	out := make(places, len(a))
	for i := range a {
		out[i] = a[i] && !b[i]
	}
	return out
}
