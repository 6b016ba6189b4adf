package scan

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"path"

	"go.cordon.dev/cordon/detect/pdf"
	"go.cordon.dev/cordon/internal/scan/document"
)

const (
	// residentPDF is the largest PDF that is taken apart, in memory. A larger one
	// is scanned as it stands, and told.
	residentPDF = 64 << 20
	// maxManifest is how much of the list of an OpenDocument is read.
	maxManifest = 4 << 20
)

// pdf scans the parts of a PDF as the members of an archive, and then whatever is
// in it besides.
func (w *worker) pdf(t target, all io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(all, residentPDF+1))
	t.out.file()
	switch {
	case err != nil:
		w.resident(t, data)
		return err
	case len(data) > residentPDF:
		w.stream(t, io.MultiReader(bytes.NewReader(data), all))
		return fmt.Errorf("it has more than %d bytes, and was scanned without being taken apart", residentPDF)
	}
	file, err := pdf.Open(data)
	if err != nil {
		w.resident(t, data)
		return err
	}
	for part := range file.Parts(t.bounded) {
		switch {
		case t.out.over():
			return nil
		case *t.left <= 0:
			return errBudget
		}
		w.part(t.inner(part.Name), part)
	}
	w.resident(t, file.Rest())
	return nil
}

// part scans a part of a PDF. A stream may be a file of any kind.
func (w *worker) part(t target, p pdf.Part) {
	switch {
	case p.Reader == nil:
	case p.Plain:
		t.out.file()
		w.stream(t, p.Reader)
	default:
		w.content(t, -1, p.Reader)
	}
	if p.Err != nil {
		t.out.skip(t.name, p.Err.Error())
	}
}

// rtf scans the text of a document, and then the rest of it.
func (w *worker) rtf(t target, head []byte, whole bool, rest io.Reader) {
	t.out.file()
	head = bytes.Clone(head)
	all := io.MultiReader(bytes.NewReader(head), rest)
	at, size, err := seekable(head, whole, all, rest)
	if err != nil {
		t.out.skip(t.name, "rtf: "+err.Error())
		w.stream(t, all)
		return
	}
	w.stream(t, document.Text(document.RTF, io.NewSectionReader(at, 0, size)))
	w.stream(t, document.Rest(document.RTF, io.NewSectionReader(at, 0, size)))
}

// office scans a member of an office package: its text, and then the rest of it.
// It is unpacked a second time, as far as the first time came, rather than kept.
func (w *worker) office(t target, f *zip.File) {
	t.out.file()
	before := *t.left
	if !w.unzip(t, f, func(r io.Reader) io.Reader { return document.Text(document.XML, t.bounded(r)) }) {
		return
	}
	read := before - *t.left
	w.unzip(t, f, func(r io.Reader) io.Reader { return document.Rest(document.XML, io.LimitReader(r, read)) })
}

// unzip scans a way to read a member of a zip. It says whether there was any.
func (w *worker) unzip(t target, f *zip.File, view func(io.Reader) io.Reader) bool {
	r, err := f.Open()
	if err != nil {
		t.out.skip(t.name, err.Error())
		return false
	}
	defer func() { _ = r.Close() }()
	w.stream(t, view(r))
	return true
}

// officePackage says whether a zip is one of Office Open XML (ECMA-376, part 2,
// 7.2.3) or of OpenDocument (part 2, 3.3).
func officePackage(z *zip.Reader) bool {
	for _, f := range z.File {
		if f.Name == "[Content_Types].xml" || f.Name == "META-INF/manifest.xml" {
			return true
		}
	}
	return false
}

// cutUp says of a member of an office package that it may hold text in runs.
func cutUp(name string) bool { return path.Ext(name) == ".xml" }

// encrypted lists the members that an OpenDocument's manifest says are (part 2,
// 4.4): a zip knows nothing of that.
func encrypted(z *zip.Reader) map[string]bool {
	var manifest struct {
		Entries []struct {
			Path string    `xml:"full-path,attr"`
			Data *struct{} `xml:"encryption-data"`
		} `xml:"file-entry"`
	}
	for _, f := range z.File {
		if f.Name != "META-INF/manifest.xml" {
			continue
		}
		if r, err := f.Open(); err == nil {
			_ = xml.NewDecoder(io.LimitReader(r, maxManifest)).Decode(&manifest)
			_ = r.Close()
		}
		break
	}
	out := map[string]bool{}
	for _, e := range manifest.Entries {
		if e.Data != nil {
			out[e.Path] = true
		}
	}
	return out
}

// encryptedPackage is the stream that holds an encrypted office package
// ([MS-OFFCRYPTO] 2.3.4.1), as the directory of a compound file writes names.
const encryptedPackage = "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"

// compound scans a compound file, in which old office programs wrote, as it
// stands, and tells when it is the cover of an encrypted one.
func (w *worker) compound(t target, all io.Reader) {
	t.out.file()
	spot := &spotter{r: all, want: []byte(encryptedPackage)}
	w.stream(t, spot)
	if spot.found {
		t.out.skip(t.name, "it is encrypted")
	}
}

// spotter notes whether something stands in what is read through it.
type spotter struct {
	r     io.Reader
	want  []byte
	tail  []byte
	found bool
}

func (s *spotter) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if n > 0 && !s.found {
		edge := append(s.tail, p[:min(n, len(s.want))]...)
		s.found = bytes.Contains(p[:n], s.want) || bytes.Contains(edge, s.want)
		s.keep(p[:n])
	}
	return n, err
}

// keep remembers what may be the beginning of what is looked for.
func (s *spotter) keep(b []byte) {
	s.tail = append(s.tail, b[max(0, len(b)-len(s.want)):]...)
	s.tail = s.tail[max(0, len(s.tail)-len(s.want)):]
}
