package http

import (
	"encoding/base64"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service"
)

// credentials takes down what a client logs in with, asked or not.
func (c *client) credentials(r *request) {
	scheme, rest, _ := strings.Cut(r.get("Authorization"), " ")
	switch strings.ToLower(scheme) {
	case "basic":
		if user, password, ok := basic(rest); ok {
			c.session.Attempt(service.Credential{
				Kind: service.Plaintext, Principal: user, Secret: []byte(password),
				Details: []service.Field{{Name: "scheme", Value: "basic"}, {Name: "target", Value: r.target}},
			})
		}
	case "digest":
		c.digest(r, parameters(rest))
	}
	c.formLogin(r)
}

// basic reads the credentials of RFC 7617.
func basic(encoded string) (user, password string, ok bool) {
	text, err := base64.StdEncoding.DecodeString(strings.Trim(encoded, " "))
	if err != nil {
		return "", "", false
	}
	return strings.Cut(string(text), ":")
}

// digest takes down an answer of RFC 7616, with all that it was made of.
func (c *client) digest(r *request, p map[string]string) {
	if p["response"] == "" {
		return
	}
	details := []service.Field{{Name: "method", Value: r.method}}
	for _, name := range []string{"realm", "nonce", "uri", "algorithm", "qop", "nc", "cnonce", "opaque"} {
		if v, ok := p[name]; ok {
			details = append(details, service.Field{Name: name, Value: v})
		}
	}
	c.session.Attempt(service.Credential{Kind: service.HTTPDigest, Principal: p["username"], Secret: []byte(p["response"]), Details: details})
}

// parameters reads a list of name=value and name="value".
func parameters(s string) map[string]string {
	out := map[string]string{}
	for {
		name, rest, ok := strings.Cut(s, "=")
		if !ok {
			return out
		}
		var value string
		if quoted, is := strings.CutPrefix(rest, `"`); is {
			value, s = unquote(quoted)
		} else {
			value, s, _ = strings.Cut(rest, ",")
		}
		out[strings.ToLower(strings.Trim(name, " ,\t"))] = strings.Trim(value, " \t")
	}
}

// unquote reads up to the closing quote and returns what follows it.
func unquote(s string) (value, rest string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:]
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}
