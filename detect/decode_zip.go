package detect

import (
	"bytes"
	"encoding/binary"
)

// Of the directory at the end of a ZIP archive (APPNOTE.TXT, 4.3.12 and 4.3.16).
const (
	zipRecord     = "PK\x01\x02"
	zipRecordSize = 46
	zipEnd        = "PK\x05\x06"
	zipEndSize    = 22
	zipHeadSize   = 30
	zipEncrypted  = 1 // of the flags
)

// zipEntry is what a directory says of an entry.
type zipEntry struct {
	flags, method uint16
	size, offset  int // compressed, and of its head from where the archive begins
}

// listed scans the entries of the archive at i that are compressed by its directory and
// stored by their own heads: who opens an archive goes by the directory. Each directory
// is read once.
func (w *sweep) listed(i int) {
	if i < w.directory {
		return
	}
	w.directory = len(w.text)
	n := bytes.Index(w.text[i:], []byte(zipRecord))
	if n < 0 {
		return
	}
	first := i + n
	w.directory = first
	entries, end := zipEntries(w.text, first)
	begin := i // when nothing else tells
	if e := w.text[end:]; len(e) >= zipEndSize && bytes.HasPrefix(e, []byte(zipEnd)) {
		begin = first - int(binary.LittleEndian.Uint32(e[16:]))
	}
	for _, e := range entries {
		w.entry(begin+e.offset, e)
	}
}

// zipEntries reads the records of a directory, and where they end.
func zipEntries(text []byte, at int) (all []zipEntry, end int) {
	for at+zipRecordSize <= len(text) && bytes.HasPrefix(text[at:], []byte(zipRecord)) {
		r := text[at:]
		number := binary.LittleEndian.Uint16
		e := zipEntry{number(r[8:]), number(r[10:]), int(binary.LittleEndian.Uint32(r[20:])), int(binary.LittleEndian.Uint32(r[42:]))}
		if e.method != 0 {
			all = append(all, e)
		}
		at += zipRecordSize + int(number(r[28:])) + int(number(r[30:])) + int(number(r[32:]))
	}
	return all, min(at, len(text))
}

// entry scans the entry whose head is at i, unless that says of it that it is compressed.
func (w *sweep) entry(i int, e zipEntry) {
	if i < w.lo || i+zipHeadSize > len(w.text) || !bytes.HasPrefix(w.text[i:], []byte(zipMagic)) {
		return
	}
	h := w.text[i:]
	data := i + zipHeadSize + int(binary.LittleEndian.Uint16(h[26:])) + int(binary.LittleEndian.Uint16(h[28:]))
	if binary.LittleEndian.Uint16(h[8:]) != 0 || data > len(w.text) {
		return
	}
	limit := min(len(w.text), data+e.size)
	if e.method != 8 || e.flags&zipEncrypted != 0 {
		w.s.note(w.l, i, limit, ReasonUnreadable)
		return
	}
	w.unpack(i, data, limit, "zip", newFlate)
}
