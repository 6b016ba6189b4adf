package http

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
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
	kind, params, _ := mime.ParseMediaType(r.get("Content-Type"))
	switch {
	case len(text) == 0:
		return encoded(r.query[:min(len(r.query), maxForm)])
	case kind == "multipart/form-data":
		return parts(text, params["boundary"])
	case isJSON(kind), kind == "" && bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")):
		return object(text)
	case kind == "application/x-www-form-urlencoded", kind == "":
		return encoded(string(text))
	}
	return nil
}

func isJSON(kind string) bool {
	return kind == "application/json" || kind == "text/json" || strings.HasSuffix(kind, "+json")
}

// parts reads the inputs of a form that could hold files (RFC 7578), which are left to
// others.
func parts(text []byte, boundary string) (all []service.Field) {
	form := multipart.NewReader(bytes.NewReader(text), boundary)
	for len(all) < maxInputs {
		part, err := form.NextRawPart()
		if err != nil {
			return all
		}
		if part.FormName() == "" || part.FileName() != "" {
			continue
		}
		value, _ := io.ReadAll(part) // of a cut form, what there is
		all = append(all, service.Field{Name: part.FormName(), Value: string(value)})
	}
	return all
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

// object reads the texts and numbers of a JSON object and of those in it, the outer ones
// first, under their own names.
func object(text []byte) (all []service.Field) {
	var depths [maxInputs + 1][]service.Field
	walked(text, func(f service.Field, depth int) {
		depths[min(depth, maxInputs)] = append(depths[min(depth, maxInputs)], f)
	})
	for _, d := range depths {
		all = append(all, d...)
	}
	return all
}

// walked calls take with the first maxInputs of them.
func walked(text []byte, take func(f service.Field, depth int)) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var w walk
	for n := 0; n < maxInputs; {
		t, err := d.Token()
		if err != nil {
			return
		}
		if f, ok := w.token(t); ok {
			n++
			take(f, len(w.open))
		}
	}
}

// walk is a way through JSON.
type walk struct{ open []level }

// level is an object or list that is open.
type level struct {
	list  bool
	named bool   // of an object: its value comes, else a name
	name  string // of that value
}

// token takes the next one, and returns the value that it is, with its name.
func (w *walk) token(t json.Token) (f service.Field, ok bool) {
	if d, ok := t.(json.Delim); ok {
		w.delim(d)
		return f, false
	}
	if len(w.open) == 0 {
		return f, false
	}
	in := &w.open[len(w.open)-1]
	text, isText := t.(string)
	if !in.list && !in.named {
		in.name, in.named = text, true
		return f, false
	}
	in.named = false
	number, isNumber := t.(json.Number)
	return service.Field{Name: in.name, Value: text + string(number)}, isText || isNumber
}

func (w *walk) delim(d json.Delim) {
	if d == '{' || d == '[' {
		w.open = append(w.open, level{list: d == '['})
		return
	}
	if w.open = w.open[:len(w.open)-1]; len(w.open) > 0 {
		w.open[len(w.open)-1].named = false
	}
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
