package http1

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
)

// lines joins lines with CRLF and ends the head.
func lines(l ...string) string { return strings.Join(l, "\r\n") + "\r\n\r\n" }

func request(text string) (Head, error) {
	var h Head
	err := NewReader(strings.NewReader(text)).Request(&h)
	return h, err
}

const first = "GET http://a.example/ HTTP/1.1"

func TestWhatCanBeReadInTwoWaysIsRefused(t *testing.T) {
	host := "Host: a.example"
	tests := map[string]struct {
		text   string
		status int
	}{
		"two lengths":                   {lines(first, host, "Content-Length: 3", "Content-Length: 4"), 400},
		"one length twice":              {lines(first, host, "Content-Length: 3", "content-length: 3"), 400},
		"a list of lengths":             {lines(first, host, "Content-Length: 3, 3"), 400},
		"a signed length":               {lines(first, host, "Content-Length: +3"), 400},
		"a negative length":             {lines(first, host, "Content-Length: -3"), 400},
		"a hexadecimal length":          {lines(first, host, "Content-Length: 0x3"), 400},
		"an empty length":               {lines(first, host, "Content-Length:"), 400},
		"a length beyond counting":      {lines(first, host, "Content-Length: 9999999999999999999"), 400},
		"length and chunks":             {lines(first, host, "Content-Length: 3", "Transfer-Encoding: chunked"), 400},
		"chunks and length":             {lines(first, host, "Transfer-Encoding: chunked", "Content-Length: 3"), 400},
		"chunks twice":                  {lines(first, host, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), 400},
		"gzip, chunked":                 {lines(first, host, "Transfer-Encoding: gzip, chunked"), 501},
		"chunked, identity":             {lines(first, host, "Transfer-Encoding: chunked, identity"), 501},
		"a coding with vertical tab":    {lines(first, host, "Transfer-Encoding: \x0bchunked"), 400},
		"a coding in quotes":            {lines(first, host, `Transfer-Encoding: "chunked"`), 501},
		"chunks in HTTP/1.0":            {lines("POST http://a.example/ HTTP/1.0", host, "Transfer-Encoding: chunked"), 400},
		"space before the colon":        {lines(first, host, "Content-Length : 3"), 400},
		"tab before the colon":          {lines(first, host, "Transfer-Encoding\t: chunked"), 400},
		"a folded field":                {lines(first, host, "X: a", " b"), 400},
		"a folded first field":          {lines(first, " Host: b.example", host), 400},
		"a fold with a tab":             {lines(first, host, "X: a", "\tTransfer-Encoding: chunked"), 400},
		"NUL in a value":                {lines(first, host, "X: a\x00b"), 400},
		"NUL in a name":                 {lines(first, host, "X\x00: a"), 400},
		"NUL in the target":             {lines("GET http://a.example/\x00 HTTP/1.1", host), 400},
		"DEL in a value":                {lines(first, host, "X: a\x7f"), 400},
		"a bare CR in a value":          {lines(first, host, "X: a\rTransfer-Encoding: chunked"), 400},
		"a bare CR in the request line": {lines("GET http://a.example/\r HTTP/1.1", host), 400},
		"a bare LF behind a field":      {"GET http://a.example/ HTTP/1.1\r\nHost: a.example\nX: a\r\n\r\n", 400},
		"a bare LF at the end":          {"GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\n", 400},
		"LF only":                       {"GET http://a.example/ HTTP/1.1\nHost: a.example\n\n", 400},
		"a field without a colon":       {lines(first, host, "Transfer-Encoding chunked"), 400},
		"a field without a name":        {lines(first, host, ": chunked"), 400},
		"no Host":                       {lines(first), 400},
		"two Hosts":                     {lines(first, host, host), 400},
		"two spaces":                    {lines("GET  http://a.example/ HTTP/1.1", host), 400},
		"a tab in the request line":     {lines("GET\thttp://a.example/ HTTP/1.1", host), 400},
		"a space in the target":         {lines("GET http://a.example/a b HTTP/1.1", host), 505},
		"a space behind the version":    {lines("GET http://a.example/ HTTP/1.1 ", host), 505},
		"a fragment":                    {lines("GET http://a.example/#x HTTP/1.1", host), 400},
		"HTTP/0.9":                      {lines("GET http://a.example/"), 400},
		"HTTP/1.2":                      {lines("GET http://a.example/ HTTP/1.2", host), 505},
		"HTTP/2.0":                      {lines("PRI * HTTP/2.0"), 505},
		"http/1.1":                      {lines("GET http://a.example/ http/1.1", host), 505},
		"a method that is no token":     {lines("G(T http://a.example/ HTTP/1.1", host), 400},
		"a method without end":          {lines(strings.Repeat("G", 33)+" http://a.example/ HTTP/1.1", host), 400},
		"Connection names Host":         {lines(first, host, "Connection: host"), 400},
		"Connection names the length":   {lines(first, host, "Connection: close, Content-Length", "Content-Length: 3"), 400},
		"Connection names the coding":   {lines(first, host, "Connection: Transfer-Encoding", "Transfer-Encoding: chunked"), 400},
		"Connection names itself":       {lines(first, host, "Connection: Connection"), 400},
		"Connection names a credential": {lines(first, host, "Connection: Authorization"), 400},
		"Connection with no token":      {lines(first, host, "Connection: a b"), 400},
		"two Upgrades":                  {lines(first, host, "Connection: Upgrade", "Upgrade: websocket", "Upgrade: h2c"), 400},
		"Expect something else":         {lines(first, host, "Expect: 200-ok"), 417},
		"too many fields":               {lines(first, host, strings.TrimSuffix(strings.Repeat("X: a\r\n", MaxFields), "\r\n")), 431},
		"a head without end":            {first + "\r\nX: " + strings.Repeat("a", MaxHead), 431},
		"fields without end":            {first + "\r\n" + strings.Repeat("X: a\r\n", MaxHead/6), 431},
		"a target without end":          {lines("GET http://a.example/"+strings.Repeat("a", MaxLine)+" HTTP/1.1", host), 414},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := request(tt.text)
			var e *Error
			if !errors.As(err, &e) || e.Status != tt.status {
				t.Errorf("%v, want a refusal with %d", err, tt.status)
			}
		})
	}
}

func TestAnEmptyHostIsNotAMissingOne(t *testing.T) {
	if h, err := request(lines(first, "Host:")); err != nil || h.Host == nil {
		t.Errorf("%v %v", h.Host, err)
	}
}

func TestARefusalNeverWaitsForMore(t *testing.T) {
	for name, text := range map[string]string{
		"a bare LF":          "GET http://a.example/ HTTP/1.1\nHost: a.example",
		"a head without end": first + "\r\nX: " + strings.Repeat("a", MaxHead),
	} {
		var h Head
		stuck := errors.New("asked for more")
		err := NewReader(io.MultiReader(strings.NewReader(text), iotest.ErrReader(stuck))).Request(&h)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestABrokenHeadIsAnUnexpectedEnd(t *testing.T) {
	if _, err := request(""); !errors.Is(err, io.EOF) {
		t.Errorf("nothing at all: %v", err)
	}
	if _, err := request("GET http"); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("half a head: %v", err)
	}
}

// pass reads a request and its body and writes them as the gateway does.
func pass(r io.Reader) (string, error) {
	var h Head
	src := NewReader(r)
	if err := src.Request(&h); err != nil {
		return "", err
	}
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	WriteRequest(w, &h, Outgoing{Target: "/", Host: "a.example", Via: "cordon", Upgrade: h.Upgrade != nil})
	if err := (Mover{Dst: w, Src: src, Body: h.Body}).Move(); err != nil {
		return "", err
	}
	err := w.Flush()
	return out.String(), err
}

func TestWhatIsPassedOnIsWrittenAnew(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"fields for one hop are taken out": {
			lines(first, "Host: a.example", "Keep-Alive: 5", "Proxy-Connection: keep-alive", "Proxy-Authorization: Basic x", "TE: trailers", "Connection: x-mine, close", "X-Mine: 1", "X-Other: 2"),
			lines("GET / HTTP/1.1", "Host: a.example", "X-Other: 2", "Via: 1.1 cordon"),
		},
		"the Host is ours": {lines(first, "hOST:   b.example"), lines("GET / HTTP/1.1", "Host: a.example", "Via: 1.1 cordon")},
		"an upgrade":       {lines(first, "Host: a.example", "Connection: upgrade", "Upgrade: websocket"), lines("GET / HTTP/1.1", "Host: a.example", "Via: 1.1 cordon", "Connection: Upgrade", "Upgrade: websocket")},
		"an upgrade that Connection does not name": {lines(first, "Host: a.example", "Upgrade: websocket"), lines("GET / HTTP/1.1", "Host: a.example", "Via: 1.1 cordon")},
		"white space around values":                {lines(first, "Host: a.example", "X:\t a \t"), lines("GET / HTTP/1.1", "Host: a.example", "X: a", "Via: 1.1 cordon")},
		"HTTP/1.0":                                 {lines("GET http://a.example/ HTTP/1.0"), lines("GET / HTTP/1.1", "Host: a.example", "Via: 1.0 cordon")},
		"a line end before the request":            {"\r\n" + lines(first, "Host: a.example"), lines("GET / HTTP/1.1", "Host: a.example", "Via: 1.1 cordon")},
		"a body with a length":                     {lines("POST / HTTP/1.1", "Host: a", "Content-Length: 003") + "abc", lines("POST / HTTP/1.1", "Host: a.example", "Via: 1.1 cordon", "Content-Length: 3") + "abc"},
		"an empty body":                            {lines("POST / HTTP/1.1", "Host: a", "Content-Length: 0"), lines("POST / HTTP/1.1", "Host: a.example", "Via: 1.1 cordon", "Content-Length: 0")},
		"chunks lose their extensions":             {lines("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: Chunked") + "3;a=b\r\nabc\r\n00A ; x\r\n0123456789\r\n0\r\n\r\n", lines("POST / HTTP/1.1", "Host: a.example", "Via: 1.1 cordon", "Transfer-Encoding: chunked") + "3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n"},
		"trailers":                                 {lines("POST / HTTP/1.1", "Host: a", "Trailer: X-Sum", "Transfer-Encoding: chunked") + "1\r\na\r\n0\r\nX-Sum: 9\r\nKeep-Alive: 3\r\n\r\n", lines("POST / HTTP/1.1", "Host: a.example", "Trailer: X-Sum", "Via: 1.1 cordon", "Transfer-Encoding: chunked") + "1\r\na\r\n0\r\nX-Sum: 9\r\n\r\n"},
		"100-continue":                             {lines("POST / HTTP/1.1", "Host: a", "Expect: 100-Continue", "Content-Length: 1") + "a", lines("POST / HTTP/1.1", "Host: a.example", "Expect: 100-Continue", "Via: 1.1 cordon", "Content-Length: 1") + "a"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{"at once": strings.NewReader(tt.in), "byte by byte": iotest.OneByteReader(strings.NewReader(tt.in))} {
				if got, err := pass(r); err != nil || got != tt.want {
					t.Errorf("%s: %v\n%q, want\n%q", how, err, got, tt.want)
				}
			}
		})
	}
}

func TestChunksThatCanBeReadInTwoWaysAreRefused(t *testing.T) {
	head := lines("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked")
	for name, body := range map[string]string{
		"a bare LF behind the size":   "3\nabc\r\n0\r\n\r\n",
		"a bare LF behind the chunk":  "3\r\nabc\n0\r\n\r\n",
		"a sign":                      "+3\r\nabc\r\n0\r\n\r\n",
		"0x":                          "0x3\r\nabc\r\n0\r\n\r\n",
		"no size":                     "\r\nabc\r\n0\r\n\r\n",
		"a space before the size":     " 3\r\nabc\r\n0\r\n\r\n",
		"a size that wraps round":     "10000000000000003\r\nabc\r\n0\r\n\r\n",
		"longer than it says":         "3\r\nabcd\r\n0\r\n\r\n",
		"shorter than it says":        "5\r\nabc\r\n0\r\n\r\n",
		"NUL in an extension":         "3;a=\x00\r\nabc\r\n0\r\n\r\n",
		"a bare CR in an extension":   "3;a\rb\r\nabc\r\n0\r\n\r\n",
		"text behind the size":        "3 abc\r\nabc\r\n0\r\n\r\n",
		"an extension without end":    "3;" + strings.Repeat("a", maxChunkLine) + "\r\nabc\r\n0\r\n\r\n",
		"a length in the trailers":    "0\r\nContent-Length: 3\r\n\r\n",
		"a Host in the trailers":      "0\r\nHost: b\r\n\r\n",
		"a credential in the trailer": "0\r\nAuthorization: b\r\n\r\n",
		"a folded trailer":            "0\r\nX: a\r\n b\r\n\r\n",
		"a bare LF in the trailers":   "0\r\nX: a\n\r\n",
		"too many trailers":           "0\r\n" + strings.Repeat("X: a\r\n", maxTrailers+1) + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := pass(strings.NewReader(head + body))
			var e *Error
			if !errors.As(err, &e) {
				t.Errorf("%q, %v, want a refusal", got, err)
			}
		})
	}
}

func TestABodyThatEndsEarlyIsAnError(t *testing.T) {
	for _, body := range []string{"Content-Length: 3\r\n\r\nab", "Transfer-Encoding: chunked\r\n\r\n3\r\nab", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n"} {
		if _, err := pass(strings.NewReader("POST / HTTP/1.1\r\nHost: a\r\n" + body)); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// back passes an answer on as the gateway does.
func back(text, method string, o Back) (string, error) {
	var h Head
	src := NewReader(strings.NewReader(text))
	if err := src.Answer(&h, method); err != nil {
		return "", err
	}
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	o.Via, o.Upgrade = "cordon", h.Status == http.StatusSwitchingProtocols
	WriteAnswer(w, &h, o)
	if err := (Mover{Dst: w, Src: src, Body: h.Body, Plain: o.Minor == 0}).Move(); err != nil {
		return "", err
	}
	err := w.Flush()
	return out.String(), err
}

func TestAnswersArePassedOn(t *testing.T) {
	const via = "Via: 1.1 cordon"
	tests := map[string]struct {
		in, method string
		o          Back
		want       string
	}{
		"a length":                 {lines("HTTP/1.1 200 OK", "Content-Length: 2") + "ab", "GET", Back{Minor: 1, Keep: true}, lines("HTTP/1.1 200 OK", via, "Content-Length: 2") + "ab"},
		"bare LFs":                 {"HTTP/1.1 200 OK\nContent-Length: 2\nX: y\n\nab", "GET", Back{Minor: 1, Keep: true}, lines("HTTP/1.1 200 OK", "X: y", via, "Content-Length: 2") + "ab"},
		"no reason":                {lines("HTTP/1.1 200", "Content-Length: 0"), "GET", Back{Minor: 1, Keep: true}, lines("HTTP/1.1 200 ", via, "Content-Length: 0")},
		"until the end":            {lines("HTTP/1.1 200 OK") + "ab", "GET", Back{Minor: 1}, lines("HTTP/1.1 200 OK", via, "Connection: close") + "ab"},
		"chunks":                   {lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked") + "2\r\nab\r\n0\r\nX: y\r\n\r\n", "GET", Back{Minor: 1, Keep: true}, lines("HTTP/1.1 200 OK", via, "Transfer-Encoding: chunked") + "2\r\nab\r\n0\r\nX: y\r\n\r\n"},
		"chunks for HTTP/1.0":      {lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked") + "2\r\nab\r\n0\r\nX: y\r\n\r\n", "GET", Back{Minor: 0}, lines("HTTP/1.1 200 OK", via, "Connection: close") + "ab"},
		"HEAD":                     {lines("HTTP/1.1 200 OK", "Content-Length: 2"), "HEAD", Back{Minor: 1, Keep: true}, lines("HTTP/1.1 200 OK", via, "Content-Length: 2")},
		"304":                      {lines("HTTP/1.1 304 Not Modified", `ETag: "a"`), "GET", Back{Minor: 1, Keep: true}, lines("HTTP/1.1 304 Not Modified", `ETag: "a"`, via)},
		"204":                      {lines("HTTP/1.1 204 No Content"), "GET", Back{Minor: 1, Keep: true}, lines("HTTP/1.1 204 No Content", via)},
		"100":                      {lines("HTTP/1.1 100 Continue"), "POST", Back{Minor: 1, Keep: true}, lines("HTTP/1.1 100 Continue", via)},
		"cookies keep their order": {lines("HTTP/1.1 200 OK", "Set-Cookie: a", "Set-Cookie: b", "Content-Length: 0"), "GET", Back{Minor: 1, Keep: true}, lines("HTTP/1.1 200 OK", "Set-Cookie: a", "Set-Cookie: b", via, "Content-Length: 0")},
		"fields for one hop":       {lines("HTTP/1.1 200 OK", "Connection: X-Mine", "X-Mine: a", "Keep-Alive: 1", "Proxy-Authenticate: Basic", "Content-Length: 0"), "GET", Back{Minor: 1, Keep: true}, lines("HTTP/1.1 200 OK", via, "Content-Length: 0")},
		"HTTP/1.0 stays open":      {lines("HTTP/1.1 200 OK", "Content-Length: 0"), "GET", Back{Minor: 0, Keep: true}, lines("HTTP/1.1 200 OK", via, "Connection: keep-alive", "Content-Length: 0")},
		"101":                      {lines("HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Accept: x"), "GET", Back{Minor: 1}, lines("HTTP/1.1 101 Switching Protocols", "Sec-WebSocket-Accept: x", via, "Connection: Upgrade", "Upgrade: websocket")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := back(tt.in, tt.method, tt.o); err != nil || got != tt.want {
				t.Errorf("%v\n%q, want\n%q", err, got, tt.want)
			}
		})
	}
}

func TestAnswersThatCanBeReadInTwoWaysAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"two lengths":        lines("HTTP/1.1 200 OK", "Content-Length: 1", "Content-Length: 2"),
		"length and chunks":  lines("HTTP/1.1 200 OK", "Content-Length: 1", "Transfer-Encoding: chunked"),
		"gzip as a transfer": lines("HTTP/1.1 200 OK", "Transfer-Encoding: gzip"),
		"NUL in a value":     lines("HTTP/1.1 200 OK", "X: \x00"),
		"a folded field":     lines("HTTP/1.1 200 OK", "X: a", " b"),
		"a bare CR":          lines("HTTP/1.1 200 OK", "X: a\rb"),
		"HTTP/2":             lines("HTTP/2 200 OK"),
		"four digits":        lines("HTTP/1.1 2000 OK"),
		"no digits":          lines("HTTP/1.1 OK"),
		"status 0xx":         lines("HTTP/1.1 020 OK"),
		"CR in the reason":   lines("HTTP/1.1 200 a\rb"),
		"something else":     "SSH-2.0-OpenSSH\r\n\r\n",
		"fields without end": "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: a\r\n", MaxHead/6),
	} {
		got, err := back(text, "GET", Back{Minor: 1})
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %q, %v, want a refusal", name, got, err)
		}
	}
}

func TestALongBodyGoesPastTheBuffers(t *testing.T) {
	const size = bulkFrom + smallBuffer
	var h Head
	text := lines("POST / HTTP/1.1", "Host: a", fmt.Sprintf("Content-Length: %d", size)) + strings.Repeat("x", size) + "next"
	src := NewReader(strings.NewReader(text))
	if err := src.Request(&h); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	var past int64
	w := bufio.NewWriter(&out)
	err := Mover{Dst: w, Src: src, Body: h.Body, Bulk: func(n int64) error {
		past = n
		_, err := io.CopyN(&out, src, n)
		return err
	}}.Move()
	if err != nil || out.Len() != size || past < bulkFrom {
		t.Errorf("%v, %d bytes, %d past the buffers", err, out.Len(), past)
	}
	if rest, _ := io.ReadAll(src); string(rest) != "next" {
		t.Errorf("left for the next request: %q", rest)
	}
}

func TestUnreadComesFirst(t *testing.T) {
	r := NewReader(strings.NewReader("def"))
	if err := r.Fill(8); err != nil {
		t.Fatal(err)
	}
	r.Unread([]byte("abc"))
	if b, err := io.ReadAll(r); err != nil || string(b) != "abcdef" {
		t.Errorf("%q, %v", b, err)
	}
}
