package file

import (
	"errors"
	"io"
	"os"
	"time"
)

// handle is an open file of the series.
type handle struct {
	gen     *generation
	phys    physical
	file    *diskFile
	archive *archive  // nil for a plain file
	gone    bool      // it has no name any more
	size    int64     // when it was read last
	since   time.Time // it has that size
}

// openHandle opens exactly the file that was listed.
func (d disk) openHandle(p physical) (*handle, error) {
	file, err := d.open(p.path)
	if err != nil {
		return nil, err
	}
	info, err := file.stat()
	if err == nil && !os.SameFile(info, p.info) {
		err = os.ErrNotExist // another took its place: the next look finds out
	}
	if err != nil {
		file.close()
		return nil, err
	}
	h := &handle{phys: p, file: file}
	if p.pack != plain {
		h.archive = newArchive(file, p.pack)
	}
	return h, nil
}

func (h *handle) close() { h.file.close() }

// ReadAt implements io.ReaderAt.
func (h *handle) ReadAt(p []byte, at int64) (int, error) {
	if h.archive != nil {
		return h.archive.ReadAt(p, at)
	}
	return h.file.ReadAt(p, at)
}

// ends says whether an error of ReadAt only means that there is no more.
func (h *handle) ends(err error) bool {
	return errors.Is(err, io.EOF) || h.archive != nil && err == h.archive.err
}

// window reads [from, to); with io.EOF when there is less.
func (h *handle) window(from, to int64) ([]byte, error) {
	b := make([]byte, to-from)
	n, err := h.ReadAt(b, from)
	if n == len(b) {
		err = nil
	}
	return b[:n], err
}

// length is the size of the text in a file.
func (h *handle) length() (int64, error) {
	if h.archive == nil {
		info, err := h.file.stat()
		if err != nil {
			return 0, err
		}
		return info.Size(), nil
	}
	for h.archive.err == nil {
		at := h.archive.base + int64(len(h.archive.buf))
		h.archive.unpackTo(at, at+64<<10)
	}
	if !errors.Is(h.archive.err, io.EOF) {
		return 0, h.archive.err
	}
	return h.archive.base + int64(len(h.archive.buf)), nil
}

// rewind goes back to the beginning of an archive.
func (h *handle) rewind() {
	if h.archive != nil {
		h.archive.rewind()
	}
}
