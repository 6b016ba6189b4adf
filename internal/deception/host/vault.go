package host

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"
)

// Sealer seals what an attacker left; *capture.Sealer does.
type Sealer interface {
	Seal(aad string, plain []byte) []byte
	Open(aad string, sealed []byte) ([]byte, error)
}

// Files is a Vault in a folder: one sealed file for a decky and an attacker.
type Files struct {
	dir    string
	sealer Sealer
	most   int64 // bytes of all files together
	sync   func(*os.File) error
	grown  atomic.Int64 // bytes that were written since that was looked after
}

// MaxSnapshot bounds what is kept of one attacker on one decky, in bytes.
const MaxSnapshot = 96 << 20

// OpenFiles makes the folder, readable by its owner only. All machines together
// are kept to about most bytes.
func OpenFiles(dir string, s Sealer, most int64) (*Files, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of machines: %w", err)
	}
	return &Files{dir: dir, sealer: s, most: most, sync: (*os.File).Sync}, nil
}

// path names the file of a decky and an attacker, and what ties its contents to
// the two.
func (f *Files) path(decky string, who netip.Prefix) (path, aad string) {
	aad = "machine:" + decky + ":" + who.String()
	sum := sha256.Sum256([]byte(aad))
	return filepath.Join(f.dir, hex.EncodeToString(sum[:16])), aad
}

// Kept implements Vault.
func (f *Files) Kept(decky string, who netip.Prefix) bool {
	path, _ := f.path(decky, who)
	_, err := os.Lstat(path)
	return err == nil
}

// Load implements Vault.
func (f *Files) Load(decky string, who netip.Prefix) ([]byte, error) {
	path, aad := f.path(decky, who)
	sealed, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a machine: %w", err)
	}
	return f.sealer.Open(aad, sealed)
}

// Save implements Vault. A crash leaves the old file or the new one.
func (f *Files) Save(decky string, who netip.Prefix, snapshot []byte) error {
	if len(snapshot) > MaxSnapshot {
		return fmt.Errorf("keeping a machine: %d bytes are more than %d", len(snapshot), MaxSnapshot)
	}
	path, aad := f.path(decky, who)
	sealed := f.sealer.Seal(aad, snapshot)
	if err := f.replace(path, sealed); err != nil {
		return fmt.Errorf("keeping a machine: %w", err)
	}
	if f.grown.Add(int64(len(sealed))) > f.most/8 { // nobody waits for the hour to fill the disk
		return f.Expire(time.Time{})
	}
	return nil
}

// replace writes another file first, which is on the disk before it takes the name:
// otherwise a power cut leaves the name with nothing behind it. That the name is on
// the disk, too, is not waited for: until then it is the old file's.
func (f *Files) replace(path string, data []byte) error {
	fresh, err := os.OpenFile(path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = fresh.Write(data)
	if err == nil {
		err = f.sync(fresh)
	}
	if err = errors.Join(err, fresh.Close()); err != nil {
		return errors.Join(err, os.Remove(fresh.Name()))
	}
	return os.Rename(fresh.Name(), path)
}

// Expire deletes machines whose attackers did not come since a time, and the
// oldest until all together are no more than they may be.
func (f *Files) Expire(before time.Time) error {
	f.grown.Store(0)
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return fmt.Errorf("looking through machines: %w", err)
	}
	var all []fs.FileInfo
	for _, e := range entries {
		if i, err := e.Info(); err == nil && i.Mode().IsRegular() {
			all = append(all, i)
		}
	}
	return f.drop(tooMany(all, before, f.most))
}

// tooMany are the files that go: the old ones, then the oldest of the others.
func tooMany(all []fs.FileInfo, before time.Time, most int64) (out []fs.FileInfo) {
	slices.SortFunc(all, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	var sum int64
	for _, i := range all {
		if sum += i.Size(); i.ModTime().Before(before) || sum > most {
			out = append(out, i)
		}
	}
	return out
}

func (f *Files) drop(all []fs.FileInfo) error {
	var errs []error
	for _, i := range all {
		errs = append(errs, os.Remove(filepath.Join(f.dir, i.Name())))
	}
	return errors.Join(errs...)
}
