package api

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// packed keeps what a dashboard's files are when compressed, each made when it is first
// asked for: a build has a few dozen files, none of which changes. They hold no secret,
// so their compressed length tells nobody anything.
type packed struct{ files sync.Map } // name to []byte

// of is the compressed form of a file. A file that gets no smaller by it has none.
func (p *packed) of(name string, content []byte) []byte {
	if !packs(name) {
		return nil
	}
	if known, ok := p.files.Load(name); ok {
		return known.([]byte)
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil { // the level is one
		return nil
	}
	if _, err := w.Write(content); err != nil {
		return nil
	}
	if err := w.Close(); err != nil || b.Len() >= len(content) {
		return nil
	}
	p.files.Store(name, b.Bytes())
	return b.Bytes()
}

// packs reports whether a file is text; pictures and fonts are compressed already.
func packs(name string) bool {
	switch path.Ext(name) {
	case ".js", ".css", ".html", ".svg", ".json", ".map", ".webmanifest":
		return true
	}
	return false
}

// takesGzip reports whether a client wants gzip (RFC 9110, 12.5.3). Who names it with
// the weight 0 does not.
func takesGzip(r *http.Request) bool {
	for _, part := range strings.Split(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		_, number, given := strings.Cut(strings.ToLower(strings.ReplaceAll(weight, " ", "")), "q=")
		q, err := strconv.ParseFloat(number, 64)
		return !given || err == nil && q > 0
	}
	return false
}
