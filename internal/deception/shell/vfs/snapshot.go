package vfs

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// saved is a changed file in a snapshot. Files of the tree go by their path,
// since their numbers are others in another tree.
type saved struct {
	ID                  uint64            `json:"id"`
	Base                string            `json:"base,omitempty"` // of a changed copy: its path in the tree
	Mode                fs.FileMode       `json:"mode"`
	UID                 int               `json:"uid"`
	GID                 int               `json:"gid"`
	Mtime, Atime, Ctime time.Time         `json:",omitzero"`
	Owned               bool              `json:"owned,omitempty"` // Data is the attacker's
	Data                []byte            `json:"data,omitempty"`
	Size                int64             `json:"size,omitempty"`
	Target              string            `json:"target,omitempty"`
	Device              Device            `json:"device,omitzero"`
	Names               map[string]string `json:"names,omitempty"` // over the tree's: "" is gone, "#7" a changed file, "/…" one of the tree
}

const snapshotVersion = 1

type snapshot struct {
	Version int     `json:"version"`
	Files   []saved `json:"files"`
}

// Snapshot returns what the attacker changed, to be kept between his visits.
// Its form is this package's own.
func (f *FS) Snapshot() ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := snapshot{Version: snapshotVersion}
	for _, ino := range slices.Sorted(maps.Keys(f.changed)) {
		if n := f.changed[ino]; n.nlink > 0 {
			out.Files = append(out.Files, f.save(n))
		}
	}
	return json.Marshal(out)
}

func (f *FS) save(n *inode) saved {
	s := saved{
		ID: n.ino, Mode: n.mode, UID: n.uid, GID: n.gid, Mtime: n.mtime, Atime: n.atime, Ctime: n.ctime,
		Owned: n.owned, Size: n.size, Target: spelled(n.target), Device: n.device, Names: map[string]string{},
	}
	if n.owned {
		s.Data = n.data
	}
	if n.lower != nil {
		s.Base = n.base
	}
	for name, ino := range n.entries {
		s.Names[spelled(name)] = f.reference(ino)
	}
	return s
}

// spelled is a name or a link as a snapshot has it: bytes that are no UTF-8, which JSON
// would not keep, in hex behind a zero byte, which no name has.
func spelled(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	return "\x00" + hex.EncodeToString([]byte(name))
}

// unspelled is what spelled was given; "" when it was nothing.
func unspelled(text string) string {
	digits, ok := strings.CutPrefix(text, "\x00")
	if !ok {
		return text
	}
	name, err := hex.DecodeString(digits)
	if err != nil {
		return ""
	}
	return string(name)
}

func (f *FS) reference(ino uint64) string {
	if ino == 0 {
		return ""
	}
	if _, changed := f.changed[ino]; changed {
		return fmt.Sprintf("#%d", ino)
	}
	return f.tree.nodes[ino].base
}

// Restore makes the FS what it was when the snapshot was taken, over the tree
// that it has now: what the tree no longer has is left out. It is for an FS in
// which nothing was changed yet, and fails when the snapshot is not one or is
// larger than the limits.
func (f *FS) Restore(b []byte) error {
	var s snapshot
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("reading snapshot: %w", err)
	}
	if s.Version != snapshotVersion {
		return fmt.Errorf("reading snapshot: version %d is not %d", s.Version, snapshotVersion)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.changed) != 0 {
		return errors.New("restoring snapshot: something was changed already")
	}
	if err := f.restore(s.Files); err != nil {
		f.changed, f.bytes, f.next = map[uint64]*inode{}, 0, newInodes
		return fmt.Errorf("restoring snapshot: %w", err)
	}
	return nil
}

func (f *FS) restore(files []saved) error {
	known := map[string]*inode{} // by reference
	for _, s := range files {
		n, err := f.bring(s)
		if err != nil {
			return err
		}
		if n != nil {
			known[fmt.Sprintf("#%d", s.ID)] = n
		}
	}
	for _, s := range files {
		if n := known[fmt.Sprintf("#%d", s.ID)]; n != nil && n.mode.IsDir() {
			f.rename(n, s.Names, known)
		}
	}
	f.count()
	return nil
}

// bring makes one file of a snapshot; nil when the tree no longer has it.
func (f *FS) bring(s saved) (n *inode, err error) {
	if err := f.room(entryCost + int64(len(s.Data))); err != nil {
		return nil, err
	}
	if s.Size < int64(len(s.Data)) || s.Size > largest {
		return nil, EINVAL
	}
	if s.Base != "" {
		lower := f.tree.find(s.Base)
		if lower == nil || lower.mode.Type() != s.Mode.Type() {
			return nil, nil
		}
		if n, err = f.edit(lower.ino); err != nil {
			return nil, err
		}
	} else {
		n = &inode{ino: f.next, parent: rootIno, owned: true}
		f.next++
		f.keep(n)
	}
	n.mode, n.uid, n.gid, n.mtime, n.atime, n.ctime = s.Mode, s.UID, s.GID, s.Mtime, s.Atime, s.Ctime
	if s.Owned {
		n.data, n.size, n.target, n.device, n.make, n.owned = s.Data, s.Size, unspelled(s.Target), s.Device, nil, true
		f.bytes += int64(len(n.data) + len(n.target))
	}
	return n, nil
}

// rename enters the saved names into a folder.
func (f *FS) rename(dir *inode, names map[string]string, known map[string]*inode) {
	for spelled, ref := range names {
		name := unspelled(spelled)
		switch n := known[ref]; {
		case name == "" || name == "." || name == ".." || name != path.Base(name):
		case ref == "":
			f.put(dir, name, 0)
		case n != nil:
			f.put(dir, name, n.ino)
		case ref[0] == '/':
			if base := f.tree.find(path.Clean(ref)); base != nil {
				f.put(dir, name, base.ino)
			}
		}
	}
}

// put is enter without the time.
func (f *FS) put(dir *inode, name string, ino uint64) {
	m, c := dir.mtime, dir.ctime
	f.enter(dir, name, ino)
	dir.mtime, dir.ctime = m, c
}

// count counts the names of every file anew, tells folders where they are, and
// drops what no name leads to.
func (f *FS) count() {
	links := map[uint64]int{rootIno: 2}
	seen := map[uint64]bool{}
	var visit func(dir *inode)
	visit = func(dir *inode) {
		seen[dir.ino] = true
		dir.names(func(name string, ino uint64) {
			n := f.get(ino)
			if links[ino]++; !n.mode.IsDir() {
				return
			}
			if seen[ino] { // a folder has one name
				f.drop(dir, name)
				return
			}
			links[ino]++
			links[dir.ino]++
			f.adopt(n, dir.ino)
			visit(f.get(ino))
		})
	}
	visit(f.get(rootIno))
	for ino, n := range f.changed {
		if n.nlink = links[ino]; n.nlink == 0 {
			f.forget(n)
		}
	}
}

func (f *FS) drop(dir *inode, name string) {
	if dir.entries == nil {
		return
	}
	dir.entries[name] = 0
}

// adopt tells a folder which one it is in.
func (f *FS) adopt(n *inode, parent uint64) {
	if n.parent == parent {
		return
	}
	if moved, err := f.edit(n.ino); err == nil {
		moved.parent = parent
	}
}
