package anchor

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

// grams lists three and four bytes that stand in text more than twice as often as
// the chances of pairs make it, being parts of words, and in how many of a million
// places: counted over Go's source, the documentation of Debian's packages, and
// JavaScript from npm, a third each. Letters are small ones.
//
//go:embed grams.txt
var grams string

// counted returns the shares of places by grams whose bytes are folded.
var counted = sync.OnceValue(func() map[string]float64 {
	shares := map[string]float64{}
	for line := range strings.Lines(grams) {
		gram, count, _ := strings.Cut(strings.TrimSpace(line), " ")
		n, err := strconv.Atoi(count)
		if err != nil {
			panic("anchor: grams.txt: " + err.Error()) // it is part of the program
		}
		folded := []byte(gram)
		for i, c := range folded {
			folded[i] = fold(c)
		}
		shares[string(folded)] = float64(n) / 1e6
	}
	return shares
})
