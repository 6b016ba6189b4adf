package umac

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
)

// The vectors of RFC 4418, appendix: this key and nonce.
const key = "abcdefghijklmnop"

var nonce = binary.BigEndian.Uint64([]byte("bcdefghi"))

func TestTheVectorsOfTheRFC(t *testing.T) {
	for _, tt := range []struct {
		name, message, want string
	}{
		{"nothing", "", "6e155fad26900be1"},
		{"a, 3 times", strings.Repeat("a", 3), "44b5cb542f220104"},
		{"a, 2^10 times", strings.Repeat("a", 1<<10), "26bf2f5d60118bd9"},
		{"a, 2^15 times", strings.Repeat("a", 1<<15), "27f8ef643b0d118d"},
		{"a, 2^20 times", strings.Repeat("a", 1<<20), "a4477e87e9f55853"},
		{"abc", "abc", "d4d7b9f6bd4fbfcf"},
		{"abc, 500 times", strings.Repeat("abc", 500), "d4cf26ddefd5c01a"},
	} {
		m, err := New([]byte(key), 8)
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(m.Append(nil, nonce, []byte(tt.message))); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// The lanes of a longer tag are those of a shorter one and more; only the pads
// differ, and these fall out between two messages under one nonce.
func TestALongTagBeginsLikeAShortOne(t *testing.T) {
	short, err := New([]byte(key), 8)
	if err != nil {
		t.Fatal(err)
	}
	long, err := New([]byte(key), 16)
	if err != nil {
		t.Fatal(err)
	}
	difference := func(m *MAC) []byte {
		a, b := m.Append(nil, 8, []byte("one message")), m.Append(nil, 8, bytes.Repeat([]byte("another "), 300))
		for i := range a {
			a[i] ^= b[i]
		}
		return a
	}
	if a, b := difference(short), difference(long); len(b) != 16 || !bytes.HasPrefix(b, a) {
		t.Errorf("%x and %x", a, b)
	}
}

func TestOddKeysAndSizesAreRefused(t *testing.T) {
	if _, err := New(make([]byte, 15), 8); err == nil {
		t.Error("a short key is taken")
	}
	if _, err := New(make([]byte, 16), 12); err == nil {
		t.Error("a tag of 12 bytes is made")
	}
}

func BenchmarkAppend(b *testing.B) {
	m, err := New([]byte(key), 8)
	if err != nil {
		b.Fatal(err)
	}
	message, tag := make([]byte, 32<<10), make([]byte, 0, 8)
	b.SetBytes(int64(len(message)))
	for i := range b.N {
		tag = m.Append(tag[:0], uint64(i), message)
	}
}
