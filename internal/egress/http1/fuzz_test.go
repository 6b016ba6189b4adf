package http1

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Whatever is passed on, Go's own reader understands as one request with
// nothing behind it, and passing it on again changes only Via.
func FuzzRequest(f *testing.F) {
	f.Add([]byte(lines(first, "Host: a.example", "X: y")))
	f.Add([]byte(lines("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked") + "3;x\r\nabc\r\n0\r\nX: y\r\n\r\n"))
	f.Add([]byte(lines("POST / HTTP/1.0", "Content-Length: 3") + "abc"))
	f.Fuzz(func(t *testing.T, in []byte) {
		out, err := pass(bytes.NewReader(in))
		if err != nil {
			return
		}
		r := bufio.NewReader(strings.NewReader(out))
		req, err := http.ReadRequest(r)
		if err != nil {
			t.Fatalf("Go refuses what was passed on: %v\n%q\nof %q", err, out, in)
		}
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			t.Fatalf("Go cannot read the body: %v\n%q", err, out)
		}
		if rest, _ := io.ReadAll(r); len(rest) > 0 {
			t.Fatalf("Go sees something behind the request: %q\n%q", rest, out)
		}
		again, err := pass(strings.NewReader(out))
		if err != nil || withoutVia(again) != withoutVia(out) {
			t.Fatalf("passed on again: %v\n%q\n%q", err, out, again)
		}
	})
}

func withoutVia(s string) string {
	return strings.NewReplacer("Via: 1.1 cordon\r\n", "", "Via: 1.0 cordon\r\n", "").Replace(s)
}

// Whatever answer is passed on, Go's own reader understands.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(lines("HTTP/1.1 200 OK", "Content-Length: 2")+"ab"), false)
	f.Add([]byte(lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked")+"2\r\nab\r\n0\r\n\r\n"), true)
	f.Fuzz(func(t *testing.T, in []byte, head bool) {
		method := http.MethodGet
		if head {
			method = http.MethodHead
		}
		out, err := back(string(in), method, Back{Minor: 1})
		if err != nil {
			return
		}
		if _, err := http.ReadResponse(bufio.NewReader(strings.NewReader(out)), &http.Request{Method: method}); err != nil {
			t.Fatalf("Go refuses what was passed on: %v\n%q\nof %q", err, out, in)
		}
	})
}
