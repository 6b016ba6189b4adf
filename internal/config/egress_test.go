package config

import (
	"fmt"
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
	if e := c.Egress; e == nil || e.Listen != "127.0.0.1:8421" || e.LogDir != "/d/egress" || e.Policy != "/d/egress/policy.yaml" || e.DNS == nil || e.DNS.Listen != "127.0.0.1:8453" || e.Transparent.Listen != "" {
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
		"listen: here":                   `egress.listen: "here" is not HOST:PORT`,
		"listen: ':8421'":                "opens the gateway to every network",
		"listen: 127.0.0.1:http":         "the port is not a number",
		"retention: {days: -1}":          "egress.retention.days: -1 is not between",
		"limits: {clients: -1}":          "egress.limits.clients: -1 is not between",
		"dlp: true":                      "unknown field",
		"dns: {listen: ':53'}":           "egress.dns.listen",
		"dns: {upstream: [dns.example]}": `egress.dns.upstream: "dns.example" is neither ADDRESS`,
		"dns: {upstream: ['9.9.9.9:0']}": "egress.dns.upstream",
		"dns: {synthetic: [198.18.0.0]}": `egress.dns.synthetic: "198.18.0.0" is no range`,
		"transparent: {listen: nowhere}": "egress.transparent.listen",
	} {
		_, err := Parse([]byte("egress:\n  "+text+"\n"), nothing)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestTheNameServersThatAreAsked(t *testing.T) {
	c, err := Parse([]byte("egress:\n  dns:\n    upstream: [9.9.9.9, '1.1.1.1:5353', '2620:fe::fe', '[2620:fe::9]:53']\n    synthetic: [198.18.0.0/15]\n"), nothing)
	if err != nil {
		t.Fatal(err)
	}
	servers, err := c.Egress.DNS.Servers()
	if got := fmt.Sprint(servers); err != nil || got != "[9.9.9.9:53 1.1.1.1:5353 [2620:fe::fe]:53 [2620:fe::9]:53]" {
		t.Errorf("%s %v", got, err)
	}
	if ranges, err := c.Egress.DNS.Ranges(); err != nil || len(ranges) != 1 || c.Egress.DNS.Listen != DefaultEgressDNS {
		t.Errorf("%v %v", ranges, err)
	}
	if c, err = Parse([]byte("egress: {listen: '127.0.0.1:0'}\n"), nothing); err != nil || c.Egress.DNS != nil {
		t.Errorf("a file that does not speak of it gets %+v, %v", c.Egress.DNS, err)
	}
}
