package vfs

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"
)

// Node is a file of a base tree. A symbolic link has a Target, a folder
// fs.ModeDir, a device fs.ModeDevice and perhaps fs.ModeCharDevice.
type Node struct {
	Mode       fs.FileMode
	UID, GID   int
	Mtime      time.Time
	Data       []byte                              // not copied, never changed
	Make       func() []byte                       // instead of Data: what a reader finds at the time he opens it
	Size       int64                               // what stat says when it is not the length of Data; of Make: 0, as in /proc
	Grows      func() (size int64, last time.Time) // of Make, a file that is written to all the time: its size and when it was written last
	Target     string
	Device     Device
	ReadOnly   bool // a folder below which nothing can be made or changed, as /proc and /sys
	NothingNew bool // with ReadOnly: what is not there cannot be looked for either, as in /proc: making it says that it does not exist
	Closed     bool // of a folder: nothing is made in it or taken out, as in /dev/pts
}

// inode is a file; that of a tree is never changed once the tree is in use,
// that of an FS only under its lock.
type inode struct {
	ino                 uint64
	mode                fs.FileMode
	uid, gid, nlink     int
	mtime, atime, ctime time.Time
	data                []byte
	size                int64 // more than len(data): what is missing reads as zeros
	make                func() []byte
	target              string
	device              Device
	readOnly            bool
	nothingNew, closed  bool              // see Node
	parent              uint64            // of a folder
	entries             map[string]uint64 // of a folder; over lower's: 0 is a name that is gone
	lower               *inode            // what this is a changed copy of
	base                string            // its path in the tree, "" when it is not from there
	pipe                *fifo
	owned               bool // data and target are an attacker's and counted
}

// Tree is a base: built once, then shared by any number of FS.
type Tree struct {
	nodes []*inode // by number, from 1
	grows map[uint64]func() (size int64, last time.Time)

	first, fresh uint64 // see Number
}

const rootIno = 1

// rootNumber is the root's number on any ext4 (EXT4_ROOT_INO).
const rootNumber = 2

// Number says which numbers stat shows (Info.Ino): the root has 2, the tree's other
// files begin at first, those that attackers make at fresh. A tree of which nothing is
// said shows its own. It is for building, as Add is.
func (t *Tree) Number(first, fresh uint64) { t.first, t.fresh = first, fresh }

func (t *Tree) number(ino uint64) uint64 {
	switch {
	case t.first == 0:
		return ino
	case ino == rootIno:
		return rootNumber
	case ino >= newInodes:
		return t.fresh + ino - newInodes
	}
	return t.first + ino
}

// NewTree returns a tree that has nothing but its root, a folder of root's.
func NewTree(made time.Time) *Tree {
	t := &Tree{nodes: []*inode{nil}, grows: map[uint64]func() (int64, time.Time){}}
	root := t.add(Node{Mode: fs.ModeDir | 0o755, Mtime: made}, "/")
	root.parent, root.nlink = rootIno, 2
	return t
}

func (t *Tree) add(n Node, name string) *inode {
	i := &inode{
		ino: uint64(len(t.nodes)), mode: n.Mode, uid: n.UID, gid: n.GID, nlink: 1,
		mtime: n.Mtime, atime: n.Mtime, ctime: n.Mtime,
		data: n.Data, size: max(n.Size, int64(len(n.Data))), make: n.Make, target: n.Target, device: n.Device,
		readOnly: n.ReadOnly, nothingNew: n.NothingNew, closed: n.Closed, base: name,
	}
	if n.Target != "" {
		i.mode, i.size = fs.ModeSymlink|0o777, int64(len(n.Target))
	}
	if i.mode.IsDir() {
		i.size, i.nlink = 4096, 2
	}
	t.nodes = append(t.nodes, i)
	return i
}

// Add puts a file into the tree under an absolute, clean path; folders above it
// that are not there yet are made like that of the root with the file's time.
// What is there already gets the new properties; a folder keeps its files. Add
// is for building: it must not be called once an FS was made.
func (t *Tree) Add(name string, n Node) {
	if name != path.Clean(name) || !path.IsAbs(name) {
		panic(fmt.Sprintf("vfs: %q is not an absolute, clean path", name))
	}
	if name == "/" {
		t.replace(t.nodes[rootIno], n)
		return
	}
	dir := t.dir(path.Dir(name), n.Mtime)
	last := path.Base(name)
	if have, ok := dir.entries[last]; ok {
		t.replace(t.nodes[have], n)
		return
	}
	i := t.add(n, name)
	if n.Grows != nil {
		t.grows[i.ino] = n.Grows
	}
	i.parent, i.readOnly, i.nothingNew = dir.ino, i.readOnly || dir.readOnly, i.nothingNew || dir.nothingNew
	if dir.entries == nil {
		dir.entries = map[string]uint64{}
	}
	dir.entries[last] = i.ino
	if i.mode.IsDir() {
		dir.nlink++
	}
}

// replace gives an existing file other properties.
func (t *Tree) replace(old *inode, n Node) {
	fresh := t.add(n, old.base)
	t.nodes = t.nodes[:len(t.nodes)-1]
	fresh.ino, fresh.parent = old.ino, old.parent
	if old.mode.IsDir() {
		fresh.entries, fresh.nlink = old.entries, old.nlink
	}
	fresh.nothingNew = fresh.nothingNew || t.nodes[old.parent].nothingNew && old.ino != rootIno
	fresh.readOnly = fresh.readOnly || t.nodes[old.parent].readOnly && old.ino != rootIno
	*old = *fresh
}

// dir returns a folder, made if need be.
func (t *Tree) dir(name string, made time.Time) *inode {
	at := t.nodes[rootIno]
	for _, part := range strings.Split(strings.Trim(name, "/"), "/") {
		if part == "" {
			continue
		}
		next, ok := at.entries[part]
		if !ok {
			t.Add(path.Join(at.base, part), Node{Mode: fs.ModeDir | 0o755, Mtime: made})
			next = at.entries[part]
		}
		at = t.nodes[next]
	}
	return at
}

// Has reports whether a path is in the tree, symbolic links not followed.
func (t *Tree) Has(name string) bool { return t.find(name) != nil }

func (t *Tree) find(name string) *inode {
	at := t.nodes[rootIno]
	for _, part := range strings.Split(strings.Trim(name, "/"), "/") {
		if part == "" {
			continue
		}
		next, ok := at.entries[part]
		if !ok {
			return nil
		}
		at = t.nodes[next]
	}
	return at
}

// Len is the number of files in the tree.
func (t *Tree) Len() int { return len(t.nodes) - 1 }

// Each calls visit for every file whose content was given when the tree was built; what
// is made when somebody reads it is left out.
func (t *Tree) Each(visit func(name string, content []byte)) {
	for _, n := range t.nodes[rootIno:] {
		if n.mode.IsRegular() && n.make == nil && len(n.data) > 0 {
			visit(n.base, n.data)
		}
	}
}
