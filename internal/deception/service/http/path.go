package http

import (
	"slices"
	"strings"
)

// A character of a path that was written %23, %25 or %3F stands for itself. To
// keep it apart from one that was not, it is moved out of the range of bytes
// while the path is taken to pieces.
const literal = 0x100

// locate takes a target to pieces: the path that is meant, decoded, without
// empty, "." and ".." segments, and the query. It is false when the target
// leads above the root or is encoded wrongly, which nginx answers with 400.
func locate(target string) (path, query string, ok bool) {
	chars, query, ok := decode(target)
	if !ok {
		return "", "", false
	}
	var kept []string
	parts := segments(chars)
	for i, s := range parts {
		last := i == len(parts)-1
		switch s {
		case "..":
			if len(kept) == 0 {
				return "", "", false
			}
			kept = kept[:len(kept)-1]
		case "", ".":
		default:
			kept = append(kept, s)
			if last {
				return "/" + strings.Join(kept, "/"), query, true
			}
		}
	}
	if len(kept) == 0 {
		return "/", query, true
	}
	return "/" + strings.Join(kept, "/") + "/", query, true
}

// segments are what stands between slashes, behind the first.
func segments(chars []rune) (out []string) {
	begin := 1
	for i := 1; i <= len(chars); i++ {
		if i < len(chars) && chars[i] != '/' {
			continue
		}
		var b strings.Builder
		for _, c := range chars[min(begin, i):i] {
			b.WriteByte(byte(c))
		}
		out, begin = append(out, b.String()), i+1
	}
	return out
}

// decode decodes the path of a target and cuts off query and fragment.
func decode(target string) (chars []rune, query string, ok bool) {
	for i := 0; i < len(target); i++ {
		c := rune(target[i])
		switch c {
		case '?':
			query, _, _ = strings.Cut(target[i+1:], "#")
			return chars, query, true
		case '#':
			return chars, "", true
		case '%':
			if c, ok = unhex(target[i+1:]); !ok {
				return nil, "", false
			}
			i += 2
		}
		chars = append(chars, c)
	}
	return chars, "", true
}

func unhex(s string) (rune, bool) {
	if len(s) < 2 {
		return 0, false
	}
	high, low := hexValue(s[0]), hexValue(s[1])
	c := rune(high<<4 | low)
	if high < 0 || low < 0 || c == 0 {
		return 0, false
	}
	if slices.Contains([]rune("%#?"), c) {
		c += literal
	}
	return c, true
}

// hostName is the name in a Host header or an absolute URL: small letters,
// without port and the root's dot. It is false for what nginx refuses.
func hostName(s string) (string, bool) {
	if strings.Contains(s, "..") || strings.Contains(s, "/") || strings.ContainsFunc(s, func(r rune) bool { return r <= 0x20 || r == 0x7f }) {
		return "", false
	}
	end := strings.IndexByte(s, ':')
	if strings.HasPrefix(s, "[") {
		end = strings.IndexByte(s, ']') + 1
		if end == 0 {
			end = len(s)
		}
	}
	if end < 0 {
		end = len(s)
	}
	name := strings.TrimSuffix(s[:end], ".")
	return strings.ToLower(name), name != ""
}
