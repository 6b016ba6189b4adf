package anomaly

import "strings"

// IsPathTraversal reports whether a path, as it came, leads above where it begins, or
// hides in an encoding that it goes up at all, which no honest client does. It reads
// the first 8 KiB. "a/../b" is none; "../b", "a/..%2f..", "..;/b" and "..\b" are.
func IsPathTraversal(path string) bool {
	path = path[:min(len(path), mostRead)]
	plain := unescaped(path)
	if !strings.Contains(plain, "..") {
		return false
	}
	hidden := ups(path) < ups(plain)
	return climbs(plain) || hidden
}

// segments calls f with each piece between slashes of either kind, up to a NUL, where
// C ends a text. Behind a semicolon stand parameters, which servers of Java drop.
func segments(path string, f func(segment string) (more bool)) {
	path, _, _ = strings.Cut(path, "\x00")
	for path != "" {
		i := strings.IndexAny(path, `/\`)
		segment := path
		if i >= 0 {
			segment, path = path[:i], path[i+1:]
		} else {
			path = ""
		}
		segment, _, _ = strings.Cut(segment, ";")
		if !f(segment) {
			return
		}
	}
}

// ups counts the segments that go up.
func ups(path string) (n int) {
	segments(path, func(s string) bool {
		if s == ".." {
			n++
		}
		return true
	})
	return n
}

// climbs reports whether a path leads above its beginning.
func climbs(path string) bool {
	depth := 0
	segments(path, func(s string) bool {
		switch s {
		case "", ".":
		case "..":
			depth--
		default:
			depth++
		}
		return depth >= 0
	})
	return depth < 0
}
