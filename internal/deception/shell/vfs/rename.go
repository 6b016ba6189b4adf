package vfs

// Rename gives a file another name, in the place of what had that name.
func (v *View) Rename(old, name string) error {
	v.fs.mu.Lock()
	defer v.fs.mu.Unlock()
	from, err := v.entry(old)
	if err != nil {
		return fail("rename", old, err)
	}
	to, err := v.entry(name)
	switch {
	case err != nil:
	case dots(from.name) || dots(to.name):
		err = EBUSY
	case from.file == nil:
		err = ENOENT
	case to.file == from.file: // nothing is to be done, whoever asks
		err = onlyFolders(from, to)
	default:
		if err = v.mayRename(from, to); err == nil {
			err = v.rename(from, to)
		}
	}
	return fail("rename", name, err)
}

func dots(name string) bool { return name == "." || name == ".." }

// mayRename reports why a file can't have another name, in the kernel's order.
func (v *View) mayRename(from, to place) error {
	if from.dir.readOnly != to.dir.readOnly {
		return EXDEV
	}
	if err := onlyFolders(from, to); err != nil {
		return err
	}
	switch {
	case from.file.mode.IsDir() && v.fs.within(to.dir, from.file):
		return EINVAL
	case to.file != nil && v.fs.within(from.dir, to.file):
		return ENOTEMPTY
	}
	if err := v.mayRemove(from); err != nil {
		return err
	}
	if err := v.mayMake(to.dir); err != nil {
		return err
	}
	return v.mayReplace(from, to)
}

// within reports whether a folder is another one, or lies in it.
func (f *FS) within(dir, other *inode) bool {
	for dir.ino != other.ino {
		if dir.ino == rootIno {
			return false
		}
		dir = f.get(dir.parent)
	}
	return true
}

// onlyFolders refuses a file where a slash behind a name says that it is a folder.
func onlyFolders(from, to place) error {
	if (from.must || to.must) && !from.file.mode.IsDir() {
		return ENOTDIR
	}
	return nil
}

func (v *View) mayReplace(from, to place) error {
	if to.file == nil {
		return nil
	}
	if err := v.mayRemove(to); err != nil {
		return err
	}
	switch a, b := from.file.mode.IsDir(), to.file.mode.IsDir(); {
	case a && !b:
		return ENOTDIR
	case !a && b:
		return EISDIR
	case b && !to.file.empty():
		return ENOTEMPTY
	}
	return nil
}

func (v *View) rename(from, to place) error {
	f := v.fs
	a, err := f.edit(from.dir.ino)
	if err != nil {
		return err
	}
	b, err := f.edit(to.dir.ino)
	if err != nil {
		return err
	}
	n, err := f.edit(from.file.ino)
	if err == nil && a != b {
		err = f.roomFor(b, to.name)
	}
	if err != nil {
		return err
	}
	if to.file != nil {
		if err := f.unlink(b, to.name, to.file.ino); err != nil {
			return err
		}
	}
	f.enter(a, from.name, 0)
	f.enter(b, to.name, n.ino)
	if n.ctime = f.now(); n.mode.IsDir() {
		n.parent = b.ino
		a.nlink--
		b.nlink++
	}
	return nil
}
