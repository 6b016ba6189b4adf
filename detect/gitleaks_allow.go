package detect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// gitleaksAllow is an allowlist of a rule or of the file.
type gitleaksAllow struct {
	Description string   `toml:"description"`
	Condition   string   `toml:"condition"`
	Commits     []string `toml:"commits"`
	Paths       []string `toml:"paths"`
	RegexTarget string   `toml:"regexTarget"`
	Regexes     []string `toml:"regexes"`
	Stopwords   []string `toml:"stopwords"`
	TargetRules []string `toml:"targetRules"`
}

// allowEverywhere reads the allowlists of the file. One that cannot be taken is
// left out, which lets less through, and noted.
func (g *gitleaksImport) allowEverywhere(file gitleaksFile) {
	add := func(a gitleaksAllow, place string) {
		say := func(key, reason string) {
			g.note(ImportNote{Line: g.lines.of(place+"."+key, place), Reason: place + ": " + reason})
		}
		g.global = append(g.global, scopedAllow{a.list(say, true), a.TargetRules})
	}
	if file.Allowlist != nil {
		add(*file.Allowlist, "allowlist")
	}
	for i, a := range file.Allowlists {
		add(a, fmt.Sprintf("allowlists[%d]", i))
	}
}

func (s scopedAllow) covers(rule string) bool {
	return len(s.rules) == 0 || slices.Contains(s.rules, rule)
}

// allow joins the allowlists of a rule.
func (r gitleaksRule) allow(say func(key, reason string)) Allowlist {
	var out Allowlist
	add := func(a gitleaksAllow, place string) {
		out = out.with(a.list(func(key, reason string) { say(place+"."+key, reason) }, false))
	}
	if r.Allowlist != nil {
		add(*r.Allowlist, "allowlist")
	}
	for i, a := range r.Allowlists {
		add(a, fmt.Sprintf("allowlists[%d]", i))
	}
	return out
}

// list translates an allowlist; check leaves out what RE2 refuses, which else
// the rule is refused for.
func (a gitleaksAllow) list(say func(key, reason string), check bool) Allowlist {
	if len(a.Commits) > 0 {
		say("commits", "commits: have no effect, since what is scanned is not a repository")
	}
	if len(a.Paths) > 0 {
		say("paths", "paths: have no effect; what those files hold is reported")
	}
	if strings.EqualFold(a.Condition, "AND") && a.kinds() > 1 {
		say("condition", "condition: an allowlist whose parts must all hold is left out; what it lets through is reported")
		return Allowlist{}
	}
	regexes := a.Regexes
	if check {
		regexes = compilable(a.Regexes, say)
	}
	out := Allowlist{Stopwords: slices.DeleteFunc(slices.Clone(a.Stopwords), func(w string) bool { return w == "" })}
	switch strings.ToLower(a.RegexTarget) {
	case "", "secret":
		out.Regexes = regexes
	case "match":
		out.MatchRegexes = regexes
	case "line":
		out.LineRegexes = regexes
	default:
		say("regexTarget", fmt.Sprintf("regexTarget: %.64q is none of secret, match, line; the regexes are left out", a.RegexTarget))
	}
	return out
}

// kinds counts the criteria that an allowlist has.
func (a gitleaksAllow) kinds() int {
	n := 0
	for _, list := range [][]string{a.Commits, a.Paths, a.Regexes, a.Stopwords} {
		if len(list) > 0 {
			n++
		}
	}
	return n
}

func compilable(exprs []string, say func(key, reason string)) []string {
	var out []string
	for _, e := range exprs {
		if _, err := regexp.Compile(e); err != nil {
			say("regexes", fmt.Sprintf("regexes: left out: %v", regexReason(err)))
			continue
		}
		out = append(out, e)
	}
	return out
}

// with joins two allowlists.
func (a Allowlist) with(b Allowlist) Allowlist {
	return Allowlist{
		Regexes:      slices.Concat(a.Regexes, b.Regexes),
		MatchRegexes: slices.Concat(a.MatchRegexes, b.MatchRegexes),
		LineRegexes:  slices.Concat(a.LineRegexes, b.LineRegexes),
		Stopwords:    slices.Concat(a.Stopwords, b.Stopwords),
	}
}
