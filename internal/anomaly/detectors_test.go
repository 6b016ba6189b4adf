package anomaly

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	guard "go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/internal/event"
)

func TestWithoutLimitsTheDetectorsAreThoseOfTheLibrary(t *testing.T) {
	got, err := Detectors(nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(guard.Defaults(), got); diff != "" {
		t.Errorf("-library +here:\n%s", diff)
	}
}

func TestLimitsChangeDetectors(t *testing.T) {
	got, err := Detectors(map[string]Limits{
		"brute_force":    {IP: new(5), User: new(0), Window: new(time.Minute), Severity: new(event.Critical)},
		"path_traversal": {Subnet: new(3)},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := slices.DeleteFunc(guard.Defaults(), func(d guard.Detector) bool { return d.Type == guard.BruteForce || d.Type == guard.PathTraversal })
	brute := guard.Detector{Kind: guard.FailedAuth, Key: guard.BySource, Threshold: 5, Window: time.Minute, Type: guard.BruteForce, Severity: guard.Critical}
	wide := brute
	wide.Key, wide.Threshold = guard.BySubnet, 50
	climb := guard.Detector{Kind: guard.Traversal, Key: guard.BySource, Threshold: 1, Window: time.Minute, Type: guard.PathTraversal, Severity: guard.High}
	climbs := climb
	climbs.Key, climbs.Threshold = guard.BySubnet, 3
	want = slices.Insert(want, 0, brute, wide)
	want = slices.Insert(want, 3, climb, climbs)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestLimitsThatCannotBe(t *testing.T) {
	for want, l := range map[string]map[string]Limits{
		"anomaly.weather: ":            {"weather": {}},
		"anomaly.brute_force.ip: ":     {"brute_force": {IP: new(-1)}},
		"anomaly.brute_force.subnet: ": {"brute_force": {Subnet: new(60_001)}},
		"anomaly.brute_force.window: ": {"brute_force": {Window: new(2 * time.Hour)}},
	} {
		if _, err := Detectors(l); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
