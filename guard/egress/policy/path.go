package policy

import "strings"

// maxPath bounds what CleanPath reads; a longer path is ambiguous by itself, since
// servers cut or refuse it.
const maxPath = 16 << 10

// CleanPath brings the path of a URL, as it stands in the request line and without
// its query, into the form that rules are compared with: escapes of characters
// that need none are undone (so %2e becomes a dot), other escapes are in upper
// case, segments "." are gone (RFC 3986, sections 6.2.2 and 5.2.4).
//
// ok is false when two servers could disagree about what the path names: it holds
// a "..", an empty segment, a parameter (;), a backslash, an escaped slash,
// backslash, semicolon or percent, a control character, or an escape that is none.
// The path returned is then empty, and a request with a Method and no Path matches
// no rule that has paths.
func CleanPath(path string) (clean string, ok bool) {
	if path == "" || path[0] != '/' || len(path) > maxPath {
		return "", false
	}
	plain, ok := unescape(path)
	if !ok {
		return "", false
	}
	return cleanSegments(plain)
}

func unescape(path string) (string, bool) {
	var b strings.Builder
	b.Grow(len(path))
	for i := 0; i < len(path); i++ {
		c := path[i]
		escaped := c == '%'
		if escaped {
			if i+2 >= len(path) || !isHex(path[i+1]) || !isHex(path[i+2]) {
				return "", false
			}
			c = unhex(path[i+1])<<4 | unhex(path[i+2])
			i += 2
		}
		if !writePathByte(&b, c, escaped) {
			return "", false
		}
	}
	return b.String(), true
}

// writePathByte writes one byte of a path in its only form; false if it has none.
func writePathByte(b *strings.Builder, c byte, escaped bool) bool {
	const upper = "0123456789ABCDEF"
	switch {
	case c <= ' ' && !(escaped && c == ' ') || c == 0x7f || c == '\\' || c == ';':
		return false
	case escaped && (c == '/' || c == '%'), !escaped && (c == '#' || c == '?'):
		return false
	case unreserved(c), !escaped && c < 0x80:
		b.WriteByte(c)
	default:
		b.WriteByte('%')
		b.WriteByte(upper[c>>4])
		b.WriteByte(upper[c&15])
	}
	return true
}

func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

func cleanSegments(path string) (string, bool) {
	segments := strings.Split(path[1:], "/")
	kept := segments[:0]
	for i, s := range segments {
		last := i == len(segments)-1
		switch {
		case s == ".." || s == "" && !last:
			return "", false
		case s == "." && last:
			kept = append(kept, "")
		case s != ".":
			kept = append(kept, s)
		}
	}
	return "/" + strings.Join(kept, "/"), true
}

// underPath reports whether prefix covers a clean path: whole segments only.
func underPath(path, prefix string) bool {
	if !strings.HasPrefix(path, prefix) {
		return false
	}
	return len(path) == len(prefix) || prefix[len(prefix)-1] == '/' || path[len(prefix)] == '/'
}

// isClean reports, without allocating, whether a path may have come from
// CleanPath. It keeps a caller who forgot to call it from matching.
func isClean(path string) bool {
	if path == "" || path[0] != '/' || len(path) > 3*maxPath {
		return false
	}
	from := 1
	for i := 1; i <= len(path); i++ {
		if i < len(path) && path[i] != '/' {
			if c := path[i]; !cleanByte(c) || c == '%' && !cleanEscape(path[i:]) {
				return false
			}
			continue
		}
		segment := path[from:i]
		if segment == "." || segment == ".." || segment == "" && i < len(path) {
			return false
		}
		from = i + 1
	}
	return true
}

// cleanByte reports whether a clean path holds c.
func cleanByte(c byte) bool {
	return c > ' ' && c < 0x7f && strings.IndexByte(`\;#?`, c) < 0
}

// cleanEscape reports whether s begins with an escape that CleanPath leaves.
func cleanEscape(s string) bool {
	if len(s) < 3 || !isHex(s[1]) || !isHex(s[2]) || s[1] > 'F' || s[2] > 'F' {
		return false
	}
	c := unhex(s[1])<<4 | unhex(s[2])
	return !unreserved(c) && c >= ' ' && c != 0x7f && strings.IndexByte(`/\%;`, c) < 0
}
