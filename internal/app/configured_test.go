package app

import (
	"io"
	"log/slog"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/config"
)

func noEnv(string) (string, bool) { return "", false }

func configured(t *testing.T, yaml string) (*node, api.Configuration) {
	t.Helper()
	c, err := config.Parse([]byte(yaml), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	n := newNode(c, slog.New(slog.DiscardHandler), io.Discard)
	got, err := n.Configuration()
	if err != nil {
		t.Fatal(err)
	}
	return n, got
}

func TestTheConfigurationFillsInTheDefaults(t *testing.T) {
	_, c := configured(t, "leak: {}\n")
	if want := (api.Retention{Events: 90, Findings: 365, Quarantine: 365, Deliveries: 30}); c.Retention != want {
		t.Errorf("retention is %+v, want %+v", c.Retention, want)
	}
	if c.Limits.RequestsPerSecond != 50 || c.Limits.RequestBurst != 200 {
		t.Errorf("limits are %+v", c.Limits)
	}
}

func TestTheConfigurationAsTheFileSays(t *testing.T) {
	_, c := configured(t, "store: {retention: {events: 0, findings: 7}}\napi: {rate_limit: {per_second: 5, burst: 9}}\n")
	if c.Retention.Events != 0 || c.Retention.Findings != 7 || c.Limits.RequestsPerSecond != 5 || c.Limits.RequestBurst != 9 {
		t.Errorf("the configuration is %+v", c)
	}
}

func TestTheConfigurationShowsNoSecret(t *testing.T) {
	_, c := configured(t, `
store: {url: "postgres://u:hunter2@db/x"}
bus: {url: "nats://u:hunter2@bus:4222"}
notify: {webhooks: [{id: a, url: "https://h/T000/hunter2", secret: hunter2, topics: [">"]}]}
`)
	if strings.Contains(c.YAML, "hunter2") || !strings.Contains(c.YAML, "[redacted]") {
		t.Errorf("the configuration is shown as\n%s", c.YAML)
	}
	if strings.Contains(strings.Join(c.Warnings, " "), "hunter2") || len(c.Warnings) == 0 {
		t.Errorf("warnings are %q", c.Warnings)
	}
}

func TestTheConfigurationIsTheOneInForce(t *testing.T) {
	n, before := configured(t, "log: {level: info}\n")
	now, err := config.Parse([]byte("log: {level: debug}\n"), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	n.reloader.now = now
	after, err := n.Configuration()
	if err != nil || after.YAML == before.YAML || !strings.Contains(after.YAML, "debug") {
		t.Errorf("after a reload it is shown as\n%s, %v", after.YAML, err)
	}
}
