package vfs

import (
	"io/fs"
	"slices"
	"strings"
)

// most symbolic links that one name may lead through, as Linux has it.
const mostLinks = 40

// place is where a name leads: the folder, the last component, and the file
// when there is one.
type place struct {
	dir  *inode
	name string
	file *inode // nil when the name is free
	must bool   // the name ended with a slash: it is a folder's
}

// walker follows one name.
type walker struct {
	v     *View
	links int
	make  bool // the file is made when it is not there: a slash behind its name, also of a link to it, asks for a folder
	entry bool // the last component is an entry to make or remove: its slash neither follows nor asks for a folder
}

// entry follows a name to the entry that a call makes, renames or removes.
func (v *View) entry(name string) (place, error) {
	return v.begin(name, false, &walker{v: v, entry: true})
}

// walk follows a name from the view's folder. follow says whether a symbolic
// link at its end is followed. A file that is not there is no error as long as
// its folder is.
func (v *View) walk(name string, follow bool) (place, error) {
	return v.begin(name, follow, &walker{v: v})
}

// walkToMake is walk of a file that is made when it is not there.
func (v *View) walkToMake(name string, follow bool) (place, error) {
	return v.begin(name, follow, &walker{v: v, make: true})
}

func (v *View) begin(name string, follow bool, w *walker) (place, error) {
	if name == "" {
		return place{}, ENOENT
	}
	if len(name) >= v.fs.limits.PathLen {
		return place{}, ENAMETOOLONG
	}
	start := v.fs.get(rootIno)
	if !strings.HasPrefix(name, "/") {
		at, err := (&walker{v: v}).from(start, v.dir, true)
		if err != nil || at.file == nil {
			return place{}, ENOENT
		}
		start = at.file
	}
	return w.from(start, name, follow)
}

// from follows a name that is relative to a folder.
func (w *walker) from(at *inode, name string, follow bool) (place, error) {
	must := strings.HasSuffix(name, "/")
	parts := slices.DeleteFunc(strings.Split(name, "/"), func(s string) bool { return s == "" })
	if strings.HasPrefix(name, "/") {
		at = w.v.fs.get(rootIno)
	}
	here := place{dir: at, name: ".", file: at, must: must}
	for i, part := range parts {
		last := i == len(parts)-1
		if last && must && w.make && here.file.mode.IsDir() && w.v.may(here.file, 1) {
			return place{}, EISDIR
		}
		next, err := w.step(here.file, part, last, !last || follow || must && !w.entry)
		if err != nil {
			return place{}, err
		}
		if next.file == nil && !last {
			return place{}, ENOENT
		}
		here = next
		here.must = here.must || must
	}
	if must && !w.entry && here.file != nil && !here.file.mode.IsDir() {
		return place{}, ENOTDIR
	}
	return here, nil
}

// step goes from a folder to one of its files, and through that when it is a
// symbolic link to be followed.
func (w *walker) step(dir *inode, part string, last, follow bool) (place, error) {
	f := w.v.fs
	if !dir.mode.IsDir() {
		return place{}, ENOTDIR
	}
	if !w.v.may(dir, 1) {
		return place{}, EACCES
	}
	if len(part) > nameMax {
		return place{}, ENAMETOOLONG
	}
	switch part {
	case ".":
		return place{dir: dir, name: part, file: dir}, nil
	case "..":
		up := f.get(dir.parent)
		return place{dir: up, name: part, file: up}, nil
	}
	ino, ok := dir.lookup(part)
	if !ok {
		return place{dir: dir, name: part}, nil
	}
	n := f.get(ino)
	if n.mode&fs.ModeSymlink == 0 || !follow {
		return place{dir: dir, name: part, file: n}, nil
	}
	if w.links++; w.links > mostLinks {
		return place{}, ELOOP
	}
	entry, making := w.entry, w.make
	w.entry, w.make = false, making && last
	p, err := w.from(dir, n.target, true)
	w.entry, w.make = entry, making
	return p, err
}

// may reports whether the view's user has a permission (4 read, 2 write, 1
// enter or run) for a file.
func (v *View) may(n *inode, want fs.FileMode) bool {
	if v.cred.UID == 0 {
		return want&1 == 0 || n.mode.IsDir() || n.mode&0o111 != 0
	}
	bits := n.mode.Perm()
	switch {
	case n.uid == v.cred.UID:
		bits >>= 6
	case n.gid == v.cred.GID || slices.Contains(v.cred.Groups, n.gid):
		bits >>= 3
	}
	return bits&want == want
}

// owns reports whether the user may change a file's properties.
func (v *View) owns(n *inode) bool { return v.cred.UID == 0 || v.cred.UID == n.uid }

// mayMake reports why nothing can be made in a folder, if so.
func (v *View) mayMake(dir *inode) error {
	switch {
	case dir.nothingNew:
		return ENOENT
	case dir.readOnly, dir.closed:
		return EPERM
	case dir.nlink == 0:
		return ENOENT
	case !v.may(dir, 3):
		return EACCES
	}
	return nil
}

// mayRemove reports why a file can't be taken out of its folder, if so.
func (v *View) mayRemove(p place) error {
	if p.dir.nothingNew { // what is there can be found
		return EPERM
	}
	if err := v.mayMake(p.dir); err != nil {
		return err
	}
	if p.dir.mode&fs.ModeSticky != 0 && !v.owns(p.dir) && !v.owns(p.file) {
		return EPERM
	}
	return nil
}

// mayChange reports why a file's properties can't be changed, if so.
func (v *View) mayChange(n *inode) error {
	switch {
	case n.readOnly, !v.owns(n):
		return EPERM
	}
	return nil
}
