package config

import (
	"encoding/json"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/invopop/jsonschema"
)

// Schema is the JSON Schema (draft 2020-12) of cordon.yaml, for editors.
func Schema() ([]byte, error) {
	r := jsonschema.Reflector{FieldNameTag: "yaml", DoNotReference: true, RequiredFromJSONSchemaTags: true, Anonymous: true}
	s := r.Reflect(&Config{})
	s.Title = "cordon.yaml"
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding schema: %w", err)
	}
	return append(b, '\n'), nil
}

// Print writes the configuration in force as YAML; secrets by reference,
// inline ones as [redacted].
func (c *Config) Print() ([]byte, error) {
	shown := *c
	shown.Store, shown.Bus = c.shownStore(), c.shownBus()
	b, err := yaml.MarshalWithOptions(&shown, yaml.IndentSequence(true))
	if err != nil {
		return nil, fmt.Errorf("encoding configuration: %w", err)
	}
	return b, nil
}

// PrintJSON is Print as a JSON document, with the same keys.
func (c *Config) PrintJSON() ([]byte, error) {
	b, err := c.Print()
	if err != nil {
		return nil, err
	}
	if b, err = yaml.YAMLToJSON(b); err != nil {
		return nil, fmt.Errorf("encoding configuration as JSON: %w", err)
	}
	return b, nil
}

// JSONSchema says that a secret is written as a string.
func (Secret) JSONSchema() *jsonschema.Schema { return &jsonschema.Schema{Type: "string"} }
