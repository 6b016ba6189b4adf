package scan

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// readHead reads a small file; what is longer is cut off.
func readHead(path string, most int64) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, most))
	return string(data), err
}

// readWhole reads a file that must not be larger than most.
func readWhole(path string, most int64) ([]byte, error) {
	text, err := readHead(path, most+1)
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("%s has more than %d bytes", path, most)
	}
	return []byte(text), err
}

// OutFile is a file that is being written anew. Who reads it sees the old or the
// new, for its owner only. What is no ordinary file, such as a device, a pipe or
// a terminal, is written to as it stands: it must never be replaced.
type OutFile struct {
	*os.File
	path string // what Commit replaces; empty when it is written as it stands
}

// CreateFile begins to write a file; Commit or Drop it.
func CreateFile(path string) (*OutFile, error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // the link stays, and what it leads to is written
	}
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, fmt.Errorf("writing: %w", err)
		}
		return &OutFile{File: f}, nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".cordon-*")
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", path, err)
	}
	return &OutFile{f, path}, nil
}

// Commit ends the writing: the file is there, whole.
func (o *OutFile) Commit() error {
	err := o.Close()
	if err == nil && o.path != "" {
		err = os.Rename(o.Name(), o.path)
	}
	if err != nil {
		o.Drop()
		return fmt.Errorf("writing %s: %w", o.path, err)
	}
	return nil
}

// Drop leaves things as they were, as far as they can be left so.
func (o *OutFile) Drop() {
	_ = o.Close()
	if o.path != "" {
		_ = os.Remove(o.Name())
	}
}

// WriteFile writes a file at once.
func WriteFile(path string, write func(io.Writer) error) error {
	o, err := CreateFile(path)
	if err != nil {
		return err
	}
	if err := write(o); err != nil {
		o.Drop()
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return o.Commit()
}
