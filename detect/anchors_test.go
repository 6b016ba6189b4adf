package detect

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
)

// A rule is tried at the rarest of the literals that its matches hold, and it is
// known how far before them a match begins.
func TestLiteralsOfARegex(t *testing.T) {
	for expr, want := range map[string]struct {
		parts string
		least int
	}{
		`AKIA[0-9A-Z]{16}`:                  {"akia@0", 20},
		`\b(?:ghp|gho)_[a-z]{3}`:            {"word gho_,ghp_@0", 7},
		`(?i)tok[ae]n`:                      {"tok@0", 5},
		`[A-Za-z0-9]{14}\.atlasv1\.x`:       {".atlasv1.x@14", 24},
		`-----BEGIN [A-Z ]*PRIVATE KEY`:     {"-----begin @0", 22},
		`[0-9a-f]{32}`:                      {"", 32},
		`(?:abc|[0-9]+)x`:                   {"", 2},
		`(abcd)?efgh`:                       {"abcdefgh,efgh@0", 4},
		`\bAAAA[0-9a-z]{7}:APA91b[a-z]{9}`:  {":apa91b@11", 27},
		`;[ \t]{0,2}(?:password|pwd)=`:      {"password=,pwd=@1-3", 5},
		`\bacme-[0-9]{3}|[0-9]{3}-ecma\b`:   {"word acme-@0 -ecma@3", 8},
		`[a-z]{1,300}[0-9]{1,900}://zxqj`:   {"", 9},
		`(?:get|set)[A-Z]{2}_zxqj_[0-9]{4}`: {"_zxqj_@5", 15},
	} {
		tree, err := syntax.Parse(expr, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		var parts []string
		for _, p := range partsOf(tree) {
			parts = append(parts, p.String())
		}
		if got := strings.Join(parts, " "); got != want.parts {
			t.Errorf("%s: %q, want %q", expr, got, want.parts)
		}
		if got := minSpan(tree); got != want.least {
			t.Errorf("%s: least length %d, want %d", expr, got, want.least)
		}
	}
}

func (p part) String() string {
	s := fmt.Sprintf("%s@%d", strings.Join(p.literals, ","), p.low)
	if p.high > p.low {
		s += fmt.Sprintf("-%d", p.high)
	}
	if p.word {
		s = "word " + s
	}
	return s
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
