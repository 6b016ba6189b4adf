package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/redact"
)

// SetupLife is how long a setup link is good for.
const SetupLife = 15 * time.Minute

// SetupFile is the name of the file in the data directory that holds the link.
const SetupFile = "setup-link"

// ErrSetupToken says that a setup link's token is wrong, used or too old.
var ErrSetupToken = errors.New("setup link is wrong, used or older than 15 minutes; restart cordon serve for a new one, or run: cordon user add NAME --role admin")

// Setup is the one-time link by which the first administrator is made. Its
// token is written to a file that only the owner of the data directory can
// read, is never logged, and is kept in memory as a hash.
type Setup struct {
	path  string
	base  string
	clock clock.Clock

	mu      sync.Mutex
	hash    [sha256.Size]byte
	expires time.Time     // zero: no link is open
	done    chan struct{} // closed when the open link is over
}

// NewSetup returns a Setup without an open link. dir is the data directory,
// baseURL how a browser reaches the server, such as http://127.0.0.1:8420.
func NewSetup(dir string, c clock.Clock, baseURL string) *Setup {
	return &Setup{path: filepath.Join(dir, SetupFile), base: strings.TrimSuffix(baseURL, "/"), clock: c}
}

// Open makes a link, writes it to the file, and returns it for the terminal;
// an earlier link is worth nothing any more. Call it only when there are no
// users.
func (s *Setup) Open() (redact.Secret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.close()
	token := base64.RawURLEncoding.EncodeToString(random(32))
	// In the fragment, the token stays out of access logs and referrers.
	link := s.base + "/setup#token=" + token
	if err := writeOnce(s.path, link+"\n"); err != nil {
		return redact.Secret{}, fmt.Errorf("writing setup link: %w", err)
	}
	s.hash, s.expires, s.done = sha256.Sum256([]byte(token)), s.clock.Now().Add(SetupLife), make(chan struct{})
	return redact.NewSecret(link), nil
}

// writeOnce replaces whatever has the name by a new file for the owner alone.
// O_EXCL fails on anything that is there, a symbolic link too, so nothing
// outside the directory can be written through it.
func writeOnce(path, content string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(content)
	return errors.Join(err, f.Close())
}

// Redeem runs create when the token is right, and closes the link when create
// succeeds. Of several callers one gets through. It returns ErrSetupToken when
// the token is wrong, used or too old.
func (s *Setup) Redeem(token string, create func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.good(token) {
		return ErrSetupToken
	}
	if err := create(); err != nil {
		return err
	}
	s.close()
	return nil
}

func (s *Setup) good(token string) bool {
	if s.expires.IsZero() {
		return false
	}
	if !s.clock.Now().Before(s.expires) {
		s.close()
		return false
	}
	sum := sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(sum[:], s.hash[:]) == 1
}

// Run removes the link when its time is up, when it was used, or when ctx
// ends. It returns at once when no link is open.
func (s *Setup) Run(ctx context.Context) error {
	s.mu.Lock()
	done, left := s.done, s.expires.Sub(s.clock.Now())
	s.mu.Unlock()
	if done == nil {
		return nil
	}
	select {
	case <-done:
		return nil
	case <-s.clock.After(left):
	case <-ctx.Done():
	}
	s.Close()
	return nil
}

// Close removes the link.
func (s *Setup) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.close()
}

func (s *Setup) close() {
	if s.done == nil {
		return
	}
	// A file that cannot be removed holds a token that is worth nothing.
	_ = os.Remove(s.path)
	close(s.done)
	s.done, s.expires, s.hash = nil, time.Time{}, [sha256.Size]byte{}
}
