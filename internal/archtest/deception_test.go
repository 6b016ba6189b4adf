package archtest

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
)

const acceptance = "internal/deception/ACCEPTANCE.md"

// Each requirement of the deception sensor names tests that there are.
func TestEveryRequirementOfDeceptionHasItsTest(t *testing.T) {
	funcs := declared(load(t))
	rows := regexp.MustCompile("(?m)^\\| ([A-Z]+-?\\d+) \\|.*\\| `([^`]+)` (\\w+) \\|$").FindAllStringSubmatch(source(t, acceptance), -1)
	var ids []string
	for _, r := range rows {
		ids = append(ids, r[1])
		if !funcs[r[2]+" "+r[3]] {
			t.Errorf("%s: %s does not have %s", r[1], r[2], r[3])
		}
	}
	for _, id := range demanded() {
		if !slices.Contains(ids, id) {
			t.Errorf("%s has no row", id)
		}
	}
	if lines := regexp.MustCompile(`(?m)^\| [A-Z]+-?\d`).FindAllString(source(t, acceptance), -1); len(lines) != len(rows) {
		t.Errorf("%d of %d rows name no test", len(lines)-len(rows), len(lines))
	}
}

// demanded are the ids that the issue names.
func demanded() []string {
	ids := []string{"LOG-01", "LOG-03", "FLT-01", "P1", "P2", "P3", "P6", "F1", "F3", "F5", "F6"}
	for _, family := range []struct {
		form string
		last int
	}{{"CRD-%02d", 9}, {"CRU-%02d", 5}, {"ATK-%02d", 3}, {"LEAK-%02d", 6}, {"ART-%02d", 3}, {"TRN-%02d", 2}, {"S%d", 12}, {"H%d", 14}} {
		for n := range family.last {
			ids = append(ids, fmt.Sprintf(family.form, n+1))
		}
	}
	return ids
}
