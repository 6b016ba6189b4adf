package app

import (
	"testing"

	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/event"
)

// What enters quarantine, by what stands in leak.policy and in the policy of a
// source.
func TestPolicies(t *testing.T) {
	const all = "sources: [{id: a, kind: dir, path: /x"
	type bars map[event.Severity]float64 // the least confidence of each; 2: never
	tests := map[string]struct {
		leak string
		want bars
	}{
		"default":                       {all + "}]", bars{event.Info: 2, event.Low: 0.5, event.High: 0.5, event.Critical: 0.5}},
		"bars of severities":            {"policy: {confidence: {critical: 0.3, high: 0.6}}\n  " + all + "}]", bars{event.Medium: 0.5, event.High: 0.6, event.Critical: 0.3}},
		"beside min_severity":           {"policy: {min_severity: high, confidence: {low: 0}}\n  " + all + "}]", bars{event.Low: 2, event.Medium: 2, event.High: 0.5}},
		"a source's severity":           {"policy: {min_severity: high}\n  " + all + ", policy: {min_severity: low}}]", bars{event.Info: 2, event.Low: 0.5}},
		"a source's confidence":         {"policy: {confidence: {critical: 0.3}}\n  " + all + ", policy: {min_confidence: 0.9}}]", bars{event.Critical: 0.9, event.Low: 0.9}},
		"a source's bar of a severity":  {"policy: {confidence: {critical: 0.3}}\n  " + all + ", policy: {confidence: {high: 0.1}}}]", bars{event.Critical: 0.3, event.High: 0.1, event.Low: 0.5}},
		"a source's bar, its own other": {all + ", policy: {min_confidence: 0.9, confidence: {high: 0.1}}}]", bars{event.Critical: 0.9, event.High: 0.1}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := config.Parse([]byte("leak:\n  "+tt.leak+"\n"), func(string) (string, bool) { return "", false })
			if err != nil {
				t.Fatal(err)
			}
			p := overrideOf(c.Leak.Sources[0].Policy)(policyOf(c.Leak))
			for severity, bar := range tt.want {
				if bar <= 1 && !p.Withholds(severity, bar) || bar > 0 && p.Withholds(severity, bar-0.001) && bar <= 1 || bar > 1 && p.Withholds(severity, 1) {
					t.Errorf("%s does not begin at %v: %+v", severity, bar, p)
				}
			}
		})
	}
}
