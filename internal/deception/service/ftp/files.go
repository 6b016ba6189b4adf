package ftp

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// files are those that a client can reach: all of its machine, or those below
// the folder that is its root.
type files struct {
	view *vfs.View
	root string // "": the machine's
	dir  string // the working folder, as the client sees it
}

const (
	maxPath  = 4096 // bytes of a path
	maxLinks = 40   // that one may lead through
)

// place finds where on the machine a file is, or would be. When the last part of
// a name is a symbolic link, follow says whether that is meant or what it leads
// to.
func (f *files) place(name string, follow bool) (string, error) {
	if name == "" {
		return "", vfs.ENOENT
	}
	if !path.IsAbs(name) {
		name = strings.TrimSuffix(f.dir, "/") + "/" + name
	}
	if len(name) >= maxPath {
		return "", vfs.ENAMETOOLONG
	}
	if f.root == "" {
		return name, nil
	}
	return f.below(name, follow)
}

// below resolves a name under the root: also links to absolute paths, and dots,
// lead nowhere else.
func (f *files) below(name string, follow bool) (string, error) {
	at, links := "/", 0
	for rest := name; rest != ""; {
		part, next, more := strings.Cut(rest, "/")
		rest = next
		last := strings.Trim(rest, "/") == ""
		switch part {
		case "", ".":
			continue
		case "..":
			at = path.Dir(at)
			continue
		}
		here := path.Join(at, part)
		info, err := f.view.Lstat(f.root + here)
		switch {
		case err != nil && last:
			return f.root + here, nil // the call will say why
		case err != nil:
			return "", err
		case info.Target == "" && more && !info.IsDir():
			return "", vfs.ENOTDIR
		case info.Target == "" || last && !follow && !more:
			at = here
			continue
		}
		if links++; links > maxLinks || len(info.Target)+len(rest) >= maxPath {
			return "", vfs.ELOOP
		}
		if path.IsAbs(info.Target) {
			at = "/"
		}
		rest = info.Target + "/" + rest
		if !more {
			rest = strings.TrimSuffix(rest, "/")
		}
	}
	return strings.TrimSuffix(f.root+at, "/"), nil
}

// on calls fn with the place of a file.
func (f *files) on(name string, fn func(place string) error) error {
	p, err := f.place(name, true)
	if err != nil {
		return err
	}
	return fn(p)
}

// itself calls fn with the place of a file which is not followed if it is a
// symbolic link.
func (f *files) itself(name string, fn func(place string) error) error {
	p, err := f.place(name, false)
	if err != nil {
		return err
	}
	return fn(p)
}

func (f *files) stat(name string) (info vfs.Info, err error) {
	err = f.on(name, func(p string) error {
		info, err = f.view.Stat(p)
		return err
	})
	return info, err
}

// chdir changes the working folder.
func (f *files) chdir(name string) error {
	return f.on(name, func(p string) error {
		if err := errors.Join(f.isFolder(p), f.view.Access(p, 1)); err != nil {
			return err
		}
		real, err := f.view.Real(p)
		if err != nil {
			return err
		}
		if f.root == "" {
			f.dir = real
			return nil
		}
		top, err := f.view.Real(f.root)
		if err != nil {
			return err
		}
		f.dir = path.Join("/", strings.TrimPrefix(real, top))
		return nil
	})
}

func (f *files) isFolder(place string) error {
	info, err := f.view.Stat(place)
	if err == nil && !info.IsDir() {
		err = vfs.ENOTDIR
	}
	return err
}

// modeOf keeps the permissions that FTP may set.
func modeOf(bits uint32) fs.FileMode { return fs.FileMode(bits & 0o777) }

// tilde replaces a leading ~ by the folder where the client began.
func (c *client) tilde(name string) string {
	if name == "~" || strings.HasPrefix(name, "~/") {
		return c.home + name[1:]
	}
	return name
}
