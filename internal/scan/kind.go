package scan

import (
	"bytes"
	"path"
	"strings"
)

// kind is what an input is by its first bytes.
type kind int

const (
	plain kind = iota
	zipFile
	tarFile
	gzipped
	zstandard
	bzipped
	xzipped
	pdfFile
	rtfFile
	compoundFile
	closed // a format that is known and not read
)

// headSize is how many bytes tell every kind: tar says so at 257 (POSIX
// pax, "ustar Interchange Format").
const headSize = 512

// signature is what a format begins with.
type signature struct {
	kind  kind
	at    int
	magic string
	name  string
}

// signatures come from the formats' descriptions: zip (APPNOTE 6.3.10, 4.3.7
// and 4.3.16), gzip (RFC 1952, 2.3.1), Zstandard (RFC 8878, 3.1.1), bzip2, xz
// (file format 1.2.1, 2.1.1.1), PDF (ISO 32000-1, 7.5.2), RTF (1.9.1), compound
// files ([MS-CFB] 2.2), 7z, RAR, lz4.
func signatures() []signature {
	return []signature{
		{zipFile, 0, "PK\x03\x04", "zip"},
		{zipFile, 0, "PK\x05\x06", "zip"},
		{gzipped, 0, "\x1f\x8b\x08", "gzip"},
		{zstandard, 0, "\x28\xb5\x2f\xfd", "zstd"},
		{bzipped, 0, "BZh", "bzip2"},
		{tarFile, 257, "ustar", "tar"},
		{xzipped, 0, "\xfd7zXZ\x00", "xz"},
		{pdfFile, 0, "%PDF-", "pdf"},
		{rtfFile, 0, "{\\rtf", "rtf"},
		{compoundFile, 0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "compound file"},
		{closed, 0, "7z\xbc\xaf\x27\x1c", "7z"},
		{closed, 0, "Rar!\x1a\x07", "rar"},
		{closed, 0, "\x04\x22\x4d\x18", "lz4"},
	}
}

// kindOf tells an input by its head, and the format's name for messages.
func kindOf(head []byte, known []signature) (kind, string) {
	for _, s := range known {
		if len(head) >= s.at+len(s.magic) && bytes.HasPrefix(head[s.at:], []byte(s.magic)) {
			if s.kind == bzipped && !bzipHead(head) {
				continue
			}
			return s.kind, s.name
		}
	}
	return plain, ""
}

// bzipHead looks further, since a text may begin with BZh: a level, then the
// magic of a block or of the end.
func bzipHead(head []byte) bool {
	return len(head) >= 10 && head[3] >= '1' && head[3] <= '9' &&
		(string(head[4:10]) == "1AY&SY" || string(head[4:10]) == "\x17\x72\x45\x38\x50\x90")
}

// unpackedName is what a packed file holds, by the packed file's name.
func unpackedName(name string) string {
	base := path.Base(name[strings.LastIndexByte(name, '!')+1:])
	for ending, instead := range map[string]string{
		".tgz": ".tar", ".tbz2": ".tar", ".tzst": ".tar", ".txz": ".tar", ".svgz": ".svg", ".gz": "", ".zst": "", ".bz2": "", ".xz": "",
	} {
		if stem, ok := strings.CutSuffix(base, ending); ok && stem != "" {
			return stem + instead
		}
	}
	return base
}
