//go:build accuracy

package detect

import (
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.cordon.dev/cordon/detect/internal/model"
)

// The measurements of docs/accuracy.md. Anyone can repeat them:
//
//	go test -tags accuracy -run 'TestAccuracy|TestFilters' ./detect -v -args -corpus DIR,DIR -cases 'FILES'
var (
	corpora   = flag.String("corpus", "", "folders of text with nothing planted in it, separated by commas")
	caseFiles = flag.String("cases", "", "pattern of files of labelled texts: lines of JSON with text and expect")
)

// asked is a candidate of the model and why it got what it got.
type asked struct{ why []model.Feature }

// without is the confidence if the feature spoke against nothing.
func (a asked) without(name string) float64 {
	sum := 0.0
	for _, f := range a.why {
		if f.Name != name || f.Weight > 0 {
			sum += f.Weight
		}
	}
	return 1 / (1 + math.Exp(-sum))
}

// listener is a set whose model rules tell what they were asked.
type listener struct {
	scanner *Scanner
	heard   []asked
}

func newListener(t *testing.T) *listener {
	l := &listener{}
	set := compileBuiltin(t, Options{})
	for _, c := range set.active {
		explain, check := modelOf(c.rule.Validator), c.check
		if explain == nil {
			continue
		}
		c.check = func(text []byte, start, end int) verdict {
			a, v := asked{explain(model.Candidate{Text: text, Start: start, End: end})}, check(text, start, end)
			if !v.reject || a.without("") < model.Refused { // else something before the model refused it
				l.heard = append(l.heard, a)
			}
			return v
		}
	}
	l.scanner = NewScanner(set)
	return l
}

func TestAccuracy(t *testing.T) {
	l := newListener(t)
	size := l.report(t)
	noise := l.heard
	fmt.Printf("\n| filter of the model | findings per GB without it | recall without it |\n|---|---:|---:|\n")
	var cases labelledTexts
	eachSecret(t, func(text string) { cases = append(cases, l.labelled(text)) })
	for _, name := range append([]string{""}, features(noise)...) {
		n := 0
		for _, a := range noise {
			if a.without(name) >= DefaultMinConfidence {
				n++
			}
		}
		fmt.Printf("| %s | %.0f | %s |\n", name, float64(n)/float64(max(1, size))*1e9, cases.recall(name))
	}
}

// TestFilters measures what stands around the model: it scans all again with
// each kind of filter taken from the rules.
func TestFilters(t *testing.T) {
	fmt.Printf("\n| filter | findings per GB without it | recall without it |\n|---|---:|---:|\n")
	for _, c := range []struct {
		name string
		off  func(*Rule)
	}{
		{"none off", func(*Rule) {}},
		{"allowlists of the rules", func(r *Rule) { r.Allowlist = Allowlist{} }},
		{"least entropy of the rules", func(r *Rule) { r.Entropy = 0 }},
		{"validators, the model included", func(r *Rule) { r.Validator = "" }},
	} {
		found, size := 0, int64(0)
		scanner := NewScanner(changed(t, c.off))
		eachFile(t, func(_, _ string, text []byte) {
			size += int64(len(text))
			found += scanner.Scan(text, func(Finding) bool { return true }).Findings
		})
		hit, all := 0, 0
		eachSecret(t, func(text string) {
			all++
			if scanner.Scan([]byte(text), func(Finding) bool { return true }).Findings > 0 {
				hit++
			}
		})
		fmt.Printf("| %s | %.0f | %.1f %% |\n", c.name, float64(found)/float64(max(1, size))*1e9, 100*float64(hit)/float64(max(1, all)))
	}
}

// changed compiles the pack with a change to every rule, at the default
// confidence.
func changed(t *testing.T, change func(*Rule)) *RuleSet {
	rules, err := BuiltinRules()
	if err != nil {
		t.Fatal(err)
	}
	for i := range rules {
		change(&rules[i])
	}
	set, err := Compile(rules, Options{MinConfidence: DefaultMinConfidence})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// features lists what speaks against candidates.
func features(all []asked) []string {
	var names []string
	for _, a := range all {
		for _, f := range a.why {
			if f.Weight < 0 && f.Name != "any assigned value" && !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// eachFile hands over every file of the corpora.
func eachFile(t *testing.T, each func(corpus, name string, text []byte)) {
	for _, dir := range strings.Split(*corpora, ",") {
		err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return nil
			}
			text, err := os.ReadFile(p)
			if name, bad := filepath.Rel(dir, p); err == nil && bad == nil {
				each(filepath.Base(dir), name, text)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// report prints every finding of the corpora at the default confidence.
func (l *listener) report(t *testing.T) (size int64) {
	found, low := 0, 0
	fmt.Printf("\n| corpus | file | rule | confidence | in its file | redacted |\n|---|---|---|---:|---:|---|\n")
	eachFile(t, func(corpus, name string, text []byte) {
		size += int64(len(text))
		l.scanner.Scan(text, func(f Finding) bool {
			if f.Confidence < DefaultMinConfidence {
				low++
				return true
			}
			found++
			fmt.Printf("| %s | %s:%d | %s | %.2f | %.2f | `%s` |\n", corpus, name, f.Line, f.Rule.ID, f.Confidence, InFile(name, f).Confidence, f.Redacted)
			return true
		})
	})
	fmt.Printf("\n%d MB, %d findings, %.0f per GB; %d more below %.1f\n", size/1e6, found, float64(found)/float64(max(1, size))*1e9, low, DefaultMinConfidence)
	return size
}

// labelled is a text that holds a secret, and how it was found.
type labelled struct {
	specific bool // by a rule that does not ask the model
	asked    []asked
}

type labelledTexts []labelled

// eachSecret hands over every labelled text that holds a secret.
func eachSecret(t *testing.T, each func(text string)) {
	files, err := filepath.Glob(*caseFiles)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			var c struct {
				Text   string `json:"text"`
				Expect bool   `json:"expect"`
			}
			if json.Unmarshal([]byte(line), &c) == nil && c.Expect {
				each(c.Text)
			}
		}
	}
}

func (l *listener) labelled(text string) labelled {
	l.heard = nil
	out := labelled{}
	l.scanner.Scan([]byte(text), func(f Finding) bool {
		out.specific = out.specific || modelOf(f.Rule.Validator) == nil && f.Confidence >= DefaultMinConfidence
		return true
	})
	out.asked = l.heard
	return out
}

func (all labelledTexts) recall(without string) string {
	if len(all) == 0 {
		return "not measured"
	}
	n := 0
	for _, c := range all {
		if c.specific || slices.ContainsFunc(c.asked, func(a asked) bool { return a.without(without) >= DefaultMinConfidence }) {
			n++
		}
	}
	return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(len(all)))
}
