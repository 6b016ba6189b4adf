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

// echoes are the shares of places at which a gram that is counted has a hash, long
// ones by four bytes and short ones by three.
var echoes = sync.OnceValue(func() map[uint32]float64 {
	shares := map[uint32]float64{}
	for gram, share := range counted() {
		shares[hashOf(windowAt(gram, 0, len(gram)))] += share
	}
	return shares
})

// echoOf is the share of places that hold another gram with a window's hash: they
// are looked up as if they held the window.
func echoOf(w window) float64 {
	if w.size < leastWindow {
		return 0 // it has many hashes, and no choice
	}
	return max(0, echoes()[hashOf(w)]-counted()[string(w.bytes[:w.size])])
}

// hashOf is what the index of a set hashes a window of three or four bytes to.
func hashOf(w window) uint32 {
	key := keyed{mask: 1<<(8*leastWindow) - 1, base: shortBase}
	if w.long() {
		key = keyed{mask: 1<<32 - 1}
	}
	return key.hash(w.folded())
}
