package detect

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

type occurrence struct{ ID, At int }

func TestPrefilterFindsWhatBytesIndexFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		literals := rapid.SliceOfNDistinct(rapid.StringMatching(`[abAB_-]{1,5}`), 1, 12, strings.ToLower).Draw(t, "literals")
		text := []byte(rapid.StringMatching(`[abABc_-]{0,60}`).Draw(t, "text"))
		var got, want []occurrence
		newPrefilter(literals).find(text, func(id int32, at int) { got = append(got, occurrence{int(id), at}) })
		low := bytes.ToLower(text)
		for id, lit := range literals {
			for at := range low {
				if bytes.HasPrefix(low[at:], []byte(strings.ToLower(lit))) {
					want = append(want, occurrence{id, at})
				}
			}
		}
		order := func(a, b occurrence) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID)) }
		slices.SortFunc(got, order)
		slices.SortFunc(want, order)
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestLiteralsOfARegex(t *testing.T) {
	for expr, want := range map[string]struct {
		leading, required string
		least             int
	}{
		`AKIA[0-9A-Z]{16}`:              {"akia", "akia", 20},
		`\b(?:ghp|gho)_[a-z]{3}`:        {"gho_,ghp_", "gho_,ghp_", 7},
		`(?i)tok[ae]n`:                  {"tokan,token", "tokan,token", 5},
		`[A-Za-z0-9]{14}\.atlasv1\.x`:   {"", ".atlasv1.x", 24},
		`-----BEGIN [A-Z ]*PRIVATE KEY`: {"-----begin ", "-----begin ", 22},
		`[0-9a-f]{32}`:                  {"", "", 32},
		`(?:abc|[0-9]+)x`:               {"", "", 2},
		`(abcd)?efgh`:                   {"abcdefgh,efgh", "abcdefgh,efgh", 4},
	} {
		tree, err := syntax.Parse(expr, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(leadingLiterals(tree), ","); got != want.leading {
			t.Errorf("%s: leading %q, want %q", expr, got, want.leading)
		}
		if got := strings.Join(requiredLiterals(tree), ","); got != want.required {
			t.Errorf("%s: required %q, want %q", expr, got, want.required)
		}
		if got := minSpan(tree); got != want.least {
			t.Errorf("%s: least length %d, want %d", expr, got, want.least)
		}
	}
}

// Whatever text a rule's regex matches, the anchored engine must find in it too:
// the literals and the gate may only save work.
func TestEngineFindsWhatPlainRegexpFinds(t *testing.T) {
	for _, r := range compileBuiltin(t, Options{}).Rules() {
		re := regexp.MustCompile(r.Regex)
		r.Validator, r.Allowlist, r.Entropy = "", Allowlist{}, 0
		scanner := alone(t, r)
		for i, p := range r.Positives {
			for _, text := range disguises(expand(t, p)) {
				m := re.FindStringSubmatchIndex(text)
				if m == nil {
					continue
				}
				found, _ := scanner.FindAll([]byte(text))
				if !slices.ContainsFunc(found, func(f Finding) bool { return f.Start >= int64(m[0]) && f.Start < int64(m[1]) }) {
					t.Errorf("%s: positive %d: %q matches at %v, found %v", r.ID, i, text, m, found)
				}
			}
		}
	}
}

// disguises puts a text where text is found: alone, in a line, quoted, repeated,
// upper-cased names.
func disguises(text string) []string {
	return []string{
		text, "x " + text + " y", "\"" + text + "\"", "\n\t" + text + "\n", strings.Repeat("key token password api ", 40) + text,
		text + " " + text, fmt.Sprintf("{%q: %q}", "k", text), "é" + text + "é", "KEY:" + text + ",",
	}
}
