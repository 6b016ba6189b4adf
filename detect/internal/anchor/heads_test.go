package anchor

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestHeadsAreThoseATextBeginsWith(t *testing.T) {
	heads := NewHeads([]string{"ghp_", "gho_", "ghp_x", "sk-", "äöü"})
	for text, want := range map[string][]int{
		"ghp_abc": {0}, "GHP_XYZ": {0, 2}, "gho": nil, "gho_": {1}, "sk-": {3}, "s": nil, "": nil, "aghp_": nil, "äöü": {4}, "ghq_": nil,
	} {
		if got := heads.At([]byte(text), 0, nil); !slices.Equal(got, want) {
			t.Errorf("%q begins with %v, want %v", text, got, want)
		}
	}
	if got := heads.At([]byte("x sk-1"), 2, []int{7}); !slices.Equal(got, []int{7, 3}) {
		t.Errorf("at 2: %v", got)
	}
}

// FuzzHeads holds the lookup to a comparison with each literal.
func FuzzHeads(f *testing.F) {
	f.Add(uint64(1), []byte("aab_AAb-abab"))
	f.Fuzz(func(t *testing.T, seed uint64, text []byte) {
		literals := someHeads(rand.New(rand.NewPCG(seed, 0)))
		heads := NewHeads(literals)
		for i := range text {
			var want []int
			for id, lit := range literals {
				if len(text) >= i+len(lit) && bytes.Equal(lowered(text[i:i+len(lit)]), []byte(lit)) {
					want = append(want, id)
				}
			}
			if got := heads.At(text, i, nil); !slices.Equal(got, want) {
				t.Fatalf("at %d: %v, want %v", i, got, want)
			}
		}
	})
}

func someHeads(rng *rand.Rand) []string {
	literals := make([]string, rng.IntN(300))
	for i := range literals {
		var b strings.Builder
		for range 3 + rng.IntN(4) {
			b.WriteByte("ab_-"[rng.IntN(4)])
		}
		literals[i] = b.String()
	}
	return literals
}

func lowered(b []byte) []byte {
	out := slices.Clone(b)
	for i := range out {
		out[i] = small(out[i])
	}
	return out
}
