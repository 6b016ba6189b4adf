package model

import "bytes"

const (
	nameReach = 64 // bytes of a name that are read
	nameWords = 12 // words of it that count
)

// name is what a value is assigned to.
type name struct {
	text  []byte // as written, without quotes and operator
	start int    // where it begins in the text
}

// nameOf finds what stands before the operator and the quotes at start.
func nameOf(text []byte, start int) name {
	i := start
	for i > 0 && start-i < 40 && bytes.IndexByte([]byte(" \t\r\n\"'`=!:>,|?([{)]\\"), text[i-1]) >= 0 {
		i--
	}
	i = beforeScheme(text, i)
	from := i
	for from > 0 && i-from < nameReach && nameByte(text[from-1]) {
		from--
	}
	return name{text[from:i], from}
}

// beforeScheme steps over a word such as Bearer between a header and its token.
func beforeScheme(text []byte, i int) int {
	for _, scheme := range []string{"bearer", "basic", "token", "bot", "apikey", "sso-key", "oauth", "splunk", "geniekey", "api-token"} {
		at := i - len(scheme)
		if at < 2 || !bytes.EqualFold(text[at:i], []byte(scheme)) || bytes.IndexByte([]byte(" \"'"), text[at-1]) < 0 {
			continue
		}
		for j := at - 1; j >= 0 && at-j < 6; j-- {
			if text[j] == ':' || text[j] == '=' {
				return trimOperator(text, j)
			}
			if nameByte(text[j]) {
				break
			}
		}
	}
	return i
}

func trimOperator(text []byte, i int) int {
	for i > 0 && bytes.IndexByte([]byte(" \t\"'`=:\\"), text[i-1]) >= 0 {
		i--
	}
	return i
}

func nameByte(c byte) bool { return letter(c) >= 0 || digit(c) || c == '_' || c == '-' || c == '.' }

// phrase widens a name by the words before it on its line: "public key", "the
// API token".
func (n name) phrase(text []byte) []byte {
	from := n.start
	for words := 0; words < 2 && from > 1 && text[from-1] == ' ' && (nameByte(text[from-2])); words++ {
		from--
		for from > 0 && n.start-from < nameReach && nameByte(text[from-1]) {
			from--
		}
	}
	return text[from : n.start+len(n.text)]
}

// eachWord cuts a name where a capital follows a small letter and at every
// character that is no letter, and hands the words over in lower case.
func eachWord(b []byte, each func(word []byte)) {
	var buf [24]byte
	n, words := 0, 0
	flush := func() {
		if n > 0 && words < nameWords {
			each(buf[:n])
			words++
		}
		n = 0
	}
	for i, c := range b {
		isLetter := letter(c) >= 0
		if !isLetter || capital(c) && i > 0 && (small(b[i-1]) || i+1 < len(b) && small(b[i+1])) {
			flush()
		}
		if isLetter && n < len(buf) {
			buf[n] = lower(c)
			n++
		}
	}
	flush()
}

// nameScore weighs the words of a name.
func nameScore(text []byte, n name) (secret, open float64) {
	head, after := 0.0, false
	eachWord(n.phrase(text), func(w []byte) {
		s := secretWord(w)
		if s == 0 {
			s = secretStem(w)
		}
		secret = max(secret, s)
		open = min(open, openWord(w))
		head = openHead(w)
		if after && (string(w) == "token" || string(w) == "key") {
			open = min(open, -4)
		}
		after = handle(w)
	})
	open = min(open, head)
	if holdsFold(n.text, "pagetoken") || holdsFold(n.text, "progresstoken") {
		open = min(open, -4)
	}
	if keyOfAPI(n.phrase(text)) {
		secret = max(secret, 2.2)
	}
	if ending(afterLast(n.text, '.')) && !holdsFold(afterLast(n.text, '.'), "key") {
		open = min(open, -3.8) // the name of a file
	}
	return secret, open
}

// secretWord is how much a word of a name speaks for a secret.
func secretWord(w []byte) float64 {
	switch string(w) {
	case "secret", "secrets", "password", "passwd", "passphrase", "apikey", "authtoken", "accesstoken", "secretkey":
		return 2.4
	case "token", "tokens", "bearer", "jwt", "authorization":
		return 2
	case "private", "credential", "credentials", "creds", "pat", "pwd", "cred", "privatekey":
		return 1.7
	case "auth", "signing", "encryption", "master", "access", "session", "oauth", "license":
		return 1.4
	case "key", "keys":
		return 1
	case "api":
		return 0.4
	}
	return 0
}

// secretStem finds the same words run together: "authtokenprod", "APIKEY".
func secretStem(w []byte) float64 {
	switch {
	case bytes.Contains(w, []byte("secret")), bytes.Contains(w, []byte("apikey")), bytes.Contains(w, []byte("passw")):
		return 2.2
	case bytes.Contains(w, []byte("token")) && !bytes.Contains(w, []byte("tokeni")), bytes.Contains(w, []byte("credential")):
		return 1.8
	case bytes.HasSuffix(w, []byte("key")) && bigEnough(w), bytes.HasSuffix(w, []byte("api")) && len(w) > 4:
		return 0.7
	}
	return 0
}

// bigEnough tells "openaikey" from the word monkey.
func bigEnough(w []byte) bool {
	switch string(w) {
	case "monkey", "turkey", "donkey", "hockey", "jockey", "whiskey", "hotkey", "pubkey":
		return false
	}
	return len(w) > 5
}

// openWord is how much a word of a name says that the value is none that anyone
// hides, wherever in the name it stands.
func openWord(w []byte) float64 {
	switch string(w) {
	case "public", "pub", "pubkey", "integrity", "checksum", "sha", "md", "digest", "fingerprint", "etag", "thumbprint",
		"foreign", "primary", "cache", "partition", "sort", "hot", "keyboard", "keyword", "keywords", "monkey", "turkey", "hotkey",
		"tokenizer", "tokenize", "tokenization", "websocket", "socket", "commit", "revision", "vault", "pagination", "idempotency",
		"vkey", "blob":
		return -4
	case "page", "sync", "site", "encrypted", "wrapped", "sealed":
		return -2.5
	case "csrf", "xsrf", "csrfmiddlewaretoken", "authenticity", "antiforgery", "next", "cursor", "continuation", "expected", "want", "got":
		return -4
	case "non", "not", "matching", "invalid", "wrong", "fake", "dummy", "mock", "sample", "stub":
		return -4
	case "test", "tests", "testing", "example", "demo":
		return -1
	}
	return 0
}

// handle says whether a token or key that a word stands right before is a handle:
// where a list goes on, which call is told of or to be cancelled, which message is
// meant. Elsewhere in a name the word says nothing: Progress sells a database.
func handle(w []byte) bool {
	switch string(w) {
	case "page", "progress", "cancellation", "correlation", "deduplication", "dedup":
		return true
	}
	return false
}

// openHead is how much the last word of a name says that the value is something
// about a secret: a key's id, a token's type.
func openHead(w []byte) float64 {
	switch string(w) {
	case "id", "ids", "type", "name", "names", "version", "count", "length", "size", "file", "filename", "path", "dir", "url", "uri",
		"host", "endpoint", "format", "algorithm", "algo", "alg", "index", "event", "code", "store", "field", "prefix", "suffix",
		"label", "expiry", "expires", "ttl", "schema", "usage", "class", "ref", "alias", "kind", "mode", "provider", "manager",
		"handler", "param", "params", "policy", "hint", "rotation", "issuer", "nonce", "map", "down", "up", "hash", "st", "strength",
		"press", "input", "regex", "pattern", "template", "message", "error", "description", "title", "placeholder", "created",
		"chars", "characters", "charset", "alphabet", "letters", "digits":
		return -4
	}
	return 0
}

// drawn says whether a name is itself random text: what speaks of a secret in it
// does so by chance.
func drawn(name []byte) bool {
	s := shapeOf(name)
	inside := digitsOf(name) > 0 || s.digits > 0 && !digit(name[len(name)-1]) || s.digitRuns > 1
	return len(name) >= 10 && s.rest == 0 && s.pairs >= 3 && (inside && s.bits < -0.2 || s.changes >= 4 && s.bits < -0.4)
}

// keyOfAPI says whether a name speaks of the key of an interface, in one word or
// in two.
func keyOfAPI(name []byte) bool {
	for _, word := range []string{"api_key", "apikey", "api-key", "access_key"} {
		if holdsFold(name, word) {
			return true
		}
	}
	for _, words := range []string{"api key", "access key"} {
		if i := indexFold(name, words); i == 0 || i > 0 && name[i-1] == ' ' {
			return true
		}
	}
	return false
}

// afterLast is what stands behind the last c of b; nil if there is none.
func afterLast(b []byte, c byte) []byte {
	if i := bytes.LastIndexByte(b, c); i >= 0 {
		return b[i+1:]
	}
	return nil
}

// holdsFold says whether b holds word, which is in lower case, in any case.
func holdsFold(b []byte, word string) bool { return indexFold(b, word) >= 0 }

// indexFold is where b holds word, which is in lower case, in any case; -1 if
// nowhere.
func indexFold(b []byte, word string) int {
	for i := 0; i+len(word) <= len(b); i++ {
		if lower(b[i]) == word[0] && bytes.EqualFold(b[i:i+len(word)], []byte(word)) {
			return i
		}
	}
	return -1
}
