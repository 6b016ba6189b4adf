package keys

import (
	"os"
	"path/filepath"
	"testing"

	"go.cordon.dev/cordon/internal/config"
)

// A key file is made new or not at all, as with O_EXCL: never through a link
// that someone has put in its place, and never over what is there.
func TestAKeyIsNotMadeThroughALink(t *testing.T) {
	for _, name := range []string{"fingerprint.key", "master.key"} {
		dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "elsewhere")
		if err := os.Mkdir(filepath.Join(dir, "keys"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(elsewhere, filepath.Join(dir, "keys", name)); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, config.Fingerprint{}); err == nil {
			t.Errorf("%s: a link was taken for the key", name)
		}
		if _, err := os.Lstat(elsewhere); !os.IsNotExist(err) {
			t.Errorf("%s was written through a link (%v)", name, err)
		}
	}
}
