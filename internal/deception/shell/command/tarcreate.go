package command

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// writing is an archive that is written.
type writing struct {
	*archiver
	w     *tar.Writer
	own   uint64            // number of the archive's file, which is left out
	links map[uint64]string // members by the number of a file with several names
	names names
}

// record is what archives are padded to: twenty blocks.
const record = 20 * 512

func (t *archiver) create() error {
	if len(t.a.rest) == 0 && !t.a.has("T") {
		return t.usage("Cowardly refusing to create an empty archive")
	}
	switch program := t.packing(); program {
	case "", "gzip":
	default:
		return t.childless(program)
	}
	if t.archive == "-" && t.p.InTerminal(1) {
		return t.fatal("Refusing to write archive contents to terminal (missing -f option?)")
	}
	out, own, err := t.output()
	if err != nil {
		return err
	}
	err = t.fill(out, own)
	if e := out.Close(); err == nil {
		err = e
	}
	switch {
	case err == nil || errors.Is(err, errFatal):
		return err
	case errors.Is(err, vfs.EINTR):
		return err
	}
	return t.fatal("%s: Cannot write: %s", t.archive, reason(err))
}

// output opens the archive's file; own is its number.
func (t *archiver) output() (out io.WriteCloser, own uint64, err error) {
	if t.archive == "-" {
		i, _ := t.p.Stat(1)
		return nopCloser{t.p.Out}, i.Ino, nil
	}
	flag := vfs.O_RDWR | vfs.O_CREATE | vfs.O_TRUNC
	if t.a.has("r") {
		flag = vfs.O_RDWR | vfs.O_CREATE
	}
	f, err := t.p.Files.Open(t.archive, flag, 0o666)
	if err != nil {
		if t.packing() == "" {
			return nil, 0, t.fatal("%s: Cannot open: %s", t.archive, reason(err))
		}
		fmt.Fprintf(t.p.Err, "tar (child): %s: Cannot open: %s\ntar (child): Error is not recoverable: exiting now\n", t.archive, reason(err))
		return nil, 0, t.fatal("Child returned status 2")
	}
	i, _ := f.Stat()
	if t.a.has("r") {
		if err := t.behind(f); err != nil {
			return nil, 0, err
		}
	}
	return f, i.Ino, nil
}

// behind moves to the end of the last member of an archive.
func (t *archiver) behind(f *vfs.File) error {
	in := &blockReader{r: f}
	r, end := tar.NewReader(in), int64(0)
	for {
		if _, err := r.Next(); err != nil {
			break
		}
		if err := copyTo(t.ctx, t.p, io.Discard, r); err != nil {
			return t.fatal("%s: Cannot read: %s", t.archive, reason(err))
		}
		end = (in.n + 511) / 512 * 512
	}
	_, err := f.Seek(end, io.SeekStart)
	if err == nil {
		err = f.Truncate(end)
	}
	return err
}

// fill writes all members and the end of the archive.
func (t *archiver) fill(out io.Writer, own uint64) error {
	var z *gzip.Writer
	if t.packing() == "gzip" {
		if !t.p.Hold(packer) {
			return t.fatal("%s: Cannot write: %s", t.archive, reason(errMemory))
		}
		defer t.p.Hold(-packer)
		z = gzip.NewWriter(out)
		z.OS, out = 3, z
	}
	n := &counting{w: out}
	w := &writing{archiver: t, w: tar.NewWriter(n), own: own, links: map[uint64]string{}, names: newNames(t.p.Machine)}
	err := t.operands(w.add)
	if err == nil {
		err = w.w.Close()
	}
	if pad := n.n % record; err == nil && pad > 0 {
		_, err = out.Write(make([]byte, record-pad))
	}
	if err == nil && z != nil {
		err = z.Close()
	}
	return err
}

// add writes an operand, and all below it.
func (w *writing) add(name string) error {
	return w.files.Walk(name, func(name string, i vfs.Info, err error) error {
		if w.p.Step(w.ctx) != nil {
			return vfs.EINTR
		}
		switch {
		case err != nil && i.Name == "":
			w.wrong("%s: Cannot stat: %s", name, reason(err))
			return nil
		case err != nil:
			w.wrong("%s: Cannot open: %s", name, reason(err))
			return nil
		case w.excluded(strings.TrimSuffix(name, "/")):
			return pruned(i)
		case i.Ino == w.own && i.Mode.IsRegular():
			w.p.Errorf("%s: file is the archive; not dumped", name)
			return nil
		}
		if err := w.member(name, i); err != nil {
			return err
		}
		if w.a.has("no-recursion") {
			return pruned(i)
		}
		return nil
	})
}

func pruned(i vfs.Info) error {
	if i.IsDir() {
		return fs.SkipDir
	}
	return nil
}

func (w *writing) member(name string, i vfs.Info) error {
	if w.a.has("h") && i.Target != "" {
		if followed, err := w.files.Stat(name); err == nil && !followed.IsDir() {
			i = followed
		}
	}
	h := w.header(name, i)
	if h == nil {
		return nil
	}
	var data io.Reader
	if h.Typeflag == tar.TypeReg {
		f, err := w.files.Open(name, vfs.O_RDONLY, 0)
		if err != nil {
			w.wrong("%s: Cannot open: %s", name, reason(err))
			return nil
		}
		defer f.Close()
		data = io.LimitReader(f, h.Size)
	}
	if w.a.has("v") {
		w.show(w.listing(), h, shownName(name, i), w.a.count("v") > 1)
	}
	if err := w.w.WriteHeader(h); err != nil {
		return err
	}
	return w.contents(name, h.Size, data)
}

// contents copies a file; one that became shorter is filled with zeros.
func (w *writing) contents(name string, size int64, data io.Reader) error {
	if data == nil {
		return nil
	}
	n := &counting{w: w.w}
	cost := copyCost
	if w.packing() == "gzip" {
		cost = packCost
	}
	if err := move(w.ctx, w.p, n, data, cost); err != nil {
		return err
	}
	if missing := size - n.n; missing > 0 {
		w.wrong("%s: File shrank by %d bytes; padding with zeros", name, missing)
		return copyTo(w.ctx, w.p, w.w, io.LimitReader(zeros{}, missing))
	}
	if w.a.has("remove-files") {
		_ = w.files.Remove(name)
	}
	return nil
}

func shownName(name string, i vfs.Info) string {
	if i.IsDir() && !strings.HasSuffix(name, "/") {
		return name + "/"
	}
	return name
}

// listing is where names go: not into the archive.
func (t *archiver) listing() io.Writer {
	if t.a.has("O") || t.a.has("c", "r") && t.archive == "-" {
		return t.p.Err
	}
	return t.p.Out
}

// header describes a file; nil when archives have no place for its kind.
func (w *writing) header(name string, i vfs.Info) *tar.Header {
	h := &tar.Header{Format: tar.FormatGNU, Name: shownName(w.inside(name, "member names"), i), Mode: int64(unixMode(i.Mode)), Uid: i.UID, Gid: i.GID, ModTime: i.Mtime.Truncate(1e9)}
	h.Uname, h.Gname = w.names.user(i.UID), w.names.group(i.GID)
	switch {
	case i.IsDir():
		h.Typeflag = tar.TypeDir
	case i.Target != "":
		h.Typeflag, h.Linkname = tar.TypeSymlink, i.Target
	case i.Mode&fs.ModeCharDevice != 0:
		h.Typeflag, h.Devmajor, h.Devminor = tar.TypeChar, int64(i.Device.Major), int64(i.Device.Minor)
	case i.Mode&fs.ModeDevice != 0:
		h.Typeflag, h.Devmajor, h.Devminor = tar.TypeBlock, int64(i.Device.Major), int64(i.Device.Minor)
	case i.Mode&fs.ModeNamedPipe != 0:
		h.Typeflag = tar.TypeFifo
	case i.Mode.IsRegular():
		w.regular(h, i)
	default:
		w.p.Errorf("%s: socket ignored", name)
		return nil
	}
	return h
}

// regular makes a header one of a file, or of one more name of a file.
func (w *writing) regular(h *tar.Header, i vfs.Info) {
	h.Typeflag, h.Size = tar.TypeReg, i.Size
	if i.Nlink < 2 {
		return
	}
	if first, ok := w.links[i.Ino]; ok {
		h.Typeflag, h.Size, h.Linkname = tar.TypeLink, 0, w.inside(first, "hard link targets")
		return
	}
	w.links[i.Ino] = h.Name
}

// unixMode has the permissions as chmod's numbers.
func unixMode(m fs.FileMode) uint32 {
	bits := uint32(m.Perm())
	for bit, flag := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if m&flag != 0 {
			bits |= bit
		}
	}
	return bits
}

// zeros are zeros without end.
type zeros struct{}

// Read implements io.Reader.
func (zeros) Read(b []byte) (int, error) {
	for i := range b { // clear is a program here
		b[i] = 0
	}
	return len(b), nil
}

type nopCloser struct{ io.Writer }

// Close implements io.Closer.
func (nopCloser) Close() error { return nil }
