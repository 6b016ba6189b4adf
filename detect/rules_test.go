package detect

import (
	"bytes"
	"os"
	"slices"
	"sync"
	"testing"
)

// builtinRules are read from the YAML files: the pack may be older than a rule
// that is being written.
var builtinRules = sync.OnceValues(func() ([]Rule, error) { return LoadRules(os.DirFS("rules")) })

func compileBuiltin(t testing.TB, opts Options) *RuleSet {
	t.Helper()
	rules, err := builtinRules()
	if err != nil {
		t.Fatal(err)
	}
	set, err := Compile(rules, opts)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func expand(t testing.TB, text string) string {
	t.Helper()
	out, err := ExpandExample(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// alone compiles one rule of the pack without the others, so that an example
// says something about that rule.
func alone(t testing.TB, r Rule) *Scanner {
	t.Helper()
	r.Active = true
	set, err := Compile([]Rule{r}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return NewScanner(set)
}

func TestEveryRuleOfThePackIsWhole(t *testing.T) {
	for _, r := range compileBuiltin(t, Options{}).Rules() {
		if r.Description == "" || r.Recommendation == "" || len(r.Positives) == 0 || len(r.Negatives) == 0 {
			t.Errorf("%s: description, recommendation, a positive and a negative are mandatory", r.ID)
		}
	}
}

func TestEveryRuleFiresOnItsPositivesOnly(t *testing.T) {
	for _, r := range compileBuiltin(t, Options{}).Rules() {
		t.Run(r.ID, func(t *testing.T) {
			scanner := alone(t, r)
			for _, p := range r.Positives {
				if found, _ := scanner.FindAll([]byte(expand(t, p))); len(found) == 0 {
					t.Errorf("positive %q: no finding", p)
				}
			}
			for _, n := range r.Negatives {
				if found, _ := scanner.FindAll([]byte(expand(t, n))); len(found) != 0 {
					t.Errorf("negative %q: found %s", n, found[0].Redacted)
				}
			}
		})
	}
}

// What stands behind a secret is not part of it: the fingerprint of a sighting
// at the end of a line, in quotes and before a space is one.
func TestASecretEndsWhereItEnds(t *testing.T) {
	for _, r := range compileBuiltin(t, Options{}).Rules() {
		if r.Validator == "pem" { // a key's first line is stretched over what follows, on purpose
			continue
		}
		scanner := alone(t, r)
		for _, p := range r.Positives {
			text := expand(t, p)
			want, _ := scanner.FindAll([]byte(text))
			for _, behind := range []string{" ", "\"", "\n"} {
				found, _ := scanner.FindAll([]byte(text + behind + "x"))
				if len(want) == 0 || len(found) == 0 || !bytes.Equal(want[0].Secret.Reveal(), found[0].Secret.Reveal()) {
					t.Errorf("%s: positive %q: another secret before %q", r.ID, p, behind)
				}
			}
		}
	}
}

func TestNoRuleIsTriedEverywhere(t *testing.T) {
	set := compileBuiltin(t, Options{})
	for _, i := range set.always {
		t.Errorf("%s: has no keyword, which makes every scan slow", set.active[i].rule.ID)
	}
}

// Of the positives of specific rules the pack as a whole must not make generic
// findings.
func TestSpecificBeatsGenericOverThePack(t *testing.T) {
	set := compileBuiltin(t, Options{})
	scanner := NewScanner(set)
	for _, r := range set.Rules() {
		if r.Generic || !r.Active {
			continue
		}
		for _, p := range r.Positives {
			found, _ := scanner.FindAll([]byte(expand(t, p)))
			specific := slices.ContainsFunc(found, func(f Finding) bool { return !f.Rule.Generic })
			if !specific {
				t.Errorf("%s: positive %q: only generic findings %v", r.ID, p, found)
			}
		}
	}
}

// Nearly all rules are looked for near what is rare in texts. One more in ten
// everywhere costs every scan a third of its speed.
func TestMostRulesAreLookedForNearRuns(t *testing.T) {
	rs := compileBuiltin(t, Options{})
	n := map[area]int{}
	for _, c := range rs.active {
		n[c.placed()]++
	}
	if most := len(rs.active) / 5; n[everywhere] > most {
		t.Errorf("%d of %d rules are looked for everywhere, more than %d", n[everywhere], len(rs.active), most)
	}
	if n[atHeads] < 300 || n[atValues] < 1000 {
		t.Errorf("%d rules are looked for in runs, %d before values", n[atHeads], n[atValues])
	}
}
