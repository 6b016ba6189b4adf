package files

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
)

// zipped finds the names in the heads of ZIP entries, and in the directory at the
// end (APPNOTE 4.3.7 and 4.3.12).
func zipped(text []byte, found func(string, int)) {
	for _, head := range [...]struct {
		magic        string
		length, name int
	}{{"PK\x03\x04", 26, 30}, {"PK\x01\x02", 28, 46}} {
		for at := 0; ; at++ {
			i := bytes.Index(text[at:], []byte(head.magic))
			if i < 0 {
				break
			}
			if at += i; at+head.name > len(text) {
				break
			}
			from := at + head.name
			n := int(binary.LittleEndian.Uint16(text[at+head.length:]))
			found(string(text[from:min(len(text), from+min(n, longestName))]), from)
		}
	}
}

// Of a tar archive (POSIX.1-1988 ustar, POSIX.1-2001 pax, GNU tar).
const (
	block     = 512
	tarMagic  = 257
	tarType   = 156
	tarPrefix = 345
)

// tarred finds the names in the heads of tar members.
func tarred(text []byte, found func(string, int)) {
	for at := 0; ; at++ {
		i := bytes.Index(text[at:], []byte("ustar"))
		if i < 0 {
			return
		}
		at += i
		if at < tarMagic || at-tarMagic+block > len(text) {
			continue
		}
		from := at - tarMagic
		head := text[from : from+block]
		body := text[from+block : min(len(text), from+2*block)]
		name := text0(head[:100])
		if prefix := text0(head[tarPrefix : tarPrefix+155]); prefix != "" && head[tarMagic+5] == 0 {
			name = prefix + "/" + name
		}
		switch head[tarType] {
		case 'L':
			name = text0(body)
		case 'x', 'g':
			name = paxPath(body)
		}
		found(name, from)
	}
}

// text0 is what stands before the first NUL.
func text0(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// paxPath reads the record "LENGTH path=NAME\n".
func paxPath(body []byte) string {
	for len(body) > 0 {
		length, rest, ok := bytes.Cut(body, []byte{' '})
		n, err := strconv.Atoi(string(length))
		if !ok || err != nil || n <= len(length)+1 || n > len(body) {
			return ""
		}
		if path, is := strings.CutPrefix(string(rest[:n-len(length)-1]), "path="); is {
			return strings.TrimSuffix(path, "\n")
		}
		body = body[n:]
	}
	return ""
}
