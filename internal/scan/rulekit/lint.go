package rulekit

import (
	_ "embed"
	"fmt"
	"regexp/syntax"
	"slices"

	"go.cordon.dev/cordon/detect"
)

// sample is ordinary text of many kinds that holds no secret.
//
//go:embed sample.txt
var sample []byte

// Weakness is something about a rule that a scan will be sorry for.
type Weakness struct {
	Rule string `json:"rule"`
	Text string `json:"text"`
}

// Lint finds what is weak about rules, each on its own and beside the others.
// among are all rules that would run together; those of rules included.
func Lint(rules, among []detect.Rule) ([]Weakness, error) {
	set, err := detect.Compile(among, detect.Options{})
	if err != nil {
		return nil, err
	}
	all := detect.NewScanner(set)
	var out []Weakness
	for _, r := range rules {
		for _, check := range checks() {
			for _, text := range check(r, among, all) {
				out = append(out, Weakness{r.ID, text})
			}
		}
	}
	return out, nil
}

// check says what is weak about a rule.
type check func(r detect.Rule, among []detect.Rule, all *detect.Scanner) []string

func checks() []check {
	return []check{untried, unanchored, shapeless, boundless, twin, talkative, beaten}
}

func untried(r detect.Rule, _ []detect.Rule, _ *detect.Scanner) (out []string) {
	if len(r.Positives) == 0 {
		out = append(out, "has no positives: nothing shows that it finds anything")
	}
	if len(r.Negatives) == 0 {
		out = append(out, "has no negatives: nothing shows what it leaves alone")
	}
	return out
}

func unanchored(r detect.Rule, _ []detect.Rule, _ *detect.Scanner) []string {
	_, set, err := alone(r, detect.Options{})
	if err == nil && len(set.TriedEverywhere()) > 0 {
		return []string{"holds no literal of two characters to look for, so it is tried everywhere, which slows every scan; give keywords"}
	}
	return nil
}

// minSecret is the shortest match that a shape alone can tell from other text.
const minSecret = 12

// shapeless finds short matches that nothing else vouches for.
func shapeless(r detect.Rule, _ []detect.Rule, _ *detect.Scanner) []string {
	n, err := detect.ShortestMatch(r.Regex)
	if err != nil || n >= minSecret || r.Validator != "" || r.Entropy > 0 {
		return nil
	}
	return []string{fmt.Sprintf("matches %d characters, and neither entropy nor a validator tells them from other text", n)}
}

// boundless finds a repetition of anything without an end.
func boundless(r detect.Rule, _ []detect.Rule, _ *detect.Scanner) []string {
	tree, err := syntax.Parse(r.Regex, syntax.Perl)
	if err == nil && endless(tree) {
		return []string{"repeats any character without an upper bound; say how many at most"}
	}
	return nil
}

func endless(re *syntax.Regexp) bool {
	open := re.Op == syntax.OpStar || re.Op == syntax.OpPlus || re.Op == syntax.OpRepeat && re.Max < 0
	if open && (re.Sub[0].Op == syntax.OpAnyChar || re.Sub[0].Op == syntax.OpAnyCharNotNL) {
		return true
	}
	return slices.ContainsFunc(re.Sub, endless)
}

// twin finds a rule with the same regex.
func twin(r detect.Rule, among []detect.Rule, _ *detect.Scanner) []string {
	for _, o := range among {
		if o.ID != r.ID && o.Regex == r.Regex {
			return []string{fmt.Sprintf("has the regex of %s", o.ID)}
		}
	}
	return nil
}

func talkative(r detect.Rule, _ []detect.Rule, _ *detect.Scanner) []string {
	scanner, _, err := alone(r, detect.Options{})
	if err != nil {
		return nil
	}
	found, _ := scanner.FindAll(sample)
	if len(found) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("finds %d times something in ordinary text, first on line %d of the sample", len(found), found[0].Line)}
}

// beaten finds positives that another rule takes away.
func beaten(r detect.Rule, _ []detect.Rule, all *detect.Scanner) (out []string) {
	if !r.Active {
		return nil
	}
	for i, e := range r.Positives {
		text, err := detect.ExpandExample(e)
		if err != nil {
			continue
		}
		found, _ := all.FindAll([]byte(text))
		mine := slices.ContainsFunc(found, func(f detect.Finding) bool { return f.Rule.ID == r.ID })
		if !mine && len(found) > 0 {
			out = append(out, fmt.Sprintf("positive %d is taken by %s", i+1, found[0].Rule.ID))
		}
	}
	return out
}
