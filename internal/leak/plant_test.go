package leak

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"index/suffixarray"
	"net/url"
	"strings"
	"testing"

	"go.cordon.dev/cordon/detect"
)

// planted is a secret that a rule finds in a text.
type planted struct {
	rule   detect.Rule
	text   string
	secret string
	// greedy says that the rule takes in the quote behind the secret, so that
	// its fingerprint in JSON is not the one alone. That is the rule's defect:
	// the secret has still to be found once and shown nowhere.
	greedy bool
}

// plants takes from each rule its first example that holds one secret and
// nothing else.
func plants(t testing.TB, s *detect.Scanner, rules []detect.Rule) []planted {
	t.Helper()
	var out []planted
	for i, r := range rules {
		// What begins a line begins none in a message. Of the others a fifth will do:
		// the engine's own tests have all in every form.
		if strings.Contains(r.Regex, "(?m)^") || i%5 > 0 {
			continue
		}
		for _, p := range r.Positives {
			text, err := detect.ExpandExample(p)
			if err != nil {
				t.Fatal(err)
			}
			found, _ := s.FindAll([]byte(text))
			if len(found) == 1 && len(found[0].Decoders) == 0 && found[0].Rule.ID == r.ID {
				out = append(out, planted{r, text, string(found[0].Secret.Reveal()), greedy(s, text)})
				break
			}
		}
	}
	return out
}

func greedy(s *detect.Scanner, text string) bool {
	quoted, _ := s.FindAll([]byte(`"` + text + `"`))
	return len(quoted) == 1 && bytes.HasSuffix(quoted[0].Secret.Reveal(), []byte(`"`)) && !strings.HasSuffix(text, `"`)
}

// forms are the ways in which a message may hold a text.
func forms() map[string]func(t testing.TB, text string) []byte {
	return map[string]func(t testing.TB, text string) []byte{
		"plain": func(t testing.TB, text string) []byte { return bzzz(t, map[string]any{"text": text}) },
		"nested": func(t testing.TB, text string) []byte {
			return bzzz(t, map[string]any{"a": []any{1, map[string]any{"b": map[string]any{"VALUE": text}}}})
		},
		"in a key": func(t testing.TB, text string) []byte { return bzzz(t, map[string]any{"x": map[string]any{text: 1}}) },
		`\u-escaped`: func(t testing.TB, text string) []byte {
			return bytes.Replace(bzzz(t, map[string]any{"text": "HERE"}), []byte("HERE"), []byte(unicodeEscaped(text)), 1)
		},
		"base64": func(t testing.TB, text string) []byte {
			return bzzz(t, map[string]any{"blob": base64.StdEncoding.EncodeToString([]byte(text))})
		},
		"gzip and base64": func(t testing.TB, text string) []byte {
			return bzzz(t, map[string]any{"blob": base64.StdEncoding.EncodeToString(zipped(text))})
		},
	}
}

func unicodeEscaped(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&b, `\u%04x`, c)
	}
	return b.String()
}

func zipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.Bytes()
}

// encodings are the shapes in which a secret may show: whole, and for those
// that mix it with its neighbours, the part that is surely its own.
func encodings(p planted) []string {
	s := p.secret
	quoted, _ := json.Marshal(s)
	out := []string{
		s, string(quoted[1 : len(quoted)-1]), url.QueryEscape(s), unicodeEscaped(s), hex.EncodeToString([]byte(s)),
		strings.ReplaceAll(s, "\n", `\n`), strings.ReplaceAll(s, "\n", `\\n`),
		base64.StdEncoding.EncodeToString(zipped(p.text)), base64.StdEncoding.EncodeToString([]byte(p.text)),
	}
	for skip := range 3 {
		pad := strings.Repeat("x", skip)
		enc := base64.StdEncoding.EncodeToString([]byte(pad + s))
		out = append(out, enc[4*min(skip, 1):len(enc)-4])
	}
	return out
}

// leftovers lists windows of a secret or its encodings that text shows though
// no redacted form would. What the innocent parts of the examples have too is
// no sign: their random parts come from one generator.
func leftovers(text *suffixarray.Index, innocent string, p planted) (out []string) {
	const window = 16
	for _, e := range encodings(p) {
		if len(e) < window {
			if len(e) >= 8 && text.Lookup([]byte(e), 1) != nil {
				out = append(out, e)
			}
			continue
		}
		for i := 0; i+window <= len(e); i++ {
			if w := e[i : i+window]; text.Lookup([]byte(w), 1) != nil && !strings.Contains(innocent, w) && distinct(w) > 5 {
				out = append(out, w)
				break
			}
		}
	}
	return out
}

// innocent is what of the examples and their rules may be shown.
func innocent(all []planted) string {
	var b strings.Builder
	for _, p := range all {
		b.WriteString(strings.ReplaceAll(p.text, p.secret, "\x00") + "\x00" + p.rule.Recommendation + p.rule.ID + "\x00")
	}
	return b.String()
}

// distinct counts characters: a window of one or two repeated ones is no sign.
func distinct(s string) int {
	seen := map[byte]bool{}
	for i := range len(s) {
		seen[s[i]] = true
	}
	return len(seen)
}

// TestEverySecretIsFoundOnceAndShownNowhere plants secrets of built-in rules in
// every form.
func TestEverySecretIsFoundOnceAndShownNowhere(t *testing.T) {
	rules := builtin(t)
	probe := newKit(t, rules)
	all := plants(t, probe.deps.Scanner, rules)
	if len(all) < 100 {
		t.Fatalf("only %d of %d rules have an example to plant", len(all), len(rules))
	}
	if testing.Short() { // under the race detector; what is shown does not depend on it
		all = all[:20]
	}
	may := innocent(all)
	for _, p := range all {
		if p.greedy {
			t.Errorf("rule %s takes in the quote behind its secret", p.rule.ID)
		}
	}
	for name, form := range forms() {
		t.Run(name, func(t *testing.T) {
			k := newKit(t, rules)
			k.deps.Scanner = probe.deps.Scanner
			k.deps.Policy = Policy{}
			for i, p := range all {
				before := len(k.findings())
				k.feed(Watch{}, entryOf(i, form(t, p.text)))
				got := k.findings()[before:]
				if len(got) != 1 || !p.greedy && got[0].Fingerprint != k.ring.Fingerprint([]byte(p.secret)) {
					t.Errorf("%s: %d findings, %s", p.rule.ID, len(got), rulesOf(got))
				}
			}
			shown := suffixarray.New([]byte(k.recorded()))
			for _, p := range all {
				if left := leftovers(shown, may, p); len(left) > 0 {
					t.Errorf("%s: %d of its shapes were recorded, such as %s", p.rule.ID, len(left), left[0])
				}
			}
		})
	}
}

func rulesOf(fs []Finding) string {
	var out []string
	for _, f := range fs {
		out = append(out, f.Rule+" in "+f.Field)
	}
	return strings.Join(out, ", ")
}
