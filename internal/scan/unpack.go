package scan

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/therootcompany/xz"
)

// What archives may cost.
const (
	// maxMembers is how many members of one archive are looked at.
	maxMembers = 1_000_000
	// residentZip is the largest zip that is unpacked where it cannot be read at
	// any place, as within another archive: it is held in memory then.
	residentZip = 64 << 20
	// maxZipIndex bounds a zip's central directory, which is held in memory.
	maxZipIndex = 256 << 20
	// zstdWindow is the most a zstd frame may ask to look back, as RFC 8878,
	// 3.1.1.1.2 recommends to support at least 8 MiB; zstd -19 uses that.
	zstdWindow = 128 << 20
	// xzWindow is the same for xz: what xz -9 uses.
	xzWindow = 64 << 20
)

var (
	errBudget = errors.New("it unpacks to more than is allowed of its size")
	errDepth  = errors.New("it lies deeper in archives than the limit")
)

// unpack scans what an archive holds.
func (w *worker) unpack(t target, k kind, format string, head []byte, whole bool, rest io.Reader) {
	if k == tarFile && t.pack != "" { // .tar.gz is one archive
		t.name, t.depth = t.pack, t.depth-1
	}
	if t.depth >= w.run.opts.Depth {
		t.out.skip(t.name, errDepth.Error())
		return
	}
	head = bytes.Clone(head) // the members use the buffer
	all := io.Reader(bytes.NewReader(head))
	if !whole {
		all = io.MultiReader(all, rest)
	}
	err := w.members(t, k, head, whole, all, rest)
	if err != nil && t.ctx.Err() == nil {
		t.out.skip(t.name, fmt.Sprintf("%s: %v", format, err))
	}
}

func (w *worker) members(t target, k kind, head []byte, whole bool, all, rest io.Reader) error {
	switch k {
	case zipFile:
		return w.zip(t, head, whole, all, rest)
	case tarFile:
		return w.tar(t, all)
	case gzipped:
		z, err := gzip.NewReader(all)
		if err != nil {
			w.resident(t, head)
			return err
		}
		return w.packed(t, z)
	case bzipped:
		return w.packed(t, bzip2.NewReader(all))
	case xzipped:
		return w.xz(t, all)
	case pdfFile:
		return w.pdf(t, all)
	}
	z, err := zstd.NewReader(all, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow), zstd.WithDecoderLowmem(true))
	if err != nil {
		return err
	}
	defer z.Close()
	return w.packed(t, z)
}

func (w *worker) xz(t target, all io.Reader) error {
	z, err := xz.NewReader(all, xzWindow)
	if err != nil {
		return err
	}
	return w.packed(t, z)
}

// packed scans the one thing that a compressed stream holds.
func (w *worker) packed(t target, r io.Reader) error {
	in := t.inner(unpackedName(t.name))
	in.pack = t.name
	w.content(in, -1, t.bounded(r))
	return nil
}

func (w *worker) tar(t target, r io.Reader) error {
	tr := tar.NewReader(r)
	for n := 0; ; n++ {
		h, err := tr.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case n == maxMembers:
			return fmt.Errorf("it has more than %d members", maxMembers)
		case t.out.over():
			return nil
		case h.Typeflag != tar.TypeReg:
			continue
		case *t.left <= 0:
			return errBudget
		}
		w.content(t.inner(memberName(h.Name)), h.Size, t.bounded(tr))
	}
}

// zip needs to read at any place: the file itself, or a copy of what is small.
func (w *worker) zip(t target, head []byte, whole bool, all, rest io.Reader) error {
	at, size, err := seekable(head, whole, all, rest)
	if err != nil {
		return err
	}
	z, err := openZip(at, size)
	if err != nil { // it may be something else that begins like a zip
		w.stream(t, io.NewSectionReader(at, 0, size))
		return err
	}
	office, closed := officePackage(z), encrypted(z)
	for n, f := range z.File {
		in := t.inner(memberName(f.Name))
		switch {
		case n == maxMembers:
			return fmt.Errorf("it has more than %d members", maxMembers)
		case t.out.over():
			return nil
		case *t.left <= 0:
			return errBudget
		case !f.FileInfo().Mode().IsRegular():
		case f.Flags&1 != 0, closed[f.Name]:
			t.out.skip(in.name, "it is encrypted")
		case office && cutUp(f.Name):
			w.office(in, f)
		default:
			w.zipMember(in, f)
		}
	}
	return nil
}

func (w *worker) zipMember(t target, f *zip.File) {
	r, err := f.Open()
	if err != nil {
		t.out.skip(t.name, err.Error())
		return
	}
	defer func() { _ = r.Close() }()
	w.content(t, -1, t.bounded(r))
}

// seekable is what a zip is read from.
func seekable(head []byte, whole bool, all, rest io.Reader) (io.ReaderAt, int64, error) {
	if whole {
		return bytes.NewReader(head), int64(len(head)), nil
	}
	if f, ok := rest.(*counting); ok {
		if at, ok := f.r.(io.ReaderAt); ok && f.size > 0 {
			return at, f.size, nil
		}
	}
	data, err := io.ReadAll(io.LimitReader(all, residentZip+1))
	if err != nil {
		return nil, 0, err
	}
	if len(data) > residentZip {
		return nil, 0, fmt.Errorf("it is not a file of its own and has more than %d bytes", residentZip)
	}
	return bytes.NewReader(data), int64(len(data)), nil
}

func openZip(r io.ReaderAt, size int64) (*zip.Reader, error) {
	if err := checkZip(r, size); err != nil {
		return nil, err
	}
	return zip.NewReader(r, size)
}

// checkZip refuses a central directory that would fill the memory: the end
// record says how long it is (APPNOTE 6.3.10, 4.3.16), and one that leaves that
// to a zip64 record is bounded by the file itself.
func checkZip(r io.ReaderAt, size int64) error {
	tail := make([]byte, min(size, 22+65535))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	i := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if i < 0 || len(tail) < i+22 {
		return zip.ErrFormat
	}
	index := int64(tail[i+12]) | int64(tail[i+13])<<8 | int64(tail[i+14])<<16 | int64(tail[i+15])<<24
	if index == 0xffffffff {
		index = size
	}
	if index > maxZipIndex {
		return fmt.Errorf("its list of members has more than %d bytes", maxZipIndex)
	}
	return nil
}

// memberName is a member's name as findings show it: never one that leaves the
// archive.
func memberName(name string) string {
	return strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/")
}

// bounded is r within what may still be unpacked.
func (t target) bounded(r io.Reader) io.Reader { return &bounded{r: r, left: t.left} }

// bounded reads until the budget of the outermost input is used up.
type bounded struct {
	r    io.Reader
	left *int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if *b.left <= 0 {
		return b.probe()
	}
	n, err := b.r.Read(p[:min(int64(len(p)), *b.left)])
	*b.left -= int64(n)
	return n, err
}

// probe tells an end at the budget from more behind it.
func (b *bounded) probe() (int, error) {
	var one [1]byte
	n, err := io.ReadFull(b.r, one[:])
	if n > 0 {
		return 0, errBudget
	}
	return 0, err
}
