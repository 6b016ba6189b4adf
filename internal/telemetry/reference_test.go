package telemetry

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const referenceIntro = `<!-- Generated from internal/telemetry by "make generate". Do not edit. -->

# Metrics

` + "`GET /metrics`" + ` in the text format of Prometheus. Programs on the same machine need no credentials; others send an API key of a viewer.
Besides these there are Go's own metrics (` + "`go_*`, `process_*`" + `). Names stay; new ones are added.
Labels take values from configuration, rules and code, never from what was observed.

| name | type | labels | meaning |
|---|---|---|---|
`

// reference renders docs/metrics.md from a scrape that has every metric.
func reference(t *testing.T) string {
	t.Helper()
	families, err := everything().registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(referenceIntro)
	for _, f := range families {
		if name := f.GetName(); strings.HasPrefix(name, "cordon_") || strings.HasPrefix(name, "shhh_") {
			var labels []string
			for _, m := range f.GetMetric() {
				for _, l := range m.GetLabel() {
					labels = append(labels, "`"+l.GetName()+"`")
				}
			}
			slices.Sort(labels)
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", name, strings.ToLower(f.GetType().String()), strings.Join(slices.Compact(labels), ", "), f.GetHelp())
		}
	}
	return b.String()
}

func TestReferenceIsFresh(t *testing.T) {
	page, got := filepath.Join("..", "..", "docs", "metrics.md"), reference(t)
	if *update {
		if err := os.WriteFile(page, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(page); err != nil || string(want) != got {
		t.Errorf("%s is stale (%v): run make generate", page, err)
	}
}
