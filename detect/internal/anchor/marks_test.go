package anchor

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// plainMarks does what vector kernels do, byte by byte and by the words of the
// tables' description.
func plainMarks(t *tables, text []byte, n int) []mark {
	words := make([]mark, n)
	for i := range n * wordBits {
		if plainPlane(t, text[i:], 0, windowSize)|plainPlane(t, text[i:], 1, windowSize) != 0 {
			words[i/wordBits].long |= 1 << (i % wordBits)
		}
		if plainPlane(t, text[i:], 2, windowSize-1)|plainPlane(t, text[i:], 3, windowSize-1) != 0 {
			words[i/wordBits].short |= 1 << (i % wordBits)
		}
	}
	return words
}

func plainPlane(t *tables, text []byte, plane, size int) byte {
	rows := t[plane*planeRows:]
	found := byte(0xff)
	for i := range size {
		kept := text[i] & t[maskRow+i][0]
		if kept&0x80 != 0 {
			return 0
		}
		found &= rows[i][kept]
	}
	for i := range windowSize / 2 {
		found &= rows[windowSize+i][highOf(text[2*i])|highOf(text[2*i+1])<<1]
	}
	return found
}

func TestVectorKernelsMarkWhatTheTablesSay(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	text := make([]byte, 5*wordBits+overhang)
	for _, literals := range [][]string{{"key", "secret", "akia"}, {"é", "x-", "密码"}, someLiterals(200)} {
		set := New(literals)
		for range 40 {
			for i := range text {
				text[i] = byte(rng.IntN(256)) >> rng.IntN(2)
			}
			copy(text[rng.IntN(300):], strings.ToUpper(literals[0]))
			want := plainMarks(set.tables, text, 5)
			for _, k := range vectorKernels() {
				got := make([]mark, 5)
				set.With(k).fill(text, got)
				if !slices.Equal(got, want) {
					t.Fatalf("%v: %q: marks %x, want %x", k, text, got, want)
				}
			}
		}
	}
}

func vectorKernels() []Kernel {
	return slices.DeleteFunc(Kernels(), func(k Kernel) bool { return k == Portable })
}

func TestKernelsSiftAlike(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	literals := append(someLiterals(300), "q-")
	set := New(literals)
	text := make([]byte, 3*wordBits+overhang)
	for round := range 60 {
		marked := make([]mark, 3)
		for i := range text {
			text[i] = literals[rng.IntN(len(literals))][rng.IntN(2)]
		}
		for i := range marked {
			marked[i] = mark{rng.Uint64() >> (round % 64), rng.Uint64() << (round % 64)}
		}
		want := slices.Clone(marked)
		set.index.siftPlain(text, want)
		for _, k := range Kernels() {
			got := slices.Clone(marked)
			if set.With(k).sift(text, got); !slices.Equal(got, want) {
				t.Fatalf("%v: %q: of %x it keeps %x, want %x", k, text, marked, got, want)
			}
		}
	}
}

// A kernel that marked everything would find everything, slowly.
func TestKernelsMarkFewPlaces(t *testing.T) {
	text := bytes.Repeat([]byte("Mit dem Zitat folgt: 12 Boxen, 7 Frauen + 3 Jungen; "), 20)
	set := New([]string{"api_key", "secret", "akia", "ghp_", "xoxb-"})
	for _, k := range Kernels() {
		var words [10]mark
		set.With(k).fill(text, words[:])
		if n := slices.IndexFunc(words[:], func(m mark) bool { return m != mark{} }); n >= 0 {
			t.Errorf("%v marks %+v", k, words[n])
		}
	}
}

// The assembly is that of the generator: who changes one renews the other.
func TestAssemblyIsFresh(t *testing.T) {
	var source []byte
	for _, name := range []string{"gen/main.go", "gen/sift.go"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, b...)
	}
	code, err := os.ReadFile("kernels_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("// Source: gen/main.go and gen/sift.go, SHA-256 %x\n", sha256.Sum256(source)); !strings.HasPrefix(string(code), want) {
		t.Error("kernels_amd64.s is not of these sources: cd gen && go run . ../kernels_amd64.s")
	}
}
