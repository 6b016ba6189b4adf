// Package regular opens regular files, and nothing else that stands under their name.
// Whoever may write to a file's folder may put a pipe in its place at any instant, and to
// open one waits for its writer; to open a device may do something.
//
// Level 0: it imports the standard library.
package regular

import (
	"errors"
	"io/fs"
	"os"
)

// ErrIrregular: what stands under the name is no regular file.
var ErrIrregular = errors.New("not a regular file")

// Open opens a file for reading, and says what it is as it was opened. It looks before it
// opens, and at what it has opened; it never waits. Errors are *fs.PathError.
func Open(path string) (*os.File, fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, &fs.PathError{Op: "open", Path: path, Err: ErrIrregular}
	}
	file, err := os.OpenFile(path, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, nil, err
	}
	if info, err = file.Stat(); err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: path, Err: ErrIrregular}
	}
	if err != nil {
		_ = file.Close() // opened for reading: nothing to lose
		return nil, nil, err
	}
	return file, info, nil
}
