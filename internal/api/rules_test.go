package api

import (
	"testing"

	"go.cordon.dev/cordon/internal/rules"
	"go.cordon.dev/cordon/internal/rules/rulestest"
)

// newRules makes the manager of a test's rules: those of rulestest.Builtin.
func newRules(t *testing.T, n *node) *rules.Manager {
	t.Helper()
	m, err := rules.New(rules.Deps{Store: &n.rules, Builtin: rulestest.Builtin, Node: "node-1/rules", Clock: n.clock})
	if err != nil {
		t.Fatal(err)
	}
	return m
}
