package judge

import (
	"fmt"
	"slices"
	"strings"

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
	maxWords = 1 << 14 // different ones that are compared in one message
)

// The rule and type of such a secret in reports.
const (
	ruleKnown = "known-secret"
	typeKnown = "KNOWN_SECRET"
)

// known asks whether a word of the message is a secret on the list. A message of more
// words than are compared was not read to its end.
func (c *matter) known() Verdict {
	if !c.deps.Installed || c.deps.List.Count(withheld.KindFingerprint) == 0 {
		return Verdict{Answer: Clean}
	}
	all, whole := words(c.m.Data)
	for _, word := range all {
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
	if !whole {
		return Verdict{Answer: NotScanned, Reason: ReasonNotScanned, Detail: fmt.Sprintf("it has more than %d words, which are compared with the server's secrets", maxWords)}
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
	if all, whole := words(c.m.Data); whole && !slices.ContainsFunc(all, listed) {
		return
	}
	for i := range found {
		found[i].Context = found[i].Redacted
	}
}

// words returns the strings of a JSON message, and what stands between white space,
// quotes and the like in them and in the message as it is written: numbers, for
// instance, and what comes behind the JSON. whole is false when there are more.
func words(data []byte) (all [][]byte, whole bool) {
	w := wordList{seen: map[string]bool{}}
	w.split(data)
	// What is no JSON ends the walk, and its words are there already.
	_ = bzzzlog.Walk(data, bzzzlog.Limits{MaxBytes: len(data)}, func(v bzzzlog.Value) bool {
		w.add(v.Text)
		w.split(v.Text)
		return !w.full
	})
	return w.all, !w.full
}

// wordList are the different words of a message.
type wordList struct {
	all  [][]byte
	seen map[string]bool
	full bool // there are more
}

func (l *wordList) split(text []byte) {
	start := 0
	for i := 0; i <= len(text) && !l.full; i++ {
		if i < len(text) && !between(text[i]) {
			continue
		}
		l.add(text[start:i])
		start = i + 1
	}
}

func (l *wordList) add(w []byte) {
	switch {
	case len(w) < minWord || len(w) > maxWord || l.seen[string(w)]:
	case len(l.all) == maxWords:
		l.full = true
	default:
		l.all = append(l.all, slices.Clone(w))
		l.seen[string(w)] = true
	}
}

func between(c byte) bool {
	return strings.IndexByte(" \t\r\n\"'`,;()[]{}<>=:", c) >= 0
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
