package archtest

import (
	"regexp"
	"testing"
)

// The table of docs/webhooks.md is true: every test that it names is there.
func TestEveryRequirementOfWebhooksHasItsTest(t *testing.T) {
	funcs := declared(load(t))
	rows := regexp.MustCompile("(?m)^\\|.*\\| `([^`]+)` (\\w+) \\|$").FindAllStringSubmatch(source(t, "docs/webhooks.md"), -1)
	if len(rows) < 30 {
		t.Errorf("%d rows: the table is gone, or written otherwise", len(rows))
	}
	for _, r := range rows {
		if !funcs[r[1]+" "+r[2]] {
			t.Errorf("%s does not have %s", r[1], r[2])
		}
	}
}

// So is that of what bad input is tried.
func TestEveryBadInputHasItsTest(t *testing.T) {
	funcs := declared(load(t))
	const page = "internal/anomaly/CASES.md"
	rows := regexp.MustCompile("(?m)^\\|.*\\| `([^`]+)` \\| (\\w+) \\|$").FindAllStringSubmatch(source(t, page), -1)
	if len(rows) < 20 {
		t.Errorf("%d rows: the table is gone, or written otherwise", len(rows))
	}
	for _, r := range rows {
		if !funcs[r[1]+" "+r[2]] {
			t.Errorf("%s: %s does not have %s", page, r[1], r[2])
		}
	}
}
