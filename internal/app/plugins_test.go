package app

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/deception/persona"
)

// A configuration that is accepted can be started: what config allows is what
// the lists of plugins make.
func TestConfigurationKnowsThePlugins(t *testing.T) {
	var kinds, names []string
	for _, k := range sourceKinds(&peerLinks{}) {
		kinds = append(kinds, k.name)
	}
	var services []string
	for _, k := range serviceKinds(nil) {
		services = append(services, k.Name)
	}
	slices.Sort(services)
	if d := cmp.Diff(config.DeckyKinds(), services); d != "" {
		t.Errorf("kinds of services (-config +app):\n%s", d)
	}
	if d := cmp.Diff(config.Archetypes(), persona.Archetypes()); d != "" {
		t.Errorf("archetypes (-config +persona):\n%s", d)
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
