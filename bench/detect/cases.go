package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.cordon.dev/cordon/detect"
)

// labelled is a case: a text in which something is, or is not, to be found.
type labelled struct {
	Rule   string `json:"rule"`
	Text   string `json:"text"`
	Expect bool   `json:"expect"`
}

// score counts one set.
type score struct {
	hits, positives   int
	flagged, negative int
	missed            map[string]int // by the set's rule
}

// cases measures recall and false alarms on each set of labelled texts. Texts
// that a set labels both ways are left out of the second.
func (e *engine) cases(t *table, o options) error {
	sets, err := filepath.Glob(filepath.Join(o.cases, "*.jsonl"))
	if err != nil || len(sets) == 0 {
		return fmt.Errorf("no *.jsonl in %s: %w", o.cases, err)
	}
	all, err := detect.Compile(e.rules, detect.Options{})
	if err != nil {
		return err
	}
	anything := detect.NewScanner(all)
	for _, set := range sets {
		cases, err := readCases(set)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.Base(set), ".jsonl")
		s := e.judge(cases, anything)
		t.row("recall, "+name+" (at any confidence)", ">= 97 %", "%.1f %% of %d", 100*float64(s.hits)/float64(max(1, s.positives)), s.positives)
		t.row("negatives flagged, "+name, "<= 5 %, or the best peer", "%.1f %% of %d", 100*float64(s.flagged)/float64(max(1, s.negative)), s.negative)
		if name == o.missed {
			s.tell()
		}
	}
	return nil
}

func readCases(path string) (cases []labelled, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for n := 1; lines.Scan(); n++ {
		var c labelled
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		cases = append(cases, c)
	}
	return cases, lines.Err()
}

// judge counts a positive as found at any confidence, a negative as flagged at
// the default one.
func (e *engine) judge(cases []labelled, anything *detect.Scanner) score {
	s := score{missed: map[string]int{}}
	positive := map[string]bool{}
	for _, c := range cases {
		if c.Expect {
			positive[c.Text] = true
		}
	}
	for _, c := range cases {
		switch {
		case c.Expect:
			s.positives++
			if finds(anything, c.Text) {
				s.hits++
			} else {
				s.missed[c.Rule]++
			}
		case !positive[c.Text]:
			s.negative++
			if finds(e.scanner, c.Text) {
				s.flagged++
			}
		}
	}
	return s
}

func finds(s *detect.Scanner, text string) bool {
	return s.Scan([]byte(text), func(detect.Finding) bool { return false }).Findings > 0
}

func (s score) tell() {
	for _, rule := range slices.Sorted(maps.Keys(s.missed)) {
		fmt.Printf("missed %d of %s\n", s.missed[rule], rule)
	}
}
