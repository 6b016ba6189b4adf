package config

import (
	"strings"
	"testing"
)

func TestAnomalyLimitsAreChecked(t *testing.T) {
	for text, want := range map[string]string{
		"brute_force: {ip: -1}":               "anomaly.brute_force.ip: -1 is not between 0 and 60000",
		"path_traversal: {subnet: 60001}":     "anomaly.path_traversal.subnet: 60001 is not between 0 and 60000",
		"brute_force: {window_seconds: 0}":    "anomaly.brute_force.window_seconds: 0 is not between 1 and 3600",
		"brute_force: {window_seconds: 3601}": "anomaly.brute_force.window_seconds: 3601",
		"brute_force: {severity: info}":       "info alarms nobody",
		"weather: {ip: 1}":                    "weather",
	} {
		if _, err := Parse([]byte("data: {dir: /d}\nanomaly:\n  "+text+"\n"), nothing); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	c, err := Parse([]byte("data: {dir: /d}\nanomaly:\n  brute_force: {ip: 5, user: 0, window_seconds: 60, severity: critical}\n"), nothing)
	if err != nil {
		t.Fatal(err)
	}
	if l := c.Anomaly.Limits()["brute_force"]; *l.IP != 5 || *l.User != 0 || *l.Window != 60 || l.Subnet != nil || l.Severity.String() != "critical" {
		t.Errorf("%+v", l)
	}
}
