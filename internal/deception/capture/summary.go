package capture

import (
	"fmt"
	"strings"
	"unicode"

	"go.cordon.dev/cordon/internal/deception/service"
)

// Of what a client sent, so much is looked at for a summary, and so much is shown.
// The first is far more than the second, so that a secret that the summary would
// cut is seen whole and redacted.
const (
	lookedAt = 16 << 10 // bytes
	shown    = 300      // characters
)

// hidden is what stands for a value that its name gives away.
const hidden = "[sealed]"

// secretive reports whether a field's value is none to be shown, by its name.
func secretive(name string) bool {
	name = strings.ToLower(name)
	for _, word := range [...]string{"pass", "pwd", "secret", "token", "authorization", "cookie", "credential", "api-key", "api_key", "apikey", "body", "session"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// summary says in one line what a client did: redacted, without what it tried as a
// password in this session, and short.
func (r *Recorder) summary(o service.Observation, s *live) string {
	switch o.Type {
	case service.Connected:
		return "connected from " + o.Client.String()
	case service.LoginAttempt:
		return r.attemptWords(o, s)
	}
	return r.plain(s.mask(rawSummary(o)))
}

func (r *Recorder) attemptWords(o service.Observation, s *live) string {
	if o.Credential == nil {
		return ""
	}
	verdict := "refused"
	if o.Credential.Accepted {
		verdict = "accepted"
	}
	return fmt.Sprintf("%s as %q, %s", o.Credential.Kind, r.principal(o.Credential.Principal, s), verdict)
}

// principal is a user's name as people see it: without what was tried as a password
// before, which people type into the wrong field.
func (r *Recorder) principal(name string, s *live) string { return r.plain(s.mask(name)) }

// plain redacts a text and makes it one line that can be shown anywhere.
func (r *Recorder) plain(text string) string {
	if text == "" {
		return ""
	}
	text = r.deps.Redact(strings.ToValidUTF8(text[:min(len(text), lookedAt)], "\uFFFD"))
	return shorten(oneLine(text))
}

// rawSummary is what a summary is made from, not redacted yet.
func rawSummary(o service.Observation) string {
	var parts []string
	if a := o.Artifact; a != nil {
		parts = append(parts, fmt.Sprintf("%s %s (%d bytes)", a.Kind, a.Path, a.Size))
	}
	for _, f := range o.Fields {
		parts = append(parts, fieldWords(f, len(o.Fields)+len(parts) == 1))
	}
	if len(parts) == 0 { // the first line alone: headers and bodies hold what nobody should read here
		line, _, _ := strings.Cut(string(o.Raw[:min(len(o.Raw), lookedAt)]), "\n")
		return line
	}
	return strings.Join(parts, " ")
}

// fieldWords is a field as name=value; one that stands alone needs no name.
func fieldWords(f service.Field, alone bool) string {
	switch {
	case secretive(f.Name):
		return f.Name + "=" + hidden
	case alone:
		return f.Value
	}
	return f.Name + "=" + f.Value
}

// oneLine replaces what would move a reader's cursor or hide from him.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		switch {
		case c == '\n', c == '\t', c == '\r':
			return ' '
		case unicode.In(c, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
			return '\uFFFD'
		}
		return c
	}, s))
}

func shorten(s string) string {
	n := 0
	for i := range s {
		if n == shown {
			return s[:i] + "…"
		}
		n++
	}
	return s
}
