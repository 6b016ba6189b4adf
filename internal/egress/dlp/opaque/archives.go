package opaque

import (
	"encoding/binary"
	"hash/crc32"
)

// archives have their marks from the .xz file format 1.2.0 (2.1.1), 7zFormat.txt, RAR's
// technote (and that of 5.0), the LZ4 frame format 1.6, Snappy's framing format, the LZMA
// file format of the LZMA SDK, compress(1) and [MS-CAB] 2.
func archives() []mark {
	const as = "compressed or archived as "
	return []mark{
		{what: as + "xz", bytes: "\xfd7zXZ\x00", holds: isXZ},
		{what: as + "7z", bytes: "7z\xbc\xaf\x27\x1c", holds: is7z},
		{what: as + "RAR", bytes: "Rar!\x1a\x07\x00", holds: isRAR4},
		{what: as + "RAR", bytes: "Rar!\x1a\x07\x01\x00", holds: isRAR5},
		{what: as + "LZ4", bytes: "\x04\x22\x4d\x18", holds: isLZ4},
		{what: as + "Snappy", bytes: "\xff\x06\x00\x00sNaPpY", holds: isSnappy},
		{what: as + "LZMA", bytes: "\x5d\x00\x00", first: true, holds: isLZMA},
		{what: as + "compress", bytes: "\x1f\x9d", first: true, holds: isCompress},
		{what: as + "a cabinet", bytes: "MSCF\x00\x00\x00\x00", first: true, holds: isCabinet},
	}
}

// isXZ checks the sum of the flags behind the mark.
func isXZ(text []byte, at int) bool {
	b := text[at:]
	return len(b) >= 12 && crc32.ChecksumIEEE(b[6:8]) == binary.LittleEndian.Uint32(b[8:])
}

// is7z checks the sum of the start header.
func is7z(text []byte, at int) bool {
	b := text[at:]
	return len(b) >= 32 && crc32.ChecksumIEEE(b[12:32]) == binary.LittleEndian.Uint32(b[8:])
}

func isRAR4(text []byte, at int) bool { return at+9 < len(text) && text[at+9] == 0x73 }

// isRAR5 wants a main header or one of encryption first: type 1 or 4, behind a sum and a
// size of one byte or two.
func isRAR5(text []byte, at int) bool {
	b := text[at:]
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
func isLZ4(text []byte, at int) bool {
	b := text[at:]
	return len(b) > 6 && b[4]&0xc2 == 0x40 && b[5]&0x8f == 0 && b[5] >= 0x40
}

func isSnappy(text []byte, at int) bool { return at+10 < len(text) && text[at+10] <= 1 }

// isLZMA wants a dictionary of a power of two and a size that is not known, or small.
func isLZMA(text []byte, at int) bool {
	b := text[at:]
	if len(b) < 14 || b[13] != 0 { // the range coder begins with a zero
		return false
	}
	dictionary, size := binary.LittleEndian.Uint32(b[1:]), binary.LittleEndian.Uint64(b[5:])
	return dictionary >= 1<<12 && dictionary&(dictionary-1) == 0 && (size == 1<<64-1 || size < 1<<40)
}

func isCompress(text []byte, at int) bool {
	b := text[at:]
	return len(b) > 2 && b[2]&0x60 == 0 && b[2]&0x1f >= 9 && b[2]&0x1f <= 16
}

func isCabinet(text []byte, at int) bool {
	return at+25 < len(text) && text[at+24] == 3 && text[at+25] == 1
}
