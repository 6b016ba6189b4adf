package detect

import (
	"encoding/binary"
	"math"
	"os"
	"regexp/syntax"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

const packFile = "rules/builtin.pack"

// packWriter writes what unpacker reads.
type packWriter struct{ out []byte }

func (p *packWriter) number(n int) { p.out = binary.AppendVarint(p.out, int64(n)) }

func (p *packWriter) text(s string) {
	p.number(len(s))
	p.out = append(p.out, s...)
}

func (p *packWriter) texts(list []string) {
	p.number(len(list))
	for _, s := range list {
		p.text(s)
	}
}

func (p *packWriter) flag(b bool) {
	if b {
		p.number(1)
	} else {
		p.number(0)
	}
}

func (p *packWriter) float(f float64) { p.number(int(math.Float64bits(f))) }

func (p *packWriter) rule(r Rule) {
	for _, s := range []string{r.ID, r.Description, r.Family, r.Provider, r.Regex} {
		p.text(s)
	}
	p.number(r.SecretGroup)
	p.texts(r.Keywords)
	p.number(r.Near)
	p.float(r.Entropy)
	p.number(int(r.Severity))
	p.float(r.Confidence)
	p.flag(r.Active)
	p.flag(r.Generic)
	p.texts(r.Tags)
	for _, s := range []string{r.Validator, r.Revoker, r.SecretType} {
		p.text(s)
	}
	p.texts(r.Positives)
	p.texts(r.Negatives)
	for _, list := range [][]string{r.Allowlist.Regexes, r.Allowlist.MatchRegexes, r.Allowlist.LineRegexes, r.Allowlist.Stopwords} {
		p.texts(list)
	}
	p.text(r.Recommendation)
}

func (p *packWriter) distance(d distance) {
	p.flag(d.known)
	p.number(d.reach)
	p.number(d.within)
}

func (p *packWriter) plan(pl *plan) {
	p.number(pl.span)
	p.flag(pl.endless)
	p.distance(pl.run)
	p.distance(pl.value)
	p.number(pl.groups)
	p.number(pl.secret)
	p.flag(pl.gate != nil)
	if pl.gate != nil {
		p.number(pl.gate.least)
		p.number(pl.gate.words)
	}
	p.number(len(pl.parts))
	for _, part := range pl.parts {
		p.texts(part.literals)
		p.text(part.firsts)
		p.number(part.low)
		p.number(part.high)
		p.flag(part.word)
	}
}

func packRules(t testing.TB, rules []Rule) string {
	p := &packWriter{}
	p.number(len(rules))
	for _, r := range rules {
		tree, err := syntax.Parse(r.Regex, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		p.rule(r)
		p.plan(planOf(r.Regex, tree))
	}
	return string(p.out)
}

// The packed rules are those of the YAML files, field for field.
func TestTheBuiltinPackIsFresh(t *testing.T) {
	rules, err := builtinRules()
	if err != nil {
		t.Fatal(err)
	}
	want := packRules(t, rules)
	if *update {
		if err := os.WriteFile(packFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if packed != want {
		t.Fatalf("%s is not what the YAML files say: run make generate", packFile)
	}
	got, err := BuiltinRules()
	if err != nil {
		t.Fatal(err)
	}
	for i := range rules {
		if diff := gocmp.Diff(rules[i], got[i], equateEmptyLists()); diff != "" {
			t.Errorf("%s comes back otherwise:\n%s", rules[i].ID, diff)
		}
	}
}

// A list that is there and empty says what one that isn't says.
func equateEmptyLists() gocmp.Option {
	return gocmp.FilterValues(func(a, b []string) bool { return len(a) == 0 && len(b) == 0 }, gocmp.Ignore())
}

func TestBuiltinRulesAreTheCallersOwn(t *testing.T) {
	first, err := BuiltinRules()
	if err != nil {
		t.Fatal(err)
	}
	first[0].ID, first[0].Positives[0] = "changed", "changed"
	second, err := BuiltinRules()
	if err != nil {
		t.Fatal(err)
	}
	if second[0].ID == "changed" || second[0].Positives[0] == "changed" {
		t.Error("a change of the returned rules changes those of the next caller")
	}
}

// Whatever a pack holds, reading it ends, with an error if it is none.
func FuzzUnpack(f *testing.F) {
	f.Add(packed[:min(len(packed), 4000)])
	f.Add(packRules(f, nil))
	f.Fuzz(func(t *testing.T, data string) {
		p, err := unpack(data)
		if err == nil && len(p.rules) > len(data) {
			t.Errorf("%d rules of %d bytes", len(p.rules), len(data))
		}
	})
}
