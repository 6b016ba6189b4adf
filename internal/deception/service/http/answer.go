package http

import (
	"bytes"
	"strconv"
	"time"
)

// answer is a response before it is written.
type answer struct {
	status   int
	kind     string // media type; empty: none
	content  []byte
	modified time.Time // zero: not told
	location string
	extra    []header // behind the ones above
	drop     bool     // the connection ends though the answer says otherwise
	packed   bool     // content is gzip, its length is not told
}

// refusal is nginx's page of a status.
func refusal(status int, r *request) answer {
	return answer{status: status, kind: "text/html", content: page(status, padded(r))}
}

// ends reports whether nginx keeps no connection after a status.
func ends(status int) bool {
	switch status {
	case badRequest, tooLargeBody, tooLongLine, plainToTLS, tooLargeHead, notImplemented:
		return true
	}
	return false
}

const httpTime = "Mon, 02 Jan 2006 15:04:05 GMT"

// bytes is the answer to r as it goes over the wire.
func (a answer) bytes(r *request, now time.Time) []byte {
	var b bytes.Buffer
	if !r.old {
		a.head(&b, r, now)
	}
	if r.method == "HEAD" && !r.old || a.status == 304 {
		return b.Bytes()
	}
	if a.packed {
		b.WriteString(strconv.FormatInt(int64(len(a.content)), 16) + "\r\n")
		b.Write(a.content)
		b.WriteString("\r\n0\r\n\r\n")
	} else {
		b.Write(a.content)
	}
	return b.Bytes()
}

func (a answer) head(b *bytes.Buffer, r *request, now time.Time) {
	line := func(name, value string) { b.WriteString(name + ": " + value + "\r\n") }
	b.WriteString("HTTP/1.1 " + digits(sent(a.status)) + " " + statusText(a.status) + "\r\n")
	line("Server", "nginx/"+Version)
	line("Date", now.UTC().Format(httpTime))
	if a.kind != "" {
		line("Content-Type", a.kind)
	}
	if !a.packed && a.status != 304 {
		line("Content-Length", strconv.Itoa(len(a.content)))
	}
	if !a.modified.IsZero() {
		line("Last-Modified", a.modified.UTC().Format(httpTime))
	}
	if a.location != "" {
		line("Location", a.location)
	}
	if a.packed && r.method != "HEAD" {
		line("Transfer-Encoding", "chunked")
	}
	line("Connection", map[bool]string{true: "keep-alive", false: "close"}[r.keep])
	for _, h := range a.extra {
		line(h.name, h.value)
	}
	b.WriteString("\r\n")
}

// statusText is phrase as the status line has it, which differs from the page's
// heading in two cases.
func statusText(status int) string {
	switch status {
	case unauthorized:
		return "Unauthorized"
	case 302:
		return "Moved Temporarily"
	}
	return phrase(status)
}
