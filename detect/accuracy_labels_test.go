//go:build accuracy

package detect

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// labelledText is one of a set of texts of which it is known whether they hold a
// secret.
type labelledText struct {
	Rule   string `json:"rule"`
	Text   string `json:"text"`
	Expect bool   `json:"expect"`
}

// judged is what a scan made of a labelled text.
type judgedText struct {
	labelledText
	found []Finding
	sure  float64 // the greatest confidence of a finding
}

// TestLabels prints, for each set of labelled texts, what is found, which texts
// without a secret are flagged by which rule, and how often a confidence is
// right. Texts that a set labels both ways count as positives only.
func TestLabels(t *testing.T) {
	files, err := filepath.Glob(*caseFiles)
	if err != nil {
		t.Fatal(err)
	}
	scanner := NewScanner(compileBuiltin(t, Options{}))
	var all []judgedText
	fmt.Printf("\n| set | found at any confidence | at %.1f | without a secret, flagged |\n|---|---:|---:|---:|\n", DefaultMinConfidence)
	for _, file := range files {
		judged := judgeAll(scanner, readLabelled(t, file))
		printSet(strings.TrimSuffix(filepath.Base(file), ".jsonl"), judged)
		all = append(all, judged...)
	}
	printReliability(all)
	printFlagged(all)
}

func readLabelled(t *testing.T, file string) (texts []labelledText) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	positive := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		var l labelledText
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		texts = append(texts, l)
		positive[l.Text] = positive[l.Text] || l.Expect
	}
	return slices.DeleteFunc(texts, func(l labelledText) bool { return !l.Expect && positive[l.Text] })
}

func judgeAll(scanner *Scanner, texts []labelledText) []judgedText {
	out := make([]judgedText, 0, len(texts))
	for _, l := range texts {
		j := judgedText{labelledText: l}
		scanner.Scan([]byte(l.Text), func(f Finding) bool {
			j.found = append(j.found, f)
			j.sure = max(j.sure, f.Confidence)
			return true
		})
		out = append(out, j)
	}
	return out
}

// share counts the texts with this label, and those of them that are as sure.
func share(texts []judgedText, expect bool, sure float64) (n, of int) {
	for _, j := range texts {
		if j.Expect == expect {
			of++
			n += b2i(j.sure >= sure)
		}
	}
	return n, of
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func printSet(name string, texts []judgedText) {
	found, of := share(texts, true, 0.01)
	sure, _ := share(texts, true, DefaultMinConfidence)
	flagged, without := share(texts, false, DefaultMinConfidence)
	percent := func(n, of int) float64 { return 100 * float64(n) / float64(max(1, of)) }
	fmt.Printf("| %s | %.1f %% of %d | %.1f %% | %.1f %% of %d |\n", name, percent(found, of), of, percent(sure, of), percent(flagged, without), without)
}

// printReliability prints how many texts of each tenth of confidence hold a
// secret.
func printReliability(texts []judgedText) {
	fmt.Printf("\n| confidence | with a secret | without |\n|---|---:|---:|\n")
	for tenth := 2; tenth < 10; tenth++ {
		with, without := 0, 0
		for _, j := range texts {
			if min(9, int(j.sure*10+1e-9)) == tenth {
				with, without = with+b2i(j.Expect), without+b2i(!j.Expect)
			}
		}
		fmt.Printf("| 0.%d | %d | %d |\n", tenth, with, without)
	}
}

// printFlagged lists the texts without a secret that are flagged, redacted.
func printFlagged(texts []judgedText) {
	fmt.Printf("\n| flagged: the set's rule | our rule | confidence | redacted |\n|---|---|---:|---|\n")
	for _, j := range texts {
		for _, f := range j.found {
			if !j.Expect && f.Confidence >= DefaultMinConfidence {
				fmt.Printf("| %s | %s | %.2f | `%s` |\n", j.Rule, f.Rule.ID, f.Confidence, f.Redacted)
			}
		}
	}
}
