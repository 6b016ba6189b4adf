package detect

import (
	"fmt"
	"regexp"
	"slices"

	"go.cordon.dev/cordon/detect/internal/model"
)

// DefaultMinConfidence is the confidence from which a finding is reported unless
// someone asks for more or less. Below it is what could as well be an example: a
// documented key, a test vector, one of the commonest passwords, a token whose
// checksum is wrong.
const DefaultMinConfidence = 0.5

// Explanation says what became of a place where the regex of a rule matches.
type Explanation struct {
	// Rule is the rule. It belongs to the rule set: read only.
	Rule *Rule `json:"-"`
	// Start and End are byte offsets of the secret, before a validator stretched it.
	Start int `json:"start"`
	End   int `json:"end"`
	// Redacted is the form that may be shown: see Redact.
	Redacted string `json:"redacted"`
	// Found says whether it is a finding; if false, the last of Why says what
	// spoke against it.
	Found bool `json:"found"`
	// Confidence is the finding's; 0 when there is none.
	Confidence float64 `json:"confidence"`
	// Why lists what was looked at, in this order.
	Why []Evidence `json:"why"`
}

// Evidence is one thing that was looked at.
type Evidence struct {
	What string `json:"what"`
	// Weight is what a feature of the model adds to the log-odds of a secret; 0
	// for what is no feature.
	Weight float64 `json:"weight,omitempty"`
}

// String is the evidence in words, with the weight of a feature: "+2.4 name speaks
// of a secret".
func (r Evidence) String() string {
	if r.Weight == 0 {
		return r.What
	}
	return fmt.Sprintf("%+.1f %s", r.Weight, r.What)
}

// maxExplained bounds the text that is explained, in bytes, and maxPlaces the
// places of one rule.
const (
	maxExplained = 64 << 10
	maxPlaces    = 100
)

// Explain says for each place of text where a regex matches what the rule makes
// of it, and why. It asks the rules with these ids, or, without any, all active
// ones. It is for people and slow: the first 64 KiB are looked at, as they stand
// (what is encoded has to be decoded first), and each rule alone, so that a
// place may be explained for a rule that another betters in a scan.
func (s *Scanner) Explain(text []byte, ids ...string) ([]Explanation, error) {
	rs := s.RuleSet()
	for _, id := range ids {
		if rs.byID[id] == nil {
			return nil, fmt.Errorf("explaining: there is no rule %q", id)
		}
	}
	text = text[:min(len(text), maxExplained)]
	var all []Explanation
	for i := range rs.rules {
		r := &rs.rules[i]
		if len(ids) == 0 && !r.Active || len(ids) > 0 && !slices.Contains(ids, r.ID) {
			continue
		}
		places, err := rs.explain(r, text)
		if err != nil {
			return nil, fmt.Errorf("explaining rule %q: %w", r.ID, err)
		}
		all = append(all, places...)
	}
	return all, nil
}

// explain runs one rule through the engine and looks at every place of its regex.
func (rs *RuleSet) explain(r *Rule, text []byte) ([]Explanation, error) {
	re, err := regexp.Compile(r.Regex)
	if err != nil {
		return nil, err
	}
	matches := re.FindAllSubmatchIndex(text, maxPlaces)
	if len(matches) == 0 {
		return nil, nil
	}
	found, group, err := rs.alone(r, text)
	if err != nil {
		return nil, err
	}
	x := explainer{rs: rs, rule: r, allow: newAllowlist(r.Allowlist), text: text, found: found, group: group}
	g := 2 * x.group
	var out []Explanation
	for _, m := range matches {
		start, end := m[0], m[1]
		if m[g] >= 0 {
			start, end = m[g], m[g+1]
		}
		if start < end {
			out = append(out, x.place(m[0], m[1], start, end))
		}
	}
	return out, nil
}

// alone is what the rule finds in text by itself, in no encoding, by where it
// begins, and which group of the regex is the secret.
func (rs *RuleSet) alone(r *Rule, text []byte) (found map[int]Finding, group int, err error) {
	one := *r
	one.Active = true
	set, err := Compile([]Rule{one}, rs.opts)
	if err != nil {
		return nil, 0, err
	}
	found = map[int]Finding{}
	NewScanner(set).Scan(text, func(f Finding) bool {
		if len(f.Decoders) == 0 {
			found[int(f.Start)] = f
		}
		return true
	})
	return found, set.active[0].group, nil
}

type explainer struct {
	rs    *RuleSet
	rule  *Rule
	allow *allowlist
	text  []byte
	found map[int]Finding
	group int // of the regex that is the secret
}

func (x *explainer) place(from, to, start, end int) Explanation {
	secret := x.text[start:end]
	e := Explanation{Rule: x.rule, Start: start, End: end, Redacted: Redact(secret, x.rule.SecretType)}
	f, ok := x.found[start]
	e.Found, e.Confidence = ok, f.Confidence
	e.say("the regex matches; the rule is right in %.2f of its matches", x.rule.Confidence)
	if x.refusals(&e, from, to) {
		return e
	}
	x.validator(&e)
	switch most := mostSure(secret); most {
	case publishedExample:
		e.say("published as an example: at most %.2f", most)
	case DefaultMinConfidence:
		e.say("typed to look like a secret: at most %.2f", most)
	}
	switch {
	case ok:
		e.say("found, with confidence %.2f", f.Confidence)
	default:
		e.say("no finding: refused, too unsure, or held by another of the same rule")
	}
	return e
}

func (e *Explanation) say(format string, args ...any) {
	e.Why = append(e.Why, Evidence{What: fmt.Sprintf(format, args...)})
}

// refusals names the filter that lets the place through, if one does.
func (x *explainer) refusals(e *Explanation, from, to int) bool {
	secret, match := x.text[e.Start:e.End], x.text[from:to]
	switch {
	case placeholder(secret, x.rule.Generic):
		e.say("a placeholder, as documentation and templates have")
	case x.rs.allow.allows(x.text, e.Start, e.End) || x.rs.allow.allowsMatch(match):
		e.say("on the allowlist for all rules")
	case x.allow.allows(x.text, e.Start, e.End) || x.allow.allowsMatch(match):
		e.say("on the rule's allowlist")
	case x.rule.Entropy > 0 && Entropy(secret) < x.rule.Entropy:
		e.say("entropy %.1f bits per character, the rule asks for %.1f", Entropy(secret), x.rule.Entropy)
	default:
		return false
	}
	return true
}

// validator says what the rule's validator thinks, feature by feature where it
// asks the model.
func (x *explainer) validator(e *Explanation) {
	check := validatorNamed(x.rule.Validator)
	if check == nil {
		return
	}
	if ask := modelOf(x.rule.Validator); ask != nil {
		for _, f := range ask(model.Candidate{Text: x.text, Start: e.Start, End: e.End}) {
			e.Why = append(e.Why, Evidence{What: f.Name, Weight: f.Weight})
		}
	}
	e.evidence(x.rule.Validator, x.text[e.Start:e.End])
	switch v := check(x.text, e.Start, e.End); {
	case v.reject:
		e.say("validator %q refuses it", x.rule.Validator)
	case v.confidence > 0:
		e.say("validator %q sets the confidence to %.2f", x.rule.Validator, v.confidence)
	default:
		e.say("validator %q has nothing against it", x.rule.Validator)
	}
}
