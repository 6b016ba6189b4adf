package backup

import (
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"

	"go.cordon.dev/cordon/internal/redact"
)

// MinPassphrase is the length of the shortest passphrase, in bytes: whoever has
// the file can guess as long as they like.
const MinPassphrase = 12

// keySuffix is how the names of key files end.
const keySuffix = ".key"

// The cost of deriving the sealing key (RFC 9106 recommends 64 MiB and three
// passes where memory is short), and the most that a file may ask for.
const (
	kdfMemory    = 64 << 10 // KiB
	kdfPasses    = 3
	kdfMaxMemory = 256 << 10
	kdfMaxPasses = 16
	saltSize     = 16
)

// ErrPassphrase says that the keys of a backup cannot be opened.
var ErrPassphrase = errors.New("the passphrase does not open the keys of the backup")

// KeyFile is a key of the installation: the name of its file below <data>/keys,
// and what that holds.
type KeyFile struct {
	Name    string
	Content redact.Secret
}

func names(keys []KeyFile) (out []string) {
	for _, k := range keys {
		out = append(out, k.Name)
	}
	return out
}

// ReadKeys reads the key files in a directory.
func ReadKeys(dir string) ([]KeyFile, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading keys: %w", err)
	}
	var keys []KeyFile
	for _, e := range entries {
		if !e.Type().IsRegular() || !strings.HasSuffix(e.Name(), keySuffix) {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading keys: %w", err)
		}
		keys = append(keys, KeyFile{e.Name(), redact.NewSecret(string(b))})
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("reading keys: there are none in %s", dir)
	}
	return keys, nil
}

// writeKeys puts key files into a directory. A file that is there already is
// left as it is; checkKeys has seen that it holds the same.
func writeKeys(dir string, keys []KeyFile) error {
	if len(keys) == 0 {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("writing keys: %w", err)
	}
	for _, k := range keys {
		f, err := os.OpenFile(filepath.Join(dir, k.Name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("writing keys: %w", err)
		}
		_, err = f.WriteString(k.Content.Reveal())
		if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
			return fmt.Errorf("writing keys: %w", err)
		}
	}
	return nil
}

// checkKeys refuses to restore beside other keys than those of the backup.
func checkKeys(dir string, keys []KeyFile) error {
	for _, k := range keys {
		if k.Name != filepath.Base(k.Name) || !strings.HasSuffix(k.Name, keySuffix) || strings.HasPrefix(k.Name, ".") {
			return damaged("it holds a key file of the name %q", k.Name)
		}
		path := filepath.Join(dir, k.Name)
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("looking at keys: %w", err)
		}
		if !redact.NewSecret(string(b)).Equal(k.Content) {
			return fmt.Errorf("%s is there and holds another key than the backup: restore into a new data directory, or move that file away", path)
		}
	}
	return nil
}

// sealed is the member that holds the keys: XChaCha20-Poly1305 under a key that
// argon2id makes of the passphrase.
type sealed struct {
	KDF    string `json:"kdf"` // argon2id
	Memory uint32 `json:"memory_kib"`
	Passes uint32 `json:"passes"`
	Salt   []byte `json:"salt"`
	Nonce  []byte `json:"nonce"`
	Box    []byte `json:"box"`
}

// purpose is authenticated with the box, so that it opens as nothing else.
const purpose = "cordon/backup/keys/v1"

func sealKeys(keys []KeyFile, passphrase redact.Secret) ([]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	if len(passphrase.Reveal()) < MinPassphrase {
		return nil, fmt.Errorf("the passphrase for the keys is shorter than %d characters", MinPassphrase)
	}
	plain := map[string]string{}
	for _, k := range keys {
		plain[k.Name] = k.Content.Reveal()
	}
	b, err := json.Marshal(plain)
	if err != nil {
		return nil, fmt.Errorf("sealing keys: %w", err)
	}
	s := sealed{KDF: "argon2id", Memory: kdfMemory, Passes: kdfPasses, Salt: random(saltSize), Nonce: random(chacha20poly1305.NonceSizeX)}
	aead, err := s.aead(passphrase)
	if err != nil {
		return nil, err
	}
	s.Box = aead.Seal(nil, s.Nonce, b, []byte(purpose))
	out, err := json.Marshal(s)
	return append(out, '\n'), err
}

func parseSealed(b []byte) (sealed, error) {
	var s sealed
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, damaged("its keys cannot be read: %v", err)
	}
	if s.KDF != "argon2id" || s.Memory < 8 || s.Memory > kdfMaxMemory || s.Passes < 1 || s.Passes > kdfMaxPasses ||
		len(s.Salt) < 8 || len(s.Salt) > 64 || len(s.Nonce) != chacha20poly1305.NonceSizeX {
		return s, damaged("its keys are sealed in a way that is not known")
	}
	return s, nil
}

func openKeys(b []byte, passphrase redact.Secret) ([]KeyFile, error) {
	s, err := parseSealed(b)
	if err != nil {
		return nil, err
	}
	aead, err := s.aead(passphrase)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, s.Nonce, s.Box, []byte(purpose))
	if err != nil {
		return nil, ErrPassphrase
	}
	var files map[string]string
	if err := json.Unmarshal(plain, &files); err != nil {
		return nil, damaged("its keys cannot be read")
	}
	var keys []KeyFile
	for name, content := range files {
		keys = append(keys, KeyFile{name, redact.NewSecret(content)})
	}
	return keys, nil
}

func (s sealed) aead(passphrase redact.Secret) (cipher.AEAD, error) {
	key := argon2.IDKey([]byte(passphrase.Reveal()), s.Salt, s.Passes, s.Memory, 1, chacha20poly1305.KeySize)
	a, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("sealing keys: %w", err)
	}
	return a, nil
}

// random returns n bytes of the system's generator, which never fails.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}
