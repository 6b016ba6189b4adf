package detect

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"
)

// flatOf is deflate without a head, at a level of package flate.
func flatOf(t testing.TB, text string, level int) string {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, level)
	if err == nil {
		_, err = w.Write([]byte(text))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Deflate without a head is known by what comes out: text of one, two or four bytes to a
// character, an archive of tar; also behind a block that is stored as it is.
func TestDeflateWithoutAHead(t *testing.T) {
	scanner, secret := acme(t)
	text := strings.Repeat("a line that is about nothing much\n", 20) + "the word is " + secret + "\n"
	const empty = "\x00\x00\x00\xff\xff" // a stored block without a byte
	for name, packed := range map[string]string{
		"text":                     flatOf(t, text, 9),
		"text, fixed codes":        flatOf(t, "the word is "+secret+" and no other\n", 9),
		"text, no repeats":         flatOf(t, text, flate.HuffmanOnly),
		"UTF-16":                   flatOf(t, wideOf(text, false), 9),
		"UTF-32":                   flatOf(t, quadsOf(text, true), 9),
		"tar":                      flatOf(t, string(tarred([]byte(text))), 9),
		"a part of a form":         "--x\r\nContent-Type: application/octet-stream\r\n\r\n" + flatOf(t, text, 9) + "\r\n--x--\r\n",
		"behind an empty block":    empty + flatOf(t, text, 9),
		"behind some empty blocks": empty + empty + flatOf(t, text, 9),
	} {
		if found, report := scanner.FindAll([]byte(packed)); len(found) != 1 || !report.Complete() {
			t.Errorf("%s: found %d, %+v", name, len(found), report)
		}
	}
}

// What is compressed well before a secret hides it no more in digits than by itself.
func TestDeflateOfFillerInDigits(t *testing.T) {
	scanner, secret := acme(t)
	packed := []byte(flatOf(t, strings.Repeat("a", 100_000)+" the word is "+secret+"\n", 9))
	for name, text := range map[string]string{"base64": base64.StdEncoding.EncodeToString(packed), "hex": hex.EncodeToString(packed)} {
		if found, report := scanner.FindAll([]byte(text)); len(found) != 1 || !report.Complete() {
			t.Errorf("%s: found %d, %+v", name, len(found), report)
		}
	}
}

// Noise is no deflate, and nothing of it is told as not scanned.
func TestNoiseIsNoDeflate(t *testing.T) {
	scanner, _ := acme(t)
	rng := rand.New(rand.NewPCG(11, 12))
	for range 20_000 {
		text := make([]byte, 64+rng.IntN(700))
		for i := range text {
			text[i] = byte(rng.Uint32())
		}
		if rng.IntN(2) == 0 {
			copy(text, "\x00\x10\x00\xef\xff") // a stored block, by its head
		}
		if _, report := scanner.FindAll(append([]byte("X: y\r\n\r\n"), text...)); !report.Complete() {
			t.Fatalf("behind a head %x: %+v", text, report)
		}
		if _, report := scanner.FindAll(text); !report.Complete() {
			t.Fatalf("%x: %+v", text, report)
		}
	}
}
