package config

import (
	"net"
	"testing"
)

// Without a configuration everything is on loopback, and nobody is warned.
func TestTheDefaultIsOnLoopback(t *testing.T) {
	c, err := Default("/srv/cordon", env())
	if err != nil {
		t.Fatal(err)
	}
	host, _, err := net.SplitHostPort(c.API.Listen)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() || c.Bus.URL != "" || len(c.Warnings) > 0 {
		t.Errorf("api.listen = %q, bus.url = %q, warnings = %q, %v", c.API.Listen, c.Bus.URL, c.Warnings, err)
	}
}

// data.dir is a key of the file like any other, and everything follows it.
func TestDataDirIsAKey(t *testing.T) {
	c, err := Parse([]byte("data: {dir: /mnt/x}\n"), env())
	if err != nil || c.Data.Dir != "/mnt/x" || c.Store.URL != "sqlite:/mnt/x/cordon.db" {
		t.Errorf("data.dir = %q, store.url = %q, %v", c.Data.Dir, c.Store.URL, err)
	}
	c, err = Parse([]byte("data: {dir: /mnt/x}\n"), env("CORDON_DATA_DIR", "/mnt/y"))
	if err != nil || c.Data.Dir != "/mnt/y" {
		t.Errorf("data.dir = %q, %v, want what the environment says", c.Data.Dir, err)
	}
}
