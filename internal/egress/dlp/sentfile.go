package dlp

import (
	"slices"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/egress/dlp/files"
)

// sentFile is one that may not leave, and where it stands.
type sentFile struct {
	at   int64
	file File
}

// mostFiles bounds how many are noted of one text.
const mostFiles = 16

// noteFiles looks for files that may not leave.
func (s *search) noteFiles(t detect.Text) {
	if len(t.Bytes) == 0 {
		return
	}
	note := func(f File, at int) {
		at = min(at, len(t.Bytes)-1)
		from, _ := t.Span(at, at+1)
		known := slices.ContainsFunc(s.files, func(other sentFile) bool { return other.at == from && other.file.Kind == f.Kind })
		if len(s.files) < mostFiles && !known && s.keeps(f) {
			f.Where = s.where(s.base + from)
			s.files = append(s.files, sentFile{from, f})
		}
	}
	files.Names(t.Bytes, func(name string, at int) { note(File{Name: name}, at) })
	s.m.i.kinds.Kinds(t.Bytes, func(k files.Kind, at int) { note(File{Kind: k.Name, As: k.As}, at) })
}
