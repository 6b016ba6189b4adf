package sqlstore

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/incident"
)

// Lines of a timeline are counted by their ends; those may be one line, and may have
// gone since they were counted.
func TestLinesAreCountedByTheirEnds(t *testing.T) {
	first, last := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC), time.Date(2026, 3, 14, 11, 0, 0, 0, time.UTC) // times may be forged
	end := func(at time.Time) entryRow { return entryRow{Sensor: "egress", Kind: "detection", At: at} }
	count := olderRow{Sensor: "egress", Kind: "detection", Severity: int(event.High), Times: 70}
	want := incident.Omitted{Lane: incident.Lane{Sensor: incident.Egress, Kind: incident.Detection}, Severity: event.High, Times: 70, Kept: 70}
	for name, c := range map[string]struct {
		ends        []entryRow
		from, until time.Time
	}{
		"two":         {[]entryRow{end(first), end(last)}, last, first},
		"one":         {[]entryRow{end(first)}, first, first},
		"both vanish": {nil, time.Time{}, time.Time{}},
	} {
		var all []incident.Omitted
		if c.ends != nil {
			want.From, want.Until = c.from, c.until
			all = []incident.Omitted{want}
		}
		if diff := cmp.Diff(all, count.between(c.ends)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
