// Package rulekit is the workbench of whoever writes detection rules: it makes a
// rule from a description of the format, runs a rule over its own examples,
// finds what is weak about it, measures what it costs, and explains why it finds
// a text or does not. It uses detect as any other program would, so that what it
// says holds for the engine as it is.
//
// To add a check of lint: a function in checks (lint.go) and a line in its test.
//
// Level 2: it may import the public libraries.
package rulekit

import (
	"fmt"

	"go.cordon.dev/cordon/detect"
)

// alone is a scanner of one rule, which is active whatever it says.
func alone(r detect.Rule, opts detect.Options) (*detect.Scanner, *detect.RuleSet, error) {
	r.Active = true
	set, err := detect.Compile([]detect.Rule{r}, opts)
	if err != nil {
		return nil, nil, err
	}
	return detect.NewScanner(set), set, nil
}

// Failures says which of its examples a rule fails, without showing them.
func Failures(r detect.Rule) (out []string) {
	scanner, set, err := alone(r, detect.Options{})
	if err != nil {
		return []string{err.Error()}
	}
	try := func(kind string, examples []string, fires bool) {
		for i, e := range examples {
			text, err := detect.ExpandExample(e)
			if err != nil {
				out = append(out, fmt.Sprintf("%s %d: %v", kind, i+1, err))
				continue
			}
			if found, _ := scanner.FindAll([]byte(text)); len(found) > 0 != fires {
				out = append(out, fmt.Sprintf("%s %d: %s", kind, i+1, map[bool]string{true: "is not found", false: "is found"}[fires]))
			}
		}
	}
	try("positive", r.Positives, true)
	try("negative", r.Negatives, false)
	if len(set.TriedEverywhere()) > 0 {
		out = append(out, "holds no literal of two characters to look for, so it is tried everywhere, which slows every scan; give keywords")
	}
	return out
}
