package rulekit

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"go.cordon.dev/cordon/detect"
)

// Explanation says why a rule finds a text, or why it does not.
type Explanation struct {
	Rule  string `json:"rule"`
	Found bool   `json:"found"`
	Steps []Step `json:"steps"`
}

// Step is one thing that was asked, in the order in which the engine asks.
type Step struct {
	// OK says whether it speaks for a finding.
	OK   bool   `json:"ok"`
	Text string `json:"text"`
}

func (e *Explanation) say(ok bool, format string, args ...any) {
	e.Steps = append(e.Steps, Step{ok, fmt.Sprintf(format, args...)})
}

// Why explains what the rule with this id makes of a text beside the other
// rules. It shows nothing of the text but redacted forms and places. It asks the
// engine itself, so that what it says is what a scan does.
func Why(rules []detect.Rule, id string, text []byte) (Explanation, error) {
	i := slices.IndexFunc(rules, func(r detect.Rule) bool { return r.ID == id })
	if i < 0 {
		return Explanation{}, fmt.Errorf("there is no rule %q", id)
	}
	w := &why{Explanation: Explanation{Rule: id}, rule: rules[i], text: text}
	if err := w.explain(rules); err != nil {
		return Explanation{}, err
	}
	return w.Explanation, nil
}

type why struct {
	Explanation
	rule detect.Rule
	text []byte
}

func (w *why) explain(rules []detect.Rule) error {
	set, err := detect.Compile(rules, detect.Options{})
	if err != nil {
		return err
	}
	w.keywords()
	matched, err := w.matches(set)
	if err != nil {
		return err
	}
	own, err := w.fires(w.rule)
	if err != nil {
		return err
	}
	if own == nil && matched {
		return w.blame()
	}
	if own == nil {
		return nil
	}
	for _, f := range own {
		in := ""
		for _, d := range slices.Backward(f.Decoders) {
			in += ", in " + d
		}
		w.say(true, "on its own it finds %s at %d:%d%s, confidence %.2f", f.Redacted, f.Line, f.Column, in, f.Confidence)
	}
	if !w.rule.Active {
		w.say(false, "it is switched off")
		return nil
	}
	return w.compete(set, rules, own)
}

// keywords looks for the words of which a match holds one.
func (w *why) keywords() {
	if len(w.rule.Keywords) == 0 {
		return
	}
	low := strings.ToLower(string(w.text))
	var there []string
	for _, k := range w.rule.Keywords {
		if strings.Contains(low, strings.ToLower(k)) {
			there = append(there, k)
		}
	}
	if len(there) > 0 {
		w.say(true, "keywords that the text holds: %s", strings.Join(there, ", "))
		return
	}
	w.say(false, "the text holds none of the keywords %s", strings.Join(w.rule.Keywords, ", "))
}

// maxPlaces is how many matches are explained.
const maxPlaces = 10

// matches has the engine explain the places where the regex matches the text as
// it is.
func (w *why) matches(set *detect.RuleSet) (bool, error) {
	places, err := detect.NewScanner(set).Explain(w.text, w.rule.ID)
	if err != nil {
		return false, err
	}
	if len(places) == 0 {
		w.partial()
		return false, nil
	}
	for _, p := range places[:min(maxPlaces, len(places))] {
		w.say(true, "the regex matches at %s; the secret would be %s, %d bytes", w.place(p.Start), p.Redacted, p.End-p.Start)
		for i, e := range p.Why {
			last := i == len(p.Why)-1
			w.say(e.Weight >= 0 && (p.Found || !last), "%s", e)
		}
	}
	return true, nil
}

// partial says how far the regex gets.
func (w *why) partial() {
	tree, err := syntax.Parse(w.rule.Regex, syntax.Perl)
	if err != nil || tree.Op != syntax.OpConcat {
		w.say(false, "the regex matches nowhere in the text as it is")
		return
	}
	for n := len(tree.Sub) - 1; n > 0; n-- {
		part := &syntax.Regexp{Op: syntax.OpConcat, Sub: tree.Sub[:n], Flags: tree.Flags}
		re, err := regexp.Compile(part.String())
		if err != nil || re.MatchString("") {
			break
		}
		if m := re.FindIndex(w.text); m != nil {
			w.say(false, "the regex gets as far as %s, where %s would have to follow", w.place(m[1]), tree.Sub[n])
			return
		}
	}
	w.say(false, "the regex matches nowhere in the text as it is; it begins with %s", tree.Sub[0])
}

// place is LINE:COLUMN of an offset.
func (w *why) place(at int) string {
	before := string(w.text[:at])
	return fmt.Sprintf("%d:%d", strings.Count(before, "\n")+1, at-strings.LastIndexByte(before, '\n'))
}

// fires runs a rule on its own.
func (w *why) fires(r detect.Rule) ([]detect.Finding, error) {
	scanner, _, err := alone(r, detect.Options{})
	if err != nil {
		return nil, err
	}
	found, _ := scanner.FindAll(w.text)
	return found, nil
}

// blame says whether it is the keyword that a finding lacks.
func (w *why) blame() error {
	if len(w.rule.Keywords) == 0 {
		return nil
	}
	bare := w.rule
	bare.Keywords, bare.Near = nil, 0
	found, err := w.fires(bare)
	if err == nil && found != nil {
		w.say(false, "no keyword stands close enough")
	}
	return err
}

// compete says what is left of the findings beside the other rules.
func (w *why) compete(set *detect.RuleSet, rules []detect.Rule, own []detect.Finding) error {
	all, _ := detect.NewScanner(set).FindAll(w.text)
	for _, f := range all {
		if f.Rule.ID == w.rule.ID {
			w.Found = true
			w.say(true, "beside the other rules it stands at %d:%d", f.Line, f.Column)
			if f.Confidence < detect.DefaultMinConfidence {
				w.say(false, "confidence %.2f is below %.2f: reported only when asked for", f.Confidence, detect.DefaultMinConfidence)
			}
			continue
		}
		overlaps := slices.ContainsFunc(own, func(o detect.Finding) bool { return o.Start < f.End && f.Start < o.End })
		if overlaps {
			w.say(false, "%s takes the place at %d:%d: a provider's format goes before a generic rule, the surer before the less sure", f.Rule.ID, f.Line, f.Column)
		}
	}
	inline, err := detect.Compile(rules, detect.Options{InlineAllow: true})
	if err != nil {
		return err
	}
	if heeded, _ := detect.NewScanner(inline).FindAll(w.text); len(heeded) < len(all) {
		w.say(false, "a comment on the line allows it in files: cordon scan does not report it")
	}
	return nil
}
