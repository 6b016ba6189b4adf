package rulekit

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.cordon.dev/cordon/detect"
)

// Format describes what a provider's secrets look like.
type Format struct {
	// ID is the rule's. Mandatory.
	ID string
	// Provider is whose secret it is; if empty, the first word of ID.
	Provider string
	// Prefix is what every secret begins with. If empty, Name is mandatory: the
	// value is then found by what it is assigned to.
	Prefix string
	// Name is a word that the name of the variable holds.
	Name string
	// Charset is what follows: one of Charsets. Length is how many of them.
	Charset string
	Length  int
	// Severity is the rule's. Mandatory.
	Severity detect.Severity
}

// charset is a set of characters: as a class of a regex, what may stand beside
// a secret of it, and as a placeholder of detect.ExpandExample.
type charset struct{ name, class, placeholder string }

func charsets() []charset {
	return []charset{
		{"alnum", "[A-Za-z0-9]", "alnum"}, {"hex", "[0-9a-f]", "hex"}, {"lower", "[a-z0-9]", "lower"}, {"upper", "[A-Z0-9]", "upper"},
		{"digit", "[0-9]", "digit"}, {"base32", "[A-Z2-7]", "base32"}, {"base64", "[A-Za-z0-9+/]", "base64"}, {"base64url", `[\w-]`, "base64url"},
	}
}

// Charsets lists the names of the character sets.
func Charsets() (names []string) {
	for _, c := range charsets() {
		names = append(names, c.name)
	}
	return names
}

// The lengths a skeleton takes: below, a format says too little on its own.
const (
	minLength = 8
	maxLength = 1000 // the most that RE2 repeats
)

// Skeleton writes a rule file for a format. It passes its own examples; what is
// in it of words is to be replaced by better ones.
func Skeleton(f Format) ([]byte, error) {
	i := slices.IndexFunc(charsets(), func(c charset) bool { return c.name == f.Charset })
	switch {
	case i < 0:
		return nil, fmt.Errorf("charset %q is none of %s", f.Charset, strings.Join(Charsets(), ", "))
	case f.Length < minLength || f.Length > maxLength:
		return nil, fmt.Errorf("the length is between %d and %d", minLength, maxLength)
	case (f.Prefix == "") == (f.Name == ""):
		return nil, errors.New("a rule needs a prefix that its secrets begin with, or else the name they are assigned to")
	case strings.ContainsAny(f.Prefix+f.Name+f.Provider, "\n'{}"):
		return nil, errors.New("prefix, name and provider hold no quotes, braces and line ends")
	}
	if f.Provider == "" {
		first, _, _ := strings.Cut(f.ID, "-")
		f.Provider = strings.ToUpper(first[:min(1, len(first))]) + first[min(1, len(first)):]
	}
	text := f.text(charsets()[i])
	rules, err := detect.ParseRules(f.ID+".yaml", text)
	if err != nil {
		return nil, err
	}
	if bad := Failures(rules[0]); len(bad) > 0 {
		return nil, fmt.Errorf("the rule fails its own examples: %s", strings.Join(bad, "; "))
	}
	return text, nil
}

func (f Format) text(c charset) []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("provider: %s", quoted(f.Provider))
	line("recommendation: %s", quoted("Revoke it at "+f.Provider+", issue another, and look through the log for its use."))
	line("rules:")
	line("  - id: %s", f.ID)
	line("    description: %s", quoted(f.Provider+" "+strings.ReplaceAll(f.ID[strings.IndexByte(f.ID, '-')+1:], "-", " ")))
	sample := fmt.Sprintf("{{%s:%d}}", c.placeholder, f.Length)
	if f.Prefix != "" {
		class := c.class
		line("    regex: %s", quoted(fmt.Sprintf(`\b(%s%s{%d})(?:[^\w+/=-]|\z)`, regexp.QuoteMeta(f.Prefix), class, f.Length)))
		line("    severity: %s\n    confidence: 0.9", f.Severity)
		line("    positives: [%s, %s]", quoted(f.Prefix+sample), quoted("key = "+f.Prefix+sample+";"))
		line("    negatives: [%s, %s]", quoted(f.Prefix+"..."), quoted(f.Prefix+fmt.Sprintf("{{%s:%d}}", c.placeholder, f.Length-1)))
		return b.Bytes()
	}
	line("    assign:\n      names: %s\n      value: %s", quoted(regexp.QuoteMeta(f.Name)), quoted(fmt.Sprintf("%s{%d}", c.class, f.Length)))
	line("    entropy: %g\n    severity: %s\n    confidence: 0.7", leastEntropy(c), f.Severity)
	line("    positives: [%s, %s]", quoted(f.Name+"_key = "+sample), quoted(`"`+f.Name+`_token": "`+sample+`"`))
	line("    negatives: [%s, %s]", quoted(f.Name+" is a word"), quoted("hash = "+sample))
	return b.Bytes()
}

// leastEntropy is below what random text of a set has even when it is short,
// and above what words and runs have.
func leastEntropy(c charset) float64 {
	if c.name == "digit" {
		return 1.5
	}
	return 2.2
}

// quoted is text as YAML, in which a single quote is written twice.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
