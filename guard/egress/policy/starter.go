package policy

import _ "embed"

//go:embed starter.yaml
var starter string

// Starter returns the commented document that a newcomer begins with: strict, and
// nothing allowed.
func Starter() []byte { return []byte(starter) }
