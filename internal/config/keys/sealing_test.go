package keys

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/config"
)

// Nodes that share a database open each other's webhooks: the key that seals
// them can be given to all.
func TestNodesThatAreGivenOneSealingKeyOpenEachOthersSecrets(t *testing.T) {
	shared := filepath.Join(t.TempDir(), "sealing.key")
	if err := os.WriteFile(shared, []byte(strings.Repeat("0a", 32)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	open := func(c config.Fingerprint) (*Keys, string) {
		t.Helper()
		dir := t.TempDir()
		k, err := Open(dir, c)
		if err != nil {
			t.Fatal(err)
		}
		return k, filepath.Join(dir, Dir, "master.key")
	}
	given := config.Fingerprint{SealingKey: config.SecretRef("file:" + shared)}
	one, file := open(given)
	two, _ := open(given)
	alone, _ := open(config.Fingerprint{})
	sealed, err := one.Sealer.Seal([]byte("whsec"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := two.Sealer.Open(sealed); err != nil || string(plain) != "whsec" {
		t.Errorf("the other node opens %q, %v", plain, err)
	}
	if _, err := alone.Sealer.Open(sealed); err == nil {
		t.Error("a node with a key of its own opens it")
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("a key was made although one is given: %v", err)
	}
	if _, err := Open(t.TempDir(), config.Fingerprint{SealingKey: config.SecretRef("file:" + shared + ".none")}); err == nil || !strings.Contains(err.Error(), "master key") {
		t.Errorf("error %v for a key that is not there", err)
	}
}
