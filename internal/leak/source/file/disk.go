package file

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// disk is the one way from a follower to files: nothing else here lists, opens or
// reads any. Between two of its operations a rotator may do anything; the tests
// have it do so through the fields, which are nil elsewhere.
type disk struct {
	before func()                                  // called before each operation
	names  func(dir string) ([]fs.DirEntry, error) // lists instead of os.ReadDir
}

func (d disk) step() {
	if d.before != nil {
		d.before()
	}
}

func (d disk) stat(path string) (fs.FileInfo, error) {
	d.step()
	return os.Stat(path)
}

func (d disk) isLink(path string) bool {
	d.step()
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// resolve follows all links of a path.
func (d disk) resolve(path string) (string, error) {
	d.step()
	return filepath.EvalSymlinks(path)
}

func (d disk) readDir(dir string) ([]fs.DirEntry, error) {
	d.step()
	if d.names != nil {
		return d.names(dir)
	}
	return os.ReadDir(dir)
}

func (d disk) open(path string) (*diskFile, error) {
	d.step()
	f, err := os.OpenFile(path, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, err
	}
	return &diskFile{d, f}, nil
}

// diskFile is an open file.
type diskFile struct {
	disk disk
	file *os.File
}

func (f *diskFile) stat() (fs.FileInfo, error) {
	f.disk.step()
	return f.file.Stat()
}

// Read implements io.Reader.
func (f *diskFile) Read(p []byte) (int, error) {
	f.disk.step()
	return f.file.Read(p)
}

// ReadAt implements io.ReaderAt. It asks the system until that says that there is
// no more: what it returns need not have been in the file at one time.
func (f *diskFile) ReadAt(p []byte, at int64) (int, error) {
	f.disk.step()
	n, err := f.file.ReadAt(p, at)
	if f.disk.before == nil || n == 0 || !errors.Is(err, io.EOF) {
		return n, err
	}
	f.disk.step() // inside of os.File.ReadAt
	more, err := f.file.ReadAt(p[n:], at+int64(n))
	return n + more, err
}

// rewind has Read begin anew.
func (f *diskFile) rewind() error {
	_, err := f.file.Seek(0, io.SeekStart)
	return err
}

// close leaves nothing to do when it fails: the file was opened for reading.
func (f *diskFile) close() { _ = f.file.Close() }
