//go:build servers && unix

package hostkey

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/testdebian"
)

// ssh-keygen reads the private keys and derives from each the public key that stands
// beside it, with the comment that Debian's package writes. What it would write itself is
// the same to the byte.
func TestOpenSSHReadsTheFiles(t *testing.T) {
	keygen := testdebian.Program(t, "openssh-client", "ssh-keygen")
	for _, decky := range []string{"a", "bb", "ccc"} {
		p, err := persona.New(decky, "linux-server", [persona.SeedSize]byte{7}, time.Now(), persona.Given{})
		if err != nil {
			t.Fatal(err)
		}
		all, err := New(p).All()
		if err != nil {
			t.Fatal(err)
		}
		for i, kind := range []string{"rsa", "ecdsa", "ed25519"} {
			path := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(path, []byte(all[i].File(p)), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(keygen, "-y", "-f", path).CombinedOutput()
			if err != nil || string(out) != all[i].Public(p) {
				t.Errorf("%s of %s: ssh-keygen says %s, %v; want %s", kind, decky, out, err, all[i].Public(p))
			}
			rewritten(t, keygen, path, all[i].File(p))
		}
	}
}

// rewritten has ssh-keygen write the key again: another check number is all that may
// differ, so the length is the same and so is all before it.
func rewritten(t *testing.T, keygen, path, want string) {
	t.Helper()
	if out, err := exec.Command(keygen, "-p", "-N", "", "-P", "", "-f", path).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(strings.TrimPrefix(want, "-----"), "\n")
	if len(got) != len(want) || !strings.Contains(string(got), line) || string(got)[:120] != want[:120] {
		t.Errorf("ssh-keygen writes it otherwise:\n%s\nwant\n%s", got, want) // a made-up decky's key
	}
}
