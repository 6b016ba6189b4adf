//go:build servers

package e2e

import (
	"encoding/base64"
	bin "encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"testing"
)

// window is how many characters of a secret in a row, in one of its encodings,
// are taken as a leak when they begin at a multiple of stride: any run of
// window+stride-1 characters is found. Redaction shows at most four.
const (
	window = 12
	stride = 4
)

// needles finds parts of many secrets at once in time that depends on the text
// alone.
type needles struct {
	windows map[[window]byte]int // to the secret's number
	filter  []uint64             // bits of the hashes of the windows' first eight bytes
}

const filterBits = 24

func newNeedles() *needles {
	return &needles{windows: map[[window]byte]int{}, filter: make([]uint64, 1<<filterBits/64)}
}

// add takes in the part of a secret that nobody could guess.
func (n *needles) add(secret int, core string) {
	n.encoding(secret, []byte(core))
	n.encoding(secret, []byte(hex.EncodeToString([]byte(core))))
	for skip := range 3 {
		b64 := base64.StdEncoding.EncodeToString(append(make([]byte, skip), core...))
		first := (8*skip + 5) / 6 // characters that depend on what stands before
		n.encoding(secret, []byte(b64[first:len(b64)-4]))
	}
}

func (n *needles) encoding(secret int, text []byte) {
	for i := 0; i+window <= len(text); i += stride {
		w := [window]byte(text[i:])
		n.windows[w] = secret
		h := hash(w[:])
		n.filter[h/64] |= 1 << (h % 64)
	}
}

func hash(b []byte) uint64 {
	return bin.LittleEndian.Uint64(b) * 0x9e3779b97f4a7c15 >> (64 - filterBits)
}

// in returns the number of windows in text, and where the first one is.
func (n *needles) in(text []byte) (count, first int) {
	first = -1
	for i := 0; i+window <= len(text); i++ {
		h := hash(text[i:])
		if n.filter[h/64]&(1<<(h%64)) == 0 {
			continue
		}
		if _, ok := n.windows[[window]byte(text[i:])]; ok {
			if count++; first < 0 {
				first = i
			}
		}
	}
	return count, first
}

// search looks for all secrets in all places and returns how many bytes it read.
func (n *needles) search(t *testing.T, places map[string][]byte) (size int) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(places)) {
		size += len(places[name])
		if count, at := n.in(places[name]); count > 0 {
			t.Errorf("%s holds %d parts of planted secrets, the first at byte %d", name, count, at)
		}
	}
	return size
}

// The search must find what it is for, or its silence would prove nothing.
func TestNeedlesFindEveryForm(t *testing.T) {
	t.Parallel()
	const core = "q8Zr1LkW0xYv7TbNc3Mh"
	n := newNeedles()
	n.add(0, core)
	forms := map[string]string{
		"plain": "before " + core + " after", "a part": "xx" + core[3:18] + "yy", "hex": hex.EncodeToString([]byte("a" + core)),
	}
	for _, before := range []string{"", "k", "ke", "key", "key="} {
		forms["base64 behind "+before] = base64.StdEncoding.EncodeToString([]byte(before + core + " and more"))
		forms["base64url behind "+before] = base64.RawURLEncoding.EncodeToString([]byte(before + core))
	}
	for name, text := range forms {
		if count, _ := n.in([]byte(text)); count == 0 {
			t.Errorf("%s: not found in %q", name, text)
		}
	}
	for _, text := range []string{"", "q8Zr****cMh", core[:11], "something else altogether, long enough"} {
		if count, _ := n.in([]byte(text)); count > 0 {
			t.Errorf("found in %q", text)
		}
	}
}
