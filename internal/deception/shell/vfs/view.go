package vfs

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// View is the file system as one user sees it from one folder. A name that does
// not begin with a slash is looked for from that folder. Errors are *fs.PathError
// with an Errno inside. It is safe for concurrent use.
type View struct {
	fs     *FS
	cred   Cred
	dir    string
	mask   fs.FileMode
	ctx    context.Context // nil: it waits for nothing
	linked Linked          // nil: none
}

// Linked resolves names that belong to one process, such as /dev/fd/63 and
// /dev/tty. ok is false for all others.
type Linked func(name string, flag int) (s Stream, ok bool, err error)

// Stream is what such a name leads to.
type Stream interface {
	Read(b []byte) (int, error)
	Write(b []byte) (int, error)
	Close() error
}

// In returns the view from another folder, which need not be there.
func (v *View) In(dir string) *View {
	c := *v
	if !path.IsAbs(dir) {
		dir = path.Join(v.dir, dir)
	}
	c.dir = dir
	return &c
}

// Within returns a view that can wait for pipes: until ctx ends.
func (v *View) Within(ctx context.Context) *View {
	c := *v
	c.ctx = ctx
	return &c
}

// With returns a view in which some names are resolved by l first.
func (v *View) With(l Linked) *View {
	c := *v
	c.linked = l
	return &c
}

// Masked returns a view whose new files lack these permissions, as umask says.
func (v *View) Masked(mask fs.FileMode) *View {
	c := *v
	c.mask = mask & 0o777
	return &c
}

// Dir is the folder that names are looked for from.
func (v *View) Dir() string { return v.dir }

// Cred is whose view it is.
func (v *View) Cred() Cred { return v.cred }

// FS is the file system that it is a view of.
func (v *View) FS() *FS { return v.fs }

func fail(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// at calls fn with the file of a name, under the lock.
func (v *View) at(op, name string, follow bool, fn func(p place) error) error {
	v.fs.mu.Lock()
	defer v.fs.mu.Unlock()
	p, err := v.walk(name, follow)
	if err == nil && p.file == nil {
		err = ENOENT
	}
	if err == nil {
		err = fn(p)
	}
	return fail(op, name, err)
}

// Stat tells of a file, and of what a symbolic link leads to.
func (v *View) Stat(name string) (Info, error) { return v.stat("stat", name, true) }

// Lstat tells of a file; a symbolic link is one.
func (v *View) Lstat(name string) (Info, error) { return v.stat("lstat", name, false) }

func (v *View) stat(op, name string, follow bool) (out Info, err error) {
	if follow && v.linked != nil {
		if s, ok, err := v.linked(v.abs(name), O_RDONLY); ok {
			return statLinked(op, name, s, err)
		}
	}
	err = v.at(op, name, follow, func(p place) error {
		out = v.fs.info(path.Base(name), p.file)
		return nil
	})
	return out, err
}

func statLinked(op, name string, s Stream, err error) (Info, error) {
	if err != nil {
		return Info{}, fail(op, name, err)
	}
	if f, ok := s.(*File); ok {
		return f.Stat()
	}
	return Info{Name: path.Base(name), Mode: fs.ModeNamedPipe | 0o600, Nlink: 1}, nil
}

func (v *View) abs(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(v.dir, name)
}

// Access reports why the user may not read (4), write (2) or run or enter (1)
// a file; nil when he may.
func (v *View) Access(name string, want fs.FileMode) error {
	return v.at("access", name, true, func(p place) error {
		if !v.may(p.file, want) {
			return EACCES
		}
		return nil
	})
}

// ReadDir lists a folder by name, without . and .. .
func (v *View) ReadDir(name string) (out []Info, err error) {
	err = v.at("open", name, true, func(p place) error {
		if !p.file.mode.IsDir() {
			return ENOTDIR
		}
		if !v.may(p.file, 4) {
			return EACCES
		}
		out = v.fs.list(p.file)
		return nil
	})
	return out, err
}

func (f *FS) list(dir *inode) (out []Info) {
	dir.names(func(name string, ino uint64) { out = append(out, f.info(name, f.get(ino))) })
	slices.SortFunc(out, func(a, b Info) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Readlink returns what a symbolic link says.
func (v *View) Readlink(name string) (target string, err error) {
	err = v.at("readlink", name, false, func(p place) error {
		if p.file.mode&fs.ModeSymlink == 0 {
			return EINVAL
		}
		target = p.file.target
		return nil
	})
	return target, err
}

// Real returns the absolute path of a file without symbolic links and dots.
func (v *View) Real(name string) (out string, err error) {
	err = v.at("realpath", name, true, func(p place) error {
		out = v.fs.path(p)
		return nil
	})
	return out, err
}

// path tells where a place is.
func (f *FS) path(p place) string {
	dir, parts := p.dir, []string{}
	if p.name != "." && p.name != ".." && p.file.ino != rootIno {
		parts = append(parts, p.name)
	}
	for dir.ino != rootIno {
		up := f.get(dir.parent)
		parts = append(parts, nameOf(up, dir.ino))
		dir = up
	}
	slices.Reverse(parts)
	return "/" + strings.Join(parts, "/")
}

func nameOf(dir *inode, ino uint64) (found string) {
	dir.names(func(name string, i uint64) {
		if i == ino {
			found = name
		}
	})
	return found
}

// Walk calls fn for a file and, when it is a folder, for all below it in the
// order of their names, symbolic links not followed. fn gets what went wrong
// with reading a folder, after the folder itself. fs.SkipDir and fs.SkipAll do
// what they do in filepath.WalkDir.
func (v *View) Walk(name string, fn func(name string, i Info, err error) error) error {
	i, err := v.Lstat(name)
	err = v.visit(name, i, err, fn)
	if err == fs.SkipDir || err == fs.SkipAll {
		return nil
	}
	return err
}

func (v *View) visit(name string, i Info, err error, fn func(string, Info, error) error) error {
	if err = fn(name, i, err); err != nil || !i.Mode.IsDir() {
		return err
	}
	below, err := v.ReadDir(name)
	if err != nil {
		if err = fn(name, i, err); err != nil {
			return err
		}
	}
	for _, child := range below {
		switch err := v.visit(join(name, child.Name), child, nil, fn); err {
		case nil:
		case fs.SkipDir:
			if !child.Mode.IsDir() {
				return nil
			}
		default:
			return err
		}
	}
	return nil
}

func join(dir, name string) string {
	if strings.HasSuffix(dir, "/") {
		return dir + name
	}
	return dir + "/" + name
}

// Now is the time that changes are stamped with.
func (v *View) Now() time.Time { return v.fs.now() }

func (v *View) openLinked(name string, flag int, s Stream, err error) (*File, error) {
	if err != nil {
		return nil, fail("open", name, err)
	}
	if f, ok := s.(*File); ok {
		return f, nil
	}
	n := &inode{mode: fs.ModeNamedPipe | 0o600, nlink: 1, pipe: &fifo{through: s}}
	v.fs.mu.Lock()
	defer v.fs.mu.Unlock()
	v.fs.open++
	v.fs.opened[n.ino]++
	return &File{view: v, name: name, n: n, flag: flag}, nil
}
