package anchor

import (
	"math/rand/v2"
	"testing"
)

// lookalike makes up a window that text holds next to never and whose hash is that
// of a gram it is full of.
func lookalike(t *testing.T, gram string) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 1))
	want := hashOf(windowAt(gram, 0, len(gram)))
	for range 1 << 22 {
		made := []byte("qxq0")[:len(gram)]
		for i := range made {
			made[i] = "bcdfghjkmpqvwxz0123456789_"[rng.IntN(26)]
		}
		if w := windowAt(string(made), 0, len(made)); hashOf(w) == want && shareOf(string(made)) < 1e-6 {
			return string(made)
		}
	}
	t.Fatalf("nothing has the hash of %q", gram)
	return ""
}

// A window that common text is taken for is as dear as that text.
func TestWindowsWithTheHashOfACommonGramAreAvoided(t *testing.T) {
	made := lookalike(t, "tion")
	if got, want := echoOf(windowAt(made, 0, len(made))), counted()["tion"]; got < want {
		t.Errorf("%q has the hash of %q, which stands at %g of all places, and an echo of %g", made, "tion", want, got)
	}
	if got := echoOf(windowAt("tion", 0, len("tion"))); got >= counted()["tion"] {
		t.Error("a gram is its own echo")
	}
	if w := New([]string{made + "e"}).windows[0]; w.at == 0 && w.long() {
		t.Errorf("%q is looked for by %q, which has the hash of %q", made+"e", made, "tion")
	}
}
