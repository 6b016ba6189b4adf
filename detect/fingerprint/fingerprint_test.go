package fingerprint_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"go.cordon.dev/cordon/detect/fingerprint"
	"go.cordon.dev/cordon/internal/redact"
)

func TestValuesAreThoseOfTheServer(t *testing.T) {
	raw := bytes.Repeat([]byte{7}, fingerprint.Size)
	ring, err := redact.NewKeyring(raw)
	if err != nil {
		t.Fatal(err)
	}
	key, err := fingerprint.New(raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "a", strings.Repeat("long ", 1000)} {
		if got, want := key.Secret([]byte(text)), ring.Fingerprint([]byte(text)); got != want {
			t.Errorf("fingerprint %s, the server's %s", got, want)
		}
		if got, want := key.Message([]byte(text)), ring.MessageHash([]byte(text)); got != want {
			t.Errorf("message hash %s, the server's %s", got, want)
		}
	}
	if key.ID() != ring.KeyID() {
		t.Errorf("key id %s, the server's %s", key.ID(), ring.KeyID())
	}
}

func TestParse(t *testing.T) {
	raw := bytes.Repeat([]byte{0xfb}, fingerprint.Size)
	want, err := fingerprint.New(raw)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		text string
		ok   bool
	}{
		"hex":           {hex.EncodeToString(raw) + "\n", true},
		"base64":        {base64.StdEncoding.EncodeToString(raw), true},
		"base64 of URL": {" " + base64.RawURLEncoding.EncodeToString(raw), true},
		"too short":     {hex.EncodeToString(raw[:31]), false},
		"nothing":       {"", false},
		"words":         {"correct horse battery staple", false},
	}
	for name, tt := range tests {
		key, err := fingerprint.Parse(tt.text)
		switch {
		case (err == nil) != tt.ok:
			t.Errorf("%s: error %v", name, err)
		case tt.ok && key.ID() != want.ID():
			t.Errorf("%s: another key", name)
		case !tt.ok && tt.text != "" && strings.Contains(err.Error(), tt.text):
			t.Errorf("%s: the error quotes the text", name)
		}
	}
}

func TestRandomKeysDiffer(t *testing.T) {
	a, errA := fingerprint.Random()
	b, errB := fingerprint.Random()
	if errA != nil || errB != nil || a.Secret(nil) == b.Secret(nil) {
		t.Errorf("two random keys make the same value, or none: %v, %v", errA, errB)
	}
}

func TestAKeyIsNotPrinted(t *testing.T) {
	raw := bytes.Repeat([]byte("k"), fingerprint.Size)
	key, err := fingerprint.New(raw)
	if err != nil {
		t.Fatal(err)
	}
	marshalled, err := json.Marshal(struct{ K *fingerprint.Key }{key})
	if err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{fmt.Sprintf("%v %+v %#v %s %x", key, key, key, key, key), fmt.Sprintf("%#v", struct{ k *fingerprint.Key }{key}), string(marshalled)} {
		if strings.Contains(said, string(raw[:8])) || strings.Contains(said, hex.EncodeToString(raw[:8])) || strings.Contains(said, "107, 107") {
			t.Errorf("the key is shown: %s", said)
		}
	}
}
