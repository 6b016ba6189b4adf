package app

import (
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/config"
)

// A key that is none is refused, whatever its length, and not shown.
func TestEncryptionKeysOfCores(t *testing.T) {
	good := strings.Repeat("0a", 32)
	for name, tt := range map[string]struct {
		value string
		ok    bool
	}{
		"good": {good, true}, "empty": {"", false}, "a digit less": {good[1:], false}, "a digit more": {good + "0", false}, "a byte more": {good + "0b", false},
		"very long": {strings.Repeat(good, 1000), false}, "no hex": {strings.Repeat("zz", 32), false},
	} {
		t.Setenv("A_CORES_KEY", tt.value)
		key, err := encryptionKey(config.SecretRef("env:A_CORES_KEY"))
		if tt.ok != (err == nil) || tt.ok != (key != nil) || err != nil && tt.value != "" && strings.Contains(err.Error(), tt.value[:min(len(tt.value), 8)]) {
			t.Errorf("%s: %v, %.200v", name, key, err)
		}
	}
	if key, err := encryptionKey(config.Secret{}); key != nil || err != nil {
		t.Errorf("none: %v, %v", key, err)
	}
}

// What a source of kind hypercore-peer is given is checked before anything is dialled.
func TestAPeerNeedsAKeyAndAnAddress(t *testing.T) {
	key := strings.Repeat("0a", 32)
	for path, ok := range map[string]bool{key + "@core.example:4977": true, key: false, "core.example:4977": false, key + "0b@core.example:4977": false} {
		if _, err := new(peerLinks).newSource(config.Source{Path: path}, nil); ok != (err == nil) {
			t.Errorf("%q: %v", path, err)
		}
	}
}

// Sources that read from the same address share a connection, before and after a reload.
func TestSourcesShareTheWayToAPeer(t *testing.T) {
	var links peerLinks
	one := links.link("core.example:4977")
	if links.link("core.example:4977") != one || links.link("core.example:4978") == one {
		t.Error("the same address is not the same link, or another is")
	}
}
