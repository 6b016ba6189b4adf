package detect

import (
	"math/rand/v2"
	"testing"
)

// Compressed data that is longer than a segment is read to its end.
func TestLongCompressedDataIsReadToItsEnd(t *testing.T) {
	scanner, secret := acme(t)
	rng := rand.New(rand.NewPCG(9, 10))
	noise := make([]byte, 3<<20)
	for i := range noise {
		noise[i] = "abcdefghijklmnop \n"[rng.IntN(18)]
	}
	text := append(noise, " "+secret+"\n"...)
	for name, packed := range map[string]string{
		"gzip":           string(gzipped(text)),
		"gzip in a part": "--x\r\n\r\n" + string(gzipped(text)) + "\r\n--x--\r\n",
		"zlib":           deflatedZlib(string(text)),
	} {
		if found, report := scanner.FindAll([]byte(packed)); len(found) != 1 || !report.Complete() {
			t.Errorf("%s of %d bytes: found %d, %+v", name, len(packed), len(found), report)
		}
	}
}
