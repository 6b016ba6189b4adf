package vfs

import (
	"io"
	"io/fs"
)

// MostRead is how many bytes ReadFile returns. A length costs an attacker nothing,
// and each of his processes may ask for the file: who needs more reads it piece by
// piece, and counts what he keeps.
const MostRead = 1 << 20

// ReadFile returns what is in a file. Of a longer one than MostRead it returns the
// beginning, and EFBIG.
func (v *View) ReadFile(name string) ([]byte, error) {
	b, err := v.ReadFirst(name, MostRead+1)
	if err == nil && len(b) > MostRead {
		b, err = b[:MostRead], fail("read", name, EFBIG)
	}
	return b, err
}

// ReadFirst returns what a file begins with, at most so many bytes.
func (v *View) ReadFirst(name string, most int) ([]byte, error) {
	f, err := v.Open(name, O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, int64(most)))
}

// WriteFile makes a file of these bytes, or gives them to the one that is there.
func (v *View) WriteFile(name string, data []byte, perm fs.FileMode) error {
	f, err := v.Open(name, O_WRONLY|O_CREATE|O_TRUNC, perm)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Write(data)
	return err
}
