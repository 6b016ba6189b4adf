package detect

import (
	"bytes"
	"encoding/base64"
	"encoding/json"

	"go.cordon.dev/cordon/detect/internal/model"
)

// exampleToken is the confidence in a token that documentation shows.
const exampleToken = 0.35

// brokenToken is the confidence in what begins as a token and is none.
const brokenToken = 0.4

// validJWT decodes the header, which must be a JSON object that names its
// algorithm (RFC 7515, section 4.1.1), and the claims, a JSON object too (RFC
// 7519, section 7.2). What is unsigned opens nothing, and the tokens of tutorials
// are known by their claims.
func validJWT(text []byte, start, end int) verdict {
	head, rest, _ := bytes.Cut(text[start:end], []byte("."))
	claims, _, _ := bytes.Cut(rest, []byte("."))
	raw, err := decodeSegment(head)
	var header struct {
		Alg string `json:"alg"`
		Enc string `json:"enc"`
	}
	if err != nil || json.Unmarshal(raw, &header) != nil {
		return verdict{reject: true}
	}
	switch {
	case header.Alg == "" || header.Alg == "none":
		return verdict{confidence: 0.3}
	case header.Enc != "": // encrypted (RFC 7516): nothing else to read
		return verdict{}
	}
	v := judgeClaims(claims)
	if v.confidence == brokenToken && model.Key(model.Candidate{Text: text, Start: start, End: end}) >= DefaultMinConfidence {
		v.confidence = DefaultMinConfidence // not readable, but called a secret: who made it may keep its claims hidden
	}
	return v
}

func decodeSegment(b []byte) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(string(bytes.TrimRight(b, "=")))
}

func judgeClaims(segment []byte) verdict {
	raw, err := decodeSegment(segment)
	if err != nil || !json.Valid(raw) {
		return verdict{confidence: brokenToken}
	}
	if bytes.Contains(raw, []byte(`"nats":`)) && !bytes.Contains(raw, []byte(`"bearer_token":true`)) {
		return verdict{confidence: exampleToken} // NATS: who has no seed cannot sign in with it, and servers show it
	}
	for _, known := range []string{`"John Doe"`, `"some":"payload"`, `"some": "payload"`, `"foo":"bar"`, `"hello":"world"`, `http://example.com/is_root`} {
		if bytes.Contains(raw, []byte(known)) {
			return verdict{confidence: exampleToken}
		}
	}
	return verdict{}
}
