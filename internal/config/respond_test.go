package config

import (
	"fmt"
	"strings"
	"testing"
)

func TestWhatIsNeverBlockedIsChecked(t *testing.T) {
	for text, want := range map[string]string{
		"never: [office]":          `respond.never[0]: "office" is no network such as 10.0.0.0/8`,
		"never: [192.0.2.7/24]":    "respond.never[0]",
		"always: [203.0.113.0/24]": "always",
	} {
		if _, err := Parse([]byte("data: {dir: /d}\nrespond: {"+text+"}\n"), nothing); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestProxiesAreSparedWithWhatIsNeverBlocked(t *testing.T) {
	c, err := Parse([]byte("data: {dir: /d}\napi: {trusted_proxies: [\"::ffff:198.51.100.1\"]}\nrespond: {never: [203.0.113.0/24, \"2001:db8::1\"]}\n"), nothing)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(c.Spared()); got != "[203.0.113.0/24 2001:db8::1/128 198.51.100.1/32]" || c.Respond.BlockPrivate {
		t.Errorf("%s", got)
	}
}
