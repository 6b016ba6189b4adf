package scan

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.cordon.dev/cordon/detect"
)

// maxRuleFile is the largest rule file, in bytes.
const maxRuleFile = 1 << 20

// GitleaksConfig is the name of the rule file that is looked for in the root of
// what is scanned, as gitleaks does.
const GitleaksConfig = ".gitleaks.toml"

// Rules are the rules of a run: those that come with Cordon, and what rule files
// add, change and let through.
type Rules struct {
	list  []detect.Rule
	allow detect.Allowlist
	// Policy lets findings through by path and commit, which detect knows
	// nothing of.
	Policy *Policy
	// Refused says what of the files could not be taken for a mistake: it is
	// not looked for. Remarks say what works otherwise than in gitleaks.
	Refused, Remarks []string
}

// BuiltinRules returns the rules that come with Cordon.
func BuiltinRules() (*Rules, error) {
	list, err := detect.BuiltinRules()
	if err != nil {
		return nil, fmt.Errorf("loading rules: %w", err)
	}
	return &Rules{list: list, Policy: &Policy{only: map[string]pattern{}}}, nil
}

// AddFile lays a rule file over the rules: of two with one id, that of the file
// counts. It takes whatever detect.ImportRules takes; of a .gitleaks.toml also
// the allowlists of all rules, paths and commits.
func (r *Rules) AddFile(path string) error {
	data, err := readWhole(path, maxRuleFile)
	if err != nil {
		return err
	}
	in, err := detect.ImportRules(path, data)
	if err != nil {
		return err
	}
	for _, rule := range in.Rules {
		r.list = slices.DeleteFunc(r.list, func(o detect.Rule) bool { return o.ID == rule.ID })
		r.list = append(r.list, rule)
	}
	if in.Format == detect.FormatGitleaks {
		if err := r.addGitleaks(path, data); err != nil {
			return err
		}
	}
	for _, n := range in.Notes {
		switch text := path + ": " + n.String(); {
		case n.Refused && !n.Foreign:
			r.Refused = append(r.Refused, text)
		case in.Format != detect.FormatGitleaks || !r.honoured(n):
			r.Remarks = append(r.Remarks, text)
		}
	}
	return nil
}

// FindConfig adds the .gitleaks.toml of a folder, if there is one.
func (r *Rules) FindConfig(root string) (found bool, err error) {
	path := filepath.Join(root, GitleaksConfig)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return true, r.AddFile(path)
}

// honoured says whether a note on a .gitleaks.toml is about something that only
// a scan of files can do, and does: the import is for servers, too, which know
// no paths.
func (r *Rules) honoured(n detect.ImportNote) bool {
	for _, about := range []string{
		"paths: have no effect", "commits: have no effect", "path: the rule holds wherever", "condition: an allowlist",
		"extend.disabledRules: ", "extend.useDefault: ",
	} {
		if strings.Contains(n.Reason, about) {
			return true
		}
	}
	return strings.HasPrefix(n.Reason, "regex: is missing") && r.Has(n.Rule)
}

// Has says whether there is a rule with this id.
func (r *Rules) Has(id string) bool {
	return slices.ContainsFunc(r.list, func(rule detect.Rule) bool { return rule.ID == id })
}

// All returns the rules in their order.
func (r *Rules) All() []detect.Rule { return slices.Clone(r.list) }

// Compile makes the rules ready to run.
func (r *Rules) Compile(opts detect.Options) (*detect.RuleSet, error) {
	opts.Allowlist = joinAllow(opts.Allowlist, r.allow)
	set, err := detect.Compile(r.list, opts)
	if err != nil {
		return nil, fmt.Errorf("compiling rules: %w", err)
	}
	return set, nil
}

// change applies f to the rule with this id.
func (r *Rules) change(id string, f func(*detect.Rule)) {
	for i := range r.list {
		if r.list[i].ID == id {
			f(&r.list[i])
		}
	}
}

func joinAllow(a, b detect.Allowlist) detect.Allowlist {
	return detect.Allowlist{
		Regexes:      slices.Concat(a.Regexes, b.Regexes),
		MatchRegexes: slices.Concat(a.MatchRegexes, b.MatchRegexes),
		LineRegexes:  slices.Concat(a.LineRegexes, b.LineRegexes),
		Stopwords:    slices.Concat(a.Stopwords, b.Stopwords),
	}
}
