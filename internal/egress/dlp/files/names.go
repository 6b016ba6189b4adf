package files

import (
	"bytes"
	"mime"
	"net/url"
	"strings"
)

const (
	mostNames   = 256  // of a text
	mostTries   = 2048 // parameters of a text that may be names
	longestName = 1024 // bytes
	longestHead = 1024 // bytes between the name of a field and its parameter
)

// Names calls found with each name of a file in text, and where it stands. At most
// 256 are found. Time is linear in the text.
func Names(text []byte, found func(name string, at int)) {
	n := 0
	count := func(name string, at int) {
		if n++; n <= mostNames && name != "" {
			found(name, at)
		}
	}
	parameters(text, count)
	zipped(text, count)
	tarred(text, count)
}

// parameters finds the names in fields Content-Disposition, and in Content-Type,
// whose older writers call them name.
func parameters(text []byte, found func(string, int)) {
	var joined strings.Builder // of a name in numbered pieces
	whole := 0                 // where it begins
	for at, tries := 0, 0; tries < mostTries; {
		i := bytes.IndexByte(text[at:], '=')
		if i < 0 {
			break
		}
		at += i + 1
		encoded, piece, ok := parameterBefore(text[:at-1])
		if !ok {
			continue
		}
		if tries++; !inDisposition(text[:at-1]) {
			continue
		}
		name := parameterValue(text[at:])
		if encoded {
			name = extended(name)
		}
		found(decodedWord(name), at)
		if piece == 0 {
			joined.Reset()
			whole = at
		}
		if piece >= 0 && joined.Len() < longestName {
			joined.WriteString(name)
			if piece > 0 {
				found(joined.String(), whole)
			}
		}
	}
}

// parameterBefore says whether a text ends with the parameter filename, whether its
// value is encoded (filename*), and which piece of it that is (filename*0, -1: all).
func parameterBefore(text []byte) (encoded bool, piece int, ok bool) {
	text = bytes.TrimRight(text[max(0, len(text)-32):], " \t")
	rest, encoded := bytes.CutSuffix(text, []byte{'*'})
	piece = -1
	if digits := len(rest) - len(bytes.TrimRight(rest, "0123456789")); digits > 0 && digits < 4 {
		for piece = 0; digits > 0; digits-- {
			piece = piece*10 + int(rest[len(rest)-digits]-'0')
		}
		rest = bytes.TrimSuffix(bytes.TrimRight(rest, "0123456789"), []byte{'*'})
	}
	const word = "filename"
	if len(rest) < len(word) || !strings.EqualFold(string(rest[len(rest)-len(word):]), word) {
		return false, 0, false
	}
	return encoded, piece, true
}

// inDisposition says whether a text ends within a field that describes a file: no
// empty line is between.
func inDisposition(text []byte) bool {
	text = text[max(0, len(text)-longestHead):]
	for _, end := range [...]string{"\r\n\r\n", "\n\n"} {
		if i := bytes.LastIndex(text, []byte(end)); i >= 0 {
			text = text[i:]
		}
	}
	return lastFold(text, "content-disposition")
}

// lastFold says whether text holds a word of small letters in any case.
func lastFold(text []byte, word string) bool {
	for end := len(text); end >= len(word); {
		i := bytes.LastIndexByte(text[:end], '-')
		if i < 0 {
			return false
		}
		dash := strings.IndexByte(word, '-')
		if from := i - dash; from >= 0 && from+len(word) <= len(text) && strings.EqualFold(string(text[from:from+len(word)]), word) {
			return true
		}
		end = i
	}
	return false
}

// parameterValue reads a token or a quoted string; one without an end goes as far as
// its line.
func parameterValue(text []byte) string {
	text = bytes.TrimLeft(text[:min(len(text), longestName)], " \t")
	if len(text) == 0 {
		return ""
	}
	if text[0] != '"' && text[0] != '\'' {
		end := bytes.IndexAny(text, ";\r\n")
		if end < 0 {
			end = len(text)
		}
		return strings.TrimRight(string(text[:end]), " \t")
	}
	var out strings.Builder
	for i := 1; i < len(text) && text[i] != text[0] && text[i] != '\r' && text[i] != '\n'; i++ {
		if text[i] == '\\' && i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\\') {
			i++
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

// extended reads charset'language'percent-encoded (RFC 8187).
func extended(v string) string {
	if i := strings.LastIndexByte(v, '\''); i >= 0 {
		v = v[i+1:]
	}
	if plain, err := url.PathUnescape(v); err == nil {
		return plain
	}
	return v
}

// decodedWord reads what mail programs write (RFC 2047), and percent encoding, which
// browsers write for quotes and line ends.
func decodedWord(v string) string {
	if strings.Contains(v, "=?") {
		if plain, err := new(mime.WordDecoder).DecodeHeader(v); err == nil {
			return plain
		}
	}
	if strings.ContainsRune(v, '%') {
		return extended(v)
	}
	return v
}
