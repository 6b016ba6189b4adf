package detect

import (
	"fmt"
	"regexp/syntax"

	"github.com/goccy/go-yaml"
)

// shhhFile is the patterns.yaml of SHHH.
type shhhFile struct {
	Patterns yaml.MapSlice `yaml:"patterns"`
}

type shhhPattern struct {
	Regex      string  `yaml:"regex"`
	Severity   string  `yaml:"severity"` // see ruleYAML
	Confidence float64 `yaml:"confidence"`
	Active     *bool   `yaml:"active"`
}

// ImportSHHH reads SHHH's patterns.yaml,
//
//	patterns:
//	  NAME: {regex: "...", severity: HIGH, confidence: 0.95, active: true}
//
// into rules, in the order of the file. The name becomes the id and the secret
// type. name is what errors call the file. The whole regex is the secret, even
// when it has groups. A bad pattern is an error; ImportRules leaves it out.
func ImportSHHH(name string, data []byte) ([]Rule, error) {
	m, err := importSHHH(name, data)
	if err != nil {
		return nil, err
	}
	for _, n := range m.Notes {
		return nil, fmt.Errorf("%s:%d: pattern %q: %s", name, n.Line, n.Rule, n.Reason)
	}
	return m.Rules, nil
}

func importSHHH(name string, data []byte) (Import, error) {
	var file struct {
		Patterns map[string]shhhPattern `yaml:"patterns"`
	}
	if err := decodeYAML(name, data, &file); err != nil {
		return Import{}, err
	}
	var order shhhFile
	if err := decodeYAML(name, data, &order); err != nil {
		return Import{}, err
	}
	lines := &lineFinder{data: data}
	m := Import{Format: FormatSHHH}
	for _, item := range order.Patterns {
		id := fmt.Sprint(item.Key)
		at := func(key string) int {
			if key == "id" {
				return lines.at("$.patterns." + id)
			}
			return lines.at("$.patterns."+id+"."+key, "$.patterns."+id)
		}
		m.take(file.Patterns[id].rule(id), at)
	}
	return m, nil
}

func (p shhhPattern) rule(id string) Rule {
	r := Rule{
		ID: id, Description: "imported from SHHH", Family: FormatSHHH, Regex: p.Regex,
		Confidence: p.Confidence, Active: p.Active == nil || *p.Active, SecretType: secretTypeOf(id), Tags: []string{"shhh"},
	}
	r.Severity, _ = ParseSeverity(p.Severity) // take says when it is none
	if tree, err := syntax.Parse(p.Regex, syntax.Perl); err == nil && tree.MaxCap() > 0 {
		r.Regex = "(?P<secret>" + p.Regex + ")"
	}
	stretchPEM(&r)
	return r
}
