package ledger

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"go.cordon.dev/cordon/internal/id"
)

// Bounds of what is kept of a text from outside, in bytes.
const (
	maxName     = 253 + 64 // a host name (RFC 1035) and what surrounds it
	maxURL      = 2048
	maxText     = 512
	maxCommand  = 1024
	maxValue    = 64 // of a parameter in a URL's query
	maxFindings = 16
)

// cleaner makes texts from outside fit to be kept: short, printable, and
// without the secrets that redact knows.
type cleaner struct {
	redact func(string) string
	known  *memory
}

func newCleaner(redact func(string) string, now func() time.Time) cleaner {
	return cleaner{redact, &memory{now: now, texts: map[string]bool{}}}
}

// spotless is redact, which costs far more than all the rest of a record: of a
// text that was without secrets a moment ago it is not asked again. Programs
// ask for the same thing over and over.
func (c cleaner) spotless(s string) string {
	if c.known.has(s) {
		return s
	}
	clean := c.redact(s)
	if clean == s {
		c.known.add(s)
	}
	return clean
}

// memory holds texts without secrets, for a minute: the rules that say so may
// change.
type memory struct {
	now   func() time.Time
	mu    sync.Mutex
	texts map[string]bool
	since time.Time
}

// The bounds of a memory: at most 4 MB.
const (
	maxMemory   = 4096
	maxRemember = 1024
	memoryAge   = time.Minute
)

func (m *memory) has(s string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.now().Sub(m.since) >= memoryAge {
		clear(m.texts)
		m.since = m.now()
	}
	return m.texts[s]
}

func (m *memory) add(s string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.texts) < maxMemory && len(s) <= maxRemember {
		m.texts[s] = true
	}
}

func (c cleaner) entry(e Entry) Entry {
	for _, f := range []struct {
		text *string
		max  int
	}{
		{&e.Decision, maxText}, {&e.Rule, maxText}, {&e.Reason, maxText}, {&e.Would, maxText},
		{&e.Detail, maxText}, {&e.Host, maxName}, {&e.Address, maxName}, {&e.Protocol, maxText}, {&e.Method, maxText},
		{&e.Exe, maxText}, {&e.Cmdline, maxCommand}, {&e.SourceFile, maxText}, {&e.Function, maxText},
		{&e.Entrance, maxText}, {&e.Client, maxName}, {&e.Cut, maxText}, {&e.Origin, maxName}, {&e.Subject, maxText},
	} {
		*f.text = c.text(*f.text, f.max)
	}
	if id.Check(e.Flow) != nil {
		e.Flow = c.text(e.Flow, maxText)
	}
	e.URL = c.url(e.URL)
	e.Time = e.Time.UTC()
	e.Findings = c.findings(e.Findings)
	return e
}

// findings keeps the first few; the list is never null.
func (c cleaner) findings(all []Finding) []Finding {
	out := make([]Finding, 0, min(len(all), maxFindings))
	for _, f := range all[:min(len(all), maxFindings)] {
		out = append(out, Finding{c.text(f.Rule, maxText), c.text(f.Redacted, maxText), clip(f.Fingerprint, maxText)})
	}
	return out
}

// text redacts before it cuts: half a secret is no secret to a rule.
func (c cleaner) text(s string, limit int) string {
	if s == "" || word(s) {
		return s
	}
	if len(s) > 16*maxCommand {
		return fmt.Sprintf("(left out: %d bytes)", len(s))
	}
	return clip(printable(c.spotless(s)), limit)
}

// word reports whether s is as short and plain as allow, https or GET: no rule
// takes that for a secret, and most fields are such.
func word(s string) bool {
	if len(s) > 8 {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' {
			return false
		}
	}
	return true
}

// url keeps scheme, host, path and the names of the query's parameters. A
// user, a fragment, and what is long or called like a secret is left out
// whatever it looks like; of the rest, the secrets.
func (c cleaner) url(raw string) string {
	if raw == "" {
		return ""
	}
	if len(raw) > 16*maxURL {
		return fmt.Sprintf("(left out: %d bytes)", len(raw))
	}
	u, err := url.Parse(raw)
	if err != nil {
		return "(left out: not a URL)"
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	query := readable(u.RawQuery)
	u.RawQuery, u.ForceQuery = "", false
	decoded, err := url.PathUnescape(u.String())
	if err != nil {
		decoded = u.String()
	}
	return clip(printable(c.spotless(decoded+query)), maxURL)
}

// readable rewrites a query for people: NAME=VALUE, decoded.
func readable(raw string) string {
	if raw == "" {
		return ""
	}
	var parts []string
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		parts = append(parts, parameter(unescape(name), unescape(value)))
	}
	return "?" + strings.Join(parts, "&")
}

func parameter(name, value string) string {
	switch {
	case value == "":
		return name
	case private(name), len(value) > maxValue:
		return name + fmt.Sprintf("=[%d bytes]", len(value))
	}
	return name + "=" + value
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// private reports whether a parameter is called like one that holds a secret.
func private(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"pass", "pwd", "secret", "token", "key", "auth", "sig", "code", "session", "cred", "otp", "pin", "jwt", "assertion"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// printable replaces what would break a line or hide in it.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, s)
}

// clip cuts at a limit in bytes, between characters.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	cut := limit - len("…")
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
