package anomaly

import "strings"

// IsPathTraversal reports whether a path, as it came, leads above where it begins, or
// hides in an encoding that it goes up at all, which no honest client does. It reads
// the first 32 KiB. "a/../b" is none; "../b", "a/..%2f..", "..;/b", "..\b" and
// "....//b", which a filter that takes "../" out makes one, are.
func IsPathTraversal(path string) bool {
	path = path[:min(len(path), mostRead)]
	plain := withoutControls(unescaped(path))
	if !strings.Contains(plain, "..") {
		return false
	}
	return climbs(plain, anySlash) || climbs(plain, "/") || ups(path) < ups(plain) || climbs(filtered(plain), anySlash)
}

// anySlash is what parts a path: on Windows, and in what is tolerant of its users. On
// Unix a backslash is a letter: both ways of reading count.
const anySlash = `/\`

// withoutControls leaves out what some servers do: a NUL, a line end, a tab.
func withoutControls(path string) string {
	control := func(r rune) bool { return r < ' ' || r == 0x7F }
	if !strings.ContainsFunc(path, control) {
		return path
	}
	b := make([]byte, 0, len(path))
	for i := range len(path) {
		if !control(rune(path[i])) {
			b = append(b, path[i])
		}
	}
	return string(b)
}

// filtered is what a filter leaves that takes out each way up once.
func filtered(path string) string {
	return strings.NewReplacer("../", "", `..\`, "").Replace(path)
}

// segments calls f with each piece between slashes. Behind a semicolon stand parameters,
// which servers of Java drop.
func segments(path, slashes string, f func(segment string) (more bool)) {
	for path != "" {
		i := strings.IndexAny(path, slashes)
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
	segments(path, anySlash, func(s string) bool {
		if s == ".." {
			n++
		}
		return true
	})
	return n
}

// climbs reports whether a path leads above its beginning.
func climbs(path, slashes string) bool {
	depth := 0
	segments(path, slashes, func(s string) bool {
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
