package http

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// packs reports whether nginx compresses an answer: pages, for clients of
// HTTP/1.1 that take gzip and came through no proxy.
func packs(r *request, a answer) bool {
	if !r.http11() || a.kind != "text/html" || len(a.content) < 20 {
		return false
	}
	if a.status != 200 && a.status != forbidden && a.status != notFound {
		return false
	}
	_, proxied := r.find("Via")
	return !proxied && takesGzip(r.get("Accept-Encoding"))
}

// takesGzip reports whether an Accept-Encoding line allows gzip, as nginx reads
// it: the first gzip counts, and only a quality of zero speaks against it.
func takesGzip(accept string) bool {
	accept = strings.ToLower(accept)
	for from := 0; ; {
		at := strings.Index(accept[from:], "gzip")
		if at < 0 {
			return false
		}
		at += from
		if from = at + len("gzip"); at == 0 || accept[at-1] == ',' || accept[at-1] == ' ' {
			return wanted(accept[from:])
		}
	}
}

// wanted reads what follows the word gzip.
func wanted(rest string) bool {
	rest = strings.TrimLeft(rest, " ")
	if rest == "" || rest[0] == ',' {
		return true
	}
	if rest[0] != ';' {
		return false
	}
	if rest = strings.TrimLeft(rest[1:], " "); rest == "" {
		return true
	}
	value, ok := strings.CutPrefix(rest, "q=")
	if !ok || value == "" {
		return false
	}
	value, _, _ = strings.Cut(value, ",")
	return isQuality(strings.TrimRight(value, " "))
}

// isQuality reports whether s is a number above 0 and up to 1, of at most three
// decimals.
func isQuality(s string) bool {
	whole, decimals, _ := strings.Cut(s, ".")
	if len(decimals) > 3 || strings.Trim(decimals, "0123456789") != "" {
		return false
	}
	zeros := strings.Trim(decimals, "0") == ""
	return whole == "1" && zeros || whole == "0" && !zeros
}

// pack compresses an answer.
func (s *server) pack(a answer) answer {
	for i, h := range a.extra {
		if h.name == "ETag" {
			a.extra = slices.Clone(a.extra)
			a.extra[i].value = "W/" + h.value
		}
	}
	zipped, ok := s.packed[string(a.content)]
	if !ok {
		zipped = zip(a.content)
	}
	a.content, a.packed = zipped, true
	a.extra = append(a.extra, header{"Content-Encoding", "gzip"})
	return a
}

// packed are the pages that every nginx has, as its zlib compresses them: Go's
// comes to other bytes.
//
//go:embed packed
var packed embed.FS

// unpacked returns the compressed pages by what they hold.
func unpacked() (map[string][]byte, error) {
	names, err := fs.Glob(packed, "packed/*.gz")
	if err != nil {
		return nil, fmt.Errorf("listing compressed pages: %w", err)
	}
	pages := map[string][]byte{}
	for _, name := range names {
		zipped, err := packed.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading a compressed page: %w", err)
		}
		content, err := unzip(zipped)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		pages[string(content)] = zipped
	}
	return pages, nil
}

func unzip(zipped []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// zip compresses other pages, with the header that nginx's zlib writes.
func zip(content []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.OS = 3 // Unix
	_, _ = w.Write(content)
	_ = w.Close()
	zipped := b.Bytes()
	zipped[8] = 4 // XFL: compressed for speed
	return zipped
}
