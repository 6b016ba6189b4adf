package capture

import (
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// Blobs keeps the files that clients left: one folder for each day, in it each
// content once, named by its SHA-256 and sealed under a key of that day. The key
// lies beside, sealed under the installation's; without it nobody reads the day.
// It is safe for concurrent use.
type Blobs struct {
	dir    string
	sealer *Sealer
	most   int64 // bytes of all files together

	mu   sync.Mutex
	keys map[string]cipher.AEAD // by day
	size int64                  // of all files, in bytes; unmeasured until something is written
	by   map[netip.Prefix]int64 // bytes that attackers left since, by attacker
}

const (
	dayKeyName = "key"
	unmeasured = -1
)

// MaxBlobs is how many bytes Blobs keeps: whoever uploads for days does not fill
// the disk that everything else is on.
const MaxBlobs = 16 << 30

// One attacker takes at most this part of the room that is left, so that nobody fills
// it for all others; a small file always fits while there is room. Files of more
// attackers than are counted begin anew.
const (
	shareOfRoom = 8
	leastShare  = 1 << 20
	mostCounted = 65_536
)

// OpenBlobs makes the folder, readable by its owner only.
func OpenBlobs(dir string, s *Sealer) (*Blobs, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of evidence: %w", err)
	}
	return &Blobs{dir: dir, sealer: s, most: MaxBlobs, keys: map[string]cipher.AEAD{}, size: unmeasured, by: map[netip.Prefix]int64{}}, nil
}

// Write keeps a content that an attacker left and returns its SHA-256 in hex. What is
// there already is not written again. When it returns, the file would survive a power
// cut. The error is errNoRoom when MaxBlobs are kept already, or his part of them.
func (b *Blobs) Write(who netip.Prefix, day string, data []byte) (hash string, err error) {
	hash = hashOf(data)
	path := filepath.Join(b.dir, day, hash)
	if _, err := os.Lstat(path); err == nil {
		return hash, nil
	}
	key, err := b.key(day, true)
	if err != nil {
		return hash, fmt.Errorf("keeping an artifact: %w", err)
	}
	if err := b.reserve(who, int64(len(data))); err != nil {
		return hash, fmt.Errorf("keeping an artifact: %w", err)
	}
	if err := writeFile(path, seal(key, "blob:"+hash, data), os.Rename); err != nil {
		return hash, fmt.Errorf("keeping an artifact: %w", err)
	}
	return hash, nil
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

var errNoRoom = errors.New("there is no room left for files that attackers leave, until old ones expire")

// reserve counts a file that is about to be written. One that then is not is counted
// until a day expires.
func (b *Blobs) reserve(who netip.Prefix, bytes int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.size == unmeasured {
		size, err := b.measure()
		if err != nil {
			return err
		}
		b.size = size
	}
	his := b.by[who] + bytes
	if b.size+bytes > b.most || his > max((b.most-b.size)/shareOfRoom, leastShare) {
		return errNoRoom
	}
	if len(b.by) >= mostCounted {
		clear(b.by)
	}
	b.size, b.by[who] = b.size+bytes, his
	return nil
}

// measure adds up what is there.
func (b *Blobs) measure() (sum int64, err error) {
	err = filepath.WalkDir(b.dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			sum += info.Size()
		}
		return err
	})
	return sum, err
}

// Read returns a content. The error is ErrNoData when this node does not have it.
func (b *Blobs) Read(day, hash string) ([]byte, error) {
	if sum, err := hex.DecodeString(hash); err != nil || len(sum) != sha256.Size {
		return nil, ErrNoData
	}
	key, err := b.key(day, false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoData
	}
	if err != nil {
		return nil, fmt.Errorf("reading an artifact: %w", err)
	}
	sealed, err := os.ReadFile(filepath.Join(b.dir, day, hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoData
	}
	if err != nil {
		return nil, fmt.Errorf("reading an artifact: %w", err)
	}
	data, err := open(key, "blob:"+hash, sealed)
	if err != nil {
		return nil, fmt.Errorf("reading an artifact: its file was changed since it was written")
	}
	return data, nil
}

// key is a day's; with make it is made when there is none.
func (b *Blobs) key(day string, create bool) (cipher.AEAD, error) {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return nil, fs.ErrNotExist
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if k := b.keys[day]; k != nil {
		return k, nil
	}
	path := filepath.Join(b.dir, day, dayKeyName)
	sealed, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && create {
		if err := b.makeKey(day, path); err != nil {
			return nil, err
		}
		sealed, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, err
	}
	plain, err := b.sealer.Open("day:"+day, sealed)
	if err != nil {
		return nil, err
	}
	k, err := chacha20poly1305.NewX(plain)
	if err == nil {
		b.keys[day] = k
	}
	return k, err
}

// makeKey makes a day's key, unless another process was faster.
func (b *Blobs) makeKey(day, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	var key [chacha20poly1305.KeySize]byte
	_, _ = rand.Read(key[:]) // never fails (crypto/rand)
	err := writeFile(path, b.sealer.Seal("day:"+day, key[:]), os.Link)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// writeFile writes a file that is whole or not there: under another name first,
// which place then changes.
func writeFile(path string, data []byte, place func(from, to string) error) error {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // gone already when it was renamed
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := place(tmp.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Expire removes the days before the given time's. Each day's key goes first: what
// a disk may keep of the files cannot be read without it.
func (b *Blobs) Expire(before time.Time) (days int, err error) {
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		return 0, fmt.Errorf("looking for evidence that was kept long enough: %w", err)
	}
	last := before.UTC().Format(time.DateOnly)
	for _, e := range entries {
		if _, err := time.Parse(time.DateOnly, e.Name()); err != nil || !e.IsDir() || e.Name() >= last {
			continue
		}
		if err := b.remove(e.Name()); err != nil {
			return days, fmt.Errorf("removing the evidence of %s: %w", e.Name(), err)
		}
		days++
	}
	return days, nil
}

func (b *Blobs) remove(day string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.keys, day)
	b.size = unmeasured
	clear(b.by)
	path := filepath.Join(b.dir, day, dayKeyName)
	if err := wipe(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.RemoveAll(filepath.Join(b.dir, day))
}

// wipe overwrites a file where it lies.
func wipe(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = f.Write(make([]byte, info.Size()))
	}
	return errors.Join(err, f.Sync(), f.Close())
}
