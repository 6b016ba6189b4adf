package detect

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// pdfObjects is a PDF of these objects, numbered from 1 on, whose root is the first.
func pdfObjects(trailer string, objects ...string) string {
	out := "%PDF-1.7\n"
	for i, o := range objects {
		out += fmt.Sprintf("%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	return out + "trailer << /Root 1 0 R " + trailer + ">>\nstartxref\n9\n%%EOF\n"
}

func pdfStream(entries, data string) string {
	return fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", entries, len(data), data)
}

// pdfPage is a PDF of one page with these contents and more objects, from 6 on.
func pdfPage(font, contents string, more ...string) string {
	return pdfObjects("", append([]string{
		"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		pdfStream("/Filter /FlateDecode", deflatedZlib(contents)), font,
	}, more...)...)
}

func deflatedZlib(text string) string { return string(zlibbed([]byte(text))) }

const (
	pdfCourier  = "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>"
	pdfGlyphs   = "<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /ToUnicode 6 0 R >>"
	pdfNoGlyphs = "<< /Type /Font /Subtype /Type0 /Encoding /Identity-H >>"
)

// glyphs writes a text as numbers of glyphs that a table turns into characters.
func glyphs(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&b, "%04x", 0x100+int(c))
	}
	return b.String()
}

// pdfForms are the ways in which a PDF says a text.
func pdfForms(text string) map[string]string {
	half := len(text) / 2
	wide := hex.EncodeToString([]byte("\xfe\xff" + wideOf(text, true)))
	index := "7 0 "
	return map[string]string{
		"a page":               pdfPage(pdfCourier, "BT /F1 9 Tf (words "+text+" words) Tj ET"),
		"pieces of a word":     pdfPage(pdfCourier, "BT /F1 9 Tf [("+text[:half]+")-15("+text[half:]+")] TJ ET"),
		"hexadecimal":          pdfPage(pdfCourier, "BT /F1 9 Tf <"+hex.EncodeToString([]byte(text))+"> Tj ET"),
		"numbers of glyphs":    pdfPage(pdfGlyphs, "BT /F1 9 Tf <"+glyphs(text)+"> Tj ET", pdfStream("", "1 begincodespacerange <0000> <ffff> endcodespacerange 1 beginbfrange <0100> <01ff> <0000> endbfrange")),
		"UTF-16 in an object":  pdfPage(pdfCourier, "", "<< /Title <"+wide+"> >>"),
		"a stream of objects":  pdfPage(pdfCourier, "", pdfStream(fmt.Sprintf("/Type /ObjStm /N 1 /First %d /Filter /FlateDecode", len(index)), deflatedZlib(index+"<< /V ("+text+") >>"))),
		"an attachment":        pdfPage(pdfCourier, "", pdfStream("/Type /EmbeddedFile /Filter /FlateDecode", deflatedZlib("notes\n"+text+"\n"))),
		"an attachment, twice": pdfPage(pdfCourier, "", pdfStream("/Type /EmbeddedFile /Filter [/ASCIIHexDecode /FlateDecode]", hex.EncodeToString([]byte(deflatedZlib("notes\n"+text+"\n")))+">")),
		"a page, in plain":     pdfObjects("", pdfStream("", "BT ("+text+") Tj ET")),
		"text, called picture": pdfPage(pdfCourier, "", pdfStream("/Type /XObject /Subtype /Image /Filter /FlateDecode", deflatedZlib("some text that is no picture: "+text))),
	}
}

func TestAPDFIsRead(t *testing.T) {
	scanner, secret := acme(t)
	b64 := base64.StdEncoding.EncodeToString
	for form, file := range pdfForms(secret) {
		for way, text := range map[string]string{
			"alone":           file,
			"in gzip":         string(gzipped([]byte(file))),
			"in base64":       `{"name":"a.pdf","data":"` + b64([]byte(file)) + `"}`,
			"in a part":       "--x\r\nContent-Type: application/pdf\r\n\r\n" + file + "\r\n--x--\r\n",
			"behind another":  pdfPage(pdfCourier, "BT (nothing) Tj ET") + file,
			"before another":  file + pdfPage(pdfCourier, "BT (nothing) Tj ET"),
			"stored in a zip": storedZIP(t, "a.pdf", file),
		} {
			found, report := scanner.FindAll([]byte(text))
			if len(found) == 0 || string(found[0].Secret.Reveal()) != secret || !report.Complete() {
				t.Errorf("%s, %s: found %v, %+v", form, way, found, report)
			}
		}
	}
}

func storedZIP(t *testing.T, name, text string) string {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err == nil {
		_, err = w.Write([]byte(text))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// What a PDF says in plain text as well is one finding.
func TestAPDFRepeatsNothing(t *testing.T) {
	scanner, secret := acme(t)
	file := pdfObjects("", pdfStream("", "BT ("+secret+") Tj ET"))
	found, _ := scanner.FindAll([]byte(file))
	if len(found) != 1 || found[0].Start != int64(strings.Index(file, secret)) {
		t.Errorf("found %v", found)
	}
}

// What follows a picture of some MiB is read as well, also what the picture cuts off from
// the head of the file.
func TestALongPDFIsRead(t *testing.T) {
	scanner, secret := acme(t)
	rng := rand.New(rand.NewPCG(5, 6))
	picture := make([]byte, 5<<19)
	for i := range picture {
		picture[i] = byte(rng.Uint32()) | 0x80
	}
	file := pdfPage(pdfGlyphs, "BT /F1 9 Tf <"+glyphs(secret)+"> Tj ET",
		pdfStream("", "<0000> <ffff> endcodespacerange <0100> <01ff> <0000> endbfrange"), pdfStream("/Subtype /Image /Filter /DCTDecode", string(picture)))
	late := pdfObjects("", pdfStream("/Subtype /Image /Filter /DCTDecode", string(picture)), pdfStream("/Filter /FlateDecode", deflatedZlib("BT ("+secret+") Tj ET")))
	for name, text := range map[string]string{"at its start": file, "at its end": late, "far in": strings.Repeat("a line\n", 300_000) + late} {
		if found, report := scanner.FindAll([]byte(text)); len(found) != 1 || !report.Complete() {
			t.Errorf("%s: found %v, %+v", name, found, report)
		}
	}
}

func TestAPDFThatCannotBeReadIsTold(t *testing.T) {
	scanner, _ := acme(t)
	whole := pdfPage(pdfCourier, "BT (words) Tj ET")
	for name, tt := range map[string]struct {
		file string
		want Reason
	}{
		"encrypted":                 {pdfObjects("/Encrypt 2 0 R", "<< /Type /Catalog >>", "<< /Filter /Standard >>"), ReasonDocument},
		"a table of its own":        {pdfObjects("", "<< /Type /Catalog >>", pdfStream("/Type /XRef /Root 1 0 R /Encrypt 9 0 R", "")), ReasonDocument},
		"glyphs that nobody knows":  {pdfPage(pdfNoGlyphs, "BT /F1 9 Tf <01020304050607080910111213> Tj ET"), ReasonDocument},
		"a filter that nobody has":  {pdfPage(pdfCourier, "", pdfStream("/Filter /OwnDecode", "x")), ReasonDocument},
		"cut off":                   {whole[:len(whole)-20], ReasonUndecodable},
		"a bomb":                    {pdfPage(pdfCourier, strings.Repeat("(a) Tj ", 4<<20)), ReasonBudget},
		"a bomb that is a table of": {pdfPage(pdfGlyphs, "BT /F1 9 Tf "+strings.Repeat("<0101> Tj ", 1000)+" ET", pdfStream("/Filter /FlateDecode", deflatedZlib("<0000> <ffff> endcodespacerange <0101> <"+strings.Repeat("0041", 30_000)+"> endbfchar"))), ReasonBudget},
	} {
		_, report := scanner.FindAll([]byte(tt.file))
		if report.Complete() || report.NotScanned[0].Reason != tt.want {
			t.Errorf("%s: %+v", name, report)
		}
	}
}

// Texts about PDF are none, and cost nothing.
func TestWhatIsNoPDF(t *testing.T) {
	scanner, _ := acme(t)
	for _, text := range []string{"%PDF-1.7 is how one begins", "100%PD %PDF- %PDF-1.4\nobj endobj 1 2" + " obj", strings.Repeat("%PDF-", 50_000)} {
		if _, report := scanner.FindAll([]byte(text)); !report.Complete() || report.Decoded > 0 {
			t.Errorf("%.60q: %+v", text, report)
		}
	}
}

// Many heads in one text do not multiply the work.
func TestManyPDFs(t *testing.T) {
	scanner, secret := acme(t)
	one := pdfPage(pdfCourier, "BT (words) Tj ET")
	many := strings.Repeat(one, 2000) + pdfPage(pdfCourier, "BT ("+secret+") Tj ET")
	found, report := scanner.FindAll([]byte(many))
	if len(found) == 0 || report.Decoded > 1<<20 {
		t.Errorf("found %d, %d bytes decoded", len(found), report.Decoded)
	}
}
