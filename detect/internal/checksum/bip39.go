package checksum

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // for the list of words
	"sort"
)

// The English words of BIP 39, sorted, each on a line: the list is the format.
//
//go:embed bip39.txt
var bip39 []byte

const (
	bip39Words = 2048
	bip39Bits  = 11 // that a word stands for
)

// Mnemonic says whether text is words of BIP 39's English list, as many as the
// standard has, and whether the last bits are those of the SHA-256 of the rest.
func Mnemonic(text []byte) (words, right bool) {
	list := bytes.Fields(bip39)
	fields := bytes.Fields(text)
	n := len(fields)
	if n < 12 || n > 24 || n%3 != 0 {
		return false, false
	}
	var all [33]byte // 24 words of 11 bits
	for i, f := range fields {
		at := sort.Search(bip39Words, func(j int) bool { return bytes.Compare(list[j], f) >= 0 })
		if at == bip39Words || !bytes.Equal(list[at], f) {
			return false, false
		}
		setBits(all[:], i*bip39Bits, at)
	}
	entropy := n / 3 * 4 // bytes; n/3 bits of sum follow
	sum := sha256.Sum256(all[:entropy])
	shift := 8 - n/3
	return true, sum[0]>>shift == all[entropy]>>shift
}

// setBits writes the number of a word, highest bit first.
func setBits(b []byte, at, value int) {
	for i := range bip39Bits {
		if value>>(bip39Bits-1-i)&1 == 1 {
			b[(at+i)/8] |= 0x80 >> ((at + i) % 8)
		}
	}
}
