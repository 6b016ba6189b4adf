package policies

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// How the file is watched. A file that somebody is writing is not the same in
// two looks.
const (
	lookEvery = time.Second
	maxFile   = 32 << 20 // bytes; room for 100,000 rules
)

// look is what tells a file from what it was, without reading it. Through
// links: one that is turned to another file shows.
type look struct {
	info fs.FileInfo // nil: it is not there
}

func lookAt(path string) look {
	info, err := os.Stat(path)
	if err != nil {
		return look{}
	}
	return look{info}
}

func (l look) same(o look) bool {
	if l.info == nil || o.info == nil {
		return l.info == nil && o.info == nil
	}
	return os.SameFile(l.info, o.info) && l.info.Size() == o.info.Size() && l.info.ModTime().Equal(o.info.ModTime())
}

// Run follows the file until ctx ends.
func (m *Manager) Run(ctx context.Context) error {
	before := look{}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-m.d.Clock.After(lookEvery):
		}
		now := lookAt(m.d.File)
		m.follow(ctx, before.same(now), now)
		before = now
	}
}

// follow takes over a file that has changed and stands still.
func (m *Manager) follow(ctx context.Context, still bool, now look) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.refused != nil && now.same(*m.refused) {
		return // nobody has mended it yet
	}
	if still && (!now.same(m.seen) || m.Problem() != nil) {
		m.note(m.importFile(ctx))
	}
}

// Reload reads the file now. Its error is Problem's.
func (m *Manager) Reload(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := m.importFile(ctx)
	m.note(err)
	return err
}

// importFile makes a version of the file when it holds something new.
func (m *Manager) importFile(ctx context.Context) error {
	before := lookAt(m.d.File)
	document, err := readFile(m.d.File)
	if errors.Is(err, fs.ErrNotExist) {
		return m.gone()
	}
	if err != nil {
		return err
	}
	if after := lookAt(m.d.File); !before.same(after) {
		return errors.New("the file changed while it was read; it is read again")
	}
	m.seen, m.refused = before, nil
	if hash(document) == m.version.Hash && m.now.Load() != nil {
		return nil
	}
	p, err := check(document)
	if err != nil {
		m.refused = &before
		return err
	}
	if hash(document) != m.version.Hash {
		d := Decision{By: m.fileEntry(), Reason: "the policy file was changed"}
		if err := m.save(ctx, document, FromFile, d); err != nil {
			return err
		}
	}
	m.enforce(p)
	return nil
}

// gone is no problem while there never was a file.
func (m *Manager) gone() error {
	m.seen = look{}
	if m.version.Number == 0 {
		return nil
	}
	return fmt.Errorf("%s is gone; put it back, or: cordon egress policy rollback %d", m.d.File, m.version.Number)
}

// readFile reads a regular file of bounded size: a link to a device or a pipe
// would hang.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("%s is larger than %d bytes", path, maxFile)
	}
	return text, err
}

// replaceFile writes a file so that at every instant the old or the new one is
// there, whole. A link stays a link.
func replaceFile(path string, content []byte) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	mode := fs.FileMode(0o600)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".policy-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already when all went well
	_, err = f.Write(content)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
