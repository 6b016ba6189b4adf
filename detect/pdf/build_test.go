package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"strings"
	"testing"
)

// builder writes a PDF with its table, as programs do.
type builder struct {
	out   bytes.Buffer
	at    map[int]int
	extra string // of the trailer
}

func newBuilder() *builder {
	b := &builder{at: map[int]int{}}
	b.out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	return b
}

func (b *builder) object(num int, text string) *builder {
	b.at[num] = b.out.Len()
	fmt.Fprintf(&b.out, "%d 0 obj\n%s\nendobj\n", num, text)
	return b
}

// stream adds a stream; entries are those of its dictionary beside the length.
func (b *builder) stream(num int, entries, data string) *builder {
	return b.object(num, fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", entries, len(data), data))
}

func (b *builder) bytes() []byte {
	xref := b.out.Len()
	fmt.Fprintf(&b.out, "xref\n0 1\n0000000000 65535 f \n")
	for num, at := range b.at {
		fmt.Fprintf(&b.out, "%d 1\n%010d 00000 n \n", num, at)
	}
	fmt.Fprintf(&b.out, "trailer\n<< /Size 99 /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n", b.extra, xref)
	return b.out.Bytes()
}

// onePage is a file of one page with these contents, stored as they are; font is
// the dictionary of its font F1.
func onePage(font, contents string) *builder {
	return newBuilder().
		object(1, "<< /Type /Catalog /Pages 2 0 R >>").
		object(2, "<< /Type /Pages /Kids [3 0 R] /Count 1 /Resources << /Font << /F1 5 0 R >> /XObject << /X 8 0 R >> >> >>").
		object(3, "<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>").
		stream(4, "", contents).
		object(5, font)
}

const courier = "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>"

// measured is a font whose capital letters are known to be 600 wide.
func measured() string {
	return "<< /Type /Font /Subtype /TrueType /FirstChar 32 /Widths [" + strings.Repeat("600 ", 95) + "] >>"
}

func zlibOf(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func unlimited(r io.Reader) io.Reader { return r }

// found is what a file held, by the names of its parts.
type found struct {
	parts map[string]string
	errs  map[string]string
	rest  string
}

// take reads a file to its end.
func take(t testing.TB, data []byte) found {
	t.Helper()
	f, err := Open(bytes.Clone(data))
	if err != nil {
		t.Fatal(err)
	}
	out := found{parts: map[string]string{}, errs: map[string]string{}}
	for p := range f.Parts(unlimited) {
		if p.Err != nil {
			out.errs[p.Name] = p.Err.Error()
		}
		if p.Reader == nil {
			continue
		}
		b, err := io.ReadAll(p.Reader)
		if err != nil {
			out.errs[p.Name] = err.Error()
		}
		out.parts[p.Name] += string(b)
	}
	out.rest = string(f.Rest())
	return out
}
