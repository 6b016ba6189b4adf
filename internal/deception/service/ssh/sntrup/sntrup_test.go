package sntrup

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// generator gives the bytes that the reference implementation was given when it
// made testdata/reference.txt: the high bytes of a linear congruential sequence.
type generator uint64

func (g *generator) Read(b []byte) (int, error) {
	for i := range b {
		*g = *g*6364136223846793005 + 1442695040888963407
		b[i] = byte(*g >> 56)
	}
	return len(b), nil
}

// Each three lines of the file are a public key, a ciphertext and the key in it,
// printed by the authors' reference implementation (sntrup761 of SUPERCOP, as
// OpenSSH carries it), seeded with 101, 102 and 103.
func TestTheReferenceSaysTheSame(t *testing.T) {
	text, err := os.ReadFile("testdata/reference.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(text))
	if len(lines) != 9 {
		t.Fatalf("%d lines", len(lines))
	}
	for i := range 3 {
		public, err := hex.DecodeString(lines[3*i])
		if err != nil {
			t.Fatal(err)
		}
		g := generator(101 + i)
		ciphertext, key, err := Encapsulate(&g, public)
		if err != nil {
			t.Fatal(err)
		}
		if hex.EncodeToString(ciphertext) != lines[3*i+1] || hex.EncodeToString(key) != lines[3*i+2] {
			t.Errorf("case %d: other ciphertext or key", i)
		}
	}
}

func TestSorting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.Uint64().Draw(t, "seed")
		var l [p]uint32
		for i := range l {
			r = r*6364136223846793005 + 1442695040888963407
			l[i] = uint32(r >> 32)
		}
		want := slices.Clone(l[:])
		slices.Sort(want)
		if sort(&l); !slices.Equal(l[:], want) {
			t.Fatal("not sorted")
		}
	})
}

func TestAShortPolynomialHasItsWeight(t *testing.T) {
	r, err := short(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range r {
		if c < -1 || c > 1 {
			t.Fatalf("a coefficient of %d", c)
		}
		n += int(c * c)
	}
	if n != w {
		t.Errorf("%d coefficients are not zero, want %d", n, w)
	}
}

func TestWhatIsWrongIsAnError(t *testing.T) {
	if _, _, err := Encapsulate(rand.Reader, make([]byte, 12)); !errors.Is(err, ErrSize) {
		t.Errorf("a short key: %v", err)
	}
	broken := errors.New("no entropy")
	if _, _, err := Encapsulate(iotest.ErrReader(broken), make([]byte, PublicKeySize)); !errors.Is(err, broken) {
		t.Errorf("no randomness: %v", err)
	}
}

// Whatever a client sends as its key, there is a ciphertext of the right size.
func FuzzEncapsulate(f *testing.F) {
	f.Add(bytes.Repeat([]byte{0xff}, PublicKeySize))
	f.Add(make([]byte, PublicKeySize))
	f.Fuzz(func(t *testing.T, public []byte) {
		c, k, err := Encapsulate(rand.Reader, public)
		if (err == nil) != (len(public) == PublicKeySize) {
			t.Fatalf("%d bytes: %v", len(public), err)
		}
		if err == nil && (len(c) != CiphertextSize || len(k) != SharedKeySize) {
			t.Fatalf("%d and %d bytes", len(c), len(k))
		}
	})
}

func BenchmarkEncapsulate(b *testing.B) {
	public := make([]byte, PublicKeySize)
	for range b.N {
		if _, _, err := Encapsulate(rand.Reader, public); err != nil {
			b.Fatal(err)
		}
	}
}
