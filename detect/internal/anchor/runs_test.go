package anchor

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"

// plainRuns goes through the text byte by byte.
func plainRuns(members string, text []byte, least, from int) []Span {
	var all []Span
	start := from
	for i := from; i <= len(text); i++ {
		if i < len(text) && strings.IndexByte(members, text[i]) >= 0 {
			continue
		}
		if i-start >= max(1, least) {
			all = append(all, Span{start, i})
		}
		start = i + 1
	}
	return all
}

func allRuns(t failer, c *Class, text []byte, least, from, room int) []Span {
	t.Helper()
	var all []Span
	for from < len(text) {
		spans, next := c.Runs(text, least, from, make([]Span, 0, room))
		if next <= from {
			t.Fatalf("%v: no progress at %d of %d", c.kernel, from, len(text))
		}
		all, from = append(all, spans...), next
	}
	return all
}

func checkRuns(t failer, members string, text []byte, least, from int) {
	t.Helper()
	want := plainRuns(members, text, least, from)
	class := NewClass(members)
	for _, k := range Kernels() {
		for _, room := range []int{len(want) + 1, 1, 3} {
			if got := allRuns(t, class.With(k), text, least, from, room); !slices.Equal(got, want) {
				t.Fatalf("%v, room %d, least %d, from %d, class %q, text %q:\n%s", k, room, least, from, members, text, cmp.Diff(want, got))
			}
		}
	}
}

func TestEveryKernelFindsTheSameRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`(?:[a-z]{1,90}|[ .\x00é=]{1,70}){0,8}`).Draw(t, "text")
		members := rapid.SampledFrom([]string{base64Digits, "abcdefghij", "é", "\x00z", ""}).Draw(t, "class")
		checkRuns(t, members, []byte(text), rapid.IntRange(0, 150).Draw(t, "least"), rapid.IntRange(0, len(text)).Draw(t, "from"))
	})
}

func TestRunsAtEveryPlaceAndLength(t *testing.T) {
	class := NewClass(base64Digits)
	for _, k := range Kernels() {
		c := class.With(k)
		for at := range 70 {
			for length := range 140 {
				for _, end := range []string{"", ".", strings.Repeat(" ", 70)} {
					text := []byte(strings.Repeat(" ", at) + strings.Repeat("x", length) + end)
					if got, want := allRuns(t, c, text, 20, 0, 2), plainRuns(base64Digits, text, 20, 0); !slices.Equal(got, want) {
						t.Fatalf("%v: %d digits at %d before %q: %v", k, length, at, end, got)
					}
				}
			}
		}
	}
}

func TestEveryByteIsClassified(t *testing.T) {
	var text []byte
	for b := range 256 {
		text = append(text, byte(b), ' ')
	}
	for _, k := range Kernels() {
		for b := range 256 {
			c := NewClass(string([]byte{byte(b)})).With(k)
			if got, want := allRuns(t, c, text, 1, 0, 300), plainRuns(string([]byte{byte(b)}), text, 1, 0); !slices.Equal(got, want) {
				t.Errorf("%v: the class of %#x: %v", k, b, got)
			}
			if !c.Has(byte(b)) || c.Has(byte(b+1)) {
				t.Errorf("the class of %#x has others", b)
			}
		}
	}
}

func TestRunsAllocatesNothing(t *testing.T) {
	text, spans := []byte(strings.Repeat("some words and thisisalongstretchofdigits; ", 400)), make([]Span, 0, 16)
	for _, k := range Kernels() {
		c := NewClass(base64Digits).With(k)
		if n := testing.AllocsPerRun(10, func() {
			for next := 0; next < len(text); {
				spans, next = c.Runs(text, 20, next, spans[:0])
			}
		}); n != 0 {
			t.Errorf("%v: %v allocations", k, n)
		}
	}
}

func FuzzRunsAgree(f *testing.F) {
	f.Add("abc", "abcabc..abc", uint8(3), uint8(0))
	f.Add(base64Digits, strings.Repeat("x", 64)+"."+strings.Repeat("y", 130), uint8(20), uint8(1))
	f.Add("\x00\xff", strings.Repeat("\x00", 65), uint8(65), uint8(0))
	f.Fuzz(func(t *testing.T, members, text string, least, from uint8) {
		if len(text) <= 4096 {
			checkRuns(t, members, []byte(text), int(least), min(int(from), len(text)))
		}
	})
}
