package detect

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"
)

// uuOf is a file as uuencode writes it.
func uuOf(text string, zero byte) string {
	var out bytes.Buffer
	out.WriteString("begin 644 notes.txt\n")
	digit := func(v int) byte {
		if v == 0 {
			return zero
		}
		return byte(v) + ' '
	}
	for len(text) > 0 {
		line := text[:min(len(text), 45)]
		text = text[len(line):]
		out.WriteByte(digit(len(line)))
		for line += "\x00\x00"; len(line) >= 3; line = line[3:] {
			a, b, c := int(line[0]), int(line[1]), int(line[2])
			out.Write([]byte{digit(a >> 2), digit(a&3<<4 | b>>4), digit(b&15<<2 | c>>6), digit(c & 63)})
		}
		out.WriteByte('\n')
	}
	out.Write([]byte{zero, '\n'})
	return out.String() + "end\n"
}

func TestUuencodeIsRead(t *testing.T) {
	scanner, secret := acme(t)
	text := strings.Repeat("a line\n", 9) + secret + "\nand another line\n"
	for name, encoded := range map[string]string{
		"a body":                uuOf(text, '`'),
		"zeros that are blanks": uuOf(text, ' '),
		"blanks that got lost":  strings.ReplaceAll(strings.ReplaceAll(uuOf(text+"\x00\x00\x00", ' '), " \n", "\n"), "  \n", "\n"),
		"of what is compressed": uuOf(string(gzipped([]byte(text))), '`'),
		"other line ends":       strings.ReplaceAll(uuOf(text, '`'), "\n", "\r\n"),
		"a part":                "--x\r\nContent-Disposition: attachment\r\n\r\n" + uuOf(text, '`') + "\r\n--x--\r\n",
		"in gzip":               string(gzipped([]byte(uuOf(text, '`')))),
	} {
		found, report := scanner.FindAll([]byte(encoded))
		if len(found) != 1 || string(found[0].Secret.Reveal()) != secret || !report.Complete() {
			t.Errorf("%s: found %v, %+v", name, found, report)
		}
	}
	long := uuOf(text+strings.Repeat("and another line\n", 100_000)+secret+"\n", '`')
	if found, report := scanner.FindAll([]byte(long)); len(found) == 0 || !report.Complete() {
		t.Errorf("%d bytes: found %d, %+v", len(long), len(found), report)
	}
	cut := uuOf(text, '`')[:130]
	if _, report := scanner.FindAll([]byte(cut)); report.Complete() {
		t.Error("what is cut off is complete")
	}
}

func TestWhatIsNoUuencode(t *testing.T) {
	scanner, _ := acme(t)
	for _, text := range []string{
		"begin 644 to be a number\nthe next line is prose, and small\n", "begin with it\n", "begin 7 a\n", "begin 99999 a\nM\n", "begin 644",
		"begin 644 a\n\nend\n", "begin 644 a\nend\n",
	} {
		if _, report := scanner.FindAll([]byte(text)); report.Decoded > 0 || !report.Complete() {
			t.Errorf("%q: %+v", text, report)
		}
	}
}

// Deflate without a head is tried in hex as in base64, and noise in hex is none.
func TestDeflateInHex(t *testing.T) {
	scanner, secret := acme(t)
	packed := flatOf(t, strings.Repeat("a line that is about nothing much\n", 20)+"the word is "+secret+"\n", 9)
	for name, text := range map[string]string{"alone": hex.EncodeToString([]byte(packed)), "a value": `{"data":"` + strings.ToUpper(hex.EncodeToString([]byte(packed))) + `"}`} {
		if found, report := scanner.FindAll([]byte(text)); len(found) != 1 || !report.Complete() {
			t.Errorf("%s: found %d, %+v", name, len(found), report)
		}
	}
	for _, filler := range []string{"A", "00", "0f", "deadbeef", "AAAAAAAAAAAAAAAB"} {
		if _, report := scanner.FindAll([]byte(strings.Repeat(filler, 200))); report.Decoded > 0 || !report.Complete() {
			t.Errorf("%s, repeated: %+v", filler, report)
		}
	}
	rng := rand.New(rand.NewPCG(13, 14))
	for range 5000 {
		noise := make([]byte, 66+rng.IntN(300))
		for i := range noise {
			noise[i] = byte(rng.Uint32())
		}
		if _, report := scanner.FindAll([]byte(hex.EncodeToString(noise))); !report.Complete() {
			t.Fatalf("%x: %+v", noise, report)
		}
	}
}
