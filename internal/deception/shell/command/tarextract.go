package command

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// blockReader counts what is read of an archive.
type blockReader struct {
	r   io.Reader
	n   int64
	err error // other than the end
}

// Read implements io.Reader.
func (b *blockReader) Read(buf []byte) (int, error) {
	n, err := b.r.Read(buf)
	b.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// extraction is an archive that is read.
type extraction struct {
	*archiver
	in      *blockReader
	r       *tar.Reader
	wanted  []string
	found   []bool
	strip   int
	need    int64         // bytes up to the end of the member before
	folders []*tar.Header // whose permissions and times are set at the end
}

func (t *archiver) read() error {
	if t.archive == "-" && t.p.InTerminal(0) {
		return t.fatal("Refusing to read archive contents from terminal (missing -f option?)")
	}
	f, err := source(t.p, t.archive)
	if err != nil {
		if t.packing() == "" {
			return t.fatal("%s: Cannot open: %s", t.archive, reason(err))
		}
		fmt.Fprintf(t.p.Err, "tar (child): %s: Cannot open: %s\ntar (child): Error is not recoverable: exiting now\n", t.archive, reason(err))
		return t.fatal("Child returned status 2")
	}
	defer f.Close()
	plain, err := t.unpacked(bufio.NewReader(f))
	if err != nil {
		return err
	}
	r := &extraction{archiver: t, in: &blockReader{r: plain}}
	r.r = tar.NewReader(r.in)
	if r.strip, err = strconv.Atoi(t.a.value("strip-components", "0")); err != nil || r.strip < 0 {
		return t.usage("Invalid number of elements: " + t.a.value("strip-components", ""))
	}
	return r.members()
}

func (r *extraction) want(name string) error {
	r.wanted, r.found = append(r.wanted, strings.TrimRight(name, "/")), append(r.found, false)
	return nil
}

// unpacked is the archive itself, behind the packer that it went through.
func (t *archiver) unpacked(r *bufio.Reader) (io.Reader, error) {
	program, head := t.packing(), sniffed(r)
	switch {
	case program == "" && head != "" && t.archive == "-":
		option := map[string]string{"gzip": "-z", "bzip2": "-j", "xz": "-J"}[head]
		return nil, t.fatal("Archive is compressed. Use %s option", option)
	case program == "":
		program = head
	}
	switch program {
	case "":
		return r, nil
	case "gzip":
		return &unpacker{r: r}, nil
	case "bzip2":
		return bzip2.NewReader(r), nil
	}
	return nil, t.childless(program)
}

// sniffed is the packer whose mark the bytes begin with.
func sniffed(r *bufio.Reader) string {
	head, _ := r.Peek(6)
	for program, mark := range map[string]string{"gzip": "\x1f\x8b", "bzip2": "BZh", "xz": "\xfd7zXZ\x00"} {
		if bytes.HasPrefix(head, []byte(mark)) {
			return program
		}
	}
	return ""
}

func (r *extraction) members() error {
	for first := true; ; first = false {
		h, err := r.r.Next()
		if first && (err == nil || r.empty(err)) {
			if err := r.operands(r.want); err != nil {
				return err
			}
		}
		if err != nil {
			if err := r.ended(first, err); err != nil {
				return err
			}
			break
		}
		if r.p.Step(r.ctx) != nil {
			return vfs.EINTR
		}
		if r.wants(h.Name) {
			err = r.member(h)
		}
		if err == nil {
			err = move(r.ctx, r.p, io.Discard, r.r, unpackCost)
		}
		if err != nil {
			return r.broken(err)
		}
		r.need = (r.in.n + 511) / 512 * 512
	}
	r.finish()
	for i, name := range r.wanted {
		if !r.found[i] {
			r.wrong("%s: Not found in archive", name)
		}
	}
	return nil
}

// ended tells the end of an archive from what is none.
func (r *extraction) ended(first bool, err error) error {
	switch {
	case r.in.err != nil:
		return r.broken(r.in.err)
	case !first && r.in.n < r.need:
		return r.broken(err)
	case r.empty(err) || !first && !errors.Is(err, tar.ErrHeader):
		return nil
	case first:
		r.wrong("This does not look like a tar archive")
		if r.in.n >= 512 {
			r.p.Errorf("Skipping to next header")
		}
		return nil
	}
	r.wrong("Skipping to next header")
	return nil
}

// empty reports whether an archive has no more members, and is one.
func (r *extraction) empty(err error) bool { return errors.Is(err, io.EOF) && r.in.n > 0 }

// broken says why an archive can't be read on.
func (r *extraction) broken(err error) error {
	if errors.Is(err, vfs.EINTR) || errors.Is(err, vfs.EPIPE) || errors.Is(err, errFatal) {
		return err
	}
	if r.in.err == nil {
		return r.fatal("Unexpected EOF in archive")
	}
	text, _ := unpackProblem(r.in.err)
	switch {
	case errors.Is(r.in.err, errTrailing):
		return nil
	case text == "":
		return r.fatal("%s: Cannot read: %s", r.archive, reason(r.in.err))
	}
	fmt.Fprintf(r.p.Err, "\ngzip: stdin: %s\n", text)
	if r.in.n > 0 {
		return r.fatal("Unexpected EOF in archive")
	}
	return r.fatal("Child returned status 1")
}

// wants reports whether a member was asked for.
func (r *extraction) wants(name string) bool {
	name = strings.TrimRight(name, "/")
	if r.excluded(name) {
		return false
	}
	hit := len(r.wanted) == 0
	for i, w := range r.wanted {
		ok := name == w || strings.HasPrefix(name, w+"/")
		if !ok && r.a.has("wildcards") {
			ok, _ = path.Match(w, name)
		}
		r.found[i] = r.found[i] || ok
		hit = hit || ok
	}
	return hit
}

func (r *extraction) member(h *tar.Header) error {
	if r.a.has("t") {
		r.show(r.p.Out, h, h.Name, r.a.has("v"))
		return nil
	}
	name := stripped(r.inside(h.Name, "member names"), r.strip)
	if name == "" {
		return nil
	}
	if r.a.has("v") {
		r.show(r.listing(), h, h.Name, r.a.count("v") > 1)
	}
	if r.a.has("O") {
		return move(r.ctx, r.p, r.p.Out, r.r, unpackCost)
	}
	return r.extract(h, name)
}

// stripped is a name without so many of its first folders; "" is none.
func stripped(name string, n int) string {
	for ; n > 0; n-- {
		_, after, ok := strings.Cut(strings.TrimLeft(name, "/"), "/")
		if !ok {
			return ""
		}
		name = after
	}
	return name
}

func (r *extraction) extract(h *tar.Header, name string) error {
	plain := strings.TrimRight(name, "/")
	if dir := path.Dir(plain); dir != "." && dir != "/" {
		_ = r.files.MkdirAll(dir, 0o777)
	}
	var err error
	if i, found := r.files.Lstat(plain); found == nil && h.Typeflag != tar.TypeDir {
		switch {
		case r.a.has("skip-old-files"):
			return nil
		case r.a.has("k"):
			r.wrong("%s: Cannot open: %s", plain, vfs.EEXIST)
			return nil
		case i.IsDir():
			_ = r.files.Rmdir(plain)
		default:
			_ = r.files.Remove(plain)
		}
	}
	switch h.Typeflag {
	case tar.TypeDir:
		err = r.folder(h, plain)
	case tar.TypeSymlink:
		if err = r.files.Symlink(h.Linkname, plain); err != nil {
			r.wrong("%s: Cannot create symlink to %s: %s", plain, quote(r.p, h.Linkname), reason(err))
		}
	case tar.TypeLink:
		target := stripped(r.inside(h.Linkname, "hard link targets"), r.strip)
		if err = r.files.Link(target, plain); err != nil {
			r.wrong("%s: Cannot hard link to %s: %s", plain, quote(r.p, target), reason(err))
		}
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		r.node(h, plain)
	default:
		return r.regular(h, plain)
	}
	return nil
}

func (r *extraction) folder(h *tar.Header, name string) error {
	err := r.files.Mkdir(name, 0o700)
	if i, e := r.files.Stat(name); err != nil && e == nil && i.IsDir() {
		err = nil
	}
	if err != nil {
		r.wrong("%s: Cannot mkdir: %s", name, reason(err))
		return nil
	}
	later := *h
	later.Name = name
	r.folders = append(r.folders, &later)
	return nil
}

func (r *extraction) node(h *tar.Header, name string) {
	mode := fs.ModeNamedPipe
	switch h.Typeflag {
	case tar.TypeChar:
		mode = fs.ModeDevice | fs.ModeCharDevice
	case tar.TypeBlock:
		mode = fs.ModeDevice
	}
	if err := r.files.Mknod(name, mode|fs.FileMode(h.Mode&0o777), vfs.Device{Major: int(h.Devmajor), Minor: int(h.Devminor)}); err != nil {
		r.wrong("%s: Cannot mknod: %s", name, reason(err))
		return
	}
	r.attributes(h, name)
}

func (r *extraction) regular(h *tar.Header, name string) error {
	f, err := r.files.Open(name, vfs.O_WRONLY|vfs.O_CREATE|vfs.O_EXCL, 0o600)
	if err != nil {
		r.wrong("%s: Cannot open: %s", name, reason(err))
		return nil
	}
	err = move(r.ctx, r.p, f, r.r, unpackCost)
	_ = f.Close()
	if errors.Is(err, vfs.ENOSPC) || errors.Is(err, vfs.EFBIG) {
		r.wrong("%s: Cannot write: %s", name, reason(err))
		err = nil
	}
	r.attributes(h, name)
	return err
}

// attributes gives a file its owner, permissions and time.
func (r *extraction) attributes(h *tar.Header, name string) {
	root := r.p.User.UID == 0
	if root && !r.a.has("no-same-owner") && paid(r.ctx, r.p) {
		uid, gid := h.Uid, h.Gid
		if u, ok := r.p.Machine.User(h.Uname); ok && !r.a.has("numeric-owner") {
			uid = u.UID
		}
		if g, ok := groupNamed(r.p.Machine, h.Gname); ok && h.Gname != "" && !r.a.has("numeric-owner") {
			gid = g.gid
		}
		_ = r.files.Chown(name, uid, gid)
	}
	mode := fs.FileMode(h.Mode & 0o777)
	if root || r.a.has("p") {
		mode = h.FileInfo().Mode() & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky)
	} else {
		mode &^= fs.FileMode(r.p.Umask())
	}
	_ = r.files.Chmod(name, mode)
	if !r.a.has("m") {
		_ = r.files.Chtimes(name, r.p.Now(), h.ModTime)
	}
}

// finish sets what folders get once nothing more is written into them.
func (r *extraction) finish() {
	for _, h := range slices.Backward(r.folders) {
		r.attributes(h, h.Name)
	}
}
