package rulekit

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"go.cordon.dev/cordon/detect"
)

// Cost is what a rule costs on a text.
type Cost struct {
	Rule string `json:"rule"`
	// MBs is how fast the engine is with this rule only, in millions of bytes a
	// second.
	MBs float64 `json:"mb_per_second"`
	// Added is how much longer that takes than looking for nothing,
	// in nanoseconds for each thousand bytes. Negative values are noise.
	Added float64 `json:"added_ns_per_kb"`
	// Findings is how many it made.
	Findings int `json:"findings"`
}

// Costs is the outcome of a measurement.
type Costs struct {
	// Together is the speed with all rules in one set.
	Together float64 `json:"together_mb_per_second"`
	Rules    []Cost  `json:"rules"` // dearest first
}

// rounds is how often each is measured; the quickest counts.
const rounds = 3

// Bench measures rules over a text, all together and one by one. step, if it is
// not nil, is called after each.
func Bench(rules []detect.Rule, text []byte, step func()) (Costs, error) {
	if len(text) == 0 {
		return Costs{}, errors.New("there is nothing to measure on")
	}
	set, err := detect.Compile(rules, detect.Options{})
	if err != nil {
		return Costs{}, err
	}
	whole, _ := measure(detect.NewScanner(set), text)
	idle, err := nothing(text)
	if err != nil {
		return Costs{}, err
	}
	out := Costs{Together: speed(len(text), whole)}
	for _, r := range rules {
		scanner, _, err := alone(r, detect.Options{})
		if err != nil {
			return Costs{}, err
		}
		took, found := measure(scanner, text)
		out.Rules = append(out.Rules, Cost{r.ID, speed(len(text), took), float64((took - idle).Nanoseconds()) * 1000 / float64(len(text)), found})
		if step != nil {
			step()
		}
	}
	slices.SortStableFunc(out.Rules, func(a, b Cost) int { return cmp.Compare(b.Added, a.Added) })
	return out, nil
}

// nothing measures a rule that looks for what no text holds.
func nothing(text []byte) (time.Duration, error) {
	scanner, _, err := alone(detect.Rule{ID: "nothing", Regex: "\x01\x02\x03nothing\x03\x02\x01", Severity: detect.SeverityInfo, Confidence: 1}, detect.Options{})
	if err != nil {
		return 0, err
	}
	took, _ := measure(scanner, text)
	return took, nil
}

func measure(s *detect.Scanner, text []byte) (best time.Duration, found int) {
	for i := range rounds {
		began := time.Now()
		report := s.Scan(text, func(detect.Finding) bool { return true })
		if took := time.Since(began); i == 0 || took < best {
			best = took
		}
		found = report.Findings
	}
	return best, found
}

func speed(bytes int, took time.Duration) float64 {
	return float64(bytes) / 1e6 / max(took, time.Nanosecond).Seconds()
}
