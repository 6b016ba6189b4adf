package document

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func read(t testing.TB, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTheTextOfAnXMLPart(t *testing.T) {
	for name, tt := range map[string]struct{ in, text string }{
		"runs are one text":            {`<w:p><w:r><w:t>AB</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>CD</w:t></w:r></w:p>`, "ABCD"},
		"a paragraph is a line":        {`<w:p><w:t>one</w:t></w:p><w:p><w:t>two</w:t></w:p>`, "one\n\ntwo"},
		"slides":                       {`<a:p><a:r><a:rPr lang="en"/><a:t>AB</a:t></a:r><a:r><a:t>CD</a:t></a:r></a:p>`, "ABCD"},
		"OpenDocument":                 {`<office:text><text:p>A<text:span text:style-name="T1">B</text:span>C<text:s/>D</text:p></office:text>`, "ABC D"},
		"shared strings of sheets":     {`<sst><si><r><t>AB</t></r><r><t>CD</t></r></si><si><t>next</t></si></sst>`, "ABCD\n\nnext"},
		"a comment of a sheet":         {`<comment><text><r><t>AB</t></r><r><t>CD</t></r></text></comment>`, "ABCD"},
		"another prefix":               {`<ns0:p><ns0:t>AB</ns0:t><ns0:t>CD</ns0:t></ns0:p>`, "ABCD"},
		"line ends and tabs":           {`<w:p><w:t>a</w:t><w:br/><w:t>b</w:t><w:tab/><w:t>c</w:t></w:p>`, "a\nb\tc"},
		"a hyphen that does not break": {`<w:p><w:t>sk</w:t><w:noBreakHyphen/><w:t>x</w:t></w:p>`, "sk-x"},
		"character references":         {`<w:p><w:t>a&amp;b&#x41;&#66;&lt;</w:t></w:p>`, "a&bAB<"},
		"sections":                     {`<w:p><![CDATA[a<b]]></w:p>`, "a<b"},
		"indentation is no text":       {"<w:p>\n  <w:r>\n    <w:t>AB</w:t>\n  </w:r>\n  <w:t>CD</w:t>\n</w:p>", "ABCD"},
		"an empty paragraph":           {`<w:p/><property>x</property>`, ""},
		"text outside of paragraphs":   {`<Properties><name>user</name><value>x</value></Properties>`, ""},
		"a > in an attribute":          {`<w:p w:x="a>b"><w:t y='>'>AB</w:t></w:p>`, "AB"},
		"nothing is closed":            {`<w:p><w:t>AB`, "AB"},
		"a tag that does not end":      {`<w:p><w:t>AB</w:t`, "AB"},
		"UTF-16 is not taken apart":    {"\xff\xfe<\x00p\x00>\x00a\x00", ""},
	} {
		if got := strings.TrimSpace(read(t, Text(XML, strings.NewReader(tt.in)))); got != tt.text {
			t.Errorf("%s: %q, want %q", name, got, tt.text)
		}
	}
}

func TestTheTextOfRTF(t *testing.T) {
	for name, tt := range map[string]struct{ in, text string }{
		"words between control words":   {`{\rtf1\ansi AB{\b CD}\par next}`, "ABCD\nnext"},
		"line ends of the file":         {"{\\rtf1 AB\r\nCD}", "ABCD"},
		"bytes of the code page":        {`{\rtf1 a\'42\'63\'fc}`, "aBcü"},
		"Unicode, with its stand-in":    {`{\rtf1 a\u66?c\u-10179?\u-8704?}`, "aBc😀"},
		"several stand-ins":             {`{\rtf1\uc2 a\u66 \'42?c{\uc0 \u67 D}E}`, "aBcCDE"},
		"characters that are marks":     {`{\rtf1 a\{b\}c\\d\_e\~f}`, `a{b}c\d-e f`},
		"fonts and styles are no text":  {`{\rtf1{\fonttbl{\f0 Arial;}}{\stylesheet{\s1 Name;}}AB}`, "AB"},
		"destinations for new readers":  {`{\rtf1{\*\generator Word;}{\*\unknown{\b x}y}AB}`, "AB"},
		"a field shows its result":      {`{\rtf1{\field{\*\fldinst HYPERLINK "x"}{\fldrslt AB}}}`, "AB"},
		"a picture":                     {`{\rtf1{\pict\wmetafile8 0102}AB}`, "AB"},
		"binary data with braces":       {"{\\rtf1{\\pict\\bin3 }}}}AB}", "AB"},
		"a star in the middle":          {`{\rtf1{a\*b}}`, "ab"},
		"tables":                        {`{\rtf1 a\cell b\row c}`, "a\tb\nc"},
		"more groups are closed":        {`{\rtf1 a}}}}b`, "ab"},
		"it ends in a control word":     {`{\rtf1 a\`, "a"},
		"it ends in a hexadecimal byte": {`{\rtf1 a\'4`, "a"},
	} {
		if got := strings.TrimSpace(read(t, Text(RTF, strings.NewReader(tt.in)))); got != tt.text {
			t.Errorf("%s: %q, want %q", name, got, tt.text)
		}
	}
}

// What is not read as text is read as it stands, at its place.
func TestTheRestStandsWhereItStood(t *testing.T) {
	for _, tt := range []struct {
		format   Format
		in, rest string
	}{
		{XML, `<w:p w:id="7"><w:t>AB&amp;C</w:t></w:p>` + "\n<v>D</v><!--E-->", `<w:p w:id="7"><w:t>        </w:t></w:p>` + "\n<v>D</v><!--E-->"},
		{XML, "\xff\xfe<\x00p\x00>\x00a\x00", "\xff\xfe<\x00p\x00>\x00a\x00"},
		{XML, "no XML at all", "no XML at all"},
		{RTF, `{\rtf1{\info{\title T}}A\'42C\par D}`, `{\rtf1{\info{\title T}}      \par  }`},
	} {
		if got := read(t, Rest(tt.format, strings.NewReader(tt.in))); got != tt.rest {
			t.Errorf("the rest of %q is\n%q, want\n%q", tt.in, got, tt.rest)
		}
	}
}

// Whatever is larger than what is looked at at once is cut, and not lost.
func TestLongDocuments(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", windowSize/8)
	for name, tt := range map[string]struct {
		format   Format
		in, text string
	}{
		"a run":             {XML, "<w:p><w:t>" + long + "</w:t><w:t>END</w:t></w:p>", long + "END"},
		"a tag":             {XML, "<w:p><w:t x='" + long + "'>AB</w:t></w:p>", "AB"},
		"a comment":         {XML, "<w:p>A<!--" + long + "-->B</w:p>", "AB"},
		"a name":            {XML, "<w:p>A<" + long + ">B</w:p>", "AB"},
		"many references":   {XML, "<w:p>" + strings.Repeat("&amp;", windowSize) + "</w:p>", strings.Repeat("&", windowSize)},
		"a word of RTF":     {RTF, `{\rtf1 A{\` + strings.Repeat("x", 50) + ` B}}`, "AB"},
		"deep groups":       {RTF, `{\rtf1 A` + strings.Repeat("{", 5*maxGroups) + strings.Repeat("}", 5*maxGroups) + "B}", "AB"},
		"deep paragraphs":   {XML, strings.Repeat("<p>", windowSize) + "A" + strings.Repeat("</p>", windowSize), "A"},
		"a run of RTF":      {RTF, `{\rtf1 ` + long + `}`, long},
		"binary data":       {RTF, `{\rtf1 A{\pict\bin` + "200000 " + strings.Repeat("}", 200000) + `}B}`, "AB"},
		"a section":         {XML, "<p><![CDATA[" + long + "]]>END</p>", long + "END"},
		"an unclosed quote": {XML, "<p>A<b x='>" + long + "</b>B</p>", "A"},
	} {
		text := strings.TrimSpace(read(t, Text(tt.format, strings.NewReader(tt.in))))
		rest := read(t, Rest(tt.format, strings.NewReader(tt.in)))
		if text != tt.text || len(rest) != len(tt.in) {
			t.Errorf("%s: %d bytes of text, want %d; %d of %d of the rest", name, len(text), len(tt.text), len(rest), len(tt.in))
		}
	}
}

func TestAnErrorOfTheReaderIsTold(t *testing.T) {
	broken := errors.New("broken")
	for _, f := range []Format{XML, RTF} {
		for _, open := range []func(Format, io.Reader) io.Reader{Text, Rest} {
			in := io.MultiReader(strings.NewReader(`{\rtf1 <p>AB`), iotest.ErrReader(broken))
			got, err := io.ReadAll(open(f, in))
			if !errors.Is(err, broken) || len(got) == 0 {
				t.Errorf("format %d: read %q, then %v", f, got, err)
			}
		}
	}
}

// Each byte is looked at once: it is in the rest, or blank there because it is in
// the text. How the input comes in makes no difference.
func FuzzDocument(f *testing.F) {
	for _, s := range []string{
		`<w:p><w:r><w:t>AB</w:t></w:r><w:br/>&amp;<!--x--><![CDATA[y]]></w:p>`, "<?xml?><si>\n<t/>", `{\rtf1\ansi\uc1 a\u66?{\*\x y}\'41\bin2 {}\par}`, "{\\rtf1 \\u-10179\\'3f\\u-8704 ?", "\xff\xfe<\x00",
	} {
		f.Add(true, []byte(s))
		f.Add(false, []byte(s))
	}
	f.Fuzz(func(t *testing.T, isXML bool, in []byte) {
		format := RTF
		if isXML {
			format = XML
		}
		text, rest := read(t, Text(format, bytes.NewReader(in))), read(t, Rest(format, bytes.NewReader(in)))
		if slow := read(t, Text(format, iotest.OneByteReader(bytes.NewReader(in)))); slow != text {
			t.Errorf("byte by byte the text is %q, not %q", slow, text)
		}
		if len(rest) != len(in) {
			t.Fatalf("%d bytes have a rest of %d", len(in), len(rest))
		}
		blanks := 0
		for i := range in {
			if rest[i] == in[i] {
				continue
			}
			if blanks++; rest[i] != ' ' {
				t.Fatalf("byte %d is %q, was %q", i, rest[i], in[i])
			}
		}
		if len(text) > 4*len(in) {
			t.Errorf("%d bytes have a text of %d", len(in), len(text))
		}
	})
}
