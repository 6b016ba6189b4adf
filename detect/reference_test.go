package detect

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// reference finds what the engine should, slowly: it asks package regexp about
// every place of the text, for every rule, with no literals, gates or programs.
// Matches are weighed by the same judge.
func reference(rs *RuleSet) func(*session, *layer) {
	searched := map[int32]bool{} // rules without one place for each literal
	all := slices.Concat(rs.formats.owners, rs.begins)
	for _, v := range rs.values {
		all = append(all, v.owners...)
	}
	for _, owners := range all {
		for _, o := range owners {
			searched[o.rule] = searched[o.rule] || !o.leads
		}
	}
	return func(s *session, l *layer) {
		for _, c := range rs.active {
			switch {
			case c.tries.search(l.text) == nil: // nowhere
			case searched[c.index]:
				s.searchEverywhere(l, c)
			default:
				s.tryEverywhere(l, c)
			}
		}
	}
}

func (s *session) tryEverywhere(l *layer, c *compiled) {
	reached := 0
	for at := range l.text {
		m, to := c.tries.at(l.text, at)
		if m != nil && m[1] > reached && s.counts(l, c, m, to) {
			reached = m[1]
		}
	}
}

func (s *session) searchEverywhere(l *layer, c *compiled) {
	for at := 0; at < len(l.text); {
		m, to := c.tries.at(l.text, at)
		if m == nil || !keywordNear(c, l.text, at) {
			at++
			continue
		}
		at = s.keep(l, c, m, to)
	}
}

// keywordNear says whether a keyword of the rule stands as near to a match that
// begins at text[at] as it has to.
func keywordNear(c *compiled, text []byte, at int) bool {
	near := c.rule.Near
	if near == 0 {
		return true
	}
	text = bytes.ToLower(text)
	for _, w := range c.rule.Keywords {
		for i := max(0, at-longest(c.rule.Keywords)-near); i <= min(len(text), at+c.span+near); i++ {
			if bytes.HasPrefix(text[i:], []byte(strings.ToLower(w))) {
				return true
			}
		}
	}
	return false
}

// findings are what run finds in text, without the decoders.
func findings(rs *RuleSet, text []byte, run func(*session, *layer)) []plain {
	s := newSession(rs)
	s.view, s.report = view{text: text, hi: len(text), last: true}, &Report{}
	run(s, &layer{text: text})
	slices.SortStableFunc(s.hits, byPlace)
	var found []plain
	for _, h := range resolve(s.hits) {
		found = append(found, plainOf(h.finding))
	}
	return found
}

// The engine finds what the reference finds. Two things are known to differ and
// are left out here: letters beyond ASCII that equal k and s in another case
// begin no literal, and a text that costs a rule too many steps is searched as
// one, without matches that begin within another.
func FuzzScanAgreesWithReference(f *testing.F) {
	rs := compileBuiltin(f, Options{})
	slow := reference(rs)
	findings(rs, []byte("a first text"), slow) // compiles every regex, which takes longer than one input may
	for i, r := range rs.Rules() {
		if i%10 > 0 { // the reference is slow
			continue
		}
		f.Add([]byte(expand(f, r.Positives[0])))
	}
	f.Add([]byte(`api_key_token = "` + expand(f, "{{alnum:32}}") + `", key: token: secret="`))
	f.Fuzz(func(t *testing.T, text []byte) {
		text = text[:min(len(text), 600)]
		if bytes.Contains(text, []byte("\u212a")) || bytes.Contains(text, []byte("\u017f")) {
			return
		}
		want := findings(rs, text, slow)
		got := findings(rs, text, func(s *session, l *layer) { s.match(l, 0, len(l.text)) })
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("in %q:\n%s", text, diff)
		}
	})
}

// A text that lures a rule into long tries at every other byte is searched as
// one after a while, and what it holds is found all the same.
func TestALuringTextIsSearchedAsOne(t *testing.T) {
	rule := Rule{ID: "a", Regex: `ab(?:ab){1,450}?x`, Severity: SeverityLow, Confidence: 1, Active: true}
	rs, err := Compile([]Rule{rule}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	text := append(bytes.Repeat([]byte("ab"), 20_000), "x abababx"...)
	s := newSession(rs)
	s.view, s.report = view{text: text, hi: len(text), last: true}, &Report{}
	s.match(&layer{text: text}, 0, len(text))
	if c := rs.active[0]; !s.markOf(c).bytes || s.markOf(c).spent > patience*len(text)+atAnyPrice+plainSteps*c.span {
		t.Errorf("%d steps, searched as one: %v", s.markOf(c).spent, s.markOf(c).bytes)
	}
	ends := map[int64]bool{}
	for _, h := range s.hits {
		ends[h.to] = true
	}
	if len(ends) != 2 || !ends[40_001] || !ends[int64(len(text))] {
		t.Errorf("secrets end at %v", ends)
	}
}
