package tail

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder keeps positions in files of a folder, one a log. Names are those of the
// configuration, which are file names.
type Folder string

// Load implements Positions.
func (f Folder) Load(name string) (json.RawMessage, error) {
	path := f.path(name)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading position: %w", err)
	}
	if !json.Valid(b) {
		return nil, fmt.Errorf("reading position: %s is damaged; remove it, and the log is read again from its beginning", path)
	}
	return b, nil
}

// Save implements Positions. The old position stays until the new one is whole.
func (f Folder) Save(name string, position json.RawMessage) error {
	if err := f.save(f.path(name), position); err != nil {
		return fmt.Errorf("saving position: %w", err)
	}
	return nil
}

func (f Folder) save(path string, position []byte) error {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return err
	}
	next := path + ".new"
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(position)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(next, path)
}

func (f Folder) path(name string) string { return filepath.Join(string(f), name+".json") }
