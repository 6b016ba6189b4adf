package anchor

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// failer is a *testing.T, *testing.F or *rapid.T.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// plainFind compares every literal with every place.
func plainFind(literals []string, text []byte, from int) []Hit {
	var hits []Hit
	low := lower(string(text))
	for start := from; start < len(text); start++ {
		for id, literal := range literals {
			if literal != "" && strings.HasPrefix(low[start:], lower(literal)) {
				hits = append(hits, Hit{start, int32(id)})
			}
		}
	}
	return hits
}

// findAll calls Find until the text ends, with room for so many hits.
func findAll(t failer, s *Set, text []byte, from, room int) []Hit {
	t.Helper()
	var all []Hit
	for from < len(text) {
		hits, next := s.Find(text, from, make([]Hit, 0, room))
		if next <= from {
			t.Fatalf("%v: no progress at %d of %d", s.Kernel(), from, len(text))
		}
		for _, h := range hits {
			if h.Start < from || h.Start >= next {
				t.Fatalf("%v: %v is not in [%d,%d)", s.Kernel(), h, from, next)
			}
		}
		all, from = append(all, hits...), next
	}
	return all
}

// check holds every kernel to the plain finder, with a buffer that holds all and
// with the smallest.
func check(t failer, literals []string, text []byte, from int) {
	t.Helper()
	want := plainFind(literals, text, from)
	set := New(literals)
	for _, k := range Kernels() {
		s := set.With(k)
		for _, room := range []int{len(want) + 1, max(1, s.Room()), s.Room() + 3} {
			if got := findAll(t, s, text, from, room); !slices.Equal(got, want) {
				t.Fatalf("%v, room %d, from %d, literals %q, text %q:\n%s", k, room, from, literals, text, cmp.Diff(want, got))
			}
		}
	}
}

func TestEveryKernelFindsWhatThePlainFinderFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		literals := rapid.SliceOfN(rapid.StringMatching(`[abAB_@\[{-]{1,9}|(?:key|tok|sk)[-_a-c]{0,3}`), 1, 20).Draw(t, "literals")
		text := rapid.StringMatching(`(?:[abABck_@\[{\x00-]|key|tok|sk|é){0,90}`).Draw(t, "text")
		check(t, literals, []byte(text), rapid.IntRange(0, len(text)).Draw(t, "from"))
	})
}

// Every length of text around the sizes that kernels read at once, at every
// alignment, with a literal at its very start, its very end, and behind it.
func TestNothingIsLostAtAnEdge(t *testing.T) {
	literals := []string{"ab", "key", "-tok", "_secret", "a-long-literal-with-an-x"}
	backing := []byte(strings.Repeat("..ABab.key-TOK.my_secret.", 12) + "a-long-literal-with-an-x")
	set := New(literals)
	for _, k := range Kernels() {
		s := set.With(k)
		for n := range 201 {
			for align := range 4 {
				for _, text := range [][]byte{backing[align : align+n : align+n], backing[len(backing)-align-n : len(backing)-align : len(backing)-align]} {
					if got, want := findAll(t, s, text, 0, 8), plainFind(literals, text, 0); !slices.Equal(got, want) {
						t.Fatalf("%v: %q:\n%s", k, text, cmp.Diff(want, got))
					}
				}
			}
		}
	}
}

func TestALiteralAtEveryPlaceOfABlock(t *testing.T) {
	literals := []string{"q7", "key", "x_token_x"}
	set := New(literals)
	for _, k := range Kernels() {
		s := set.With(k)
		for _, literal := range literals {
			for at := range 8*wordBits + 130 {
				text := append(bytes.Repeat([]byte{'.'}, at), literal...)
				if got, want := findAll(t, s, text, 0, 4), []Hit{{at, int32(slices.Index(literals, literal))}}; !slices.Equal(got, want) {
					t.Fatalf("%v: %s at %d: %v", k, literal, at, got)
				}
			}
		}
	}
}

func TestCaseOnlyOfLettersIsIgnored(t *testing.T) {
	literals := []string{"a_b", "@x", "[y]", "k"}
	check(t, literals, []byte("A_B a\x7fb `X @X {Y} [Y] K \u212a"), 0)
	if hits, _ := New(literals).Find([]byte("a\x7fb `X {Y} \u212a"), 0, make([]Hit, 0, 8)); len(hits) != 0 {
		t.Errorf("found %v", hits)
	}
}

func TestBytesBeyondASCII(t *testing.T) {
	literals := []string{"пароль", "密码", "contraseña", "\xff\x00", "key"}
	check(t, literals, []byte("пароль=1 密码:2 CONTRASEñA contraseÑa \xff\x00\xff keyé éKEY ПАРОЛЬ"), 0)
}

func TestBytesBehindTheTextAreNotSeen(t *testing.T) {
	whole := []byte(strings.Repeat("0", 60) + "secret")
	for _, k := range Kernels() {
		s := New([]string{"secret", "cre"}).With(k)
		for n := range len(whole) {
			if got, want := findAll(t, s, whole[:n], 0, 4), plainFind([]string{"secret", "cre"}, whole[:n], 0); !slices.Equal(got, want) {
				t.Fatalf("%v: of %q: %v", k, whole[:n], got)
			}
		}
	}
}

// Hits come by place although "aqzq" is known by bytes that come after those of
// what begins later.
func TestHitsComeInOrder(t *testing.T) {
	literals := []string{"eeeeeeeeeeqzqj", "eeee", "eee", "EEE", "qzq"}
	check(t, literals, []byte(strings.Repeat("eeeeeeeeeeqzqj", 9)), 3)
}

func TestRoomIsWhatOnePlaceCanHold(t *testing.T) {
	for list, want := range map[string]int{
		"": 0, "ab": 1, "ab abb ba": 2, "ab ABC abd abde": 3, "ab AB ab abc x": 4,
	} {
		literals := strings.Fields(list)
		if got := New(literals).Room(); got != want {
			t.Errorf("%q: room for %d, want %d", literals, got, want)
		}
	}
}

func TestWithTooLittleRoomNothingIsSplit(t *testing.T) {
	s := New([]string{"ab", "abc", "abcd"})
	hits, next := s.Find([]byte("..ab.abcd"), 0, make([]Hit, 0, 2))
	if want := []Hit{{2, 0}}; !slices.Equal(hits, want) || next != 5 {
		t.Errorf("got %v and %d, want %v and 5", hits, next, want)
	}
	if hits, next = s.Find([]byte("..ab.abcd"), 5, make([]Hit, 0, 2)); len(hits) != 0 || next != 5 {
		t.Errorf("got %v and %d, want none and 5", hits, next)
	}
}

func TestWhatIsInHitsStays(t *testing.T) {
	s := New([]string{"ab"})
	hits, next := s.Find([]byte("ab ab ab"), 1, append(make([]Hit, 0, 3), Hit{90, 7}))
	if want := []Hit{{90, 7}, {3, 0}, {6, 0}}; !slices.Equal(hits, want) || next != 8 {
		t.Errorf("got %v and %d", hits, next)
	}
	if hits, next = s.Find([]byte("ab ab ab"), 1, []Hit{{90, 7}}); len(hits) != 1 || next != 3 {
		t.Errorf("a full buffer: got %v and %d", hits, next)
	}
}

func TestNothingToFind(t *testing.T) {
	for _, literals := range [][]string{nil, {""}, {"abc"}} {
		for _, text := range []string{"", "ab", strings.Repeat("xyz", 99)} {
			if hits, next := New(literals).Find([]byte(text), 0, nil); len(hits) != 0 || next != len(text) {
				t.Errorf("%q in %q: %v and %d", literals, text, hits, next)
			}
		}
	}
}

func TestFindAllocatesNothing(t *testing.T) {
	text := []byte(strings.Repeat("a key and its token; ", 500))
	for _, k := range Kernels() {
		s, hits := New([]string{"key", "token"}).With(k), make([]Hit, 0, 64)
		if n := testing.AllocsPerRun(10, func() {
			for next := 0; next < len(text); {
				hits, next = s.Find(text, next, hits[:0])
			}
		}); n != 0 {
			t.Errorf("%v: %v allocations", k, n)
		}
	}
}

func FuzzKernelsAgree(f *testing.F) {
	f.Add("key,api_key,tok,token", "my API_KEY=token", uint8(0))
	f.Add("sk-,sk-1,sk,é,-us", strings.Repeat("sk-1", 40)+"-US", uint8(3))
	f.Add("aaaa,aaa,aa,AAAAAAAAAAAAAAAAAAAAAAAA", strings.Repeat("a", 70), uint8(1))
	f.Add("\xff\xff,\x00\x00\x00,@`,[{", "\xff\xff\xff\x00\x00\x00\x00@`[{", uint8(0))
	f.Fuzz(func(t *testing.T, list, text string, from uint8) {
		literals := strings.Split(list, ",")
		if len(literals) > 64 || len(text) > 4096 {
			return
		}
		check(t, literals, []byte(text), min(int(from), len(text)))
	})
}
