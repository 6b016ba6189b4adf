package config

import (
	"strings"
	"testing"
	"time"
)

func TestTheEgressSectionIsOffWhenAFileLeavesItOut(t *testing.T) {
	c, err := Parse([]byte("data: {dir: /d}\n"), nothing)
	if err != nil || c.Egress != nil {
		t.Errorf("got %+v, %v", c.Egress, err)
	}
	c, err = Default("/d", nothing)
	if err != nil {
		t.Fatal(err)
	}
	if e := c.Egress; e == nil || e.Listen != "127.0.0.1:8421" || e.LogDir != "/d/egress" || e.Policy != "/d/egress/policy.yaml" {
		t.Errorf("without a file it is %+v", e)
	}
}

func TestEgressDefaultsAndLimits(t *testing.T) {
	c, err := Parse([]byte("data: {dir: /d}\negress:\n  listen: 127.0.0.1:9000\n  retention: {days: 0, size_mb: 5}\n"), nothing)
	if err != nil {
		t.Fatal(err)
	}
	r := c.Egress.Retention
	if c.Egress.Listen != "127.0.0.1:9000" || r.Keep() != 0 || r.Bytes() != 5<<20 || (EgressRetention{}).Keep() != 90*24*time.Hour {
		t.Errorf("got %+v", c.Egress)
	}
	for text, want := range map[string]string{
		"listen: here":           `egress.listen: "here" is not HOST:PORT`,
		"listen: ':8421'":        "opens the gateway to every network",
		"listen: 127.0.0.1:http": "the port is not a number",
		"retention: {days: -1}":  "egress.retention.days: -1 is not between",
		"limits: {clients: -1}":  "egress.limits.clients: -1 is not between",
		"dlp: true":              "unknown field",
	} {
		_, err := Parse([]byte("egress:\n  "+text+"\n"), nothing)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
