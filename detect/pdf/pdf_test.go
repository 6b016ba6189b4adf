package pdf

import (
	"bytes"
	"encoding/ascii85"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestTheTextOfAPage(t *testing.T) {
	for name, tt := range map[string]struct{ font, in, text string }{
		"a string":                        {courier, "BT /F1 12 Tf 72 700 Td (AB CD) Tj ET", "AB CD"},
		"kerning":                         {courier, "BT /F1 12 Tf [(A)-20(B)120(C)] TJ ET", "ABC"},
		"hexadecimal":                     {courier, "BT /F1 12 Tf <414 2 43> Tj ET", "ABC"},
		"escapes":                         {courier, `BT /F1 12 Tf (A\(\)\\\102\` + "\nC(x)) Tj ET", "A()\\BC(x)"},
		"lines":                           {courier, "BT /F1 12 Tf 14 TL 72 700 Td (A) Tj T* (B) Tj 0 -14 Td (C) Tj (D) ' 1 2 (E) \" ET", "A\nB\nC\nD\nE"},
		"a word in two places":            {measured(), "BT /F1 10 Tf 1 0 0 1 100 700 Tm (AB) Tj 1 0 0 1 112 700 Tm (CD) Tj ET", "ABCD"},
		"two words in two places":         {measured(), "BT /F1 10 Tf 1 0 0 1 100 700 Tm (AB) Tj 1 0 0 1 116 700 Tm (CD) Tj ET", "AB CD"},
		"words apart by kerning":          {measured(), "BT /F1 10 Tf [(AB)-333(CD)] TJ ET", "AB CD"},
		"runs of their own":               {measured(), "BT /F1 10 Tf 1 0 0 1 100 700 Tm (AB) Tj ET BT /F1 10 Tf 1 0 0 1 112 700 Tm (CD) Tj ET", "ABCD"},
		"a page that is turned":           {measured(), "0 1 -1 0 0 0 cm BT /F1 10 Tf 1 0 0 1 100 700 Tm (AB) Tj 12 0 Td (CD) Tj 0 -12 Td (EF) Tj ET", "ABCD\nEF"},
		"a second column":                 {measured(), "BT /F1 10 Tf 1 0 0 1 300 700 Tm (AB) Tj 1 0 0 1 100 700 Tm (CD) Tj ET", "AB\nCD"},
		"a superscript stays":             {measured(), "BT /F1 10 Tf (AB) Tj 3 Ts 12 2 Td (2) Tj ET", "AB2"},
		"spaced letters":                  {measured(), "BT /F1 10 Tf 5 Tc (AB) Tj (CD) Tj ET", "ABCD"},
		"saved and restored":              {measured(), "q 2 0 0 2 0 0 cm BT /F1 10 Tf (AB) Tj ET Q BT /F1 10 Tf 24 0 Td (CD) Tj ET", "ABCD"},
		"an inline image":                 {courier, "BI /W 2 ID \x00(EI\x00 EI BT /F1 1 Tf (A) Tj ET", "A"},
		"comments":                        {courier, "BT % (no) Tj\n/F1 1 Tf (A)Tj ET", "A"},
		"glyphs by name":                  {"<< /Subtype /Type1 /Encoding << /Differences [1 /A /one /underscore /uni0042 /fi] >> >>", "BT /F1 1 Tf (\x01\x02\x03\x04\x05) Tj ET", "A1_Bﬁ"},
		"Latin-1":                         {courier, "BT /F1 1 Tf (\xfc) Tj ET", "ü"},
		"a font that is not there":        {courier, "BT /F9 1 Tf (A) Tj ET", "A"},
		"what is broken is passed":        {courier, "BT /F1 1 Tf (A) Tj << /x >> ] ) (B) Tj [ (C) stream (D) Tj ET", "ABD"},
		"it ends within a string":         {courier, "BT /F1 1 Tf (A) Tj (B", "A"},
		"numbers that overflow":           {courier, "BT /F1 1e308 Tf 1e308 0 0 1e308 1e308 1e308 Tm (A) Tj -1e308 -1e308 Td (B) Tj ET", "AB"},
		"operators without what they ask": {courier, "Tm Td Tj TJ ' \" cm Tf Do Q Q BT (A) Tj ET", "A"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := take(t, onePage(tt.font, tt.in).bytes()).parts["page-1"]; got != tt.text {
				t.Errorf("%q, want %q", got, tt.text)
			}
		})
	}
}

func TestCodesOfFontsBecomeText(t *testing.T) {
	mapping := `/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange
		2 beginbfchar <0001> <0041> <0002> <D83DDE00> endbfchar
		2 beginbfrange <0010> <0012> <0061> <0020> <0021> [<0078> <0079007A>] endbfrange endcmap`
	font := "<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [7 0 R] /ToUnicode 6 0 R >>"
	contents := "BT /F1 10 Tf <000100020010001100120020> Tj 16 0 Td <0021> Tj ET"
	pdf := onePage(font, contents).
		stream(6, "/Filter /FlateDecode", zlibOf(t, mapping)).
		object(7, "<< /Type /Font /DW 500 /W [1 [100 100] 16 18 200] >>")
	out := take(t, pdf.bytes())
	if got := out.parts["page-1"]; got != "A😀abcx yz" || len(out.errs) > 0 {
		t.Errorf("%q, %v", got, out.errs)
	}
	utf16 := "<< /Type /Font /Subtype /Type0 /Encoding /UniGB-UTF16-H /DescendantFonts [] >>"
	if got := take(t, onePage(utf16, "BT /F1 10 Tf <00410042> Tj ET").bytes()).parts["page-1"]; got != "AB" {
		t.Errorf("UTF-16: %q", got)
	}
}

func TestAFontThatTellsNothingIsTold(t *testing.T) {
	for _, font := range []string{
		"<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [] >>",
		"<< /Type /Font /Subtype /Type3 /Encoding << /Differences [0 /g0 /g1 /c2 /a3] >> >>",
	} {
		if got := take(t, onePage(font, "BT /F1 1 Tf <00010203> Tj ET").bytes()).errs["page-1"]; got != errOpaque.Error() {
			t.Errorf("%s: %q", font, got)
		}
	}
}

// encoded are ways in which a stream can be written.
func encoded(t testing.TB, text string) map[string][2]string {
	var b85 bytes.Buffer
	w := ascii85.NewEncoder(&b85)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	rows := ""
	for i := 0; i < len(text); i += 10 { // PNG's filter "up", on rows of ten
		row := []byte(text[i:min(len(text), i+10)])
		for k := range row {
			if i >= 10 {
				row[k] -= text[i-10+k]
			}
		}
		rows += "\x02" + string(row)
	}
	left := []byte(text) // TIFF's differences, in rows of ten
	for i := len(left) - 1; i > 0; i-- {
		if i%10 > 0 {
			left[i] -= text[i-1]
		}
	}
	return map[string][2]string{
		"as it is":           {"", text},
		"deflated":           {"/Filter /FlateDecode", zlibOf(t, text)},
		"no checksum":        {"/Filter /FlateDecode", zlibOf(t, text)[:len(zlibOf(t, text))-4]},
		"hexadecimal":        {"/Filter /ASCIIHexDecode", hex.EncodeToString([]byte(text)) + ">"},
		"base 85":            {"/Filter /ASCII85Decode", b85.String() + "~>"},
		"base 85 with marks": {"/Filter [/A85]", "<~" + b85.String() + "~>"},
		"runs":               {"/Filter /RunLengthDecode", runsOf(text)},
		"LZW":                {"/Filter /LZWDecode", lzwOf(text, 1)},
		"LZW, late":          {"/Filter /LZWDecode /DecodeParms << /EarlyChange 0 >>", lzwOf(text, 0)},
		"two filters":        {"/Filter [/ASCIIHexDecode /FlateDecode]", hex.EncodeToString([]byte(zlibOf(t, text))) + ">"},
		"PNG's predictor":    {"/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 10 >>", zlibOf(t, rows)},
		"TIFF's predictor":   {"/Filter [/FlateDecode] /DecodeParms [<< /Predictor 2 /Columns 10 >>]", zlibOf(t, string(left))},
		"a picture's filter": {"/Filter /DCTDecode", text},
	}
}

func runsOf(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		n := min(len(text), 100)
		b.WriteByte(byte(n - 1))
		b.WriteString(text[:n])
		text = text[n:]
	}
	return b.String() + "\xfex\x80after the end"
}

// lzwOf encodes as 7.4.4 describes, with codes that grow early or not.
func lzwOf(text string, early int) string {
	var out []byte
	bits, have, width := uint64(0), uint(0), uint(9)
	put := func(code int) {
		bits, have = bits<<width|uint64(code), have+width
		for have >= 8 {
			have -= 8
			out = append(out, byte(bits>>have))
		}
	}
	table := map[string]int{}
	put(lzwClear)
	next, known := lzwEnd+1, ""
	codeOf := func(s string) int {
		if len(s) == 1 {
			return int(s[0])
		}
		return table[s]
	}
	for i := range len(text) {
		longer := known + text[i:i+1]
		if len(longer) == 1 || table[longer] > 0 {
			known = longer
			continue
		}
		put(codeOf(known))
		table[longer] = next
		next++
		known = text[i : i+1]
		if next+early-1 >= 1<<width && width < 12 {
			width++
		}
		if next == 4094 {
			put(lzwClear)
			table, next, width = map[string]int{}, lzwEnd+1, 9
		}
	}
	put(codeOf(known))
	put(lzwEnd)
	return string(append(out, byte(bits<<(8-have))))
}

func TestStreamsAreDecoded(t *testing.T) {
	text := strings.Repeat("some words, and some more, of this stream ", 500)
	for name, e := range encoded(t, text) {
		t.Run(name, func(t *testing.T) {
			out := take(t, onePage(courier, "").stream(9, "/Type /EmbeddedFile "+e[0], e[1]).bytes())
			got := strings.TrimSuffix(out.parts["object-9"], "xxx")
			if got != text || len(out.errs) > 0 {
				t.Errorf("%d bytes, want %d; %v", len(got), len(text), out.errs)
			}
		})
	}
}

func TestWhatCannotBeDecodedIsTold(t *testing.T) {
	whole := zlibOf(t, strings.Repeat("abcdefgh", 5000))
	for name, tt := range map[string]struct{ entries, data, why string }{
		"unknown":       {"/Filter /OwnDecode", "x", `filter "OwnDecode" is not known`},
		"encrypted":     {"/Filter /Crypt", "x", "encrypted"},
		"no zlib":       {"/Filter /FlateDecode", "xxxxxx", "does not begin"},
		"cut off":       {"/Filter /FlateDecode", whole[:len(whole)-12], "unexpected EOF"},
		"corrupt LZW":   {"/Filter /LZWDecode", "\x80\x3f\xff\xff", "LZW"},
		"bad base 85":   {"/Filter /A85", "abc\xff\xff\xff\xff", "ascii85"},
		"wide rows":     {"/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 900000 /Colors 60 >>", whole, "rows of 54000000 bytes"},
		"bits":          {"/Filter /FlateDecode /DecodeParms << /Predictor 2 /BitsPerComponent 4 >>", whole, "works on 4 bits"},
		"no columns":    {"/Filter /FlateDecode /DecodeParms << /Predictor 2 /Columns 0 >>", whole, "0 columns"},
		"many filters":  {"/Filter [" + strings.Repeat("/AHx ", 9) + "]", "x", "more than 8 filters"},
		"a run cut off": {"/Filter /RL", "\x09abc", "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			out := take(t, onePage(courier, "").stream(9, tt.entries, tt.data).bytes())
			if got := out.errs["object-9"]; !strings.Contains(got, tt.why) {
				t.Errorf("told %q, want %q", got, tt.why)
			}
		})
	}
}

func TestObjectsWithinStreams(t *testing.T) {
	objects := "<< /Type /Catalog /Pages 2 0 R >> << /Type /Page /Contents 4 0 R >> << /Title (AB) >>"
	second, third := strings.Index(objects, "<< /Type /Page /"), strings.Index(objects, "<< /Title")
	index := fmt.Sprintf("1 0 3 %d 9 %d ", second, third)
	pdf := newBuilder().
		stream(10, fmt.Sprintf("/Type /ObjStm /N 3 /First %d /Filter /FlateDecode", len(index)), zlibOf(t, index+objects)).
		object(2, "<< /Type /Pages /Kids [3 0 R] >>").
		stream(4, "", "BT (CD) Tj ET").
		bytes()
	out := take(t, pdf)
	if out.parts["page-1"] != "CD" || out.parts["strings"] != "Title: AB\n" || len(out.errs) > 0 {
		t.Errorf("%q, %v", out.parts, out.errs)
	}
}

func TestStringsOfObjects(t *testing.T) {
	pdf := onePage(courier, "").
		object(9, `<< /Title (Caf\351) /Subject <FEFF00410042D83DDE00> /A << /URI (http://x) >> /V [(one) (two)] /Name /no /S (a\r\n\053\53b\q) /T (`+"\xef\xbb\xbfü"+`) >>`).
		bytes()
	want := "URI: http://x\nS: a\r\n++bq\nSubject: AB😀\nT: ü\nTitle: Café\nV: one\nV: two\n"
	if got := take(t, pdf).parts["strings"]; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// An editor leaves in the file what it replaces.
func TestEarlierVersionsAreRead(t *testing.T) {
	first := onePage(courier, "BT /F1 1 Tf [(OL)-9(D)] TJ ET").object(9, "<< /Title (old) >>").bytes()
	second := newBuilder()
	second.out = *bytes.NewBuffer(bytes.Clone(first))
	second.stream(4, "", "BT /F1 1 Tf [(NE)-9(W)] TJ ET").object(9, "<< /Title (new) >>")
	out := take(t, second.bytes())
	if out.parts["page-1"] != "NEW" || out.parts["object-4"] != "OLD" || out.parts["strings"] != "Title: old\nTitle: new\n" {
		t.Errorf("%q", out.parts)
	}
}

func TestFormsAreReadWhereTheyAreDrawnAndOnce(t *testing.T) {
	pdf := onePage(courier, "BT (A) Tj ET /X Do /X Do BT (B) Tj ET").
		stream(8, "/Type /XObject /Subtype /Form /Resources << /XObject << /X 8 0 R >> >>", "BT (FORM) Tj ET /X Do").
		bytes()
	if out := take(t, pdf); strings.ReplaceAll(out.parts["page-1"], "\n", "") != "AFORMB" || out.parts["object-8"] != "" {
		t.Errorf("%q", out.parts)
	}
}

func TestTheRestHoldsWhatIsNoObject(t *testing.T) {
	pdf := append(onePage(courier, "BT (SHOWN) Tj ET").object(9, "(STRING)").bytes(), "AFTER the end; 7 0 obj << BROKEN"...)
	out := take(t, pdf)
	if len(out.rest) != len(pdf) || !strings.Contains(out.rest, "AFTER") || !strings.Contains(out.rest, "BROKEN") {
		t.Errorf("the rest is %q", out.rest)
	}
	if strings.Contains(out.rest, "SHOWN") || strings.Contains(out.rest, "STRING") {
		t.Errorf("the rest repeats what the parts hold: %q", out.rest)
	}
}

func TestWhatIsEncryptedIsRefused(t *testing.T) {
	b := onePage(courier, "BT (A) Tj ET")
	b.extra = "/Encrypt << /Filter /Standard /V 1 >>"
	_, inTrailer := Open(b.bytes())
	table := onePage(courier, "").stream(9, "/Type /XRef /Root 1 0 R /Encrypt 10 0 R", "").bytes()
	_, inStream := Open(table)
	b = onePage(courier, "")
	b.extra = "/Encrypt null"
	_, not := Open(b.bytes())
	if !errors.Is(inTrailer, ErrEncrypted) || !errors.Is(inStream, ErrEncrypted) || not != nil {
		t.Errorf("%v, %v, %v", inTrailer, inStream, not)
	}
}

func TestBrokenFilesAreReadAsFarAsTheyGo(t *testing.T) {
	whole := string(onePage(courier, "BT (AB) Tj ET").bytes())
	for name, data := range map[string]string{
		"no table":          whole[:strings.Index(whole, "xref")],
		"no end":            whole[:strings.Index(whole, "/BaseFont")],
		"wrong length":      strings.Replace(whole, "/Length 13", "/Length 99", 1),
		"length elsewhere":  strings.Replace(whole, "/Length 13", "/Length 77 0 R", 1),
		"no root":           strings.Replace(whole, "/Root 1 0 R", "", 1),
		"junk between":      strings.ReplaceAll(whole, "endobj", "endobj\n((( << [ obj 12 obj 1 2 3 obj /"),
		"pages in a circle": strings.Replace(whole, "/Kids [3 0 R]", "/Kids [2 0 R 3 0 R 3 0 R 1 0 R 99 0 R]", 1),
		"carriage returns":  strings.ReplaceAll(whole, "\n", "\r"),
	} {
		if got := take(t, []byte(data)).parts["page-1"]; got != "AB" {
			t.Errorf("%s: %q", name, got)
		}
	}
	for name, data := range map[string]string{"empty": "", "only a head": "%PDF-1.4\n", "prose": "%PDF-1.4 is how an object begins"} {
		if _, err := Open([]byte(data)); !errors.Is(err, ErrNone) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
