package detect

import (
	"fmt"

	"github.com/goccy/go-yaml"
)

// shhhFile is the patterns.yaml of SHHH.
type shhhFile struct {
	Patterns yaml.MapSlice `yaml:"patterns"`
}

type shhhPattern struct {
	Regex      string   `yaml:"regex"`
	Severity   Severity `yaml:"severity"`
	Confidence float64  `yaml:"confidence"`
	Active     *bool    `yaml:"active"`
}

// ImportSHHH reads SHHH's patterns.yaml,
//
//	patterns:
//	  NAME: {regex: "...", severity: HIGH, confidence: 0.95, active: true}
//
// into rules, in the order of the file. The name becomes the id and the secret
// type. name is what errors call the file. The whole regex is the secret, even
// when it has groups.
func ImportSHHH(name string, data []byte) ([]Rule, error) {
	var file struct {
		Patterns map[string]shhhPattern `yaml:"patterns"`
	}
	if err := decodeYAML(name, data, &file); err != nil {
		return nil, err
	}
	var order shhhFile
	if err := decodeYAML(name, data, &order); err != nil {
		return nil, err
	}
	lines := &lineFinder{data: data}
	rules := make([]Rule, 0, len(order.Patterns))
	for _, item := range order.Patterns {
		id := fmt.Sprint(item.Key)
		r := file.Patterns[id].rule(id)
		if err := checkRule(r); err != nil {
			return nil, fmt.Errorf("%s:%d: pattern %q: %w", name, lines.at("$.patterns."+id), id, err)
		}
		rules = append(rules, r)
	}
	return rules, nil
}

func (p shhhPattern) rule(id string) Rule {
	return Rule{
		ID: id, Description: "imported from SHHH", Regex: "(?P<secret>" + p.Regex + ")", Severity: p.Severity,
		Confidence: p.Confidence, Active: p.Active == nil || *p.Active, SecretType: secretTypeOf(id), Tags: []string{"shhh"},
	}
}
