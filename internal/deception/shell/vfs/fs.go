package vfs

import (
	"sync"
	"sync/atomic"
	"time"
)

// FS is one attacker's view of a tree: the tree and what he changed. It is safe
// for concurrent use.
type FS struct {
	tree   *Tree
	now    func() time.Time
	limits Limits

	mu      sync.Mutex
	changed map[uint64]*inode // copies of the tree's files, and new ones
	opened  map[uint64]int    // by file: how often it is open now; the tree is never written to
	next    uint64            // number of the next new file
	bytes   int64
	open    int
	piped   atomic.Int64 // bytes that wait in pipes
}

// newInodes is where new files begin among all, far from those of any tree. Nobody
// sees that number; see Tree.Number.
const newInodes = 1 << 21

// entryCost is what a changed file counts besides its contents.
const entryCost = 256

// New returns an FS in which nothing was changed yet.
func New(base *Tree, now func() time.Time, limits Limits) *FS {
	return &FS{tree: base, now: now, limits: limits.filled(), changed: map[uint64]*inode{}, opened: map[uint64]int{}, next: newInodes}
}

// As returns the view that somebody has of the files, from the root.
func (f *FS) As(c Cred) *View { return &View{fs: f, cred: c, dir: "/", mask: 0o022} }

// Used tells how much the attacker added, in bytes and files.
func (f *FS) Used() (bytes int64, files int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bytes, len(f.changed)
}

// get returns a file to look at.
func (f *FS) get(ino uint64) *inode {
	if n, ok := f.changed[ino]; ok {
		return n
	}
	return f.tree.nodes[ino]
}

// edit returns a file to change: a copy of the tree's when it is from there.
func (f *FS) edit(ino uint64) (*inode, error) {
	if n, ok := f.changed[ino]; ok {
		return n, nil
	}
	if err := f.room(entryCost); err != nil {
		return nil, err
	}
	lower := f.tree.nodes[ino]
	n := *f.tree.grown(lower)
	n.lower, n.entries, n.owned = lower, nil, false
	f.keep(&n)
	return &n, nil
}

// room reports whether so many bytes and one more file fit.
func (f *FS) room(bytes int64) error {
	if f.bytes+bytes > f.limits.Bytes || len(f.changed) >= f.limits.Files || !f.limits.More(bytes) {
		return ENOSPC
	}
	return nil
}

// nameCost is what a name in a folder counts beside its length.
const nameCost = 64

// roomFor reports whether one more name fits into a folder that may be changed: one
// file may have any number of them, and who lists a folder holds all of it.
func (f *FS) roomFor(dir *inode, name string) error {
	bytes := nameCost + int64(len(name))
	if len(dir.entries) >= f.limits.Files || f.bytes+bytes > f.limits.Bytes || !f.limits.More(bytes) {
		return ENOSPC
	}
	return nil
}

func (f *FS) keep(n *inode) {
	f.changed[n.ino] = n
	f.bytes += entryCost
}

// create makes a file and enters it in a folder.
func (f *FS) create(dir *inode, name string, n inode) (*inode, error) {
	if err := f.room(2*entryCost + int64(len(name)+len(n.target))); err != nil {
		return nil, err
	}
	d, err := f.edit(dir.ino)
	if err != nil {
		return nil, err
	}
	now := f.now()
	n.ino, n.parent = f.next, d.ino
	n.mtime, n.atime, n.ctime = now, now, now
	n.nlink, n.owned = 1, true
	f.next++
	if n.mode.IsDir() {
		n.nlink, n.size = 2, 4096
		d.nlink++
	}
	f.keep(&n)
	f.bytes += int64(len(n.target))
	f.enter(d, name, n.ino)
	return &n, nil
}

// lookup finds a name in a folder.
func (n *inode) lookup(name string) (uint64, bool) {
	if ino, ok := n.entries[name]; ok {
		return ino, ino != 0
	}
	if n.lower != nil {
		return n.lower.lookup(name)
	}
	return 0, false
}

// names calls fn for each name in a folder, in no order.
func (n *inode) names(fn func(name string, ino uint64)) {
	for name, ino := range n.entries {
		if ino != 0 {
			fn(name, ino)
		}
	}
	if n.lower == nil {
		return
	}
	n.lower.names(func(name string, ino uint64) {
		if _, over := n.entries[name]; !over {
			fn(name, ino)
		}
	})
}

func (n *inode) empty() bool {
	empty := true
	n.names(func(string, uint64) { empty = false })
	return empty
}

// enter writes a name into a folder that may be changed; ino 0 takes it out.
func (f *FS) enter(d *inode, name string, ino uint64) {
	if d.entries == nil {
		d.entries = map[string]uint64{}
	}
	_, had := d.entries[name]
	_, below := uint64(0), false
	if d.lower != nil {
		_, below = d.lower.lookup(name)
	}
	switch {
	case ino == 0 && !below:
		delete(d.entries, name)
		if had {
			f.bytes -= int64(len(name)) + nameCost
		}
	default:
		d.entries[name] = ino
		if !had {
			f.bytes += int64(len(name)) + nameCost
		}
	}
	d.mtime = f.now()
	d.ctime = d.mtime
}

// unlink takes one name of a file away, and the file when it was the last and
// nobody has it open.
func (f *FS) unlink(d *inode, name string, ino uint64) error {
	n, err := f.edit(ino)
	if err != nil {
		return err
	}
	f.enter(d, name, 0)
	n.nlink--
	n.ctime = f.now()
	if n.mode.IsDir() {
		n.nlink = 0
		d.nlink--
	}
	f.forget(n)
	return nil
}

// forget frees a file that has neither names nor users. One of the tree's is
// kept as a note that it is gone, which costs its entry.
func (f *FS) forget(n *inode) {
	if n.nlink > 0 || f.opened[n.ino] > 0 {
		return
	}
	if n.owned {
		f.bytes -= int64(len(n.data) + len(n.target))
	}
	delete(f.changed, n.ino)
	f.bytes -= entryCost
}

// info tells of a file. The caller holds the lock.
func (f *FS) info(name string, n *inode) Info {
	n = f.tree.grown(n)
	return Info{
		Name: name, Mode: n.mode, UID: n.uid, GID: n.gid, Nlink: n.nlink, Ino: f.tree.number(n.ino), Size: n.size,
		Mtime: n.mtime, Atime: n.atime, Ctime: n.ctime, Target: n.target, Device: n.device, New: n.ino >= newInodes,
	}
}

// grown is a file as it is by now. Who set its times himself sees those until it
// is written to again.
func (t *Tree) grown(n *inode) *inode {
	grows := t.grows[n.ino]
	if n.make == nil || grows == nil {
		return n
	}
	c := *n
	size, last := grows()
	c.size = size
	if last.After(n.ctime) {
		c.mtime, c.ctime = last, last
	}
	return &c
}

// resize sets the length of a file that may be changed.
func (f *FS) resize(n *inode, size int64) error {
	if size < 0 {
		return EINVAL
	}
	if size > largest {
		return EFBIG
	}
	f.own(n)
	if size < int64(len(n.data)) {
		f.bytes -= int64(len(n.data)) - size
		n.data = append([]byte(nil), n.data[:size]...)
	}
	n.size = size
	f.touched(n)
	return nil
}

// own makes sure that a file's bytes are not those of the tree.
func (f *FS) own(n *inode) {
	if n.make != nil {
		n.data, n.make = n.make(), nil
		n.size = int64(len(n.data))
	}
	if !n.owned {
		n.data = append([]byte(nil), n.data...)
		f.bytes += int64(len(n.data))
	}
	n.owned = true
}

func (f *FS) touched(n *inode) {
	n.mtime = f.now()
	n.ctime = n.mtime
}

// write puts bytes into a file that may be changed.
func (f *FS) write(n *inode, at int64, b []byte) (int, error) {
	if at > largest-int64(len(b)) { // their sum may be more than there are numbers
		return 0, EFBIG
	}
	f.own(n)
	end := at + int64(len(b))
	if grow := end - int64(len(n.data)); grow > 0 {
		free := f.limits.Bytes - f.bytes
		if grow > free {
			end = int64(len(n.data)) + max(free, 0)
			if end <= at {
				return 0, ENOSPC
			}
			b = b[:end-at]
			grow = free
		}
		if !f.limits.More(grow) {
			return 0, ENOSPC
		}
		n.data = extend(n.data, end)
		f.bytes += grow
	}
	copy(n.data[at:], b)
	n.size = max(n.size, int64(len(n.data)))
	f.touched(n)
	return len(b), nil
}

// extend lengthens a slice with zeros, so that many small writes cost little.
func extend(b []byte, size int64) []byte {
	if int64(cap(b)) >= size {
		old := len(b)
		b = b[:size]
		clear(b[old:])
		return b
	}
	grown := make([]byte, size, max(size, int64(len(b))*5/4))
	copy(grown, b)
	return grown
}
