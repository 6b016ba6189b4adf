package detect

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
)

// Of the directory at the end of a ZIP archive (APPNOTE.TXT, 4.3.12 to 4.3.16 and 4.5.3).
const (
	zipRecord      = "PK\x01\x02"
	zipRecordSize  = 46
	zipEnd         = "PK\x05\x06"
	zipEndSize     = 22
	zipEnd64       = "PK\x06\x06"
	zipEnd64Size   = 56
	zipLocator     = "PK\x06\x07" // of the end in 64 bits
	zipLocatorSize = 20
	zipExtra64     = 1 // numbers in 64 bits
	zipHeadSize    = 30
	zipEncrypted   = 1 // of the flags
)

// zipEntry is what a directory says of an entry.
type zipEntry struct {
	flags, method uint16
	size, offset  int // compressed, and of its head from where the archive begins
}

// listed scans the entries of the archives from i on that are compressed by their
// directory and stored by their own heads: who opens an archive goes by the directory.
// Whatever looks like a record of one is taken for one, and the archive may begin
// wherever some program would think so: what stands before the records and behind them
// may be made to hide them. All are read once.
func (w *sweep) listed(i int) {
	if w.directory > 0 {
		return
	}
	w.directory = len(w.text)
	last := w.zipBegins(nil, i+max(0, bytes.LastIndex(w.text[i:], []byte(zipEnd))))
	for head := i; i < len(w.text); {
		end := len(w.text)
		if n := bytes.Index(w.text[i:], []byte(zipEnd)); n >= 0 {
			end = i + n
		}
		w.records(i, end, w.zipBegins(append([]int{head}, last...), end))
		i = end + len(zipEnd)
		head = w.headBehind(head, i)
	}
}

// headBehind is where an archive may begin behind i, when head was the place before.
func (w *sweep) headBehind(head, i int) int {
	if head >= i || i >= len(w.text) {
		return head
	}
	if n := bytes.Index(w.text[i:], []byte(zipMagic)); n >= 0 {
		return i + n
	}
	return len(w.text)
}

// zipBegins adds where an archive begins whose directory ends at end: by the numbers
// there, and by those in 64 bits before it.
func (w *sweep) zipBegins(all []int, end int) []int {
	e := w.text[end:]
	if len(e) < zipEndSize || !bytes.HasPrefix(e, []byte(zipEnd)) {
		return all
	}
	all = w.zipBegin(all, end, uint64(binary.LittleEndian.Uint32(e[12:])), uint64(binary.LittleEndian.Uint32(e[16:])))
	at := end - zipLocatorSize
	if at < 0 || !bytes.HasPrefix(w.text[at:], []byte(zipLocator)) {
		return all
	}
	named := binary.LittleEndian.Uint64(w.text[at+8:])
	for _, end64 := range []int{at - zipEnd64Size, int(min(named, uint64(len(w.text))))} {
		if e := w.text[max(0, end64):]; len(e) >= zipEnd64Size && bytes.HasPrefix(e, []byte(zipEnd64)) {
			all = w.zipBegin(all, end64, binary.LittleEndian.Uint64(e[40:]), binary.LittleEndian.Uint64(e[48:]))
		}
	}
	return all
}

// zipBegin adds where an archive begins whose directory of that size ends at end and
// begins at that offset in it.
func (w *sweep) zipBegin(all []int, end int, size, offset uint64) []int {
	if size > uint64(end) || offset > uint64(end)-size {
		return all
	}
	return append(all, end-int(size)-int(offset))
}

// records scans the entries of which there are records in text[from:to], of an archive
// that begins at one of those places.
func (w *sweep) records(from, to int, begins []int) {
	for at := from; ; at += len(zipRecord) {
		n := bytes.Index(w.text[at:to], []byte(zipRecord))
		if n < 0 {
			return
		}
		at += n
		e, ok := zipEntryOf(w.text[at:])
		if !ok {
			continue
		}
		for j, begin := range begins {
			if !slices.Contains(begins[:j], begin) && e.offset <= len(w.text)-begin {
				w.entry(begin+e.offset, e)
			}
		}
	}
}

// zipEntryOf reads a record; ok is false for none, and for an entry that is stored.
func zipEntryOf(r []byte) (e zipEntry, ok bool) {
	if len(r) < zipRecordSize {
		return e, false
	}
	number, long := binary.LittleEndian.Uint16, binary.LittleEndian.Uint32
	e = zipEntry{flags: number(r[8:]), method: number(r[10:])}
	if e.method == 0 {
		return e, false
	}
	extra := r[min(len(r), zipRecordSize+int(number(r[28:]))):]
	extra = extra[:min(len(extra), int(number(r[30:])))]
	in64 := zip64(extra)
	take := func(n uint32) int { // as much as can be told
		if n != math.MaxUint32 || len(in64) < 8 {
			return int(n)
		}
		v := binary.LittleEndian.Uint64(in64)
		in64 = in64[8:]
		return int(min(v, math.MaxInt32))
	}
	take(long(r[24:])) // the size of what is unpacked stands first
	e.size, e.offset = take(long(r[20:])), take(long(r[42:]))
	return e, true
}

// zip64 is the field of the numbers in 64 bits.
func zip64(extra []byte) []byte {
	for len(extra) >= 4 {
		size := min(int(binary.LittleEndian.Uint16(extra[2:])), len(extra)-4)
		if binary.LittleEndian.Uint16(extra) == zipExtra64 {
			return extra[4 : 4+size]
		}
		extra = extra[4+size:]
	}
	return nil
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
	limit := data + min(len(w.text)-data, e.size)
	if e.method != 8 || e.flags&zipEncrypted != 0 {
		w.s.note(w.l, i, limit, ReasonUnreadable)
		return
	}
	w.unpack(i, data, limit, "zip", newFlate)
}
