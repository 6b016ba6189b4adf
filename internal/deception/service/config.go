package service

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
)

// Config is what an operator sets for one service of one decky.
type Config map[string]any

// Decode reads the configuration into a struct with yaml tags. A key that the
// struct does not have is an error, and so is a value of another type.
func (c Config) Decode(into any) error {
	if len(c) == 0 {
		return nil
	}
	text, err := yaml.Marshal(map[string]any(c))
	if err == nil {
		err = yaml.UnmarshalWithOptions(text, into, yaml.Strict())
	}
	var y yaml.Error
	if errors.As(err, &y) {
		return fmt.Errorf("config: %s", y.GetMessage())
	}
	if err != nil {
		return fmt.Errorf("config: %w", err)
	}
	return nil
}
