package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// assets is the folder whose files carry a hash of their content in their
// name: what was once fetched never changes.
const assets = "assets/"

// noDashboard is shown when the dashboard was not built into this binary.
const noDashboard = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Cordon</title></head>
<body>
<h1>Cordon is running</h1>
<p>This binary was built without the dashboard. Build it with <code>make build</code>, which needs Node 20, and start it again.</p>
<p>Everything else works: the API is at <code>/api/v1</code> and described in <a href="/openapi.json">/openapi.json</a>;
on this machine, <code>cordon quarantine list</code> and <code>cordon doctor</code> use it.</p>
</body>
</html>
`

// dashboard serves a single-page application: its files, and index.html for
// every path that the application itself routes.
type dashboard struct {
	files  fs.FS
	packed *packed
}

// ServeHTTP implements http.Handler.
func (d dashboard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		writeProblem(w, problem(http.StatusMethodNotAllowed, "pages take GET and HEAD only; the API is at %s", prefix))
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if content, ok := d.read(name); ok {
		d.serve(w, r, name, content)
		return
	}
	if strings.HasPrefix(name, assets) {
		http.Error(w, "no such file; reload the page, a newer version may be running", http.StatusNotFound)
		return
	}
	if content, ok := d.read("index.html"); ok {
		d.serve(w, r, "index.html", content)
		return
	}
	d.serve(w, r, "index.html", []byte(noDashboard))
}

// read returns a regular file whose name does not begin with a dot.
func (d dashboard) read(name string) ([]byte, bool) {
	if d.files == nil || name == "" || strings.HasPrefix(path.Base(name), ".") {
		return nil, false
	}
	info, err := fs.Stat(d.files, name)
	if err != nil || !info.Mode().IsRegular() {
		return nil, false
	}
	content, err := fs.ReadFile(d.files, name)
	return content, err == nil
}

func (d dashboard) serve(w http.ResponseWriter, r *http.Request, name string, content []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType(name))
	if packs(name) {
		h.Set("Vary", "Accept-Encoding")
	}
	if small := d.packed.of(name, content); small != nil && r.Header.Get("Range") == "" && takesGzip(r) {
		h.Set("Content-Encoding", "gzip")
		content = small
	}
	if strings.HasPrefix(name, assets) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		sum := sha256.Sum256(content)
		h.Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
		h.Set("Cache-Control", "no-cache")
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}

// contentType knows what machines without a mime.types file do not.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".woff2":
		return "font/woff2"
	case ".webmanifest":
		return "application/manifest+json"
	case ".map":
		return "application/json"
	case ".js":
		return "text/javascript; charset=utf-8"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
