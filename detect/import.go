package detect

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
)

// The formats that ImportRules reads.
const (
	FormatCordon   = "cordon"   // a rule file as in detect/rules
	FormatSHHH     = "shhh"     // patterns.yaml
	FormatGitleaks = "gitleaks" // .gitleaks.toml
)

// Import is what a rule file became.
type Import struct {
	// Format is one of FormatCordon, FormatSHHH and FormatGitleaks.
	Format string
	// Rules are the rules that were taken, in the order of the file.
	Rules []Rule
	// Lines are where Rules were written, from 1.
	Lines []int
	// Notes say what was refused and what of the file has no effect here; none
	// when all of it does what it did where it comes from.
	Notes []ImportNote
}

// ImportNote is something in a rule file that could not be taken as it is.
type ImportNote struct {
	// Line is where it was written, from 1.
	Line int `json:"line"`
	// Rule is the id of the rule it is about; empty when it is about the file.
	Rule string `json:"rule"`
	// Refused says that the rule was left out.
	Refused bool `json:"refused"`
	// Foreign says that it was refused for being a kind of rule that there is
	// no use for here, such as one about the names of files. Nothing is wrong
	// with the file.
	Foreign bool `json:"foreign"`
	// Reason says what is wrong, or what has no effect, and what to do.
	Reason string `json:"reason"`
}

func (n ImportNote) String() string {
	text := fmt.Sprintf("line %d: ", n.Line)
	if n.Rule != "" {
		text += fmt.Sprintf("rule %q: ", n.Rule)
	}
	if n.Refused {
		text += "refused: "
	}
	return text + n.Reason
}

// ImportRules reads a rule file of any format that is known: Cordon's own,
// SHHH's patterns.yaml or gitleaks' .gitleaks.toml. name is what errors call
// the file; its ending, or else the content, tells the format. A rule that
// cannot be taken is left out and noted; a file that cannot be read is an error
// with file, line and reason.
func ImportRules(name string, data []byte) (Import, error) {
	switch formatOf(name, data) {
	case FormatGitleaks:
		return importGitleaks(name, data)
	case FormatSHHH:
		return importSHHH(name, data)
	case FormatCordon:
		return importCordon(name, data)
	}
	return Import{}, fmt.Errorf("%s:1: this is no rule file: a YAML file begins with rules: or patterns:, a .gitleaks.toml holds [[rules]]", name)
}

var tomlTable = regexp.MustCompile(`(?m)^[ \t]*\[(?:extend|allowlist|\[(?:rules|allowlists)\])`)

func formatOf(name string, data []byte) string {
	yamlName := path.Ext(name) == ".yaml" || path.Ext(name) == ".yml"
	if path.Ext(name) == ".toml" || !yamlName && tomlTable.Match(data) {
		return FormatGitleaks
	}
	var keys struct {
		Rules    any `yaml:"rules"`
		Patterns any `yaml:"patterns"`
	}
	err := yaml.Unmarshal(data, &keys)
	switch {
	case keys.Patterns != nil:
		return FormatSHHH
	case keys.Rules != nil, err != nil && yamlName: // the strict reader says what is wrong with it
		return FormatCordon
	}
	return ""
}

func importCordon(name string, data []byte) (Import, error) {
	rules, err := ParseRules(name, data)
	if err != nil {
		return Import{}, err
	}
	lines := &lineFinder{data: data}
	out := Import{Format: FormatCordon, Rules: rules}
	for i := range rules {
		out.Lines = append(out.Lines, lines.of(i, "id"))
	}
	return out, nil
}

// take adds a rule, or notes why it is refused; at finds the line of a key.
func (m *Import) take(r Rule, at func(key string) int) {
	err := checkRule(r)
	for _, known := range m.Rules {
		if err == nil && known.ID == r.ID {
			err = keyError{"id", errors.New("the file uses it twice")}
		}
	}
	if err == nil {
		m.Rules, m.Lines = append(m.Rules, r), append(m.Lines, at("id"))
		return
	}
	key := "id"
	var ke keyError
	if errors.As(err, &ke) {
		key = ke.key
	}
	m.note(ImportNote{Line: at(key), Rule: r.ID, Refused: true, Reason: err.Error()})
}

func (m *Import) note(n ImportNote) { m.Notes = append(m.Notes, n) }

// stretchPEM makes a rule that knows a private key by its first line only find
// all of the key: what it leaves would be shown.
func stretchPEM(r *Rule) {
	if strings.Contains(r.Regex, "-----BEGIN") && strings.Contains(r.Regex, "PRIVATE KEY") && !strings.Contains(r.Regex, "END") {
		r.Validator = "pem"
	}
}
