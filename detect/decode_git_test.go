package detect

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"
)

// packOf is a pack of blobs.
func packOf(texts ...string) string {
	out := binary.BigEndian.AppendUint32([]byte("PACK\x00\x00\x00\x02"), uint32(len(texts)))
	for _, text := range texts {
		n := len(text)
		head := []byte{3<<4 | byte(n&15)}
		for n >>= 4; n > 0; n >>= 7 {
			head[len(head)-1] |= 0x80
			head = append(head, byte(n&0x7f))
		}
		out = append(append(out, head...), deflatedZlib(text)...)
	}
	return string(append(out, strings.Repeat("\x11", 20)...))
}

func TestAPackOfGitIsRead(t *testing.T) {
	scanner, secret := acme(t)
	pack := packOf("nothing in here", "a file with "+secret+" in it\n", "and nothing in here")
	long := make([]byte, 3<<20)
	rng := rand.New(rand.NewPCG(7, 8))
	for i := range long {
		long[i] = byte(rng.Uint32())
	}
	for name, text := range map[string]string{
		"alone":    pack,
		"a bundle": "# v2 git bundle\n0123456789abcdef0123456789abcdef01234567 refs/heads/main\n\n" + pack,
		"a push":   "00aa0000 0123 refs/heads/main\x00 report-status\n0000" + pack,
		"in gzip":  string(gzipped([]byte(pack))),
		"a part":   "--x\r\n\r\n" + pack + "\r\n--x--\r\n",
		"long":     packOf(string(long), "a file with "+secret+" in it\n"),
	} {
		found, report := scanner.FindAll([]byte(text))
		if len(found) != 1 || string(found[0].Secret.Reveal()) != secret || !report.Complete() {
			t.Errorf("%s: found %v, %+v", name, found, report)
		}
	}
}

func TestAPackThatIsNotReadIsTold(t *testing.T) {
	scanner, _ := acme(t)
	words := strings.Repeat("some words ", 100)
	pack := packOf(words, words)
	broken := bytes.Clone([]byte(pack))
	broken[len(broken)-25] ^= 0xff // of the second's checksum
	for name, tt := range map[string]struct {
		text string
		want Reason
	}{
		"cut off": {pack[:len(pack)-40], ReasonUndecodable},
		"broken":  {string(broken), ReasonUnreadable},
		"a bomb":  {packOf(strings.Repeat("a", 20<<20)), ReasonBudget},
	} {
		_, report := scanner.FindAll([]byte(tt.text))
		if report.Complete() || report.NotScanned[0].Reason != tt.want {
			t.Errorf("%s: %+v", name, report)
		}
	}
}

func TestWhatIsNoPack(t *testing.T) {
	scanner, _ := acme(t)
	for _, text := range []string{"PACK of wolves", "PACK\x00\x00\x00\x02\x00\x00\x00\x00", "PACK\x00\x00\x00\x02\x00\x00\x00\x05 and words", "PACK\x00\x00\x00\x07\x00\x00\x00\x01" + packOf("x")[12:]} {
		if _, report := scanner.FindAll([]byte(text)); !report.Complete() || report.Decoded > 0 {
			t.Errorf("%q: %+v", text, report)
		}
	}
}
