package http

import (
	"encoding/json"
	"mime"
	"net/url"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service"
)

// maxForm bounds what is read of a form, maxInputs how many of its inputs are.
const (
	maxForm   = 64 << 10
	maxInputs = 64
)

// formLogin takes down a form that was filled in with a password, whatever it
// was sent to: those who guess do not look first which page is there.
func (c *client) formLogin(r *request) {
	var user, password *service.Field
	for _, f := range inputs(r) {
		switch {
		case isPassword(f.Name):
			password = firstOf(password, f)
		case isUser(f.Name):
			user = firstOf(user, f)
		}
	}
	if password == nil {
		return
	}
	a := service.Credential{Kind: service.Plaintext, Secret: []byte(password.Value), Details: []service.Field{
		{Name: "scheme", Value: "form"}, {Name: "target", Value: r.path}, {Name: "input", Value: password.Name},
	}}
	if user != nil {
		a.Principal = user.Value
	}
	c.session.Attempt(a)
}

func firstOf(had *service.Field, f service.Field) *service.Field {
	if had != nil {
		return had
	}
	return &f
}

// inputs are what a request's form says, in its order: of its body, or behind
// the question mark when it has none.
func inputs(r *request) []service.Field {
	text := r.body.kept[:min(len(r.body.kept), maxForm)]
	kind, _, _ := mime.ParseMediaType(r.get("Content-Type"))
	switch {
	case len(text) == 0:
		return encoded(r.query[:min(len(r.query), maxForm)])
	case kind == "application/json":
		return object(text)
	case kind == "application/x-www-form-urlencoded", kind == "":
		return encoded(string(text))
	}
	return nil
}

// encoded reads name=value&name=value as browsers write it (WHATWG URL,
// application/x-www-form-urlencoded). What is not well encoded stands for itself.
func encoded(text string) (all []service.Field) {
	for pair := range strings.SplitSeq(text, "&") {
		name, value, ok := strings.Cut(pair, "=")
		if len(all) == maxInputs {
			return all
		}
		if ok {
			all = append(all, service.Field{Name: decoded(name), Value: decoded(value)})
		}
	}
	return all
}

func decoded(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// object reads the texts of a JSON object, in their order.
func object(text []byte) (all []service.Field) {
	d := json.NewDecoder(strings.NewReader(string(text)))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	for len(all) < maxInputs && d.More() {
		name, err := d.Token()
		var value any
		if err != nil || d.Decode(&value) != nil {
			return all
		}
		if s, ok := value.(string); ok {
			all = append(all, service.Field{Name: name.(string), Value: s})
		}
	}
	return all
}

// isPassword reports whether an input is called as those for passwords are:
// passwd, j_password, user[pass], loginPwd, but not bypass.
func isPassword(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), "]")
	last := name[strings.LastIndexAny(name, "_-.[:$")+1:]
	return last == "pass" || last == "userpass" || last == "psw" || last == "psd" || strings.HasSuffix(last, "pwd") ||
		strings.Contains(name, "passw") || strings.Contains(name, "passphrase")
}

// isUser reports whether an input, of a form with a password, says whose it is.
func isUser(name string) bool {
	name = strings.ToLower(name)
	if strings.Contains(name, "token") || strings.Contains(name, "csrf") {
		return false
	}
	for _, part := range []string{"user", "login", "mail", "account"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return name == "log" || name == "name" || name == "uname" || name == "usr" || name == "id"
}
