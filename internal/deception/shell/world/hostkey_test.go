package world

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"go.cordon.dev/cordon/internal/deception/service/ssh/hostkey"
)

// The keys in /etc/ssh are those that the SSH service signs with, private ones too: an
// attacker who asks ssh-keygen what a private key's public half is gets the one beside it.
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
		private, err := ssh.ParsePrivateKey([]byte(content(t, v, strings.TrimSuffix(name, ".pub"))))
		if err != nil {
			t.Fatalf("%s: the private key beside it: %v", name, err)
		}
		if !bytes.Equal(private.PublicKey().Marshal(), keys[i].Blob) {
			t.Errorf("%s: the private key beside it is another's", name)
		}
		if info, err := v.Stat(name); err != nil || info.Size != int64(len(text)) {
			t.Errorf("%s has %d bytes; stat says %d, %v", name, len(text), info.Size, err)
		}
	}
}
