package detect

import "strings"

// Rule describes one kind of secret. Rules come from YAML (LoadRules,
// BuiltinRules, ImportSHHH) or are written in Go; Compile checks them.
type Rule struct {
	// ID is unique in a rule set: lower-case words joined by dashes. Mandatory.
	ID string
	// Description says in one line what the secret is.
	Description string
	// Family groups rules for people: the name of the file they were read from,
	// without its ending.
	Family string
	// Provider is whose secret it is ("GitHub"); empty for generic rules.
	Provider string
	// Regex is an RE2 expression (regexp/syntax). Mandatory.
	Regex string
	// SecretGroup is the number of the capture group that is the secret. If 0,
	// the group named "secret", else the first group, else the whole match.
	SecretGroup int
	// Keywords are literals (any case) of which a match holds at least one;
	// the regex is only tried around them. A regex that promises literals itself
	// needs none: it is tried at those, unless Near is given. With neither, it is
	// tried everywhere, which is slow.
	Keywords []string
	// Near is how many bytes away from a match its keyword may stand. If 0, the
	// match holds it.
	Near int
	// Entropy is the least Shannon entropy of the secret, in bits per
	// character. If 0, not asked.
	Entropy float64
	// Severity says how bad a leak is. Mandatory.
	Severity Severity
	// Confidence is the chance, 0 to 1, that a match is a real secret before a
	// validator has looked at it. Mandatory.
	Confidence float64
	// Active is false for a rule that is kept but not run.
	Active bool
	// Generic marks a rule that knows no provider's format; a specific rule on
	// the same span wins over it.
	Generic bool
	// Tags are free words for filtering.
	Tags []string
	// Validator names a check of the secret beyond the regex: see Validators.
	// If empty, none.
	Validator string
	// Revoker names the kind of revoker that can make the secret worthless.
	// If empty, revocation is by hand: see Recommendation.
	Revoker string
	// SecretType is the name alerts and the quarantine use. If empty, the ID in
	// upper snake case.
	SecretType string
	// Positives are texts in which the rule fires; Negatives are texts in which
	// it doesn't. Both may hold placeholders, see ExpandExample.
	Positives []string
	Negatives []string
	// Allowlist names what is let through.
	Allowlist Allowlist
	// Recommendation says what to do about a leak, and where.
	Recommendation string
}

// Allowlist names secrets and places that are no findings.
type Allowlist struct {
	// Regexes are RE2 expressions over the secret.
	Regexes []string `yaml:"regexes" json:"regexes,omitempty"`
	// MatchRegexes are RE2 expressions over the whole match of the rule's regex.
	MatchRegexes []string `yaml:"match_regexes" json:"match_regexes,omitempty"`
	// LineRegexes are RE2 expressions over the text around the match on its
	// line (at most 256 bytes before and after).
	LineRegexes []string `yaml:"line_regexes" json:"line_regexes,omitempty"`
	// Stopwords are literals (any case); a secret that holds one is let through.
	Stopwords []string `yaml:"stopwords" json:"stopwords,omitempty"`
}

func (a Allowlist) empty() bool {
	return len(a.Regexes)+len(a.MatchRegexes)+len(a.LineRegexes)+len(a.Stopwords) == 0
}

// secretTypeOf is the default of Rule.SecretType.
func secretTypeOf(id string) string {
	up := strings.ToUpper(id)
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, up)
}
