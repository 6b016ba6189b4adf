package leak_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/redact"
)

// The hash of a whole message is keyed: from a bare one, the secret in a short
// message could be guessed offline. No bare hash of message or secret is handed
// on, whatever it might be called.
func TestTheHashOfAMessageIsKeyed(t *testing.T) {
	r := newRig(t, leak.Policy{})
	text := `{"type":"t","data":"` + aws() + `"}`
	r.watch(t, entries(text), leak.Filter{})
	ring, err := redact.NewKeyring(bytes.Repeat([]byte{7}, redact.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	q := r.quarantine()[0]
	if q.FullContentHash != ring.MessageHash([]byte(text)) || q.Fingerprint != ring.Fingerprint([]byte(aws())) {
		t.Errorf("hash %s and fingerprint %s are not those under the key", q.FullContentHash, q.Fingerprint)
	}
	said := r.said(t)
	for _, bare := range []string{text, aws()} {
		sum := sha256.Sum256([]byte(bare))
		for _, form := range []string{hex.EncodeToString(sum[:]), base64.StdEncoding.EncodeToString(sum[:])} {
			if strings.Contains(said, form) {
				t.Errorf("the bare hash %s was handed on", form)
			}
		}
	}
}
