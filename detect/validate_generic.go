package detect

import (
	"bytes"

	"go.cordon.dev/cordon/detect/internal/checksum"
	"go.cordon.dev/cordon/detect/internal/model"
)

// validGeneric asks the model about a value that only its name calls a secret.
func validGeneric(text []byte, start, end int) verdict {
	if seed, key := checksum.NKey(text[start:end]); key && !seed {
		return verdict{reject: true} // the public half of a NATS key, which configurations call nkey
	}
	return modelled(model.Key(model.Candidate{Text: text, Start: start, End: end}))
}

// validNamedPassword asks the model about a value that its name calls a password.
func validNamedPassword(text []byte, start, end int) verdict {
	return modelled(model.Password(model.Candidate{Text: text, Start: start, End: end}))
}

func modelled(confidence float64) verdict {
	return verdict{confidence: confidence, reject: confidence < model.Refused}
}

// validBearer judges a token in an Authorization header. Basic credentials have
// a rule of their own, which decodes them; what cannot be decoded is none.
func validBearer(text []byte, start, end int) verdict {
	scheme := bytes.TrimRight(text[max(0, start-16):start], " =\"'")
	if n := len(scheme) - len("basic"); n >= 0 && bytes.EqualFold(scheme[n:], []byte("basic")) {
		return verdict{reject: true}
	}
	return validGeneric(text, start, end)
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

// validRandom asks for a value in which digits and letters are well mixed, or
// whose letters are random, and for no words, as names of functions have.
func validRandom(text []byte, start, end int) verdict {
	secret := text[start:end]
	digits, letters, others := census(secret)
	mixed := digits*10 >= len(secret) && !model.Wordy(secret)
	drawn := (mixed || model.Random(secret)) && letters >= 2
	parts := others > 2 && !model.UUID(secret)
	return verdict{reject: parts || model.Pretended(secret) || halfQuoted(text, start, end) || !drawn && !model.Shown(secret)}
}

// halfQuoted says whether a value begins behind a quote and does not end before
// one, nor at the end of a word, or begins in the middle of one: it is half of
// something else.
func halfQuoted(text []byte, start, end int) bool {
	if start > 1 && bytes.IndexByte([]byte("?!$^~*;&"), text[start-1]) >= 0 && text[start-2] > ' ' {
		return true
	}
	return start > 0 && quote(text[start-1]) && end < len(text) && !quote(text[end]) && bytes.IndexByte([]byte(" \t\r\n\\,;"), text[end]) < 0
}

// validLetters asks for letters that are random, or were typed as a stand-in for
// such: the alphabet.
func validLetters(text []byte, start, end int) verdict {
	secret := text[start:end]
	return verdict{reject: !model.Random(secret) && !model.Shown(secret)}
}

// validMixed refuses a value without both letters and digits: names of a
// provider stand beside many plain words and numbers.
func validMixed(text []byte, start, end int) verdict {
	secret := text[start:end]
	digits, letters, _ := census(secret)
	if digits == 0 || letters == 0 || commitID(text, start, end) {
		return verdict{reject: true}
	}
	if len(secret) >= leastWords && digits*4 < len(secret) && model.Wordy(secret) {
		return verdict{confidence: wordyToken}
	}
	return verdict{}
}

// wordyToken is the confidence in words where random characters are expected, in
// a value of at least leastWords: one in a thousand of those looks so by chance,
// of shorter ones four.
const (
	wordyToken = 0.3
	leastWords = 32
)

// commitID says whether the value is the hash of a commit, which logs of version
// control print behind that word.
func commitID(text []byte, start, end int) bool {
	const word = "commit "
	return end-start == 40 && lowHex(text[start:end]) && bytes.EqualFold(text[max(0, start-len(word)):start], []byte(word))
}

// validPassword judges the password of a URL or of a command.
func validPassword(text []byte, start, end int) verdict {
	secret := text[start:end]
	switch {
	case firstTried(secret):
		return verdict{confidence: weakPassword}
	case standsForPassword(secret):
		return verdict{reject: true}
	}
	return modelled(model.Login(model.Candidate{Text: text, Start: start, End: end}))
}

// validConnection judges a password that is given with what it opens.
func validConnection(text []byte, start, end int) verdict {
	secret := text[start:end]
	if standsForPassword(secret) {
		return verdict{reject: true}
	}
	v := modelled(model.Connection(model.Candidate{Text: text, Start: start, End: end}))
	if firstTried(secret) {
		v.confidence = min(v.confidence, DefaultMinConfidence)
	}
	return v
}

// firstTried says whether secret is one of the words that are passwords where
// nobody has chosen one.
func firstTried(secret []byte) bool {
	switch string(bytes.ToLower(secret)) {
	case "secret", "root", "admin", "guest", "postgres", "mysql", "redis", "test":
		return true
	}
	return false
}

// standsForPassword says whether secret is what documentation and templates
// write where a password goes.
func standsForPassword(secret []byte) bool {
	switch string(bytes.ToLower(secret)) {
	case "password", "passwd", "pass", "pwd", "user", "username", "token", "***", "xxx", "key", "none", "true", "false", "string":
		return true
	}
	return template(secret) || filler(secret) || holdsAny(placeholderWords(), secret)
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
