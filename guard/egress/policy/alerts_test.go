package policy_test

import (
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

func TestAlerts(t *testing.T) {
	for doc, want := range map[string]policy.Alerts{
		"mode: strict": {Blocked: 100, Window: 5 * time.Minute, Baseline: true},
		"alerts: {thresholds: {blocked_requests: 20, window_seconds: 60}}":   {Blocked: 20, Window: time.Minute, Baseline: true},
		"alerts: {thresholds: {blocked_requests: 0}, baseline: false}":       {Window: 5 * time.Minute},
		"alerts: {enabled: false, thresholds: {blocked_requests: 1}}":        {},
		"alerts: {channels: [console], thresholds: {data_leak_attempts: 1}}": {Blocked: 100, Window: 5 * time.Minute, Baseline: true},
	} {
		if got := parse(t, doc).Settings().Alerts; got != want {
			t.Errorf("%s: %+v, want %+v", doc, got, want)
		}
	}
}

func TestWhatAnOlderFileWantsToBeToldOfIsListed(t *testing.T) {
	var keys []string
	for _, u := range parse(t, "alerts: {channels: [console], thresholds: {data_leak_attempts: 1, blocked_requests: 5}}").Unsupported() {
		keys = append(keys, u.Key)
	}
	if got := strings.Join(keys, " "); got != "alerts.thresholds.data_leak_attempts alerts.channels" {
		t.Errorf("listed: %s", got)
	}
}

func TestThresholdsThatAreNone(t *testing.T) {
	for doc, want := range map[string]string{
		"alerts: {thresholds: {blocked_requests: many}}": "line 1: alerts.thresholds.blocked_requests: is no whole number from 0 to 1000000; without this key it is 100",
		"alerts: {thresholds: {blocked_requests: -1}}":   "is no whole number",
		"alerts: {thresholds: {window_seconds: 1}}":      "line 1: alerts.thresholds.window_seconds: is no whole number from 10 to 86400; without this key it is 300",
		"alerts: {baseline: 3}":                          "line 1: alerts.baseline: is no true or false",
	} {
		if _, err := policy.Parse([]byte(doc)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", doc, err, want)
		}
	}
}
