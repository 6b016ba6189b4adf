package world

import (
	"bytes"
	"testing"

	"golang.org/x/crypto/ssh"

	"go.cordon.dev/cordon/internal/deception/service/ssh/hostkey"
)

// The public keys in /etc/ssh are those that the SSH service signs with.
func TestHostKeysAreTheServices(t *testing.T) {
	p := who(t, "a", "linux-server")
	keys, err := hostkey.New(p).All()
	if err != nil {
		t.Fatal(err)
	}
	v := look(t, p)
	for i, kind := range []string{"rsa", "ecdsa", "ed25519"} {
		name := "/etc/ssh/ssh_host_" + kind + "_key.pub"
		text := content(t, v, name)
		key, comment, _, _, err := ssh.ParseAuthorizedKey([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(key.Marshal(), keys[i].Blob) || comment != "root@"+p.Hostname {
			t.Errorf("%s is another key: %s", name, text)
		}
		if info, err := v.Stat(name); err != nil || info.Size != int64(len(text)) {
			t.Errorf("%s has %d bytes; stat says %d, %v", name, len(text), info.Size, err)
		}
	}
}
