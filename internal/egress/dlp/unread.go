package dlp

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"

	"go.cordon.dev/cordon/detect"
)

// Some archives and ways to compress are read by nobody here. What holds one was not
// looked at, however clean the rest is. They are known by how they begin, and by more
// than that mark, which every program has that knows them, too.

// unreadForm is one of them.
type unreadForm struct {
	name  string
	mark  string
	coded string // the mark in base64; empty where it is too short to tell anything
	first bool   // its head says so little that it is known at the start of a text only
	// holds says whether what begins with the mark is one.
	holds func(b []byte) bool
}

// unreadForms have their marks from the .xz file format 1.2.0 (2.1.1), 7zFormat.txt,
// RAR's technote (and that of 5.0), the LZ4 frame format 1.6, Snappy's framing format,
// the LZMA file format of the LZMA SDK, compress(1) and [MS-CAB] 2.
func unreadForms() [9]unreadForm {
	return [...]unreadForm{
		{name: "xz", mark: "\xfd7zXZ\x00", coded: "/Td6WFoA", holds: isXZ},
		{name: "7z", mark: "7z\xbc\xaf\x27\x1c", coded: "N3q8ryccA", holds: is7z},
		{name: "RAR", mark: "Rar!\x1a\x07\x00", coded: "UmFyIRoHA", holds: func(b []byte) bool { return len(b) > 9 && b[9] == 0x73 }},
		{name: "RAR", mark: "Rar!\x1a\x07\x01\x00", coded: "UmFyIRoHAQ", holds: isRAR5},
		{name: "LZ4", mark: "\x04\x22\x4d\x18", holds: isLZ4},
		{name: "Snappy", mark: "\xff\x06\x00\x00sNaPpY", holds: func(b []byte) bool { return len(b) > 10 && b[10] <= 1 }},
		{name: "LZMA", mark: "\x5d\x00\x00", first: true, holds: isLZMA},
		{name: "compress", mark: "\x1f\x9d", first: true, holds: func(b []byte) bool { return len(b) > 2 && b[2]&0x60 == 0 && b[2]&0x1f >= 9 && b[2]&0x1f <= 16 }},
		{name: "a cabinet", mark: "MSCF\x00\x00\x00\x00", first: true, holds: func(b []byte) bool { return len(b) > 25 && b[24] == 3 && b[25] == 1 }},
	}
}

// isXZ checks the sum of the flags behind the mark.
func isXZ(b []byte) bool {
	return len(b) >= 12 && crc32.ChecksumIEEE(b[6:8]) == binary.LittleEndian.Uint32(b[8:])
}

// is7z checks the sum of the start header.
func is7z(b []byte) bool {
	return len(b) >= 32 && crc32.ChecksumIEEE(b[12:32]) == binary.LittleEndian.Uint32(b[8:])
}

// isRAR5 wants a main header or one of encryption first: type 1 or 4, behind a sum and a
// size of one byte or two.
func isRAR5(b []byte) bool {
	if len(b) < 15 {
		return false
	}
	kind := b[13]
	if b[12]&0x80 != 0 {
		kind = b[14]
	}
	return kind == 1 || kind == 4
}

// isLZ4 checks the bits of the frame descriptor: version 1, and those that are zero.
func isLZ4(b []byte) bool {
	return len(b) > 6 && b[4]&0xc2 == 0x40 && b[5]&0x8f == 0 && b[5] >= 0x40
}

// isLZMA wants a dictionary of a power of two and a size that is not known, or small.
func isLZMA(b []byte) bool {
	if len(b) < 14 || b[13] != 0 { // the range coder begins with a zero
		return false
	}
	dictionary, size := binary.LittleEndian.Uint32(b[1:]), binary.LittleEndian.Uint64(b[5:])
	return dictionary >= 1<<12 && dictionary&(dictionary-1) == 0 && (size == 1<<64-1 || size < 1<<40)
}

// unreadPart is such a thing, and where it stands.
type unreadPart struct {
	at   int64
	name string
}

// mostUnread bounds how many are noted of one text.
const mostUnread = 16

// noteUnread looks for what nobody reads.
func (s *search) noteUnread(t detect.Text) {
	if len(t.Bytes) == 0 {
		return
	}
	first, _ := t.Span(0, 1)
	starts := t.Decoded() || first+s.base == 0
	for _, f := range unreadForms() {
		at := f.in(t.Bytes, starts)
		if at < 0 || len(s.unread) >= mostUnread {
			continue
		}
		from, _ := t.Span(at, at+1)
		if p := (unreadPart{from, f.name}); !slices.Contains(s.unread, p) {
			s.unread = append(s.unread, p)
		}
	}
}

// in finds the first in a text; -1 for none. starts says that it is the beginning of
// something.
func (f unreadForm) in(text []byte, starts bool) int {
	if f.first {
		if starts && bytes.HasPrefix(text, []byte(f.mark)) && f.holds(text) {
			return 0
		}
		return -1
	}
	for at := 0; ; at++ {
		i := bytes.Index(text[at:], []byte(f.mark))
		if i < 0 {
			break
		}
		if at += i; f.holds(text[at:]) {
			return at
		}
	}
	if f.coded == "" {
		return -1
	}
	return codedAt(text, f.coded)
}

// codedAt finds the beginning of a word of base64.
func codedAt(text []byte, word string) int {
	for at := 0; ; at++ {
		i := bytes.Index(text[at:], []byte(word))
		if i < 0 {
			return -1
		}
		if at += i; at == 0 || !wordByte(text[at-1]) && text[at-1] != '/' && text[at-1] != '+' {
			return at
		}
	}
}

// why says what was not looked at.
func (p unreadPart) why() string {
	return "it holds what is compressed or archived as " + p.name + ", which is not read"
}

// newlyUnread says why something that Judge was not told of was not looked at.
func (s *Stream) newlyUnread(parts []unreadPart) (why string) {
	for _, p := range parts {
		key := told{"unread " + p.name, s.base + p.at}
		if !s.told[key] {
			s.told[key], why = true, p.why()
		}
	}
	return why
}
