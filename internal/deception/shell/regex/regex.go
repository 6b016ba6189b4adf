package regex

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"unicode/utf8"
)

// Bounds of an expression. One takes up to a hundred bytes of memory for each of its
// instructions, and for each of those again as much for its groups.
const (
	mostText  = 64 << 10 // bytes of its source
	mostSize  = 16 << 10 // instructions
	mostPlace = 1 << 18  // instructions times the places that each remembers
)

// ErrTooBig says that an expression is longer than is allowed.
var ErrTooBig = errors.New("the regular expression is too big")

// Pay is asked before each piece of a search, for how many units of work it will
// take; one is some ten nanoseconds. An error ends the search.
type Pay func(units int) error

// Regexp is an expression. It is for one goroutine at a time.
type Regexp struct {
	plain   *regexp.Regexp
	longest bool
	size    int
	machine *machine // nil until a search may be long
}

// Compile reads an expression in the syntax of regexp. longest says whether of the
// matches that begin first the longest counts, as POSIX has it, or the one that is
// preferred, as in Perl. The error is ErrTooBig or one of regexp/syntax.
func Compile(expr string, longest bool) (*Regexp, error) {
	if len(expr) > mostText {
		return nil, ErrTooBig
	}
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, err
	}
	size := sizeOf(tree)
	if size > mostSize || size*2*(tree.MaxCap()+1) > mostPlace {
		return nil, ErrTooBig
	}
	plain, err := regexp.Compile(expr)
	if err != nil {
		return nil, err
	}
	if longest {
		plain.Longest()
	}
	return &Regexp{plain: plain, longest: longest, size: size}, nil
}

// sizeOf is about how many instructions a tree becomes when its repetitions are
// written out; not more than a little above mostSize.
func sizeOf(tree *syntax.Regexp) int {
	n := 1
	switch tree.Op {
	case syntax.OpLiteral:
		n = len(tree.Rune)
	case syntax.OpAlternate:
		n = len(tree.Sub)
	case syntax.OpCapture:
		n = 2
	}
	for _, sub := range tree.Sub {
		n = min(n+sizeOf(sub), 2*mostSize)
	}
	if tree.Op == syntax.OpRepeat {
		n = min(n*max(tree.Min, tree.Max), 2*mostSize)
	}
	return max(n, 1)
}

// Memory is about how many bytes an expression takes.
func (r *Regexp) Memory() int { return 1024 + r.size*(128+32*(r.Groups()+1)) }

// Labour is what making an expression of its size has cost, in units.
func (r *Regexp) Labour() int { return 32 * r.size }

// Groups is the number of groups in parentheses.
func (r *Regexp) Groups() int { return r.plain.NumSubexp() }

// short is how much work a search may take that nothing can end, in bytes times
// instructions.
const short = 1 << 22

// Match reports whether the expression matches somewhere in a text.
func (r *Regexp) Match(text string, pay Pay) bool {
	if len(text) > short/r.size {
		return r.slow().find(text, 0, pay) != nil
	}
	return pay(r.price(text)) == nil && r.plain.MatchString(text)
}

// Find returns where the first match and its groups begin and end, as
// FindStringSubmatchIndex does; nil when there is none, or when the search was ended.
func (r *Regexp) Find(text string, pay Pay) []int {
	if len(text) > short/r.size {
		return r.slow().find(text, 0, pay)
	}
	if pay(r.price(text)) != nil {
		return nil
	}
	return r.plain.FindStringSubmatchIndex(text)
}

// price is what the library's search in a text costs. It is quick where little of
// the expression is tried at a time, as most often.
func (r *Regexp) price(text string) int { return 8 + len(text)/4 + len(text)*r.size/64 }

// FindAll returns up to n matches, which do not overlap, all if n is negative, as
// FindAllStringSubmatchIndex does. When the search was ended, those before are all.
func (r *Regexp) FindAll(text string, n int, pay Pay) (all [][]int) {
	if len(text) <= 1024 && len(text)*len(text) <= short/r.size {
		if pay(r.price(text)) != nil {
			return nil
		}
		return r.plain.FindAllStringSubmatchIndex(text, n)
	}
	for at, before := 0, -1; at <= len(text) && (n < 0 || len(all) < n); {
		m := r.slow().find(text, at, pay)
		if m == nil {
			return all
		}
		if m[0] != m[1] || m[0] != before { // an empty match counts unless it touches the one before
			all = append(all, m)
		}
		before = m[1]
		if at = m[1]; m[0] == m[1] {
			at += max(1, width(text[at:]))
		}
	}
	return all
}

func width(text string) int {
	_, n := utf8.DecodeRuneInString(text)
	return n
}

func (r *Regexp) slow() *machine {
	if r.machine == nil {
		r.machine = newMachine(r.plain.String(), r.longest)
	}
	return r.machine
}
