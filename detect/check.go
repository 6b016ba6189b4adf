package detect

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// CheckRule says what is wrong with a rule on its own, and which of its keys,
// by the name it has in YAML. The error is nil when the rule is sound.
func CheckRule(r Rule) (key string, err error) {
	err = checkRule(r)
	var ke keyError
	if errors.As(err, &ke) {
		return ke.key, ke.err
	}
	return "", err
}

// checkRule says what is wrong with a rule on its own; the error is a keyError
// with the YAML name of the field.
func checkRule(r Rule) error {
	for _, check := range []func(Rule) error{checkID, checkRegex, checkNumbers, checkNames, checkAllowlist} {
		if err := check(r); err != nil {
			return err
		}
	}
	return nil
}

func checkID(r Rule) error {
	if r.ID == "" {
		return keyError{"id", errors.New("is missing")}
	}
	for i := range len(r.ID) {
		if c := r.ID[i]; !wordByte(c) && c != '-' && c != '.' {
			return keyError{"id", fmt.Errorf("%q may hold letters, digits, dash, dot and underscore only", r.ID)}
		}
	}
	return nil
}

func checkRegex(r Rule) error {
	if r.Regex == "" {
		return keyError{"regex", errors.New("is missing")}
	}
	if len(r.Regex) > maxRegex {
		return keyError{"regex", fmt.Errorf("has %d bytes; at most %d are taken", len(r.Regex), maxRegex)}
	}
	p := known().plans[r.Regex]
	if p == nil {
		tree, err := syntax.Parse(r.Regex, syntax.Perl)
		if err != nil {
			return keyError{"regex", regexReason(err)}
		}
		if n := steps(tree); n > maxProgram {
			return keyError{"regex", fmt.Errorf("compiles to %d steps, more than %d; make its repetitions shorter", n, maxProgram)}
		}
		if matchesNothing(tree) {
			return keyError{"regex", errors.New("matches the empty string")}
		}
		p = &plan{groups: tree.MaxCap()}
	}
	if r.SecretGroup < 0 || r.SecretGroup > p.groups {
		return keyError{"secret_group", fmt.Errorf("%d: the regex has %d groups", r.SecretGroup, p.groups)}
	}
	return nil
}

// matchesNothing says whether a regex matches the empty text.
func matchesNothing(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpStar, syntax.OpQuest, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpNoWordBoundary:
		return true
	case syntax.OpLiteral:
		return len(re.Rune) == 0
	case syntax.OpCapture, syntax.OpPlus:
		return matchesNothing(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min == 0 || matchesNothing(re.Sub[0])
	case syntax.OpConcat:
		return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !matchesNothing(sub) })
	case syntax.OpAlternate:
		return slices.ContainsFunc(re.Sub, matchesNothing)
	}
	return false
}

// The largest regex. RE2 takes time in proportion to the text and to the steps
// of the regex, so that the steps are what has to be bounded.
const (
	maxRegex   = 8 << 10 // bytes
	maxProgram = 20_000  // steps
)

// steps is about how many steps a regex compiles to: repetitions are written
// out.
func steps(re *syntax.Regexp) int {
	n := 1
	if re.Op == syntax.OpLiteral {
		n = len(re.Rune)
	}
	for _, sub := range re.Sub {
		n += steps(sub)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min+1, re.Max)
	}
	return n
}

// regexReason adds what RE2 lacks to the error a Perl expression gets.
func regexReason(err error) error {
	var se *syntax.Error
	if errors.As(err, &se) && (se.Code == syntax.ErrInvalidPerlOp || se.Code == syntax.ErrInvalidEscape) {
		return fmt.Errorf("%w (RE2 has no look-around and no back-references)", err)
	}
	return err
}

func checkNumbers(r Rule) error {
	if r.Severity < SeverityInfo || r.Severity > SeverityCritical {
		return keyError{"severity", errors.New("must be one of info, low, medium, high, critical")}
	}
	if !(r.Confidence > 0 && r.Confidence <= 1) {
		return keyError{"confidence", fmt.Errorf("%v is not above 0 and at most 1", r.Confidence)}
	}
	if !(r.Entropy >= 0 && r.Entropy <= 8) {
		return keyError{"entropy", fmt.Errorf("%v is not between 0 and 8 bits per character", r.Entropy)}
	}
	return nil
}

// maxNear bounds how far from its keyword a match may stand, in bytes.
const maxNear = 4 << 10

func checkNames(r Rule) error {
	if r.Validator != "" && validatorNamed(r.Validator) == nil {
		return keyError{"validator", fmt.Errorf("%q is none of %s", r.Validator, strings.Join(Validators(), ", "))}
	}
	if r.Near < 0 || r.Near > maxNear || r.Near > 0 && len(r.Keywords) == 0 {
		return keyError{"near", fmt.Errorf("%d: goes with keywords, and is between 0 and %d bytes", r.Near, maxNear)}
	}
	for _, k := range r.Keywords {
		if len(k) < 2 || strings.IndexFunc(k, func(c rune) bool { return c >= 0x80 }) >= 0 {
			return keyError{"keywords", fmt.Errorf("%q must be ASCII and at least 2 characters", k)}
		}
	}
	return nil
}

func checkAllowlist(r Rule) error {
	if err := r.Allowlist.check(known()); err != nil {
		return keyError{"allowlist", err}
	}
	return nil
}

func (a Allowlist) check(known *pack) error {
	for _, list := range [][]string{a.Regexes, a.MatchRegexes, a.LineRegexes} {
		for _, expr := range list {
			if known.sound[expr] {
				continue
			}
			if _, err := regexp.Compile(expr); err != nil {
				return regexReason(err)
			}
		}
	}
	if slices.Contains(a.Stopwords, "") {
		return errors.New("an empty stopword lets everything through")
	}
	return nil
}
