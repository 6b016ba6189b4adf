package anchor

import (
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// layoutOf is the layout of a set.
func layoutOf(s *Set, literals []string) Layout {
	l := Layout{}
	for i, p := range s.Places() {
		l[literals[i]] = p
	}
	return l
}

// A set that is made by its own layout is the same set.
func TestASetOfAKnownLayoutIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		literals := rapid.SliceOfNDistinct(rapid.StringMatching(`[abAB_@\[{-]{0,9}|(?:key|tok|sk)[-_a-c]{0,3}|é[a-c]{0,3}`), 1, 40, rapid.ID).Draw(t, "literals")
		want := New(literals)
		if got := NewLike(literals, layoutOf(want, literals)); !reflect.DeepEqual(got, want) {
			t.Fatalf("literals %q: windows %v, want %v", literals, got.windows, want.windows)
		}
	})
}

// Literals that a layout knows keep their places beside those that it doesn't.
func TestALayoutHoldsAmongOtherLiterals(t *testing.T) {
	known := []string{"ghp_", "glpat-", "vercel_token", "key", "ab"}
	places := New(known).Places()
	more := append(slices.Clone(known), "acme_", "key", "vercel", "x", "")
	got := NewLike(more, layoutOf(New(known), known)).Places()
	if diff := cmp.Diff(places, got[:len(known)]); diff != "" {
		t.Error(diff)
	}
	if slices.Contains(got[len(known):len(more)-1], 0) || got[len(more)-1] != 0 {
		t.Errorf("places of the others: %v", got[len(known):])
	}
}

// Whatever a layout says, a set finds what it should.
func FuzzLayout(f *testing.F) {
	f.Add([]byte{0x40, 0, 0x45, 8, 0xff, 0xff}, "ab", "vercel_token", "key", "the Vercel_token AB key ab")
	f.Add([]byte{0x30, 8, 0x3f, 8, 0x41, 0x10}, "abc", "abcabcabcabcabcabcabc", "\xff\xfe\xfd", "\xff\xfe\xfdabcabcabcabcabcabcabcabc")
	f.Fuzz(func(t *testing.T, places []byte, one, two, three, text string) {
		literals := []string{one, two, three}
		like := Layout{}
		for i, literal := range literals {
			if len(literal) > 100 || len(text) > 1000 {
				return
			}
			if 2*i+1 < len(places) {
				like[literal] = Place(places[2*i]) | Place(places[2*i+1])<<8
			}
		}
		want := plainFind(literals, []byte(text), 0)
		set := NewLike(literals, like)
		for _, k := range Kernels() {
			if got := findAll(t, set.With(k), []byte(text), 0, len(want)+1); !slices.Equal(got, want) {
				t.Fatalf("%v, layout %v, literals %q, text %q:\n%s", k, like, literals, text, cmp.Diff(want, got))
			}
		}
	})
}
