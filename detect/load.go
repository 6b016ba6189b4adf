package detect

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// ruleFile is one YAML file: a provider family.
type ruleFile struct {
	Provider       string     `yaml:"provider"`
	Recommendation string     `yaml:"recommendation"`
	Rules          []ruleYAML `yaml:"rules"`
}

// ruleYAML is a rule as written; the file's provider and recommendation are the
// defaults of each of its rules.
type ruleYAML struct {
	ID             string     `yaml:"id"`
	Description    string     `yaml:"description"`
	Provider       *string    `yaml:"provider"`
	Regex          string     `yaml:"regex"`
	Assign         *assigned  `yaml:"assign"`
	Mention        *mentioned `yaml:"mention"`
	SecretGroup    int        `yaml:"secret_group"`
	Keywords       []string   `yaml:"keywords"`
	Near           int        `yaml:"near"`
	Entropy        float64    `yaml:"entropy"`
	Severity       string     `yaml:"severity"` // for a type of its own the YAML library goes through the whole file
	Confidence     float64    `yaml:"confidence"`
	Active         *bool      `yaml:"active"`
	Generic        bool       `yaml:"generic"`
	Tags           []string   `yaml:"tags"`
	Validator      string     `yaml:"validator"`
	Revoker        string     `yaml:"revoker"`
	SecretType     string     `yaml:"secret_type"`
	Positives      []string   `yaml:"positives"`
	Negatives      []string   `yaml:"negatives"`
	Allowlist      Allowlist  `yaml:"allowlist"`
	Recommendation string     `yaml:"recommendation"`
}

// BuiltinRules returns the rule pack that comes with the library, the YAML
// files of detect/rules. The rules are the caller's own.
func BuiltinRules() ([]Rule, error) {
	p, err := unpacked()
	if err != nil {
		return nil, fmt.Errorf("opening builtin rules: %w", err)
	}
	rules, err := p.unpackRules()
	if err != nil {
		return nil, fmt.Errorf("reading builtin rules: %w", err)
	}
	return rules, nil
}

// LoadRules reads every *.yaml and *.yml file in the root of fsys, in the order
// of their names. An error names file, line and reason; an unknown key is one,
// as are a regex that RE2 refuses and an id used twice.
func LoadRules(fsys fs.FS) ([]Rule, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("listing rule files: %w", err)
	}
	var rules []Rule
	seen := map[string]origin{}
	for _, e := range entries {
		if ext := path.Ext(e.Name()); e.IsDir() || ext != ".yaml" && ext != ".yml" {
			continue
		}
		data, err := fs.ReadFile(fsys, e.Name())
		if err != nil {
			return nil, fmt.Errorf("reading rules: %w", err)
		}
		more, err := parseRules(e.Name(), data, seen)
		if err != nil {
			return nil, err
		}
		rules = append(rules, more...)
	}
	return rules, nil
}

// ParseRules reads one YAML rule file; name is what errors call it.
func ParseRules(name string, data []byte) ([]Rule, error) {
	return parseRules(name, data, map[string]origin{})
}

// origin is where a rule was written; its line is only looked for when an error
// has to name it.
type origin struct {
	file  string
	lines *lineFinder
	index int
}

func (o origin) String() string { return fmt.Sprintf("%s:%d", o.file, o.lines.of(o.index, "id")) }

func parseRules(name string, data []byte, seen map[string]origin) ([]Rule, error) {
	var file ruleFile
	if err := decodeYAML(name, data, &file); err != nil {
		return nil, err
	}
	lines := &lineFinder{data: data}
	rules := make([]Rule, 0, len(file.Rules))
	for i, raw := range file.Rules {
		r := raw.rule(file)
		r.Family = strings.TrimSuffix(path.Base(name), path.Ext(name))
		if err := raw.check(r); err != nil {
			return nil, lineError(name, lines, i, r.ID, err)
		}
		here := origin{name, lines, i}
		if first, dup := seen[r.ID]; dup {
			return nil, fmt.Errorf("%s: rule %q: id already used at %s", here, r.ID, first)
		}
		seen[r.ID] = here
		rules = append(rules, r)
	}
	return rules, nil
}

// check refuses what only the written form shows, then what Compile would.
func (raw ruleYAML) check(r Rule) error {
	if raw.Assign != nil && raw.Regex != "" {
		return keyError{"assign", errors.New("give regex or assign, not both")}
	}
	if _, err := ParseSeverity(raw.Severity); raw.Severity != "" && err != nil {
		return keyError{"severity", err}
	}
	if raw.Mention != nil && (raw.Regex != "" || raw.Assign != nil) {
		return keyError{"mention", errors.New("give regex, assign or mention, not two of them")}
	}
	return checkRule(r)
}

func (raw ruleYAML) rule(file ruleFile) Rule {
	r := Rule{
		ID: raw.ID, Description: raw.Description, Provider: file.Provider, Regex: raw.Regex,
		SecretGroup: raw.SecretGroup, Keywords: raw.Keywords, Near: raw.Near, Entropy: raw.Entropy,
		Confidence: raw.Confidence, Active: raw.Active == nil || *raw.Active,
		Generic: raw.Generic, Tags: raw.Tags, Validator: raw.Validator, Revoker: raw.Revoker,
		SecretType: raw.SecretType, Positives: raw.Positives, Negatives: raw.Negatives,
		Allowlist: raw.Allowlist, Recommendation: raw.Recommendation,
	}
	r.Severity, _ = ParseSeverity(raw.Severity) // check says what is wrong with it
	if raw.Provider != nil {
		r.Provider = *raw.Provider
	}
	if raw.Assign != nil {
		r.Regex = raw.Assign.regex()
	}
	if raw.Mention != nil {
		r.Regex = raw.Mention.regex()
	}
	if r.Recommendation == "" {
		r.Recommendation = file.Recommendation
	}
	if r.SecretType == "" {
		r.SecretType = secretTypeOf(r.ID)
	}
	return r
}

// decodeYAML reads strictly and turns the YAML library's error into
// "file:line: reason".
func decodeYAML(name string, data []byte, into any) error {
	err := yaml.UnmarshalWithOptions(data, into, yaml.Strict())
	if err == nil {
		return nil
	}
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		return fmt.Errorf("%s:%d: %s", name, at.GetToken().Position.Line, at.GetMessage())
	}
	return fmt.Errorf("%s: %s", name, strings.TrimSpace(err.Error()))
}

// keyError is a rule error that knows which key is wrong.
type keyError struct {
	key string
	err error
}

func (e keyError) Error() string { return e.key + ": " + e.err.Error() }
func (e keyError) Unwrap() error { return e.err }

func lineError(name string, lines *lineFinder, i int, id string, err error) error {
	key := "id"
	var ke keyError
	if errors.As(err, &ke) {
		key = ke.key
	}
	return fmt.Errorf("%s:%d: rule %q: %w", name, lines.of(i, key), id, err)
}

// lineFinder finds the line of a key of the i-th rule. It parses when first
// asked, since most files have no error.
type lineFinder struct {
	data []byte
	root ast.Node
}

func (f *lineFinder) body() ast.Node {
	if f.root == nil {
		if file, err := parser.ParseBytes(f.data, 0); err == nil && len(file.Docs) > 0 {
			f.root = file.Docs[0].Body
		}
	}
	return f.root
}

// of returns the line, or that of the rule when it has no such key, or 1.
func (f *lineFinder) of(i int, key string) int {
	return f.at(fmt.Sprintf("$.rules[%d].%s", i, key), fmt.Sprintf("$.rules[%d]", i))
}

// at returns the line of the first of the paths that exists, or 1.
func (f *lineFinder) at(paths ...string) int {
	for _, expr := range paths {
		p, err := yaml.PathString(expr)
		if err != nil || f.body() == nil {
			continue
		}
		if node, err := p.FilterNode(f.body()); err == nil && node != nil {
			return node.GetToken().Position.Line
		}
	}
	return 1
}
