package vfs

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	random "math/rand/v2"
	"path"
)

// File is an open file, folder, device or pipe. It is safe for concurrent use.
type File struct {
	view *View
	name string
	n    *inode
	flag int
	at   int64  // guarded by the FS's lock
	made []byte // of a file that is made when it is opened
	gone bool
	list []Info // what ReadDir has not told yet
	read bool   // ReadDir was begun

	before int             // of a pipe: see fifo.enter
	random *random.ChaCha8 // of a device; nil: nothing was read of it
}

// Open opens a file; flag is made of the O_ constants. With O_CREATE a file
// that is not there is made with perm, less the view's mask. A pipe waits for whoever
// opens its other side; a view that waits for nothing (Within) cannot open one.
func (v *View) Open(name string, flag int, perm fs.FileMode) (*File, error) {
	if v.linked != nil {
		if s, ok, err := v.linked(v.abs(name), flag); ok {
			return v.openLinked(name, flag, s, err)
		}
	}
	f, err := v.openFile(name, flag, perm)
	if err != nil || !f.pipes() {
		return f, err
	}
	if err := f.n.pipe.meet(f.context(), flag, f.before); err != nil {
		return nil, errors.Join(fail("open", name, err), f.Close())
	}
	return f, nil
}

func (v *View) openFile(name string, flag int, perm fs.FileMode) (*File, error) {
	v.fs.mu.Lock()
	defer v.fs.mu.Unlock()
	n, err := v.open(name, flag, perm)
	if err == nil && v.ctx == nil && n.mode&fs.ModeNamedPipe != 0 {
		err = ENXIO // who would wait with nobody to end it does not begin
	}
	if err != nil {
		return nil, fail("open", name, err)
	}
	if v.fs.open >= v.fs.limits.Open {
		return nil, fail("open", name, EMFILE)
	}
	return v.file(name, n, flag), nil
}

// file counts a file as open. The caller holds the lock.
func (v *View) file(name string, n *inode, flag int) *File {
	f := &File{view: v, name: name, n: n, flag: flag}
	if n.make != nil {
		f.made = n.make()
	}
	v.fs.open++
	v.fs.opened[n.ino]++
	if n.mode&fs.ModeNamedPipe != 0 {
		f.before = v.fs.pipe(n).enter(flag)
	}
	return f
}

func (v *View) open(name string, flag int, perm fs.FileMode) (*inode, error) {
	exclusive := flag&(O_CREATE|O_EXCL) == O_CREATE|O_EXCL
	if p, err := v.entry(name); flag&O_CREATE != 0 && err == nil && p.must {
		return nil, EISDIR
	}
	walk := v.walk
	if flag&O_CREATE != 0 {
		walk = v.walkToMake
	}
	p, err := walk(name, flag&O_NOFOLLOW == 0 && !exclusive)
	switch {
	case err != nil:
		return nil, err
	case p.file == nil && flag&O_CREATE == 0:
		return nil, ENOENT
	case p.file == nil:
		return v.make(p, perm)
	case exclusive:
		return nil, EEXIST
	}
	if err := v.mayOpen(p.file, flag); err != nil {
		return nil, err
	}
	if flag&O_TRUNC == 0 || !p.file.mode.IsRegular() || flag&accessMode == O_RDONLY {
		return p.file, v.writable(&p.file, flag)
	}
	n, err := v.fs.edit(p.file.ino)
	if err == nil {
		v.strip(n)
		err = v.fs.resize(n, 0)
	}
	return n, err
}

// writable sees to it that a file that may be written to is the attacker's copy.
func (v *View) writable(n **inode, flag int) (err error) {
	if flag&accessMode != O_RDONLY && (*n).mode.IsRegular() {
		*n, err = v.fs.edit((*n).ino)
	}
	return err
}

func (v *View) make(p place, perm fs.FileMode) (*inode, error) {
	if err := v.mayMake(p.dir); err != nil {
		if err == EPERM { // what the kernel says of a file alone
			err = EACCES
		}
		return nil, err
	}
	return v.fs.create(p.dir, p.name, v.fresh(p.dir, perm&permBits&^v.mask))
}

func (v *View) mayOpen(n *inode, flag int) error {
	write := flag&accessMode != O_RDONLY
	switch {
	case n.mode&fs.ModeSymlink != 0:
		return ELOOP
	case flag&O_DIRECTORY != 0 && !n.mode.IsDir():
		return ENOTDIR
	case n.mode.IsDir() && (write || flag&O_CREATE != 0):
		return EISDIR
	case n.mode&fs.ModeSocket != 0:
		return ENXIO
	}
	want := fs.FileMode(4)
	switch flag & accessMode {
	case O_WRONLY:
		want = 2
	case O_RDWR:
		want = 6
	}
	if !v.may(n, want) {
		return EACCES
	}
	if write && n.readOnly && n.mode.IsRegular() && n.mode&0o222 == 0 {
		return EACCES
	}
	return nil
}

// Name is the name that the file was opened by.
func (f *File) Name() string { return f.name }

// Stat tells of the file.
func (f *File) Stat() (Info, error) {
	f.view.fs.mu.Lock()
	defer f.view.fs.mu.Unlock()
	return f.view.fs.info(path.Base(f.name), f.now()), nil
}

// now is the file as it is: since it was opened for reading, somebody may have
// made a copy to change.
func (f *File) now() *inode {
	if f.n.ino == 0 || f.n.owned {
		return f.n
	}
	if n, ok := f.view.fs.changed[f.n.ino]; ok {
		return n
	}
	return f.n
}

// Read reads on from where the file is.
func (f *File) Read(b []byte) (int, error) {
	if f.pipes() {
		return f.readPipe(b)
	}
	f.view.fs.mu.Lock()
	defer f.view.fs.mu.Unlock()
	n, err := f.readAt(b, f.at)
	f.at += int64(n)
	if err != nil && err != io.EOF {
		err = fail("read", f.name, err)
	}
	return n, err
}

// ReadAt reads from a place in the file.
func (f *File) ReadAt(b []byte, at int64) (int, error) {
	f.view.fs.mu.Lock()
	defer f.view.fs.mu.Unlock()
	n, err := f.readAt(b, at)
	if err == nil && n < len(b) {
		err = io.EOF
	}
	return n, err
}

func (f *File) readAt(b []byte, at int64) (int, error) {
	n := f.now()
	switch {
	case f.gone || f.flag&accessMode == O_WRONLY:
		return 0, EBADF
	case n.mode.IsDir():
		return 0, EISDIR
	case n.mode&fs.ModeDevice != 0:
		return f.readDevice(n.device, b)
	case at < 0:
		return 0, EINVAL
	}
	data, size := n.data, n.size
	if n.make != nil {
		data, size = f.made, int64(len(f.made))
	}
	if at >= size {
		return 0, io.EOF
	}
	b = b[:min(int64(len(b)), size-at)]
	got := 0
	if at < int64(len(data)) {
		got = copy(b, data[at:])
	}
	clear(b[got:])
	return len(b), nil
}

// readDevice reads from the devices that every machine has: null, zero, full,
// random and urandom.
func (f *File) readDevice(d Device, b []byte) (int, error) {
	if d.Major != 1 {
		return 0, ENXIO
	}
	switch d.Minor {
	case 3:
		return 0, io.EOF
	case 5, 7:
		clear(b)
		return len(b), nil
	case 8, 9:
		return f.noise(b)
	}
	return 0, EPERM // memory, ports
}

// noise is what nobody can tell from the kernel's, at a tenth of its price: who reads
// much of it costs little.
func (f *File) noise(b []byte) (int, error) {
	if f.random == nil {
		var seed [32]byte
		_, _ = rand.Read(seed[:]) // never fails (crypto/rand)
		f.random = random.NewChaCha8(seed)
	}
	return f.random.Read(b)
}

// Write writes on from where the file is, at its end with O_APPEND.
func (f *File) Write(b []byte) (int, error) {
	if f.pipes() {
		return f.writePipe(b)
	}
	f.view.fs.mu.Lock()
	defer f.view.fs.mu.Unlock()
	if f.flag&O_APPEND != 0 {
		f.at = f.now().size
	}
	n, err := f.writeAt(b, f.at)
	f.at += int64(n)
	return n, fail("write", f.name, err)
}

// WriteAt writes at a place in the file.
func (f *File) WriteAt(b []byte, at int64) (int, error) {
	f.view.fs.mu.Lock()
	defer f.view.fs.mu.Unlock()
	n, err := f.writeAt(b, at)
	return n, fail("write", f.name, err)
}

func (f *File) writeAt(b []byte, at int64) (int, error) {
	n := f.now()
	switch {
	case f.gone || f.flag&accessMode == O_RDONLY:
		return 0, EBADF
	case n.mode&fs.ModeDevice != 0:
		return writeDevice(n.device, b)
	case at < 0:
		return 0, EINVAL
	case n.readOnly:
		return len(b), nil // a setting of the kernel: taken, and without effect
	}
	f.view.strip(n)
	done := 0
	for done < len(b) {
		k, err := f.view.fs.write(n, at+int64(done), b[done:])
		if err != nil {
			return done, err
		}
		done += k
	}
	return done, nil
}

func writeDevice(d Device, b []byte) (int, error) {
	switch {
	case d.Major == 1 && d.Minor == 7:
		return 0, ENOSPC
	case d.Major == 1 && d.Minor >= 3:
		return len(b), nil
	}
	return 0, EPERM
}

// Seek goes to another place in the file, as io.Seeker has it.
func (f *File) Seek(offset int64, whence int) (int64, error) {
	f.view.fs.mu.Lock()
	defer f.view.fs.mu.Unlock()
	if f.pipes() {
		return 0, fail("lseek", f.name, ESPIPE)
	}
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += f.now().size
	}
	if offset < 0 {
		return 0, fail("lseek", f.name, EINVAL)
	}
	f.at, f.read = offset, false
	return offset, nil
}

// Truncate sets the file's length.
func (f *File) Truncate(size int64) error {
	f.view.fs.mu.Lock()
	defer f.view.fs.mu.Unlock()
	if f.flag&accessMode == O_RDONLY || !f.n.mode.IsRegular() {
		return fail("truncate", f.name, EINVAL)
	}
	return fail("truncate", f.name, f.view.fs.resize(f.now(), size))
}

// ReadDir tells of up to n more files of a folder, of all when n <= 0.
func (f *File) ReadDir(n int) ([]Info, error) {
	f.view.fs.mu.Lock()
	defer f.view.fs.mu.Unlock()
	if !f.n.mode.IsDir() {
		return nil, fail("readdir", f.name, ENOTDIR)
	}
	if !f.read {
		f.list, f.read = f.view.fs.list(f.now()), true
	}
	if n <= 0 {
		n = len(f.list)
	} else if len(f.list) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(f.list))
	out := f.list[:n]
	f.list = f.list[n:]
	return out, nil
}

// Close ends the use of the file.
func (f *File) Close() error {
	f.view.fs.mu.Lock()
	defer f.view.fs.mu.Unlock()
	if f.gone {
		return fail("close", f.name, EBADF)
	}
	f.gone = true
	f.view.fs.open--
	if f.n.pipe != nil {
		f.n.pipe.leave(f.view.fs, f.flag)
	}
	if f.view.fs.opened[f.n.ino]--; f.view.fs.opened[f.n.ino] <= 0 {
		delete(f.view.fs.opened, f.n.ino)
	}
	if n := f.now(); n.nlink <= 0 && f.view.fs.opened[n.ino] <= 0 && f.view.fs.changed[n.ino] == n {
		f.view.fs.forget(n)
	}
	return nil
}

func (f *File) pipes() bool { return f.n.pipe != nil }

func (f *File) context() context.Context {
	if f.view.ctx == nil {
		return context.Background()
	}
	return f.view.ctx
}
