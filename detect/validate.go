package detect

import (
	"bytes"
	"encoding/base64"
	"hash/crc32"
	"maps"
	"slices"
	"sync"

	"go.cordon.dev/cordon/detect/internal/model"
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
	return slices.Sorted(maps.Keys(validators()))
}

func validatorNamed(name string) validator { return validators()[name] }

var validators = sync.OnceValue(func() map[string]validator {
	return map[string]validator{
		"anthropic":      validAnthropic,
		"assigned":       validAssigned,
		"aws-key-id":     validAWSKeyID,
		"aws-secret":     validAWSSecret,
		"base58check":    validBase58,
		"basic-auth":     validBasicAuth,
		"bech32":         validBech32,
		"bearer":         validBearer,
		"card":           validCard,
		"connection":     validConnection,
		"discord":        validDiscord,
		"generic":        validGeneric,
		"github":         validGitHub,
		"gitlab":         validGitLab,
		"grafana":        validGrafana,
		"iban":           validIBAN,
		"jwt":            validJWT,
		"letters":        validLetters,
		"luhn":           validLuhn,
		"macaroon":       validMacaroon,
		"mixed":          validMixed,
		"mnemonic":       validMnemonic,
		"named-password": validNamedPassword,
		"nkey":           validNKey,
		"password":       validPassword,
		"pem":            validPEM,
		"random":         validRandom,
		"sentry":         validSentry,
		"ssn":            validSSN,
		"twilio":         validTwilio,
		"uuid":           validUUID,
	}
})

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
	switch {
	case string(body[split:]) == string(checksum62(body[:split])):
		return verdict{confidence: rightSum}
	case wordBefore(text, start) || model.Wordy(body):
		return verdict{confidence: wrongSum}
	}
	return verdict{confidence: 0.8}
}

// wordBefore says whether a letter or digit stands before start: the prefix is
// then the end of a longer name.
func wordBefore(text []byte, start int) bool {
	return start > 0 && (neighbour(text, start-1) || text[start-1] >= 'a' && text[start-1] <= 'z')
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
	if end-start < 4 {
		return verdict{reject: true} // of somebody's own rule
	}
	if neighbour(text, start-1) || neighbour(text, end) {
		return verdict{confidence: 0.4, reject: !bytes.HasPrefix(text[start:], []byte("AKIA"))}
	}
	switch {
	case bytes.ContainsAny(text[start+4:end], "0189"):
		return verdict{confidence: 0.8}
	case beside(text, start, end, awsSecretNear):
		return verdict{confidence: paired}
	}
	return verdict{}
}

func neighbour(text []byte, i int) bool {
	return i >= 0 && i < len(text) && (text[i] >= 'A' && text[i] <= 'Z' || text[i] >= '0' && text[i] <= '9')
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
	from := len(user) + 1
	if from == len(plain) {
		return verdict{} // a token in the place of the user
	}
	return modelled(model.Login(model.Candidate{Text: plain, Start: from, End: len(plain)}))
}
