package detect

import (
	"math/rand/v2"
	"testing"
)

// What is left out at first sight holds no text when every group is looked at.
func TestRunsThatAreLeftOutHoldNoText(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	alphabet := exampleAlphabets()["base64"]
	every := func(digits []byte) bool {
		for i := range digits {
			n := 0
			for at := i; at+4 <= len(digits) && asciiGroup(digits, at); at += 4 {
				n++
			}
			if n >= leastGroups {
				return true
			}
		}
		return false
	}
	held := 0
	for range 20000 {
		digits := []byte(randomText(rng, alphabet, 20+rng.IntN(60)))
		from := rng.IntN(len(digits))
		for i := from; i < min(len(digits), from+10+rng.IntN(12)); i++ {
			digits[i] = "ABCQRabcd"[rng.IntN(9)] // likelier to be text than most
		}
		want := every(digits)
		if want {
			held++
		}
		if got := mayHoldText(digits); got != want {
			t.Fatalf("%q: %v, want %v", digits, got, want)
		}
	}
	if held == 0 || held == 20000 {
		t.Errorf("%d of the runs hold text", held)
	}
}
