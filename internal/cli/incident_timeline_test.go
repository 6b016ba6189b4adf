package cli

import (
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/api"
)

func TestATimelineSaysWhatItLeavesOut(t *testing.T) {
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	var out strings.Builder
	err := showTimeline(&out, api.IncidentDetail{
		Timeline: []api.IncidentEntry{{At: at, Kind: "human", By: "ada", Words: "resolved: revoked"}, {At: at, Kind: "detection", Sensor: "leak", Words: "found\nin chat"}},
		Omitted: []api.IncidentOmitted{
			{Sensor: "egress", Kind: "response", Severity: "high", Times: 4812, Kept: 812, From: at, Until: at},
			{Kind: "human", Severity: "info", Times: 2, Kept: 2, From: at, Until: at}, {Kind: "response", Severity: "low", Times: 3, Kept: 3, From: at, Until: at},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for k, want := range []string{
		"leak          found", "ada           resolved: revoked", "4812 more egress responses, at most high, between ", "2 more lines of people, ", "3 more responses, at most low",
	} {
		if len(lines) != 5 || !strings.Contains(lines[k], want) {
			t.Fatalf("line %d of %q, want %q", k, lines, want)
		}
	}
	if end := "; 4000 of them were only counted"; !strings.HasSuffix(lines[2], end) || strings.Contains(lines[3], "counted") {
		t.Errorf("%q: only the first ends with %q", lines[2:], end)
	}
}
