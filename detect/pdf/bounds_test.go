package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

var errLimit = errors.New("the limit")

// limiter lets so many decoded bytes through.
type limiter struct{ left int }

func (l *limiter) limit(r io.Reader) io.Reader { return &limited{r, l} }

type limited struct {
	r   io.Reader
	all *limiter
}

func (l *limited) Read(p []byte) (int, error) {
	if l.all.left <= 0 {
		return 0, errLimit
	}
	n, err := l.r.Read(p[:min(len(p), l.all.left)])
	l.all.left -= n
	return n, err
}

// Each of these would take hours, or all memory, if work were not bounded by the
// size of the file. The test is that it ends.
func TestHostileFilesEnd(t *testing.T) {
	const many = 1 << 16
	ranges := strings.Repeat("<0000> <ffff> <0041> ", 1000)
	forms := onePage(courier, "/X Do")
	for i := range 20 {
		forms.stream(8+i, fmt.Sprintf("/Subtype /Form /Resources << /XObject << /X %d 0 R >> >>", 9+i), strings.Repeat("/X Do ", 100))
	}
	var kids strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&kids, "%d 0 R ", 100+i)
	}
	tree := onePage(courier, "BT (AB) Tj ET")
	for i := range 2000 { // pages that share one large list
		tree.object(100+i, "<< /Type /Pages /Kids 99 0 R >>")
	}
	tree.object(99, "["+kids.String()+"]").object(3, "<< /Type /Pages /Kids 99 0 R >>")
	for name, data := range map[string][]byte{
		"strings that do not end":   []byte(strings.Repeat("1 0 obj (", many)),
		"dictionaries":              []byte(strings.Repeat("1 0 obj << /A ", many)),
		"arrays in arrays":          []byte("1 0 obj " + strings.Repeat("[", many) + " 2 0 obj 1"),
		"a long array":              []byte("1 0 obj [" + strings.Repeat("1 ", 2*maxItems) + "] endobj 2 0 obj 1"),
		"streams that do not end":   []byte(strings.Repeat("1 0 obj << >> stream\n", many)),
		"empty objects":             []byte(strings.Repeat("1 0 obj ", many)),
		"trailers":                  []byte("1 0 obj 1 endobj " + strings.Repeat("trailer << /A ", many)),
		"forms that draw forms":     forms.bytes(),
		"a tree that is a net":      tree.bytes(),
		"ranges that overlap":       onePage("<< /Subtype /Type0 /ToUnicode 6 0 R >>", "BT /F1 1 Tf <0000> Tj ET").stream(6, "", strings.Repeat(ranges+"endbfrange ", 100)).bytes(),
		"widths that overlap":       onePage("<< /Subtype /Type0 /DescendantFonts [ << /W ["+strings.Repeat("0 99999999 5 ", 1000)+"] >> ] >>", "BT /F1 1 Tf <0000> Tj ET").bytes(),
		"fonts within the contents": onePage("<< /Subtype /Type0 /ToUnicode 4 0 R >>", strings.Repeat("/F1 1 Tf ", many)).bytes(),
		"contents again and again":  onePage(courier, "BT (AB) Tj ET").object(3, "<< /Type /Page /Contents ["+strings.Repeat("4 0 R ", many)+"] >>").bytes(),
		"a filter of itself":        onePage(courier, "").stream(9, "/Filter 9 0 R /DecodeParms 9 0 R", "x").bytes(),
		"a bomb":                    onePage(courier, "").stream(4, "/Filter /FlateDecode", zlibOf(t, strings.Repeat("BT (AB) Tj ET ", 1<<20))).bytes(),
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Open(data)
			if err != nil {
				return // it was refused, with a reason
			}
			l, parts := &limiter{4 << 20}, 0
			for p := range f.Parts(l.limit) {
				parts++
				if p.Reader != nil {
					_, _ = io.Copy(io.Discard, p.Reader)
				}
			}
			if parts == 0 || len(f.Rest()) != len(data) {
				t.Errorf("%d parts, and a rest of %d of %d bytes", parts, len(f.Rest()), len(data))
			}
		})
	}
}

func TestTheLimitIsThatOfTheCaller(t *testing.T) {
	bomb := zlibOf(t, strings.Repeat("x", 8<<20))
	f, err := Open(onePage(courier, "").stream(4, "/Filter /FlateDecode", bomb).stream(9, "/Type /EmbeddedFile /Filter /FlateDecode", bomb).bytes())
	if err != nil {
		t.Fatal(err)
	}
	l := &limiter{5 << 20}
	told := map[string]error{}
	for p := range f.Parts(l.limit) {
		told[p.Name] = p.Err
		if p.Reader != nil {
			if _, err := io.Copy(io.Discard, p.Reader); err != nil {
				told[p.Name] = err
			}
		}
	}
	if !errors.Is(told["page-1"], errLimit) || !errors.Is(told["object-9"], errLimit) || l.left != 0 {
		t.Errorf("%v; %d bytes were left", told, l.left)
	}
}

// Fonts share what their tables may come to: a small file with many of them would
// fill the memory else.
func TestFontsAreBoundedTogether(t *testing.T) {
	const fonts = 40
	pdf := newBuilder().object(1, "<< /Type /Catalog /Pages 2 0 R >>").object(2, "<< /Kids [3 0 R] >>")
	names, contents := "", ""
	for i := range fonts {
		names += fmt.Sprintf("/F%d %d 0 R ", i, 10+i)
		contents += fmt.Sprintf("BT /F%d 1 Tf <0001> Tj ET ", i)
		pdf.object(10+i, "<< /Subtype /Type0 /ToUnicode 5 0 R >>")
	}
	data := pdf.object(3, "<< /Contents 4 0 R /Resources << /Font << "+names+">> >> >>").stream(4, "", contents).
		stream(5, "", "<0000> <ffff> <0041> endbfrange").bytes()
	f, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	var page Part
	for p := range f.Parts(unlimited) {
		if p.Name == "page-1" {
			page = p
		}
	}
	codes := 0
	for _, font := range f.fonts {
		codes += len(font.chars)
	}
	if codes > allCodes || len(f.fonts) != fonts || page.Err == nil || page.Err.Error() != errOpaque.Error() {
		t.Errorf("%d codes of %d fonts; told %v", codes, len(f.fonts), page.Err)
	}
}

func TestAPageThatIsTooLongIsTold(t *testing.T) {
	f, err := Open(onePage(courier, "").stream(4, "/Filter /FlateDecode", zlibOf(t, strings.Repeat(" ", residentStream+1))).bytes())
	if err != nil {
		t.Fatal(err)
	}
	for p := range f.Parts(unlimited) {
		if p.Name == "page-1" && (p.Err == nil || p.Err.Error() != errLarge.Error()) {
			t.Errorf("told %v", p.Err)
		}
	}
}

// Whatever the bytes are: it ends, what is decoded goes through the limit, and no
// byte outside of an object is lost.
func FuzzPDF(f *testing.F) {
	f.Add(onePage(courier, "BT /F1 1 Tf [(A)-9(B)] TJ T* <41> ' /X Do BI ID \x00 EI ET").stream(8, "/Subtype /Form", "(A) Tj").bytes())
	f.Add(onePage("<< /Subtype /Type0 /Encoding /Identity-H /ToUnicode 6 0 R /DescendantFonts [<< /W [1 [2] 3 4 5] >>] >>", "BT /F1 1 Tf <0001> Tj ET").
		stream(6, "", "1 begincodespacerange <00> <ff> endcodespacerange <01> <0041> endbfchar <02> <05> <0042> endbfrange").bytes())
	for _, e := range encoded(f, "some words, some words") {
		f.Add(onePage(measured(), "").stream(9, e[0], e[1]).bytes())
	}
	f.Add(newBuilder().stream(10, "/Type /ObjStm /N 1 /First 4", "1 0 << /Type /Page /Title (A) >>").bytes())
	f.Add([]byte("1 0 obj <</Length 3>> stream\n%%% endstream trailer << /Root 1 0 R"))
	f.Fuzz(func(t *testing.T, data []byte) {
		kept := bytes.Clone(data)
		file, err := Open(data)
		if err != nil {
			if !bytes.Equal(data, kept) {
				t.Error("a file that is refused was changed")
			}
			return
		}
		l := &limiter{1 << 20}
		for p := range file.Parts(l.limit) {
			if p.Name == "" || p.Reader == nil && p.Err == nil {
				t.Errorf("a part with nothing in it: %+v", p)
			}
			if p.Reader != nil {
				_, _ = io.Copy(io.Discard, p.Reader)
			}
		}
		rest := file.Rest()
		for i := range kept {
			if rest[i] != kept[i] && rest[i] != ' ' {
				t.Fatalf("byte %d became %q", i, rest[i])
			}
		}
	})
}
