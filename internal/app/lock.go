package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// errLocked says that another process works on the data directory.
var errLocked = errors.New("the data directory is in use")

// lockWait is how long a start waits for a short-lived command (user add, say)
// to let go of the data directory.
const lockWait = 3 * time.Second

// lockDir makes the data directory and takes its lock, so that two servers
// never share one.
func lockDir(dir string) (*flock.Flock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making data directory: %w; give another one as --data", err)
	}
	lock := flock.New(filepath.Join(dir, "cordon.lock"), flock.SetPermissions(0o600))
	for deadline := time.Now().Add(lockWait); ; time.Sleep(50 * time.Millisecond) {
		ok, err := lock.TryLock()
		if err != nil {
			return nil, fmt.Errorf("locking data directory: %w", err)
		}
		if ok {
			return lock, nil
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%w: another cordon runs on %s; stop it, or give another --data", errLocked, dir)
		}
	}
}
