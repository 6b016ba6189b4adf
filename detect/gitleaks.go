package detect

import (
	"bytes"
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// What an imported rule is taken for, since gitleaks does not say.
const (
	gitleaksSeverity   = SeverityHigh
	gitleaksConfidence = 0.7
	gitleaksNear       = 256 // bytes between a match and a keyword outside of it
)

// gitleaksFile is what a .gitleaks.toml holds, as of gitleaks 8.28 (its
// README, "Configuration").
type gitleaksFile struct {
	Title       string          `toml:"title"`
	Description string          `toml:"description"`
	MinVersion  string          `toml:"minVersion"`
	Extend      *gitleaksExtend `toml:"extend"`
	Rules       []gitleaksRule  `toml:"rules"`
	Allowlist   *gitleaksAllow  `toml:"allowlist"`
	Allowlists  []gitleaksAllow `toml:"allowlists"`
}

type gitleaksExtend struct {
	UseDefault    bool     `toml:"useDefault"`
	Path          string   `toml:"path"`
	URL           string   `toml:"url"`
	DisabledRules []string `toml:"disabledRules"`
}

type gitleaksRule struct {
	ID          string           `toml:"id"`
	Description string           `toml:"description"`
	Regex       string           `toml:"regex"`
	SecretGroup int              `toml:"secretGroup"`
	Entropy     float64          `toml:"entropy"`
	Keywords    []string         `toml:"keywords"`
	Path        string           `toml:"path"`
	Tags        []string         `toml:"tags"`
	SkipReport  bool             `toml:"skipReport"`
	Required    []map[string]any `toml:"required"`
	Allowlist   *gitleaksAllow   `toml:"allowlist"`
	Allowlists  []gitleaksAllow  `toml:"allowlists"`
}

// gitleaksImport is one import under way.
type gitleaksImport struct {
	Import
	lines  tomlLines
	global []scopedAllow
}

// scopedAllow is an allowlist of the whole file.
type scopedAllow struct {
	list  Allowlist
	rules []string // empty: for all
}

func importGitleaks(name string, data []byte) (Import, error) {
	var file gitleaksFile
	unknown, err := decodeTOML(name, data, &file)
	if err != nil {
		return Import{}, err
	}
	g := &gitleaksImport{Import: Import{Format: FormatGitleaks}, lines: findTOMLLines(data)}
	for _, u := range unknown {
		g.note(ImportNote{Line: u.line, Reason: fmt.Sprintf("%s is not known and has no effect", u.key)})
	}
	g.extend(file.Extend)
	g.allowEverywhere(file)
	for i, r := range file.Rules {
		g.rule(i, r)
	}
	return g.Import, nil
}

// unknownKey is a key that no field takes.
type unknownKey struct {
	key  string
	line int
}

// decodeTOML reads what it knows and lists what it does not.
func decodeTOML(name string, data []byte, into any) ([]unknownKey, error) {
	err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(into)
	var strict *toml.StrictMissingError
	var bad *toml.DecodeError
	switch {
	case err == nil:
		return nil, nil
	case errors.As(err, &strict):
		var unknown []unknownKey
		for i := range strict.Errors {
			line, _ := strict.Errors[i].Position()
			unknown = append(unknown, unknownKey{strings.Join(strict.Errors[i].Key(), "."), line})
		}
		return unknown, nil
	case errors.As(err, &bad):
		line, _ := bad.Position()
		return nil, fmt.Errorf("%s:%d: %s", name, line, strings.TrimPrefix(bad.Error(), "toml: "))
	}
	return nil, fmt.Errorf("%s:1: %w", name, err)
}

func (g *gitleaksImport) extend(e *gitleaksExtend) {
	if e == nil {
		return
	}
	say := func(key, reason string) {
		g.note(ImportNote{Line: g.lines.of("extend."+key, "extend"), Reason: "extend." + key + ": " + reason})
	}
	if e.UseDefault {
		say("useDefault", "gitleaks' own rules are not taken along; Cordon's builtin rules are in force beside these")
	}
	if e.Path != "" || e.URL != "" {
		key := "path"
		if e.Path == "" {
			key = "url"
		}
		say(key, "the other file is not read; import it by itself")
	}
	if len(e.DisabledRules) > 0 {
		say("disabledRules", "no rule is disabled by an import; to disable one: cordon rules disable ID")
	}
}

// rule takes one rule, with notes on what of it has no effect here.
func (g *gitleaksImport) rule(i int, raw gitleaksRule) {
	at := func(key string) int {
		rule := fmt.Sprintf("rules[%d]", i)
		list, _, _ := strings.Cut(key, ".")
		name := map[string]string{"secret_group": "secretGroup", "allowlist": "allowlists[0]"}[key]
		return g.lines.of(rule+"."+key, rule+"."+key+"[0]", rule+"."+name, rule+"."+list, rule)
	}
	if key, why := raw.refusal(); why != "" {
		g.note(ImportNote{Line: at(key), Rule: raw.ID, Refused: true, Foreign: raw.ID != "", Reason: why})
		return
	}
	remarks := len(g.Notes)
	say := func(key, reason string) { g.note(ImportNote{Line: at(key), Rule: raw.ID, Reason: reason}) }
	r := raw.plain()
	if r.Keywords = raw.keywords(say); len(r.Keywords) > 0 {
		r.Near = gitleaksNear
	}
	r.Allowlist = raw.allow(say)
	for _, a := range g.global {
		if a.covers(raw.ID) {
			r.Allowlist = r.Allowlist.with(a.list)
		}
	}
	if raw.Path != "" {
		say("path", "path: the rule holds wherever something is scanned, not in those files only")
	}
	said, taken := len(g.Notes), len(g.Rules)
	g.take(r, at)
	if len(g.Rules) == taken { // a refused rule needs no remarks
		g.Notes = append(g.Notes[:remarks], g.Notes[said:]...)
	}
}

// refusal says why a rule makes no sense on its own, and the key that shows it.
func (r gitleaksRule) refusal() (key, why string) {
	switch {
	case r.ID == "":
		return "id", "id: is missing"
	case r.Regex == "" && r.Path != "":
		return "path", "path: it finds files by their names, and Cordon looks at what is in them"
	case r.Regex == "":
		return "id", "regex: is missing; a rule that changes one of gitleaks' own is not taken: change Cordon's with cordon rules"
	case r.SkipReport:
		return "skipReport", "skipReport: it finds nothing by itself, only together with others"
	case len(r.Required) > 0:
		return "required", "required: a rule that needs the finding of another close by is not known here"
	}
	return "", ""
}

func (r gitleaksRule) plain() Rule {
	out := Rule{
		ID: r.ID, Description: r.Description, Family: FormatGitleaks, Regex: r.Regex, SecretGroup: r.SecretGroup, Entropy: r.Entropy,
		Severity: gitleaksSeverity, Confidence: gitleaksConfidence, Active: true, Generic: strings.HasPrefix(r.ID, "generic"),
		Tags: append([]string{"gitleaks"}, r.Tags...), SecretType: secretTypeOf(r.ID),
	}
	stretchPEM(&out)
	return out
}

// keywords are for gitleaks words that a file holds somewhere, here words that
// a match holds. Where the regex itself has literals those do; else its keywords
// are where it is tried.
func (r gitleaksRule) keywords(say func(key, reason string)) []string {
	tree, err := syntax.Parse(r.Regex, syntax.Perl)
	if err != nil || partsOf(tree) != nil {
		return nil
	}
	var usable []string
	for _, k := range r.Keywords {
		if checkNames(Rule{Keywords: []string{k}}) == nil {
			usable = append(usable, k)
		}
	}
	if len(usable) > 0 {
		say("keywords", fmt.Sprintf("keywords: the regex is tried within %d bytes of them, not in the whole of a file that holds one", gitleaksNear))
	} else {
		say("regex", "regex: holds no literal of two characters to look for, so it is tried everywhere, which slows every scan")
	}
	return usable
}
