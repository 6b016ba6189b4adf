package detect

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"regexp/syntax"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

const packFile = "rules/builtin.pack"

// packWriter writes a part of a pack, as unpacker reads it.
type packWriter struct {
	out   []byte
	lists int // texts in lists
}

// part is what was written, behind the room that its lists need.
func (p *packWriter) part() string {
	return string(binary.AppendVarint(nil, int64(p.lists))) + string(p.out)
}

func (p *packWriter) number(n int) { p.out = binary.AppendVarint(p.out, int64(n)) }

func (p *packWriter) text(s string) {
	p.number(len(s))
	p.out = append(p.out, s...)
}

func (p *packWriter) texts(list []string) {
	p.lists += len(list)
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

func (p *packWriter) rule(r Rule, regex int) {
	for _, s := range []string{r.ID, r.Description, r.Family, r.Provider} {
		p.text(s)
	}
	p.number(regex)
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
	p.number(d.least)
}

func (p *packWriter) plan(pl *plan) {
	p.number(pl.span)
	p.flag(pl.endless)
	p.distance(pl.run)
	p.distance(pl.value)
	p.flag(pl.line)
	p.flag(pl.digits)
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

// packRules packs rules and what Compile finds out about them, from nothing.
func packRules(t testing.TB, rules []Rule) string {
	t.Helper()
	regexes, listed := distinctRegexes(rules)
	list, found := &packWriter{}, &packWriter{}
	list.number(len(rules))
	for _, r := range rules {
		list.rule(r, listed[r.Regex])
	}
	found.number(len(regexes))
	for _, regex := range regexes {
		tree, err := syntax.Parse(regex, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		found.text(regex)
		found.plan(planOf(regex, tree))
	}
	exprs := allowlistExpressions(rules)
	found.number(len(exprs))
	for _, expr := range exprs {
		found.text(expr)
	}
	found.layouts(t, rules)
	whole := &packWriter{}
	whole.text(list.part())
	whole.text(found.part())
	return string(whole.out)
}

func distinctRegexes(rules []Rule) (regexes []string, listed map[string]int) {
	listed = map[string]int{}
	for _, r := range rules {
		if _, ok := listed[r.Regex]; !ok {
			listed[r.Regex] = len(regexes)
			regexes = append(regexes, r.Regex)
		}
	}
	return regexes, listed
}

func allowlistExpressions(rules []Rule) []string {
	var all []string
	for _, r := range rules {
		all = slices.Concat(all, r.Allowlist.Regexes, r.Allowlist.MatchRegexes, r.Allowlist.LineRegexes)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// layouts writes those of the finders that the rules get from a Compile that
// knows nothing.
func (p *packWriter) layouts(t testing.TB, rules []Rule) {
	t.Helper()
	for _, f := range finders(compileKnowing(t, rules, &pack{})) {
		p.number(len(f.owners))
		for id, place := range f.literals.Places() {
			p.text(f.literals.Literals()[id])
			p.number(int(place))
		}
	}
}

// The packed rules are those of the YAML files, field for field, and what is
// known of them is what Compile finds out today.
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

// What is known changes how long Compile takes, not what it makes: of the builtin
// rules, of some of them, and of others beside them.
func TestCompileMakesTheSameOfWhatIsKnown(t *testing.T) {
	rules, err := BuiltinRules()
	if err != nil {
		t.Fatal(err)
	}
	quick, slow := compileKnowing(t, rules, known()), compileKnowing(t, rules, &pack{})
	for i, f := range finders(quick) {
		if want := finders(slow)[i]; !reflect.DeepEqual(*f, *want) {
			t.Errorf("finder %d is another", i)
		}
	}
	text := mixture(t, rand.New(rand.NewPCG(5, 5)), 64<<10)
	for name, some := range map[string][]Rule{"half": rules[:len(rules)/2], "without the first": rules[1:], "own too": slices.Concat(ownRules(50), rules, ownRules(60)[50:])} {
		quick, _ := NewScanner(compileKnowing(t, some, known())).FindAll(text)
		slow, _ := NewScanner(compileKnowing(t, some, &pack{})).FindAll(text)
		if diff := gocmp.Diff(placesOf(slow), placesOf(quick)); diff != "" || len(quick) == 0 {
			t.Errorf("%s: %d findings\n%s", name, len(quick), diff)
		}
	}
}

func compileKnowing(t testing.TB, rules []Rule, known *pack) *RuleSet {
	t.Helper()
	rs, err := compile(rules, Options{}, known)
	if err != nil {
		t.Fatal(err)
	}
	return rs
}

// finders are a rule set's, in the order of the pack's layouts.
func finders(rs *RuleSet) []*finder {
	all := []*finder{&rs.formats}
	for i := range rs.values {
		all = append(all, &rs.values[i])
	}
	return all
}

func placesOf(findings []Finding) (out []string) {
	for _, f := range findings {
		out = append(out, fmt.Sprint(f.Rule.ID, f.Start, f.End))
	}
	return out
}

// ownRules are such as operators write: a format, and a name before a value.
func ownRules(n int) []Rule {
	var all []Rule
	for i := range n {
		r := Rule{ID: fmt.Sprint("own-", i), Regex: fmt.Sprintf(`\bacme%d_[a-z0-9]{24}\b`, i), Severity: SeverityHigh, Confidence: 0.9, Active: true}
		if i%2 == 1 {
			r.Regex = assigned{Names: fmt.Sprintf("acme%d.?(?:api|access)?.?(?:key|token)", i), Value: "[A-Za-z0-9]{32}"}.regex()
		}
		all = append(all, r)
	}
	return all
}

// Whatever a pack holds, reading it ends, with an error if it is none.
func FuzzUnpack(f *testing.F) {
	rules, err := BuiltinRules()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(packRules(f, rules[:10]))
	f.Add(packRules(f, nil))
	f.Fuzz(func(t *testing.T, data string) {
		p, err := unpack(data)
		if err != nil {
			return
		}
		if rules, err := p.unpackRules(); err == nil && len(rules)+len(p.regexes) > len(data) {
			t.Errorf("%d rules and %d regexes of %d bytes", len(rules), len(p.regexes), len(data))
		}
	})
}
