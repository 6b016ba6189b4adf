package vfs

import (
	"io/fs"
	"strings"
	"time"
)

// free calls fn with a place that has no file yet, under the lock.
func (v *View) free(op, name string, fn func(p place) error) error {
	v.fs.mu.Lock()
	defer v.fs.mu.Unlock()
	p, err := v.entry(name)
	if err == nil && p.file != nil {
		err = EEXIST
	}
	if err == nil && p.must && op != "mkdir" {
		err = ENOENT
	}
	if err == nil {
		err = v.mayMake(p.dir)
	}
	if err == nil {
		err = fn(p)
	}
	return fail(op, name, err)
}

// fresh is a new file of the view's user in a folder, whose group it gets when
// the folder says so.
func (v *View) fresh(dir *inode, mode fs.FileMode) inode {
	n := inode{mode: mode, uid: v.cred.UID, gid: v.cred.GID}
	if dir.mode&fs.ModeSetgid != 0 {
		n.gid = dir.gid
		if mode.IsDir() {
			n.mode |= fs.ModeSetgid
		}
	}
	return n
}

const permBits = fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky

// Mkdir makes a folder.
func (v *View) Mkdir(name string, perm fs.FileMode) error {
	return v.free("mkdir", name, func(p place) error {
		_, err := v.fs.create(p.dir, p.name, v.fresh(p.dir, fs.ModeDir|perm&permBits&^v.mask))
		return err
	})
}

// Mknod makes a pipe, a device node (only root may) or an empty file.
func (v *View) Mknod(name string, mode fs.FileMode, d Device) error {
	return v.free("mknod", name, func(p place) error {
		if mode&fs.ModeDevice != 0 && v.cred.UID != 0 {
			return EPERM
		}
		n := v.fresh(p.dir, mode&(fs.ModeType|permBits)&^v.mask)
		n.device = d
		_, err := v.fs.create(p.dir, p.name, n)
		return err
	})
}

// Symlink makes name a symbolic link to target, which need not be there.
func (v *View) Symlink(target, name string) error {
	return v.free("symlink", name, func(p place) error {
		if target == "" {
			return ENOENT
		}
		if len(target) >= v.fs.limits.PathLen {
			return ENAMETOOLONG
		}
		n := v.fresh(p.dir, fs.ModeSymlink|0o777)
		n.target, n.size = target, int64(len(target))
		_, err := v.fs.create(p.dir, p.name, n)
		return err
	})
}

// Link makes name another name of a file; a symbolic link is one.
func (v *View) Link(old, name string) error {
	v.fs.mu.Lock()
	from, err := v.walk(old, false)
	v.fs.mu.Unlock()
	if err == nil && from.file == nil {
		err = ENOENT
	}
	if err != nil {
		return fail("link", old, err)
	}
	return v.free("link", name, func(p place) error {
		if from.file.mode.IsDir() {
			return EPERM
		}
		if from.file.readOnly != p.dir.readOnly {
			return EXDEV
		}
		n, err := v.fs.edit(from.file.ino)
		if err != nil {
			return err
		}
		d, err := v.fs.edit(p.dir.ino)
		if err == nil {
			err = v.fs.roomFor(d, p.name)
		}
		if err != nil {
			return err
		}
		n.nlink++
		n.ctime = v.fs.now()
		v.fs.enter(d, p.name, n.ino)
		return nil
	})
}

// Remove takes away a name of a file that is no folder.
func (v *View) Remove(name string) error {
	return v.removal("unlink", name, func(p place) error {
		if p.must && !p.file.mode.IsDir() {
			return ENOTDIR
		}
		if err := v.mayRemove(p); err != nil {
			return err
		}
		if p.file.mode.IsDir() {
			return EISDIR
		}
		return v.drop(p)
	})
}

// Rmdir takes away an empty folder.
func (v *View) Rmdir(name string) error {
	return v.removal("rmdir", name, func(p place) error {
		switch {
		case p.name == "..":
			return ENOTEMPTY
		case p.file.ino == rootIno:
			return EBUSY
		case p.name == ".":
			return EINVAL
		case !p.file.mode.IsDir():
			return ENOTDIR
		}
		if err := v.mayRemove(p); err != nil {
			return err
		}
		if !p.file.empty() {
			return ENOTEMPTY
		}
		return v.drop(p)
	})
}

// removal calls fn with the entry of a name that is there, under the lock.
func (v *View) removal(op, name string, fn func(p place) error) error {
	v.fs.mu.Lock()
	defer v.fs.mu.Unlock()
	p, err := v.entry(name)
	if err == nil && p.file == nil {
		err = ENOENT
	}
	if err == nil {
		err = fn(p)
	}
	return fail(op, name, err)
}

func (v *View) drop(p place) error {
	d, err := v.fs.edit(p.dir.ino)
	if err != nil {
		return err
	}
	return v.fs.unlink(d, p.name, p.file.ino)
}

// change calls fn with a file whose properties the user may change.
func (v *View) change(op, name string, follow bool, may func(*inode) error, fn func(n *inode) error) error {
	return v.at(op, name, follow, func(p place) error {
		if err := may(p.file); err != nil {
			return err
		}
		n, err := v.fs.edit(p.file.ino)
		if err != nil {
			return err
		}
		n.ctime = v.fs.now()
		return fn(n)
	})
}

// Chmod sets a file's permission bits, with those for set-user-id and the like.
func (v *View) Chmod(name string, mode fs.FileMode) error {
	return v.change("chmod", name, true, v.mayChange, func(n *inode) error {
		n.mode = n.mode&^permBits | mode&permBits
		return nil
	})
}

// Chown sets a file's owner and group; -1 keeps one. Only root gives files
// away; an owner may pass them to a group of his.
func (v *View) Chown(name string, uid, gid int) error { return v.chown(name, uid, gid, true) }

// Lchown is Chown of a symbolic link itself.
func (v *View) Lchown(name string, uid, gid int) error { return v.chown(name, uid, gid, false) }

func (v *View) chown(name string, uid, gid int, follow bool) error {
	may := func(n *inode) error {
		if n.readOnly {
			return EPERM
		}
		if v.cred.UID == 0 || v.owns(n) && (uid == -1 || uid == n.uid) && (gid == -1 || gid == n.gid || v.in(gid)) {
			return nil
		}
		return EPERM
	}
	return v.change("chown", name, follow, may, func(n *inode) error {
		if uid != -1 {
			n.uid = uid
		}
		if gid != -1 {
			n.gid = gid
		}
		if !n.mode.IsDir() {
			n.mode &^= fs.ModeSetuid | fs.ModeSetgid
		}
		return nil
	})
}

func (v *View) in(gid int) bool {
	for _, g := range v.cred.Groups {
		if g == gid {
			return true
		}
	}
	return v.cred.GID == gid
}

// onDisk is a time that ext4 has, from 1901 to 2446: the kernel takes the nearest
// (timestamp_truncate).
func onDisk(t time.Time) time.Time {
	const first, last = -1 << 31, 1<<34 - 1<<31 - 1
	switch seconds := t.Unix(); { // which are right where t itself has no order any more
	case seconds < first:
		return time.Unix(first, 0)
	case seconds > last:
		return time.Unix(last, 0)
	}
	return t
}

// Chtimes sets when a file was read and changed; a zero time keeps one.
func (v *View) Chtimes(name string, atime, mtime time.Time) error {
	return v.change("utimes", name, true, v.mayChange, func(n *inode) error {
		if !atime.IsZero() {
			n.atime = onDisk(atime)
		}
		if !mtime.IsZero() {
			n.mtime = onDisk(mtime)
		}
		return nil
	})
}

// Truncate sets a file's length; what is added reads as zeros and takes no room.
func (v *View) Truncate(name string, size int64) error {
	may := func(n *inode) error {
		switch {
		case n.mode.IsDir():
			return EISDIR
		case !n.mode.IsRegular():
			return EINVAL
		case n.readOnly:
			return EPERM
		case !v.may(n, 2):
			return EACCES
		}
		return nil
	}
	return v.change("truncate", name, true, may, func(n *inode) error {
		v.strip(n)
		return v.fs.resize(n, size)
	})
}

// strip takes the right to run as its owner from a file that another than root
// changes.
func (v *View) strip(n *inode) {
	if v.cred.UID != 0 {
		n.mode &^= fs.ModeSetuid | fs.ModeSetgid
	}
}

// MkdirAll makes a folder and those above it that are not there yet.
func (v *View) MkdirAll(name string, perm fs.FileMode) error {
	if i, err := v.Stat(name); err == nil {
		if i.Mode.IsDir() {
			return nil
		}
		return fail("mkdir", name, ENOTDIR)
	}
	if cut := strings.LastIndexByte(strings.TrimRight(name, "/"), '/'); cut > 0 {
		if err := v.MkdirAll(name[:cut], perm); err != nil {
			return err
		}
	}
	return v.Mkdir(name, perm)
}
