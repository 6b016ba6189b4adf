package scan

import (
	"compress/zlib"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf16"
)

// halves cuts a secret as a word processor does that marks a part of it.
func halves(secret string) (a, b string) { return secret[:9], secret[9:] }

const contentTypes = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`

// docxOf is a Word document with one paragraph of two runs.
func docxOf(t testing.TB, a, b string) string {
	return zipOf(t, member{"[Content_Types].xml", contentTypes}, member{"word/document.xml", wordXML(a, b)})
}

func wordXML(a, b string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><w:document><w:body><w:p w:rsidR="00B1"><w:r><w:t>Hello</w:t></w:r></w:p><w:p><w:r><w:t xml:space="preserve">token ` +
		a + `</w:t></w:r><w:proofErr w:type="spellStart"/><w:r><w:rPr><w:b/></w:rPr><w:t>` + b + `</w:t></w:r></w:p></w:body></w:document>`
}

func odtOf(t testing.TB, manifest, a, b string) string {
	return zipOf(t, member{"mimetype", "application/vnd.oasis.opendocument.text"}, member{"META-INF/manifest.xml", manifest},
		member{"content.xml", `<office:text><text:p>` + a + `<text:span text:style-name="T1">` + b + `</text:span></text:p></office:text>`})
}

// pdfOf is a PDF of one page that shows two strings beside each other, beside
// what else is in objects.
func pdfOf(a, b string, objects ...string) string {
	contents := "BT /F1 9 Tf 72 700 Td (first line) Tj 0 -12 Td [(token " + a + ")-15(" + b + ")] TJ ET"
	all := append([]string{
		"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>", streamOf("", contents),
	}, objects...)
	out := "%PDF-1.7\n"
	for i, o := range all {
		out += fmt.Sprintf("%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	return out + "trailer << /Root 1 0 R >>\n%%EOF\n"
}

func streamOf(entries, data string) string {
	return fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", entries, len(data), data)
}

func zlibText(t testing.TB, text string) string {
	t.Helper()
	var b strings.Builder
	w := zlib.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSecretsInDocuments(t *testing.T) {
	secret := token(t, "documents")
	a, b := halves(secret)
	leak := "token=" + secret + "\n"
	wide := ""
	for _, u := range utf16.Encode([]rune(secret)) {
		wide += fmt.Sprintf(`\u%d?`, u)
	}
	filler := strings.Repeat("<w:p><w:r><w:t>nothing to see in this paragraph</w:t></w:r></w:p>", 20_000)
	for name, tt := range map[string]struct{ data, want string }{
		"two runs":                 {docxOf(t, a, b), "x!word/document.xml:4:7"},
		"one run":                  {docxOf(t, secret, ""), "x!word/document.xml:4:7"},
		"after a long text":        {zipOf(t, member{"[Content_Types].xml", contentTypes}, member{"word/document.xml", filler + wordXML(a, b)}), "x!word/document.xml:40004:7"},
		"a link of a document":     {zipOf(t, member{"[Content_Types].xml", contentTypes}, member{"word/_rels/document.xml.rels", `<Relationship Target="http://h/?token=` + secret + `"/>`}), "x!word/_rels/document.xml.rels:1:39"},
		"an attribute":             {zipOf(t, member{"[Content_Types].xml", contentTypes}, member{"xl/connections.xml", `<connection connection="token=` + secret + `"/>`}), "x!xl/connections.xml:1:31"},
		"a property":               {zipOf(t, member{"[Content_Types].xml", contentTypes}, member{"docProps/custom.xml", "<p:v>\n<lpwstr>" + secret + "</lpwstr></p:v>"}), "x!docProps/custom.xml:2:9"},
		"shared strings":           {zipOf(t, member{"[Content_Types].xml", contentTypes}, member{"xl/sharedStrings.xml", "<sst><si><r><t>" + a + "</t></r><r><t>" + b + "</t></r></si></sst>"}), "x!xl/sharedStrings.xml:2:1"},
		"a slide":                  {zipOf(t, member{"[Content_Types].xml", contentTypes}, member{"ppt/slides/slide1.xml", "<a:p><a:r><a:t>" + a + "</a:t></a:r><a:r><a:t>" + b + "</a:t></a:r></a:p>"}), "x!ppt/slides/slide1.xml:2:1"},
		"OpenDocument":             {odtOf(t, "<manifest/>", a, b), "x!content.xml:2:1"},
		"a document in a document": {zipOf(t, member{"[Content_Types].xml", contentTypes}, member{"word/embeddings/a.docx", docxOf(t, a, b)}), "x!word/embeddings/a.docx!word/document.xml:4:7"},
		"rich text":                {`{\rtf1\ansi{\fonttbl{\f0 Arial;}}Hello\par token ` + a + `{\b ` + b + `}\par}`, "x:2:7"},
		"rich text in Unicode":     {`{\rtf1\ansi token ` + wide + `}`, "x:1:7"},
		"rich text's properties":   {`{\rtf1\ansi{\info{\title token=` + secret + `}}Hello}`, "x:1:32"},
		"a page":                   {pdfOf(a, b), "x!page-1:2:7"},
		"a page in a zip":          {zipOf(t, member{"a.pdf", pdfOf(a, b)}), "x!a.pdf!page-1:2:7"},
		"a link of a page":         {pdfOf("", "", "<< /A << /URI (http://h/?token="+secret+") >> >>"), "x!strings:1:22"},
		"an attachment":            {pdfOf("", "", streamOf("/Type /EmbeddedFile", leak)), "x!object-5:1:7"},
		"an attached archive":      {pdfOf("", "", streamOf("/Type /EmbeddedFile", zipOf(t, member{"a.txt", leak}))), "x!object-5!a.txt:1:7"},
		"behind a PDF":             {pdfOf("", "") + leak, "x:19:7"},
		"an old word processor":    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 512) + leak, "x:1:527"},
		"begins like a PDF":        {"%PDF-1.4 but goes on\n" + leak, "x:2:7"},
		"begins like rich text":    {"{\\rtf1 but goes on\n" + leak, "x:1:18"},
	} {
		t.Run(name, func(t *testing.T) {
			out, _ := scanAll(t, Options{}, Stream{"x", strings.NewReader(tt.data)})
			if got := out.places(); got != tt.want {
				t.Errorf("found at %q, want %q; not scanned: %s", got, tt.want, out.reasons())
			}
		})
	}
}

// places lists where findings are.
func (r *recorder) places() string {
	var all []string
	for _, f := range r.found {
		all = append(all, fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column))
	}
	return strings.Join(all, " ")
}

func TestDocumentsThatCannotBeReadAreTold(t *testing.T) {
	secret := token(t, "closed documents")
	a, b := halves(secret)
	broken := []byte(docxOf(t, a, b+strings.Repeat("0123456789abcdef", 4000)))
	at := strings.Index(string(broken), "word/document.xml") + 60
	copy(broken[at:], strings.Repeat("\xff", 40))
	manifest := `<manifest:manifest><manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry></manifest:manifest>`
	for name, tt := range map[string]struct{ data, why string }{
		"an encrypted PDF":             {strings.Replace(pdfOf(a, b), "/Root", "/Encrypt 9 0 R /Root", 1), "x: pdf: it is encrypted"},
		"an encrypted OpenDocument":    {odtOf(t, manifest, a, b), "x!content.xml: it is encrypted"},
		"an encrypted office document": {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 5000) + encryptedPackage, "x: it is encrypted"},
		"a broken office document":     {string(broken), "x!word/document.xml: flate: corrupt input"},
		"a stream of a PDF":            {pdfOf("", "", streamOf("/Filter /FlateDecode", "x")), "x!object-5: its compressed data does not begin as it should"},
		"a PDF without objects":        {"%PDF-1.4\n", "x: pdf: it holds no objects"},
	} {
		out, _ := scanAll(t, Options{}, Stream{"x", strings.NewReader(tt.data)})
		if got := out.reasons(); !strings.Contains(got, tt.why) {
			t.Errorf("%s: not scanned: %q, want %q", name, got, tt.why)
		}
	}
}

// The engine reads a PDF as it reads what is compressed, wherever that stands.
func TestDocumentsAreLeftClosedLikeArchives(t *testing.T) {
	a, b := halves(token(t, "left closed"))
	out, sum := scanAll(t, Options{NoArchives: true}, Stream{"x", strings.NewReader(pdfOf(a, b))})
	if got := out.places(); got != "x:1:1" || sum.Files != 1 || sum.NotScanned != 0 {
		t.Errorf("pdf: found at %q, summary %+v", got, sum)
	}
	for name, data := range map[string]string{"docx": docxOf(t, a, b), "rtf": `{\rtf1 ` + a + `{\b ` + b + `}}`} {
		out, sum := scanAll(t, Options{NoArchives: true}, Stream{"x", strings.NewReader(data)})
		if len(out.found) != 0 || sum.Files != 1 || sum.NotScanned != 0 {
			t.Errorf("%s: found at %q, summary %+v", name, out.places(), sum)
		}
	}
}

func TestADocumentIsOneFile(t *testing.T) {
	for name, tt := range map[string]struct {
		data  string
		files int
	}{
		"docx": {docxOf(t, "a", "b"), 2}, "rtf": {`{\rtf1 a}`, 1}, "pdf": {pdfOf("a", "b"), 3}, // the page, the strings, the file
	} {
		if _, sum := scanAll(t, Options{}, Stream{"x", strings.NewReader(tt.data)}); sum.Files != tt.files {
			t.Errorf("%s: %d files, want %d", name, sum.Files, tt.files)
		}
	}
}
