package dlp_test

import (
	"fmt"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/egress/dlp"
)

// What is compressed is looked at to its end, however long it is, or told.
func TestLongCompressedBodies(t *testing.T) {
	packed := gzipped(t, noise(4_000_000)+" "+token(t)+"\n")
	for name, body := range map[string]string{"by itself": packed, "in a form": upload(t, packed)} {
		var dst sink
		var j judge
		_ = send(inspector(t, dlp.Limits{}).Stream(&dst, dlp.Body{Judge: j.refuse}), []byte(body), 64<<10)
		if rules := j.rules(); len(rules) != 1 || dst.Len() > 1000 {
			t.Errorf("%s of %d bytes: told %v, %d bytes passed", name, len(body), j.told, dst.Len())
		}
	}
}

// shortPDF is a PDF; a later version of it is what an editor appends.
const (
	shortPDF = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
	laterPDF = "4 0 obj\n<< >>\nstream\nBT [SHOWN] TJ ET\nendstream\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
)

// A document may go on behind its end, as editors change it: where a window ends there, the
// rest is not taken for something else.
func TestADocumentIsHeldToTheEndOfTheBody(t *testing.T) {
	shown := ""
	for _, c := range "see " + token(t) + " there" {
		shown += fmt.Sprintf("(%c)-15", c)
	}
	later := strings.Replace(laterPDF, "SHOWN", shown, 1)
	for name, body := range map[string]string{
		"by itself":     shortPDF + strings.Repeat("% a comment\n", 20_000) + "%%EOF\n" + later,
		"in a form":     upload(t, shortPDF+strings.Repeat("% a comment\n", 20_000)+"%%EOF\n"+later),
		"among others":  filler(100_000) + shortPDF + strings.Repeat("% a comment\n", 20_000) + "%%EOF\n" + later,
		"in one window": shortPDF + later,
	} {
		var dst sink
		var j judge
		_ = send(inspector(t, dlp.Limits{}).Stream(&dst, dlp.Body{Judge: j.refuse}), []byte(body), 1000)
		if rules := j.rules(); len(rules) != 1 || strings.Contains(dst.got(), "BT [") {
			t.Errorf("%s: told %v, %d of %d bytes passed", name, j.told, dst.Len(), len(body))
		}
	}
}

// A document whose text nobody can take out was not seen.
func TestADocumentThatIsNotRead(t *testing.T) {
	for name, body := range map[string]string{
		"encrypted": strings.Replace(shortPDF, "/Root", "/Encrypt 2 0 R /Root", 1),
		"too long":  shortPDF + strings.Repeat("% a comment\n", 10_000),
	} {
		var dst sink
		var j judge
		_ = send(inspector(t, dlp.Limits{Whole: 100_000}).Stream(&dst, dlp.Body{Judge: j.refuse}), []byte(body), 1000)
		if len(j.told) != 1 || j.told[0].Unseen == "" || dst.Len() > 0 {
			t.Errorf("%s: told %v, %d bytes passed", name, j.told, dst.Len())
		}
	}
}

// uuOf is a text as uuencode writes it.
func uuOf(text string) string {
	out := []byte("begin 644 -\n")
	digits := func(n int, of ...byte) {
		v := uint32(of[0])<<16 | uint32(of[1])<<8 | uint32(of[2])
		for i := range n {
			out = append(out, ' '+1+byte(v>>(18-6*i)+63)&63)
		}
	}
	for len(text) > 0 {
		n := min(len(text), 45)
		line := text[:n] + "\x00\x00"
		digits(1, byte(n<<2), 0, 0)
		for i := 0; i < n; i += 3 {
			digits(4, line[i], line[i+1], line[i+2])
		}
		out, text = append(out, '\n'), text[n:]
	}
	return string(out) + "`\nend\n"
}

// What uuencode wrote says nothing of itself but at its start: it is held to its end.
func TestUuencodedBodies(t *testing.T) {
	for name, body := range map[string]string{
		"short":     uuOf(token(t) + "\n"),
		"long":      uuOf(noise(400_000) + " " + token(t) + "\n"),
		"in a form": upload(t, uuOf(noise(400_000)+" "+token(t)+"\n")),
	} {
		var dst sink
		var j judge
		_ = send(inspector(t, dlp.Limits{}).Stream(&dst, dlp.Body{Judge: j.refuse}), []byte(body), 5000)
		if rules := j.rules(); len(rules) != 1 || dst.Len() > 1000 {
			t.Errorf("%s: told %v, %d of %d bytes passed", name, j.told, dst.Len(), len(body))
		}
	}
}
