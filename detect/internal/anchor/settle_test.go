package anchor

import "testing"

// A literal is known by bytes that few places of a text have.
func TestALiteralIsKnownByRareBytes(t *testing.T) {
	for _, literal := range []string{"authorization", "functionkey", "vercel_token", "password_hash", "x-typeform-key"} {
		s := New([]string{literal})
		least := 1.0
		for _, w := range windowsOf(literal, nil) {
			least = min(least, shareOf(string(w.bytes[:w.size])))
		}
		w := s.windows[0]
		if got := shareOf(string(w.bytes[:w.size])); got > 2*least {
			t.Errorf("%s is known by %q, which stands at %.6f of all places; the rarest at %.6f", literal, w.bytes[:w.size], got, least)
		}
	}
}

// What was counted stands in for chances that are far below it.
func TestCountedGramsAreMoreFrequentThanTheirPairs(t *testing.T) {
	shares := counted()
	if len(shares) < 1000 {
		t.Fatalf("%d were counted", len(shares))
	}
	for gram, share := range shares {
		if len(gram) < leastWindow || len(gram) > windowSize || share <= 0 || share > 0.01 {
			t.Errorf("%q: %v", gram, share)
		}
	}
	if shareOf("tion") < 10*shareOf("tiox") {
		t.Error("an ending of words is no more frequent than what is none")
	}
}

// Literals that choose again end where none has a better place, so that once more
// changes nothing.
func TestSettledPlacesStay(t *testing.T) {
	literals := []string{"ghp_", "github_pat_", "token=", "token:", "api_key", "apikey", "password", "passwd", "xoxb-", "xoxp-", "akia", "sk_live_"}
	s := New(literals)
	windows := append([]window{}, s.windows...)
	settle(literals, windows)
	for i, w := range windows {
		if w != s.windows[i] {
			t.Errorf("%s moved from %v to %v", literals[w.literal], s.windows[i], w)
		}
	}
}
