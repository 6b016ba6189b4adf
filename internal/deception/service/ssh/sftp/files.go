package sftp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// handle is an open file or folder.
type handle struct {
	name    string // as the client gave it
	path    string // where it is
	file    *vfs.File
	append  bool
	read    uint64 // bytes
	written uint64
	entries []entry // of a folder: what was not told yet
	folder  bool
	listed  int   // entries that it counts for
	holds   int64 // bytes, likewise
}

// How a client opens a file.
const (
	openRead      = 0x01
	openWrite     = 0x02
	openAppend    = 0x04
	openCreate    = 0x08
	openTruncate  = 0x10
	openExclusive = 0x20
)

func flagsOf(portable uint32) int {
	flags := vfs.O_RDONLY
	switch portable & (openRead | openWrite) {
	case openRead | openWrite:
		flags = vfs.O_RDWR
	case openWrite:
		flags = vfs.O_WRONLY
	}
	for bit, flag := range map[uint32]int{openAppend: vfs.O_APPEND, openCreate: vfs.O_CREATE, openTruncate: vfs.O_TRUNC, openExclusive: vfs.O_EXCL} {
		if portable&bit != 0 {
			flags |= flag
		}
	}
	return flags
}

func (s *server) openFile(id uint32, r *wire.Reader) error {
	name, flags, a := r.CString(), r.Uint32(), readAttributes(r)
	if !r.OK() {
		return errFatal
	}
	mode := uint32(0o666)
	if a.flags&hasMode != 0 {
		mode = a.mode
	}
	f, err := s.Files.Open(name, flagsOf(flags), goMode(mode))
	if err != nil {
		return s.result(id, err)
	}
	path, err := s.Files.Real(name)
	if err != nil {
		path = name
	}
	return s.give(id, &handle{name: name, path: path, file: f, append: flags&openAppend != 0})
}

// give answers with a new handle: the lowest number that is free.
func (s *server) give(id uint32, h *handle) error {
	n := 0
	for n < len(s.open) && s.open[n] != nil {
		n++
	}
	if n >= maxHandles {
		s.finish(h)
		return s.status(id, statusFailure)
	}
	if n == len(s.open) {
		s.open = append(s.open, nil)
	}
	s.open[n] = h
	return s.send(wire.Message(fxpHandle).Uint32(id).String(binary.BigEndian.AppendUint32(nil, uint32(n))))
}

func (h *handle) drop() {
	if h.file != nil {
		_ = h.file.Close() // nothing can be lost: it is memory
	}
}

// find reads a handle; number is -1 and h nil when there is none such.
func (s *server) find(r *wire.Reader) (number int, h *handle) {
	b := r.String()
	if len(b) != 4 {
		return -1, nil
	}
	n := int(binary.BigEndian.Uint32(b))
	if n < 0 || n >= len(s.open) {
		return -1, nil
	}
	return n, s.open[n]
}

// file reads the handle of a file; nil when it is none.
func (s *server) file(r *wire.Reader) *handle {
	if _, h := s.find(r); h != nil && !h.folder {
		return h
	}
	return nil
}

func (s *server) closeHandle(id uint32, r *wire.Reader) error {
	n, h := s.find(r)
	if !r.OK() {
		return errFatal
	}
	if h == nil {
		return s.status(id, statusNoFile)
	}
	s.finish(h)
	s.open[n] = nil
	return s.status(id, statusOK)
}

func (s *server) closeAll() {
	for _, h := range s.open {
		if h != nil {
			s.finish(h)
		}
	}
	s.open = nil
}

// finish closes a handle and records what went through it.
func (s *server) finish(h *handle) {
	defer h.drop()
	s.listed -= h.listed
	s.hold(-h.holds)
	if h.written > 0 {
		s.keep(h)
	}
	if h.read > 0 {
		s.Session.Record(service.Download, nil, service.Field{Name: "path", Value: h.path},
			service.Field{Name: "bytes", Value: fmt.Sprint(h.read)}, service.Field{Name: "by", Value: "sftp"})
	}
}

// keep keeps a file that was written, whoever may read it.
func (s *server) keep(h *handle) {
	s.kept += Keep(s.Files, s.Session, h.path, "sftp", MaxKept-s.kept)
}

// MaxKept is how many bytes of files are kept of one client of a program: he may
// write a file of the largest size again and again, a byte at a time.
const MaxKept = 128 << 20

// Keep records a file that a client has written, by what program, and at most so
// many bytes of it. It returns how many they are.
func Keep(files *vfs.View, session *service.Session, path, by string, most int64) int64 {
	f, err := files.FS().As(vfs.Cred{}).Open(path, vfs.O_RDONLY, 0)
	if err != nil {
		return 0 // he has removed it by now
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, min(most, service.MaxArtifact)))
	info, statErr := f.Stat()
	if err != nil || statErr != nil || !info.Mode.IsRegular() {
		return 0
	}
	session.Keep(service.Artifact{
		Kind: "upload", Path: path, MediaType: http.DetectContentType(data[:min(len(data), 512)]), Data: data, Size: uint64(info.Size),
	}, service.Field{Name: "by", Value: by})
	return int64(len(data))
}

func (s *server) read(id uint32, r *wire.Reader) error {
	h, offset, n := s.file(r), r.Uint64(), r.Uint32()
	if !r.OK() {
		return errFatal
	}
	if h == nil {
		return s.status(id, statusFailure)
	}
	if int64(offset) < 0 {
		return s.status(id, statusBad)
	}
	b := make([]byte, min(n, maxRead))
	got, err := h.file.ReadAt(b, int64(offset))
	if got == 0 && n > 0 {
		if err == nil {
			err = io.EOF
		}
		return s.result(id, err)
	}
	h.read += uint64(got)
	return s.send(wire.Message(fxpData).Uint32(id).String(b[:got]))
}

func (s *server) write(id uint32, r *wire.Reader) error {
	h, offset, data := s.file(r), r.Uint64(), r.String()
	if !r.OK() {
		return errFatal
	}
	if h == nil {
		return s.status(id, statusFailure)
	}
	if int64(offset) < 0 && !h.append {
		return s.status(id, statusBad)
	}
	n, err := s.put(h, data, int64(offset))
	h.written += uint64(n)
	return s.result(id, err)
}

func (s *server) put(h *handle, data []byte, offset int64) (int, error) {
	if h.append {
		return h.file.Write(data)
	}
	return h.file.WriteAt(data, offset)
}

func (s *server) fstat(id uint32, r *wire.Reader) error {
	h := s.file(r)
	if !r.OK() {
		return errFatal
	}
	if h == nil {
		return s.status(id, statusFailure)
	}
	info, err := h.file.Stat()
	return s.sendStat(id, info, err)
}

func (s *server) sendStat(id uint32, info vfs.Info, err error) error {
	if err != nil {
		return s.result(id, err)
	}
	return s.send(attributesOf(info).append(wire.Message(fxpAttrs).Uint32(id)))
}

func (s *server) fsetstat(id uint32, r *wire.Reader) error {
	h, a := s.file(r), readAttributes(r)
	if !r.OK() {
		return errFatal
	}
	if h == nil {
		return s.status(id, statusFailure)
	}
	var err error
	if a.flags&hasSize != 0 {
		err = h.file.Truncate(int64(a.size))
	}
	a.flags &^= hasSize
	return s.result(id, errors.Join(s.set(h.path, a, s.Files.Chown), err))
}

// copyData copies between two open files (the extension copy-data); a length of
// 0 is all.
func (s *server) copyData(id uint32, r *wire.Reader) error {
	from, offset, length := s.file(r), r.Uint64(), r.Uint64()
	to, at := s.file(r), r.Uint64()
	if !r.OK() {
		return errFatal
	}
	if from == nil || to == nil || from == to || from.name == to.name {
		return s.status(id, statusFailure)
	}
	all := length == 0
	if length = min(length, maxCopy); all {
		length = maxCopy
	}
	c := &copying{from: from, to: to, offset: offset, at: at, left: length}
	for c.left > 0 {
		if over, err := s.copySome(c); over {
			return s.copied(id, all, err)
		} else if err != nil {
			return s.result(id, err)
		}
	}
	return s.status(id, statusOK)
}

// copying is a copy under way.
type copying struct {
	from, to   *handle
	offset, at uint64
	left       uint64
}

// copyTurn is how many pieces are copied before others have their turn: a device is
// never at its end, and a client may ask for a gigabyte as often as he likes.
const copyTurn = 64

// copySome copies some pieces; over says that nothing more can be read, for the reason
// that is the error.
func (s *server) copySome(c *copying) (over bool, err error) {
	done, err := s.Turn()
	if err != nil {
		return false, fmt.Errorf("waiting to copy: %w", err)
	}
	defer done()
	b := make([]byte, 64<<10)
	for range copyTurn {
		b = b[:min(uint64(len(b)), c.left)]
		n, err := c.from.file.ReadAt(b, int64(c.offset))
		if n == 0 {
			return true, err
		}
		if _, err := s.put(c.to, b[:n], int64(c.at)); err != nil {
			return false, err
		}
		c.from.read, c.to.written = c.from.read+uint64(n), c.to.written+uint64(n)
		c.offset, c.at, c.left = c.offset+uint64(n), c.at+uint64(n), c.left-uint64(len(b)) // as sftp-server counts
		if c.left == 0 {
			break
		}
	}
	return false, nil
}

// copied answers when nothing more can be read.
func (s *server) copied(id uint32, all bool, err error) error {
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return s.result(id, err)
	case all:
		return s.status(id, statusOK)
	}
	return s.status(id, statusEOF)
}
