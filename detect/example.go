package detect

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/detect/internal/checksum"
)

var examplePlaceholder = regexp.MustCompile(`\{\{([a-z0-9]+):?([^{}]*)\}\}`)

// ExpandExample replaces the placeholders of a rule's positives and negatives,
// so that rule files hold nothing that looks like a live secret to whoever
// hosts them. The same placeholder always gives the same text; a seed gives
// another.
//
//	{{alnum:36}} {{alnum:36:seed}}   36 characters of A-Z a-z 0-9
//	{{lower:n}} {{upper:n}} {{digit:n}} {{hex:n}} {{base32:n}} {{base64:n}} {{base64url:n}}
//	                                 likewise a-z0-9, A-Z0-9, 0-9, 0-9a-f, A-Z2-7, and the two of RFC 4648
//	{{github:ghp}} {{github:ghp:seed}}  a token of that prefix with a right checksum (npm too)
//	{{uuid}} {{uuid:seed}}           a version 4 UUID
//	{{gitlab:glpat-}}                a routable GitLab token of that prefix with a right checksum
//	{{bech32:nsec}}                  a text of BIP 173 with that prefix and a right checksum
//	{{base58check:80:32}}            base58check of a version in hexadecimal and so many bytes
//	{{jwt}} {{jwt:seed}}             a signed JSON web token
//	{{pem:RSA PRIVATE KEY}}          a block with that label
//	{{b64of:text}}                   text in base64
//
// An unknown placeholder is an error; "{{" that doesn't open one is kept.
func ExpandExample(text string) (string, error) {
	var bad error
	out := examplePlaceholder.ReplaceAllStringFunc(text, func(p string) string {
		m := examplePlaceholder.FindStringSubmatch(p)
		s, err := expandOne(m[1], m[2], p)
		if err != nil && bad == nil {
			bad = fmt.Errorf("placeholder %s: %w", p, err)
		}
		return s
	})
	return out, bad
}

func exampleAlphabets() map[string]string {
	const lower, upper, digit = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
	return map[string]string{
		"alnum": lower + upper + digit, "lower": lower + digit, "upper": upper + digit, "digit": digit,
		"hex": digit + "abcdef", "base32": upper + "234567",
		"base64": lower + upper + digit + "+/", "base64url": lower + upper + digit + "-_",
	}
}

func expandOne(kind, rest, whole string) (string, error) {
	arg, _, _ := strings.Cut(rest, ":")
	h := fnv.New64a()
	_, _ = h.Write([]byte(whole))
	rng := rand.New(rand.NewPCG(h.Sum64(), 0))
	switch kind {
	case "github":
		body := randomText(rng, exampleAlphabets()["alnum"], 30)
		return arg + "_" + body + string(checksum62([]byte(body))), nil
	case "gitlab":
		return checksum.MakeGitLab(arg, randomText(rng, exampleAlphabets()["base64url"], 50)), nil
	case "bech32":
		return checksum.MakeBech32(arg, randomText(rng, "qpzry9x8gf2tvdw0s3jn54khce6mua7l", 52)), nil
	case "base58check":
		return randomBase58(rng, rest)
	case "uuid":
		return randomUUID(rng), nil
	case "jwt":
		return randomJWT(rng), nil
	case "pem":
		return randomPEM(rng, arg), nil
	case "b64of":
		return base64.StdEncoding.EncodeToString([]byte(rest)), nil
	}
	alphabet, ok := exampleAlphabets()[kind]
	n, err := strconv.Atoi(arg)
	if !ok || err != nil || n < 1 || n > 4096 {
		return "", fmt.Errorf("want {{kind:length}} or {{kind:length:seed}} with a known kind, length 1 to 4096")
	}
	return randomText(rng, alphabet, n), nil
}

// randomText draws until the text has letters and digits where the alphabet has.
func randomText(rng *rand.Rand, alphabet string, n int) string {
	for {
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[rng.IntN(len(alphabet))]
		}
		digits, letters, others := census(b)
		if n < 8 || digits == n || digits > 0 && letters > 0 && others < n/2 && Entropy(b[:8]) > 1.7 {
			return string(b)
		}
	}
}

// randomBase58 reads a version in hexadecimal and a number of bytes.
func randomBase58(rng *rand.Rand, arg string) (string, error) {
	version, size, _ := strings.Cut(arg, ":")
	payload, err := hex.DecodeString(version)
	n, bad := strconv.Atoi(size)
	if err != nil || bad != nil || n < 1 || n > 80 {
		return "", errors.New("want {{base58check:version:bytes}}, 1 to 80 bytes")
	}
	for range n {
		payload = append(payload, byte(rng.Uint32()))
	}
	return checksum.MakeBase58Check(payload), nil
}

func randomUUID(rng *rand.Rand) string {
	h := randomText(rng, exampleAlphabets()["hex"], 32)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}

func randomJWT(rng *rand.Rand) string {
	enc := base64.RawURLEncoding.EncodeToString
	body := fmt.Sprintf(`{"sub":"%d","name":"A. Nobody","iat":1516239022}`, rng.Uint32())
	return enc([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + enc([]byte(body)) + "." + randomText(rng, exampleAlphabets()["base64url"], 43)
}

// randomPEM makes a block that is built as its label promises: an OpenSSH key
// begins with its magic, ASN.1 with a sequence that is as long as the rest.
func randomPEM(rng *rand.Rand, label string) string {
	body := []byte{0x30, 0x81, 0xbd}
	if strings.Contains(label, "OPENSSH") {
		body = []byte("openssh-key-v1\x00")
	}
	for len(body) < 192 {
		body = append(body, byte(rng.Uint32()))
	}
	var b strings.Builder
	b.WriteString("-----BEGIN " + label + "-----\n")
	for text := base64.StdEncoding.EncodeToString(body); text != ""; text = text[64:] {
		b.WriteString(text[:64] + "\n")
	}
	b.WriteString("-----END " + label + "-----\n")
	return b.String()
}
