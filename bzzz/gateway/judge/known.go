package judge

import (
	"slices"

	"go.cordon.dev/cordon/bzzz/gateway/withheld"
	"go.cordon.dev/cordon/bzzzlog"
	"go.cordon.dev/cordon/detect"
)

// The server may know secrets that no rule of the gateway finds: its rules are
// other ones, or the secret's name stood beside it there. So the words of a
// message are compared, by fingerprint, with those on the list.
const (
	minWord  = 8
	maxWord  = 512
	maxWords = 128 // that are compared in one message
)

// The rule and type of such a secret in reports.
const (
	ruleKnown = "known-secret"
	typeKnown = "KNOWN_SECRET"
)

// known asks whether a word of the message is a secret on the list.
func (c *matter) known() Verdict {
	if !c.deps.Installed || c.deps.List.Count(withheld.KindFingerprint) == 0 {
		return Verdict{Answer: Clean}
	}
	for _, word := range words(c.m.Data) {
		prints := c.prints(word)
		if !c.blocked(prints) {
			continue
		}
		redacted := detect.Redact(word, typeKnown)
		return Verdict{Answer: Withheld, Reason: ReasonQuarantined, Findings: []Finding{{
			Rule: ruleKnown, SecretType: typeKnown, Severity: detect.SeverityHigh.String(), Confidence: 1,
			Redacted: redacted, Fingerprint: prints[0], Occurrences: 1, Context: redacted,
		}}}
	}
	return Verdict{Answer: Clean}
}

// hideKnown takes the context from findings when a word of the message is on the
// list: no rule would have redacted it there.
func (c *matter) hideKnown(found []Finding) {
	if !c.deps.Installed {
		return
	}
	listed := func(w []byte) bool { p := c.prints(w); return c.blocked(p) || c.allowed(p) }
	if !slices.ContainsFunc(words(c.m.Data), listed) {
		return
	}
	for i := range found {
		found[i].Context = found[i].Redacted
	}
}

// words returns the strings of a JSON message, and what stands between white
// space, quotes and the like in them or in a text.
func words(data []byte) [][]byte {
	var out [][]byte
	err := bzzzlog.Walk(data, bzzzlog.Limits{}, func(v bzzzlog.Value) bool {
		out = split(out, v.Text)
		return len(out) < maxWords
	})
	if err != nil && len(out) == 0 {
		out = split(out, data)
	}
	return out
}

func split(out [][]byte, text []byte) [][]byte {
	out = word(out, text)
	start := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && !between(text[i]) {
			continue
		}
		if start > 0 || i < len(text) {
			out = word(out, text[start:i])
		}
		start = i + 1
	}
	return out
}

func between(c byte) bool {
	return slices.Contains([]byte(" \t\r\n\"'`,;()[]{}<>=:"), c)
}

func word(out [][]byte, w []byte) [][]byte {
	if len(out) >= maxWords || len(w) < minWord || len(w) > maxWord {
		return out
	}
	return append(out, slices.Clone(w))
}

// prints are the fingerprints of a secret, that under the current key first.
func (c *matter) prints(secret []byte) []string {
	out := []string{c.deps.Key.Secret(secret)}
	for _, old := range c.deps.Replaced {
		out = append(out, old.Secret(secret))
	}
	return out
}

func (c *matter) allowed(prints []string) bool {
	return !c.blocked(prints) && slices.ContainsFunc(prints, c.deps.List.Allowed)
}

func (c *matter) blocked(prints []string) bool {
	return slices.ContainsFunc(prints, func(p string) bool { return c.deps.List.Blocked(withheld.KindFingerprint, p) })
}
