package http

import (
	"bytes"
	"mime"
	"mime/multipart"
	nethttp "net/http"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service"
)

// told are the headers that are recorded as fields under their own names: those
// in which proxies, and who pretends to be one, name the client.
func told() []string {
	return []string{"Forwarded", "X-Forwarded-For", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP"}
}

// record takes a request down, with what came of its body.
func (c *client) record(r *request, a answer) {
	c.credentials(r)
	fields := []service.Field{
		{Name: "method", Value: r.method}, {Name: "target", Value: r.target}, {Name: "host", Value: hostOf(r)},
		{Name: "user_agent", Value: r.get("User-Agent")}, {Name: "version", Value: version(r)},
		{Name: "headers", Value: strings.Join(order(r), ", ")}, {Name: "status", Value: strconv.Itoa(a.status)},
	}
	for _, name := range told() {
		for _, h := range r.headers {
			if strings.EqualFold(h.name, name) {
				fields = append(fields, service.Field{Name: name, Value: h.value})
			}
		}
	}
	if r.body.size > 0 {
		fields = append(fields, service.Field{Name: "body_size", Value: strconv.FormatInt(r.body.size, 10)})
	}
	room := max(service.MaxRaw-len(r.raw), 0)
	raw := append(r.raw, r.body.kept[:min(len(r.body.kept), room)]...)
	if r.method == "" {
		c.session.Record(service.ProtocolError, raw, service.Field{Name: "status", Value: strconv.Itoa(a.status)})
		return
	}
	c.session.Record(service.Request, raw, fields...)
	c.files(r, len(r.body.kept) > room)
}

// broken takes down what came before a client hung up in the middle of a head.
func (c *client) broken(r *request) {
	if len(r.raw) > 0 {
		c.session.Record(service.ProtocolError, r.raw, service.Field{Name: "error", Value: "the head is not complete"})
	}
}

func hostOf(r *request) string {
	if r.named {
		return r.host
	}
	return r.get("Host")
}

func version(r *request) string {
	if r.old {
		return "HTTP/0.9"
	}
	return "HTTP/1." + strconv.Itoa(r.minor)
}

// order lists the names of the header's lines as they came.
func order(r *request) []string {
	names := make([]string, 0, len(r.headers))
	for _, h := range r.headers {
		names = append(names, h.name)
	}
	return names
}

// maxFiles bounds the files that are taken out of one form.
const maxFiles = 16

// files keeps what was uploaded: the files of a form, what was PUT, and a body
// that is too large to stand in the request's observation.
func (c *client) files(r *request, cut bool) {
	kind, params, err := mime.ParseMediaType(r.get("Content-Type"))
	if err == nil && kind == "multipart/form-data" && c.form(r, params["boundary"]) {
		return
	}
	if len(r.body.kept) > 0 && (cut || r.method == "PUT") {
		c.keep(r.path, r.body.kept, r.body.size)
	}
}

// form keeps the files of a form and reports whether there were any.
func (c *client) form(r *request, boundary string) (found bool) {
	parts := multipart.NewReader(bytes.NewReader(r.body.kept), boundary)
	for n := 0; n < maxFiles; n++ {
		part, err := parts.NextRawPart()
		if err != nil {
			return found
		}
		if part.FileName() == "" {
			continue
		}
		var b bytes.Buffer
		_, _ = b.ReadFrom(part) // of a cut form, what there is
		c.keep(part.FileName(), b.Bytes(), int64(b.Len()))
		found = true
	}
	return found
}

func (c *client) keep(path string, data []byte, size int64) {
	c.session.Keep(service.Artifact{Kind: "upload", Path: path, MediaType: nethttp.DetectContentType(data), Data: data, Size: uint64(size)})
}
