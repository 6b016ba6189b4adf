package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A bus's URL may hold a password or, in place of the user, a token: neither is
// printed, named in an error, or named in a warning.
func TestTheBussCredentialsAreShownNowhere(t *testing.T) {
	for _, c := range []struct{ url, shown string }{
		{"nats://127.0.0.1:4222", "nats://127.0.0.1:4222"},
		{"nats://ada:hunter2@127.0.0.1:4222", "nats://xxxxx@127.0.0.1:4222"},
		{"nats://hunter2@a:4222, tls://ada:hunter2@b:4222", "nats://xxxxx@a:4222,tls://xxxxx@b:4222"},
	} {
		cfg := parsed(t, "bus: {url: '"+c.url+"'}")
		b, err := cfg.Print()
		if err != nil || !strings.Contains(string(b), "url: "+c.shown+"\n") || strings.Contains(string(b), "hunter2") {
			t.Errorf("%s is printed as\n%s%v", c.url, b, err)
		}
		if strings.Contains(strings.Join(cfg.Warnings, ""), "hunter2") || (len(cfg.Warnings) > 0) != strings.Contains(c.url, "hunter2") {
			t.Errorf("warnings %q", cfg.Warnings)
		}
	}
	for _, bad := range []string{"http://ada:hunter2@x", "nats://ada:hunter2@x:port", "nats://ada:hunter2@a:1,ada:hunter2@b:2"} {
		if _, err := Parse([]byte("bus: {url: '"+bad+"'}"), env()); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: error %v", bad, err)
		}
	}
}

func TestTheBussURLMayBeAReference(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bus")
	if err := os.WriteFile(file, []byte("nats://ada:hunter2@127.0.0.1:4222\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := parsed(t, "bus: {url: 'file:"+file+"'}")
	if cfg.Bus.URL != "nats://ada:hunter2@127.0.0.1:4222" || len(cfg.Warnings) > 0 {
		t.Errorf("bus.url is read wrongly, or warned of: %q", cfg.Warnings)
	}
	if b, err := cfg.Print(); err != nil || !strings.Contains(string(b), "file:"+file) || strings.Contains(string(b), "hunter2") {
		t.Errorf("printed\n%s%v", b, err)
	}
	if _, err := Parse([]byte("bus: {url: 'file:/there/is/none'}"), env()); err == nil || !strings.Contains(err.Error(), "bus.url") {
		t.Errorf("error %v", err)
	}
}
