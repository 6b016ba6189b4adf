package opaque

import "bytes"

// What is encrypted as CMS (PKCS #7, S/MIME): a SEQUENCE of the object identifier of a
// kind of content and the content, tagged [0] (RFC 5652, 3), in DER or BER.

const (
	sequence = 0x30
	objectID = 0x06
	tagged   = 0xa0
	integer  = 0x02
)

const cmsContent = "encrypted as CMS"

// isCMS says whether a text begins with a content info.
func isCMS(b []byte) bool {
	for head := 2; head <= 6 && len(b) > head && b[0] == sequence; head++ {
		if isContentInfo(b, head) {
			return true
		}
	}
	return false
}

// holdsCMS reads the content info around the object identifier whose value is at text[at].
func holdsCMS(text []byte, at int) bool {
	for head := 2; head <= 6; head++ { // of the sequence, before the identifier's own two bytes
		from := at - 2 - head
		if from >= 0 && text[from] == sequence && isContentInfo(text[from:], head) {
			return true
		}
	}
	return false
}

// isContentInfo reads one whose first head is of so many bytes, and wants encrypted
// content of a version behind it.
func isContentInfo(b []byte, head int) bool {
	size, n := derSize(b[1:])
	if n != head-1 || len(b) < head+2 {
		return false
	}
	rest := b[head:]
	idSize := int(rest[1])
	if rest[0] != objectID || len(rest) < 2+idSize+1 || !secretContent(rest[2:2+idSize]) {
		return false
	}
	rest = rest[2+idSize:]
	inner, m := derSize(rest[1:])
	if rest[0] != tagged || m == 0 || (size < 0) != (inner < 0) || size >= 0 && size != 2+idSize+1+m+inner {
		return false
	}
	rest = rest[1+m:]
	if len(rest) < 2 || rest[0] != sequence {
		return false
	}
	_, m = derSize(rest[1:])
	return m > 0 && bytes.HasPrefix(rest[1+m:], []byte{integer, 1}) && len(rest) > 3+m && rest[3+m] <= 4
}

// secretContent knows the kinds of content that are encrypted: enveloped-data,
// encrypted-data and authenticated-enveloped-data.
func secretContent(id []byte) bool {
	switch string(id) {
	case "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17":
		return true
	}
	return false
}

// derSize reads a length: -1 for one that is not said. n is how many bytes it takes, 0
// for none that is one.
func derSize(b []byte) (size, n int) {
	switch {
	case len(b) == 0:
		return 0, 0
	case b[0] < 0x80:
		return int(b[0]), 1
	case b[0] == 0x80:
		return -1, 1
	}
	n = int(b[0] & 0x7f)
	if n > 4 || len(b) < 1+n {
		return 0, 0
	}
	for _, c := range b[1 : 1+n] {
		size = size<<8 | int(c)
	}
	return size, 1 + n
}
