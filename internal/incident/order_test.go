package incident

import (
	"slices"
	"testing"

	"go.cordon.dev/cordon/internal/event"
)

func TestRanksPutWhatIsOpenFirst(t *testing.T) {
	var all []Rank
	for _, i := range []Incident{
		{State: Triggered, Severity: event.Critical}, {State: Acknowledged, Severity: event.High}, {State: Triggered, Severity: event.Info},
		{State: Resolved, Severity: event.Critical}, {State: Ignored, Severity: event.Low},
	} {
		r := i.Rank()
		if r.Severity() != i.Severity || !slices.Contains(r.States(), i.State) {
			t.Errorf("rank %d is of %s, %v; the incident is %s, %s", r, r.Severity(), r.States(), i.Severity, i.State)
		}
		all = append(all, r)
	}
	slices.Reverse(all)
	if !slices.IsSorted(all) || len(slices.Compact(all)) != 5 {
		t.Errorf("%v", all)
	}
	if got := (Filter{}).Ranks(); len(got) != 10 || !slices.IsSortedFunc(got, func(a, b Rank) int { return int(b - a) }) {
		t.Errorf("%v", got)
	}
	if got := (Filter{Severities: []event.Severity{event.Low, event.High}}).Ranks(); len(got) != 4 {
		t.Errorf("%v", got)
	}
}

func TestPlacesInListsOfIncidents(t *testing.T) {
	i := Incident{ID: "a-b", State: Triggered, Severity: event.High}
	if r, id, err := Gravest.ReadPlace(Gravest.PlaceOf(i)); err != nil || r != i.Rank() || id != "a-b" {
		t.Errorf("%d %q %v", r, id, err)
	}
	if _, id, err := Newest.ReadPlace(Newest.PlaceOf(i)); err != nil || id != "a-b" {
		t.Errorf("%q %v", id, err)
	}
	for _, made := range []string{"a-b", "x_a", "-1_a", "10_a", "9_", "9"} {
		if r, id, err := Gravest.ReadPlace(made); err == nil {
			t.Errorf("%q is read as %d %q", made, r, id)
		}
	}
}
