package app

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/config"
)

// A configuration that is accepted can be started: what config allows is what
// the lists of plugins make.
func TestConfigurationKnowsThePlugins(t *testing.T) {
	var kinds, names []string
	for _, k := range sourceKinds() {
		kinds = append(kinds, k.name)
	}
	for _, f := range formats() {
		names = append(names, f.Name())
	}
	slices.Sort(kinds)
	slices.Sort(names)
	if d := cmp.Diff(config.SourceKinds(), kinds); d != "" {
		t.Errorf("kinds of sources (-config +app):\n%s", d)
	}
	if d := cmp.Diff(config.WebhookFormats(), names); d != "" {
		t.Errorf("formats of webhooks (-config +app):\n%s", d)
	}
}
