package detect

import "bytes"

// validGeneric judges a value that only its name calls a secret. Beyond what
// validAssigned refuses, it refuses identifiers: words, camelCase, dotted names.
func validGeneric(text []byte, start, end int) verdict {
	secret := text[start:end]
	digits, _, others := census(secret)
	switch {
	case digits == 0 && others == 0 && !scrambled(secret):
		return verdict{reject: true}
	case digits == 0 && wordy(secret), digitGroups(secret) <= 2 && inWords(secret)*5 >= len(secret)*3:
		return verdict{reject: true}
	}
	return validAssigned(text, start, end)
}

// validAssigned refuses what a program writes behind the name of a secret that
// is not one: numbers, calls, references, paths, and names that only sound so.
func validAssigned(text []byte, start, end int) verdict {
	secret := text[start:end]
	_, letters, _ := census(secret)
	refused := letters == 0 || openName(nameBefore(text, start)) ||
		bytes.ContainsAny(secret, "(){}<>[]") || followedBy(text, end, '(') ||
		bytes.HasPrefix(secret, []byte("/")) && bytes.Count(secret, []byte("/")) > 1
	return verdict{reject: refused}
}

// nameBefore returns the name that the value at start is assigned to, in lower
// case: what stands before the operator and the quotes.
func nameBefore(text []byte, start int) []byte {
	i := start
	for i > 0 && start-i < 12 && bytes.IndexByte([]byte(" \t\r\n\"'`=:>,|?([{)]\\"), text[i-1]) >= 0 {
		i--
	}
	from := i
	for from > 0 && i-from < 64 && nameByte(text[from-1]) {
		from--
	}
	return bytes.ToLower(text[from:i])
}

func nameByte(c byte) bool {
	return lower(c) >= 'a' && lower(c) <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.'
}

// openName says whether a name that holds "key" or "token" is that of a value
// nobody hides.
func openName(name []byte) bool {
	for _, word := range []string{
		"public", "key_id", "keyid", "key-id", "integrity", "checksum", "sha1", "sha256", "sha512", "md5", "digest", "fingerprint", "etag",
		"cache", "primary", "foreign", "nonce", "csrf", "commit", "revision", "hotkey", "keyboard", "keyword", "monkey", "turkey",
		"tokeniz", "token_type", "tokentype", "_name", "-name", "_count", "_length", "_size", "therapist",
	} {
		if bytes.Contains(name, []byte(word)) {
			return true
		}
	}
	return false
}

// weakPassword is the confidence in a password that could as well be an example.
const weakPassword = 0.4

// digitGroups counts the runs of digits.
func digitGroups(b []byte) int {
	n, inside := 0, false
	for _, c := range b {
		digit := c >= '0' && c <= '9'
		if digit && !inside {
			n++
		}
		inside = digit
	}
	return n
}

// inWords counts the bytes that stand in what could be words of an identifier:
// at least four letters in one case, of which the first may be a capital.
func inWords(b []byte) int {
	total := 0
	for i := 0; i < len(b); {
		j := i
		for j < len(b) && b[j] >= 'A' && b[j] <= 'Z' {
			j++
		}
		if j-i <= 1 {
			for j < len(b) && b[j] >= 'a' && b[j] <= 'z' {
				j++
			}
		}
		if j-i >= 4 {
			total += j - i
		}
		i = max(j, i+1)
	}
	return total
}

// validRandom asks for a value in which digits and letters are well mixed.
func validRandom(text []byte, start, end int) verdict {
	digits, letters, others := census(text[start:end])
	return verdict{reject: digits*10 < end-start || letters < 2 || others > 2}
}

// validMixed refuses a value without both letters and digits: names of a
// provider stand beside many plain words and numbers.
func validMixed(text []byte, start, end int) verdict {
	digits, letters, _ := census(text[start:end])
	return verdict{reject: digits == 0 || letters == 0}
}

// validPassword judges the password of a URL or a connection string.
func validPassword(text []byte, start, end int) verdict {
	secret := text[start:end]
	low := string(bytes.ToLower(secret))
	switch low {
	case "password", "passwd", "pass", "pwd", "user", "username", "token", "***", "xxx", "key", "none", "true", "false":
		return verdict{reject: true}
	case "secret", "root", "admin", "guest", "postgres", "mysql", "redis", "test":
		return verdict{confidence: weakPassword}
	}
	if template(secret) || filler(secret) || holdsAny(placeholderWords(), secret) {
		return verdict{reject: true}
	}
	return verdict{}
}

func census(b []byte) (digits, letters, others int) {
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case lower(c) >= 'a' && lower(c) <= 'z':
			letters++
		default:
			others++
		}
	}
	return digits, letters, others
}

// scrambled says whether letters change case as they do in random text and not
// in camelCase or UPPER.
func scrambled(b []byte) bool {
	changes := 0
	for i := 1; i < len(b); i++ {
		if b[i-1] >= 'A' && b[i-1] <= 'Z' != (b[i] >= 'A' && b[i] <= 'Z') {
			changes++
		}
	}
	return changes*3 >= len(b)
}

// wordy says whether b is words joined by dashes, dots, underscores or slashes.
func wordy(b []byte) bool {
	for _, part := range bytes.FieldsFunc(b, func(r rune) bool { return r == '-' || r == '_' || r == '.' || r == '/' || r == ':' || r == '@' }) {
		if scrambled(part) && len(part) > 4 || bytes.ContainsAny(part, "!#$%^&*+=~") {
			return false
		}
	}
	return true
}

func followedBy(text []byte, i int, c byte) bool { return i < len(text) && text[i] == c }

// printable says whether b is text: ASCII without control characters, or UTF-8.
func printable(b []byte) bool {
	odd := 0
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c >= 0x7f {
			odd++
		}
	}
	return odd*8 <= len(b)
}
