package detect

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"hash/crc32"
	"slices"
)

// verdict is what a validator thinks of a candidate.
type verdict struct {
	reject     bool
	confidence float64 // replaces the rule's; if 0, keeps it
	end        int     // replaces the end of the secret; if 0, keeps it
}

// validator looks at the secret text[start:end]. It is pure and must be quick.
type validator func(text []byte, start, end int) verdict

// Validators lists the names a rule's Validator may hold.
func Validators() []string {
	names := make([]string, 0, len(validators()))
	for name := range validators() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func validatorNamed(name string) validator { return validators()[name] }

func validators() map[string]validator {
	return map[string]validator{
		"assigned":   validAssigned,
		"aws-key-id": validAWSKeyID,
		"basic-auth": validBasicAuth,
		"generic":    validGeneric,
		"github":     validGitHub,
		"jwt":        validJWT,
		"luhn":       validLuhn,
		"mixed":      validMixed,
		"password":   validPassword,
		"pem":        validPEM,
		"random":     validRandom,
		"uuid":       validUUID,
	}
}

// validGitHub checks the checksum of GitHub's and npm's tokens: the last six
// characters are the CRC-32 of those between the prefix and them, in base 62
// (github.blog, "Behind GitHub's new authentication token formats", 2021). A
// wrong checksum lowers the confidence only: whoever quotes a token may have
// mangled it, and a format may change.
func validGitHub(text []byte, start, end int) verdict {
	secret := text[start:end]
	body := secret[bytes.IndexByte(secret, '_')+1:]
	if len(body) <= checksumSize {
		return verdict{}
	}
	split := len(body) - checksumSize
	if string(body[split:]) == string(checksum62(body[:split])) {
		return verdict{confidence: 0.99}
	}
	return verdict{confidence: 0.8}
}

const checksumSize = 6

// checksum62 is the CRC-32 (IEEE) of b in six base-62 digits.
func checksum62(b []byte) []byte {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	sum := crc32.ChecksumIEEE(b)
	out := make([]byte, checksumSize)
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = digits[sum%62]
		sum /= 62
	}
	return out
}

// validAWSKeyID knows that a key id is base 32 (A-Z, 2-7) after its prefix and
// stands alone. What breaks either is kept with less confidence; the rarer
// prefixes are refused inside other text, where base64 is full of them.
func validAWSKeyID(text []byte, start, end int) verdict {
	if neighbour(text, start-1) || neighbour(text, end) {
		return verdict{confidence: 0.4, reject: !bytes.HasPrefix(text[start:], []byte("AKIA"))}
	}
	if bytes.ContainsAny(text[start+4:end], "0189") {
		return verdict{confidence: 0.8}
	}
	return verdict{}
}

func neighbour(text []byte, i int) bool {
	return i >= 0 && i < len(text) && (text[i] >= 'A' && text[i] <= 'Z' || text[i] >= '0' && text[i] <= '9')
}

// validJWT decodes the header, which must be a JSON object that names its
// algorithm (RFC 7515, section 4.1.1).
func validJWT(text []byte, start, end int) verdict {
	head, _, _ := bytes.Cut(text[start:end], []byte("."))
	raw, err := base64.RawURLEncoding.DecodeString(string(bytes.TrimRight(head, "=")))
	var header struct {
		Alg string `json:"alg"`
	}
	if err != nil || json.Unmarshal(raw, &header) != nil {
		return verdict{reject: true}
	}
	if header.Alg == "" {
		return verdict{confidence: 0.3}
	}
	return verdict{}
}

// validLuhn checks the digit sum of payment cards (ISO/IEC 7812-1, annex B).
func validLuhn(text []byte, start, end int) verdict {
	sum, n := 0, 0
	for i := end - 1; i >= start; i-- {
		c := text[i]
		if c < '0' || c > '9' {
			continue
		}
		d := int(c - '0')
		if n%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
		n++
	}
	return verdict{reject: n < 12 || sum%10 != 0}
}

// validUUID refuses UUIDs that are no secrets: nil, max and counted ones.
func validUUID(text []byte, start, end int) verdict {
	return verdict{reject: Entropy(text[start:end]) < 2.4}
}

// validBasicAuth decodes the credentials of RFC 7617: "user:password".
func validBasicAuth(text []byte, start, end int) verdict {
	raw := bytes.TrimRight(text[start:end], "=")
	plain, err := base64.RawStdEncoding.DecodeString(string(raw))
	if err != nil {
		return verdict{reject: true}
	}
	user, password, found := bytes.Cut(plain, []byte(":"))
	if !found || len(user)+len(password) < 4 || !printable(plain) {
		return verdict{reject: true}
	}
	return verdict{}
}

const (
	maxPEM  = 32 << 10
	minBody = 40
)

// validPEM stretches a private key's first line over the whole block (RFC 7468)
// and judges by what stands between.
func validPEM(text []byte, start, end int) verdict {
	rest := text[end:min(len(text), end+maxPEM)]
	stop := bytes.Index(rest, []byte("-----END"))
	if next := bytes.Index(rest, []byte("-----BEGIN")); next >= 0 && (stop < 0 || next < stop) {
		rest, stop = rest[:next], -1
	}
	if stop < 0 {
		n := bodyLength(rest)
		if n == 0 {
			return verdict{confidence: 0.8}
		}
		return verdict{end: end + n}
	}
	tail := rest[stop+len("-----END"):]
	stop += len("-----END")
	if i := bytes.Index(tail[:min(len(tail), 80)], []byte("-----")); i >= 0 {
		stop += i + len("-----")
	}
	if bodyLength(rest) < minBody {
		return verdict{confidence: 0.3, end: end + stop}
	}
	return verdict{confidence: 0.99, end: end + stop}
}

// bodyLength is the length of what looks like the body of a PEM block at the
// start of b: base64, headers and line ends, written out or escaped.
func bodyLength(b []byte) int {
	last := 0
	for i, c := range b {
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\\' || c == '"' || c == '\'' || c == ',' || c == ':' || c == '-':
		case base64Value(c) >= 0 || c == '=':
			last = i + 1
		default:
			return last
		}
	}
	return last
}
