package app

import (
	"context"
	"sync"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/leak"
)

func (n *node) startRules(context.Context) (stopFunc, error) { return nil, n.compileRules() }

func (n *node) compileRules() error {
	rules, err := detect.BuiltinRules()
	if err != nil {
		return err
	}
	n.rules, err = detect.Compile(rules, detect.Options{})
	return err
}

// recommendations returns what the owner of a secret should do, by rule. The
// rules are read when the first is asked for: most commands never ask.
func recommendations() func(rule string) string {
	all := sync.OnceValue(func() map[string]string {
		advice := map[string]string{}
		rules, err := detect.BuiltinRules()
		if err != nil {
			return advice // the sensor does not start then, and says why
		}
		for _, r := range rules {
			advice[r.ID] = r.Recommendation
		}
		return advice
	})
	return func(rule string) string { return all()[rule] }
}

// words returns what takes the secrets out of what people write. A command
// without a server compiles the rules when it has something to look at; without
// rules nothing is kept.
func (n *node) words() func(text string) string {
	scanner := sync.OnceValue(func() *detect.Scanner {
		if n.rules == nil && n.compileRules() != nil {
			return nil
		}
		return detect.NewScanner(n.rules)
	})
	return func(text string) string {
		if text == "" || scanner() == nil {
			return ""
		}
		return leak.Words(scanner(), text)
	}
}
