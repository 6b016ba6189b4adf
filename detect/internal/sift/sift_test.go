package sift

import (
	"bytes"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

func texts() [][]byte {
	rng := rand.New(rand.NewPCG(1, 2))
	every := make([]byte, 0, 256*256*2)
	for a := range 256 {
		for b := range 256 {
			every = append(every, byte(a), byte(b))
		}
	}
	noise, likely := make([]byte, 5000), make([]byte, 20000)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	const alphabet = "aaaaaaaaaaaaaaaa\"\"', +\n\r:=|>-\\0x%"
	for i := range likely {
		likely[i] = alphabet[rng.IntN(len(alphabet))]
	}
	long := strings.Repeat("x", 300) + ":\n" + strings.Repeat("0123456789abcdefghi ", 30) + strings.Repeat("41 4b ", 60)
	return [][]byte{nil, []byte("x"), every, noise, likely, []byte(long), []byte(strings.Repeat(`{"a":"b\n","c":"d"}`, 50))}
}

// kernels are the ways to classify that this machine has.
func kernels() (all []kernel) {
	for k := plain; k <= best; k++ {
		all = append(all, k)
	}
	return all
}

func TestSetsHoldWhatTheyListAndNothingElse(t *testing.T) {
	for k, set := range []string{digits, quotes, commas, glue, ends, openers} {
		for c := range 256 {
			got := shared.sets[k/3].of(byte(c))&shared.masks[k] != 0
			if want := strings.IndexByte(set, byte(c)) >= 0; got != want {
				t.Errorf("byte %#x in %q: %v, want %v", c, set, got, want)
			}
		}
	}
}

func TestMarksHoldAllThatIsListed(t *testing.T) {
	some := func(set string) []byte {
		if set == "" {
			set = "\x00a\xff"
		}
		return []byte(set)
	}
	for _, class := range markClasses() {
		for _, a := range some(class.first) {
			for _, b := range some(class.second) {
				for _, c := range some(class.third) {
					if places := sifted(best, []byte{'x', a, b, c}, 0, 4); len(places) != 1 || places[0].Marks&2 == 0 {
						t.Errorf("%#x %#x %#x is no mark", a, b, c)
					}
				}
			}
		}
	}
}

func TestTextWithoutAnythingHasNoPlaces(t *testing.T) {
	text := []byte("The quick brown fox (or: a fox) said <b>hello</b>; x == y, 10:42:57 12.5 [a] {b} -- c*d\n\tif x != y { return }\n" +
		`{"level":"info","took":12.5,"ids":["a","b"]}` + "\n" + `"GET /api?page=3 HTTP/1.1" 200 51 "-"` + "\n\tfmt.Printf(\"%d of %s\", n, 'x')\n")
	if places := sifted(best, text, 0, len(text)); len(places) != 0 {
		t.Errorf("places %+v", places)
	}
}

func sifted(k kernel, text []byte, from, to int) (places []Place) {
	s := New(text, from, to)
	s.kernel = k
	var p Place
	for s.Next(&p) {
		places = append(places, p)
	}
	if want := from + (max(0, min(to, len(text))-from)+Width-1)/Width*Width; s.End() != want {
		panic(fmt.Sprintf("ends at %d, want %d", s.End(), want))
	}
	return places
}

// What is asked of a Place, said another way: where the last byte of each of
// these stands.
var (
	runs   = regexp.MustCompile(`[A-Za-z0-9+/_-]{20,}([^A-Za-z0-9+/_-])`)
	halves = regexp.MustCompile("[A-Za-z0-9+/_-]{8}[\"'`](,)")
	below  = []*regexp.Regexp{regexp.MustCompile(`[:=|>][A-Za-z0-9+/_-]?([\r\n])`), regexp.MustCompile("[\"'`][\r\n]{3}([\r\n])")}
	blanks = regexp.MustCompile("[\r\n]{3}([\r\n])")
	seams  = regexp.MustCompile("[\"'`][ \t\r\n+.&|~<>\\\\()]+([\"'`])")
)

// found lists the places of what re captures; the next match may begin there.
func found(re *regexp.Regexp, text string) map[int]bool {
	at := map[int]bool{}
	for from := 0; from < len(text); {
		m := re.FindStringSubmatchIndex(text[from:])
		if m == nil {
			break
		}
		at[from+m[2]] = true
		from += m[2]
	}
	return at
}

func marked(text []byte) map[int]bool {
	at := found(below[0], latin(text))
	for i := range found(below[1], latin(text)) {
		at[i] = true
	}
	padded := append(bytes.Clone(text), 0, 0)
	for i := range text {
		if shared.first.of(padded[i])&shared.second.of(padded[i+1])&shared.third.of(padded[i+2]) != 0 {
			at[i] = true
		}
	}
	return at
}

// latin has no byte beyond ASCII, which package regexp would take for parts of runes.
func latin(text []byte) string {
	out := bytes.Clone(text)
	for i, c := range out {
		out[i] = min(c, 0x7f)
	}
	return string(out)
}

// check compares what a kernel finds in text[from:] with what is said above.
func check(t *testing.T, k kernel, text []byte, from int) {
	t.Helper()
	var digit uint64
	got := [5]map[int]bool{{}, {}, {}, {}, {}}
	for _, p := range sifted(k, text, from, len(text)) {
		for i, bitmap := range []uint64{p.Runs, p.Halves, p.Seams, p.Marks, p.Blanks} {
			for ; bitmap != 0; bitmap &= bitmap - 1 {
				got[i][p.At-from+bits.TrailingZeros64(bitmap)] = true
			}
		}
		digit = 0
		for i, c := range text[p.At:min(len(text), p.At+Width)] {
			if strings.IndexByte(digits, c) >= 0 {
				digit |= 1 << i
			}
		}
		if p.Digits != digit || p.Pairs != paired(digit) {
			t.Fatalf("kernel %d: digits %#x and pairs %#x at %d, want %#x and %#x", k, p.Digits, p.Pairs, p.At, digit, paired(digit))
		}
	}
	ascii := latin(text[from:])
	padded := ascii + strings.Repeat("\x00", (Width-len(ascii)%Width)%Width) // a run ends within a place, or not at all
	for i, want := range []map[int]bool{found(runs, padded), found(halves, ascii), found(seams, ascii), marked(text[from:]), found(blanks, ascii)} {
		for at := range want {
			if !got[i][at] {
				t.Fatalf("kernel %d: %s not found at %d of %q", k, names[i], at, around(ascii, at))
			}
		}
		for at := range got[i] {
			if !want[at] {
				t.Fatalf("kernel %d: %s found at %d of %q", k, names[i], at, around(ascii, at))
			}
		}
	}
}

var names = []string{"run", "half", "seam", "mark", "blank"}

func around(text string, at int) string { return text[max(0, at-40):min(len(text), at+8)] }

// paired has a bit for the first pair in either half of the digits given.
func paired(digits uint64) (out uint64) {
	for _, half := range []int{0, 32} {
		text := fmt.Sprintf("%032b", bits.Reverse32(uint32(digits>>half))) // the lowest bit comes first
		for first, pattern := range []string{"110", "011", "101"} {
			if strings.HasPrefix(strings.Repeat(pattern, 11), text) {
				out |= 1 << (half + first)
			}
		}
	}
	return out
}

func TestKernelsFindAllAndNothingElse(t *testing.T) {
	for _, k := range kernels() {
		for _, text := range texts() {
			for _, from := range []int{0, 1, 63, 64, 65} {
				if from <= len(text) {
					check(t, k, text, from)
				}
			}
		}
		for n := range 200 {
			check(t, k, bytes.Repeat([]byte(`"\`), 100)[:n], 0)
			check(t, k, bytes.Repeat([]byte("a"), n), 0)
		}
	}
}

// What lies behind the end asked for is seen only as far as its block goes.
func TestASieveStopsAtTheBlockThatIsAskedFor(t *testing.T) {
	text := []byte(strings.Repeat(" ", 300) + strings.Repeat(`\naa`, 100))
	for to := range len(text) {
		for _, p := range sifted(best, text, 0, to) {
			if p.At >= to {
				t.Fatalf("place at %d of text[:%d]", p.At, to)
			}
		}
	}
}

func FuzzKernelsAgree(f *testing.F) {
	for _, text := range texts() {
		f.Add(text[:min(len(text), 1024)], 3)
	}
	f.Fuzz(func(t *testing.T, text []byte, from int) {
		from = int(uint(from) % uint(len(text)+1))
		for _, k := range kernels() {
			check(t, k, text, from)
		}
	})
}

func BenchmarkSieve(b *testing.B) {
	text := bytes.Repeat([]byte(`{"level":"info","message":"the quick brown fox","took":12.5}`+"\n"), 2000)
	for _, k := range kernels() {
		b.Run([]string{"plain", "AVX2", "AVX-512"}[k], func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			var p Place
			for b.Loop() {
				s := New(text, 0, len(text))
				s.kernel = k
				for s.Next(&p) {
					b.Fatal("a clean text has a place")
				}
			}
		})
		b.Run([]string{"plain", "AVX2", "AVX-512"}[k]+"/kernel", func(b *testing.B) {
			var blocks [tile]block
			b.SetBytes(tile * Width)
			for b.Loop() {
				k.scan(blocks[:], text, 0)
			}
		})
	}
}
