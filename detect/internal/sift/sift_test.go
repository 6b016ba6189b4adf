package sift

import (
	"bytes"
	"math/rand/v2"
	"slices"
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
	noise := make([]byte, 5000)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	return [][]byte{nil, []byte("x"), every, noise, []byte(strings.Repeat(`{"a":"b\n","c":"d"}`, 50))}
}

// kernels are the ways to scan that this machine has.
func kernels() []bool {
	if vectors {
		return []bool{false, true}
	}
	return []bool{false}
}

func TestSetsHoldWhatTheyListAndNothingElse(t *testing.T) {
	for _, set := range []string{digits, quotes, glue} {
		n := setOf(set)
		for c := range 256 {
			if got, want := n.of(byte(c)) != 0, strings.IndexByte(set, byte(c)) >= 0; got != want {
				t.Errorf("byte %#x in %q: %v, want %v", c, set, got, want)
			}
		}
	}
}

func TestMarksHoldEveryPairThatIsListed(t *testing.T) {
	for _, c := range markClasses() {
		seconds := c.second
		if seconds == "" {
			seconds = "\x00a\xff"
		}
		for _, a := range []byte(c.first) {
			for _, b := range []byte(seconds) {
				var dst [1]Block
				Scan(dst[:], []byte{'x', a, b}, 0)
				if dst[0].Marks&2 == 0 {
					t.Errorf("%#x %#x is no mark", a, b)
				}
			}
		}
	}
}

func TestTextWithoutAnythingHasNoMarks(t *testing.T) {
	text := []byte("The quick brown fox (or: a fox) said <b>hello</b>; x == y, 10:42:57 12.5 [a] {b} -- c*d\n\tif x != y { return }\n")
	dst := make([]Block, 4)
	for i, b := range dst[:Scan(dst, text, 0)] {
		if b.Marks != 0 {
			t.Errorf("block %d: marks %#x", i, b.Marks)
		}
	}
}

// check compares a scan with what is said of each byte by itself.
func check(t *testing.T, text []byte, at, size int, vectors bool) {
	t.Helper()
	dst := make([]Block, size)
	n := scan(dst, text, at, vectors)
	if want := min(size, (len(text)-at+Width-1)/Width); n != want {
		t.Fatalf("%d blocks of %d bytes, want %d", n, len(text)-at, want)
	}
	var want Block
	for k, b := range dst[:n] {
		want = Block{}
		for i := range Width {
			if j := at + k*Width + i; j < len(text) {
				want = want.with(text, j, i)
			}
		}
		if b != want {
			t.Fatalf("block %d of %d bytes from %d (vectors %v): %x, want %x", k, len(text), at, vectors, b, want)
		}
	}
}

func (b Block) with(text []byte, j, i int) Block {
	bit := func(yes bool) uint64 {
		if yes {
			return 1 << i
		}
		return 0
	}
	next := byte(0)
	if j+1 < len(text) {
		next = text[j+1]
	}
	return Block{
		b.Digits | bit(strings.IndexByte(digits, text[j]) >= 0), b.Quotes | bit(strings.IndexByte(quotes, text[j]) >= 0),
		b.Glue | bit(strings.IndexByte(glue, text[j]) >= 0), b.Marks | bit(shared.first.of(text[j])&shared.second.of(next) != 0),
	}
}

func TestKernelsSayOfEveryByteWhatItIs(t *testing.T) {
	for _, vectors := range kernels() {
		for _, text := range texts() {
			for _, at := range []int{0, 1, 63, 64, 65} {
				for _, size := range []int{0, 1, 16, 3000} {
					if at <= len(text) {
						check(t, text, at, size, vectors)
					}
				}
			}
		}
		for n := range 200 {
			check(t, bytes.Repeat([]byte(`"\`), 100)[:n], 0, 8, vectors)
		}
	}
}

func FuzzKernelsAgree(f *testing.F) {
	for _, text := range texts() {
		f.Add(text, 3)
	}
	f.Fuzz(func(t *testing.T, text []byte, at int) {
		at = int(uint(at) % uint(len(text)+1))
		for _, vectors := range kernels() {
			check(t, text, at, 1+len(text)/Width, vectors)
		}
	})
}

func BenchmarkScan(b *testing.B) {
	text := bytes.Repeat([]byte(`{"level":"info","message":"the quick brown fox","took":12.5}`+"\n"), 20)
	for _, vectors := range slices.Backward(kernels()) {
		b.Run(map[bool]string{true: "vectors", false: "plain"}[vectors], func(b *testing.B) {
			dst := make([]Block, 16)
			b.SetBytes(int64(len(dst) * Width))
			for b.Loop() {
				scan(dst, text, 0, vectors)
			}
		})
	}
}
