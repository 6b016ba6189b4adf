package scan

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"go.cordon.dev/cordon/detect"
)

// gitleaksFile is what a scan of files takes of a .gitleaks.toml beside its
// rules, as of gitleaks 8.28 (its README, "Configuration").
type gitleaksFile struct {
	Extend struct {
		DisabledRules []string `toml:"disabledRules"`
	} `toml:"extend"`
	Rules []struct {
		ID         string          `toml:"id"`
		Regex      string          `toml:"regex"`
		Path       string          `toml:"path"`
		Allowlist  *gitleaksAllow  `toml:"allowlist"`
		Allowlists []gitleaksAllow `toml:"allowlists"`
	} `toml:"rules"`
	Allowlist  *gitleaksAllow  `toml:"allowlist"`
	Allowlists []gitleaksAllow `toml:"allowlists"`
}

type gitleaksAllow struct {
	Condition   string   `toml:"condition"`
	Commits     []string `toml:"commits"`
	Paths       []string `toml:"paths"`
	RegexTarget string   `toml:"regexTarget"`
	Regexes     []string `toml:"regexes"`
	Stopwords   []string `toml:"stopwords"`
	TargetRules []string `toml:"targetRules"`
}

func (r *Rules) addGitleaks(name string, data []byte) error {
	var file gitleaksFile
	if err := toml.Unmarshal(data, &file); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	r.list = slices.DeleteFunc(r.list, func(o detect.Rule) bool { return slices.Contains(file.Extend.DisabledRules, o.ID) })
	for _, a := range allOf(file.Allowlist, file.Allowlists) {
		r.allowGlobal(name, a)
	}
	for _, rule := range file.Rules {
		for _, a := range allOf(rule.Allowlist, rule.Allowlists) {
			if rule.Regex == "" { // it is about a rule that is there already
				r.allowRule(rule.ID, a)
			}
			r.Policy.add(r.remark(name), a, []string{rule.ID})
		}
		if re, err := regexp.Compile(rule.Path); err == nil && rule.Path != "" && rule.Regex != "" {
			r.Policy.only[rule.ID] = pattern{re}
		}
	}
	return nil
}

func allOf(one *gitleaksAllow, more []gitleaksAllow) []gitleaksAllow {
	if one == nil {
		return more
	}
	return append([]gitleaksAllow{*one}, more...)
}

func (r *Rules) remark(name string) func(string) {
	return func(text string) { r.Remarks = append(r.Remarks, name+": "+text) }
}

// allowGlobal takes an allowlist of the file: what it says of texts goes to
// detect, what it says of paths and commits to the policy.
func (r *Rules) allowGlobal(name string, a gitleaksAllow) {
	r.Policy.add(r.remark(name), a, a.TargetRules)
	if len(a.TargetRules) == 0 {
		r.allow = joinAllow(r.allow, a.texts())
		return
	}
	for _, id := range a.TargetRules {
		r.allowRule(id, a)
	}
}

func (r *Rules) allowRule(id string, a gitleaksAllow) {
	r.change(id, func(rule *detect.Rule) { rule.Allowlist = joinAllow(rule.Allowlist, a.texts()) })
}

// all says whether every part of the allowlist has to hold.
func (a gitleaksAllow) all() bool { return strings.EqualFold(a.Condition, "AND") && a.kinds() > 1 }

func (a gitleaksAllow) kinds() (n int) {
	for _, list := range [][]string{a.Commits, a.Paths, a.Regexes, a.Stopwords} {
		n += min(1, len(list))
	}
	return n
}

// texts is the part that detect does; a regex that RE2 refuses is left out,
// which the import has told.
func (a gitleaksAllow) texts() (out detect.Allowlist) {
	if a.all() {
		return out
	}
	regexes := slices.DeleteFunc(slices.Clone(a.Regexes), func(e string) bool {
		_, err := regexp.Compile(e)
		return err != nil
	})
	out.Stopwords = slices.DeleteFunc(slices.Clone(a.Stopwords), func(w string) bool { return w == "" })
	switch strings.ToLower(a.RegexTarget) {
	case "", "secret":
		out.Regexes = regexes
	case "match":
		out.MatchRegexes = regexes
	case "line":
		out.LineRegexes = regexes
	}
	return out
}

// Policy is what a .gitleaks.toml says of paths and commits. It is a Filter.
type Policy struct {
	entries []policyEntry
	only    map[string]pattern // rule -> the paths it is for
}

// policyEntry is one allowlist.
type policyEntry struct {
	rules   []string // empty: all
	all     bool     // every part has to hold; else one
	paths   []pattern
	commits []string
	secrets []pattern
	words   []string
}

type pattern struct{ re *regexp.Regexp }

func (p *Policy) add(remark func(string), a gitleaksAllow, rules []string) {
	e := policyEntry{rules: rules, all: a.all(), commits: a.Commits, paths: patterns(remark, a.Paths)}
	if e.all {
		if len(a.Regexes) > 0 && a.RegexTarget != "" && !strings.EqualFold(a.RegexTarget, "secret") {
			remark("an allowlist whose parts must all hold, one of them over the " + a.RegexTarget + ", is left out; what it lets through is reported")
			return
		}
		e.secrets, e.words = patterns(remark, a.Regexes), a.Stopwords
		if len(e.secrets) < len(a.Regexes) || len(e.paths) < len(a.Paths) {
			return
		}
	}
	if len(e.paths)+len(e.commits) > 0 {
		p.entries = append(p.entries, e)
	}
}

func patterns(remark func(string), exprs []string) (out []pattern) {
	for _, e := range exprs {
		re, err := regexp.Compile(e)
		if err != nil {
			remark(fmt.Sprintf("allowlist: left out: %v", err))
			continue
		}
		out = append(out, pattern{re})
	}
	return out
}

// Skip says whether nothing in a file would be reported.
func (p *Policy) Skip(rel string) bool {
	return slices.ContainsFunc(p.entries, func(e policyEntry) bool { return !e.all && len(e.rules) == 0 && e.path(rel) })
}

// Allows says whether an allowlist names the finding's path or commit.
func (p *Policy) Allows(f *Finding) bool {
	if only, limited := p.only[f.Rule]; limited && !only.re.MatchString(f.rel) {
		return true
	}
	return slices.ContainsFunc(p.entries, func(e policyEntry) bool {
		if len(e.rules) > 0 && !slices.Contains(e.rules, f.Rule) {
			return false
		}
		if e.all {
			return e.whole(f)
		}
		return e.path(f.rel) || slices.Contains(e.commits, f.Commit)
	})
}

func (e policyEntry) path(rel string) bool {
	return slices.ContainsFunc(e.paths, func(p pattern) bool { return p.re.MatchString(rel) })
}

// whole says whether every part that the allowlist has holds.
func (e policyEntry) whole(f *Finding) bool {
	secret := f.secret.Reveal()
	return (len(e.paths) == 0 || e.path(f.rel)) &&
		(len(e.commits) == 0 || slices.Contains(e.commits, f.Commit)) &&
		(len(e.secrets) == 0 || slices.ContainsFunc(e.secrets, func(p pattern) bool { return p.re.Match(secret) })) &&
		(len(e.words) == 0 || slices.ContainsFunc(e.words, func(w string) bool {
			return strings.Contains(strings.ToLower(string(secret)), strings.ToLower(w))
		}))
}
