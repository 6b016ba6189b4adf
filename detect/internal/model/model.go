package model

import "math"

// Candidate is a value, Text[Start:End], and what stands around it.
type Candidate struct {
	Text       []byte
	Start, End int
}

// Feature is one reason for or against, with what it adds to the log-odds.
type Feature struct {
	Name   string
	Weight float64
}

// Refused is the confidence below which a candidate is nothing at all. Between
// it and one half, a value could as well be an example as a secret.
const Refused = 0.2

// most is the greatest confidence: without a format there is always doubt.
const most = 0.9

// tally adds up features, and lists them when asked.
type tally struct {
	sum  float64
	list *[]Feature
}

func (t *tally) add(name string, weight float64) {
	if weight == 0 {
		return
	}
	t.sum += weight
	if t.list != nil {
		*t.list = append(*t.list, Feature{name, weight})
	}
}

func (t *tally) addIf(holds bool, name string, weight float64) {
	if holds {
		t.add(name, weight)
	}
}

// atMost lowers the sum to a level, if it is above it.
func (t *tally) atMost(holds bool, name string, level float64) {
	if holds && t.sum > level+1e-9 {
		t.add(name, level-t.sum)
	}
}

// atLeast raises the sum to a level, if it is below it.
func (t *tally) atLeast(holds bool, name string, level float64) {
	if holds && t.sum < level {
		t.add(name, level-t.sum)
	}
}

func (t *tally) confidence() float64 {
	return math.Round(100*min(most, 1/(1+math.Exp(-t.sum)))) / 100
}

// Key is the confidence that a value behind a name like api_key, token or secret
// is one, 0 to 0.9.
func Key(c Candidate) float64 {
	var t tally
	t.key(c)
	return t.confidence()
}

// Password is the same behind a name like password.
func Password(c Candidate) float64 {
	var t tally
	t.password(c)
	return t.confidence()
}

// ExplainKey lists the features of Key.
func ExplainKey(c Candidate) []Feature { return explain((*tally).key, c) }

// ExplainPassword lists the features of Password.
func ExplainPassword(c Candidate) []Feature { return explain((*tally).password, c) }

func explain(score func(*tally, Candidate), c Candidate) []Feature {
	var list []Feature
	score(&tally{list: &list}, c)
	return list
}
