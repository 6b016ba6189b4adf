package http1

import (
	"bytes"
	"fmt"
	"net/http"
)

// The limits of a head.
const (
	MaxHead   = 64 << 10 // bytes of a whole head
	MaxLine   = 16 << 10 // bytes of a request line
	MaxFields = 200
)

// Error is why a message is refused. Status is what a client is told: 400, 414,
// 417, 431, 501 or 505.
type Error struct {
	Status  int
	Problem string // one sentence without its end; never contains what was sent
}

func (e *Error) Error() string { return e.Problem }

func bad(format string, args ...any) *Error {
	return &Error{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// Field is one header field. Both parts point into the Reader's buffer.
type Field struct {
	Name, Value []byte
	Kind        Kind
	Drop        bool // Connection names it: it is for this hop only
}

// Head is the head of a request or an answer. It is valid until the Reader that
// it came from is used again.
type Head struct {
	Method string // request
	Target []byte // request: as it came
	Status int    // answer
	Reason []byte // answer
	Minor  int    // 0 or 1, of HTTP/1.x
	Fields []Field

	Body  Body   // how the body is framed
	Host  []byte // request: the Host field; nil without one
	Told  bool   // answer: Body.Length is given although no body is sent, as to HEAD
	Close bool   // the sender will close, or must be closed to, after this message

	Upgrade     []byte // the Upgrade field, if Connection names it
	Continue    bool   // request: Expect: 100-continue
	MaxForwards []byte // request: nil without one
}

// Request reads the head of the next request. The error is io.EOF when the
// client closed before it began one, *Error when it is refused, or that of the
// connection.
func (r *Reader) Request(h *Head) error {
	block, err := r.block(false)
	if err != nil {
		return err
	}
	line, fields := cutLine(block)
	*h = Head{Fields: h.Fields[:0]}
	if err := h.requestLine(line); err != nil {
		return err
	}
	if err := h.fields(fields, MaxFields); err != nil {
		return err
	}
	return h.understandRequest()
}

// Answer reads the head of an answer to a request of that method. Its errors
// are those of Request; io.EOF means that nothing came at all.
func (r *Reader) Answer(h *Head, method string) error {
	block, err := r.block(true)
	if err != nil {
		return err
	}
	line, fields := cutLine(block)
	*h = Head{Fields: h.Fields[:0]}
	if err := h.statusLine(line); err != nil {
		return err
	}
	if err := h.fields(fields, MaxFields); err != nil {
		return err
	}
	return h.understandAnswer(method)
}

// requestLine reads METHOD SP target SP HTTP/1.x, with single spaces.
func (h *Head) requestLine(line []byte) error {
	if len(line) > MaxLine {
		return &Error{http.StatusRequestURITooLong, fmt.Sprintf("the request line is longer than %d bytes", MaxLine)}
	}
	method, rest, ok := bytes.Cut(line, []byte{' '})
	target, version, ok2 := bytes.Cut(rest, []byte{' '})
	if !ok || !ok2 || !isToken(method) || len(method) > 32 || len(target) == 0 {
		return bad("the request line is not METHOD, target and version with single spaces")
	}
	for _, c := range target {
		if c <= ' ' || c == 0x7f || c == '#' {
			return bad("the request target has a character that none may have")
		}
	}
	h.Method, h.Target = methodName(method), target
	return h.version(version)
}

func (h *Head) version(v []byte) error {
	switch string(v) {
	case "HTTP/1.1":
		h.Minor = 1
	case "HTTP/1.0":
	default:
		return &Error{http.StatusHTTPVersionNotSupported, "the version is neither HTTP/1.1 nor HTTP/1.0"}
	}
	return nil
}

// statusLine reads HTTP/1.x SP three digits [SP reason].
func (h *Head) statusLine(line []byte) error {
	version, rest, _ := bytes.Cut(line, []byte{' '})
	if err := h.version(version); err != nil {
		return err
	}
	code, reason, _ := bytes.Cut(rest, []byte{' '})
	if len(code) != 3 || code[0] < '1' || code[0] > '9' || !isDigit(code[1]) || !isDigit(code[2]) {
		return bad("the status is not three digits")
	}
	if !isText(reason) {
		return bad("the reason has a control character")
	}
	h.Status, h.Reason = int(code[0]-'0')*100+int(code[1]-'0')*10+int(code[2]-'0'), reason
	return nil
}

// fields reads at most so many field lines.
func (h *Head) fields(block []byte, most int) error {
	for len(block) > 0 {
		var line []byte
		line, block = cutLine(block)
		if len(line) == 0 {
			return nil
		}
		if len(h.Fields) == most {
			return &Error{http.StatusRequestHeaderFieldsTooLarge, fmt.Sprintf("there are more than %d fields", most)}
		}
		f, err := parseField(line)
		if err != nil {
			return err
		}
		h.Fields = append(h.Fields, f)
	}
	return nil
}

func parseField(line []byte) (Field, error) {
	if line[0] == ' ' || line[0] == '\t' {
		return Field{}, bad("a field is folded over two lines")
	}
	name, value, ok := bytes.Cut(line, []byte{':'})
	if !ok || !isToken(name) {
		return Field{}, bad("a field's name is no token, or has white space behind it")
	}
	value = bytes.Trim(value, " \t")
	if !isText(value) {
		return Field{}, bad("a field's value has a control character")
	}
	return Field{Name: name, Value: value, Kind: kindOf(name)}, nil
}

// methodName avoids an allocation for the usual methods.
func methodName(b []byte) string {
	switch string(b) {
	case "GET":
		return "GET"
	case "POST":
		return "POST"
	case "CONNECT":
		return "CONNECT"
	case "HEAD":
		return "HEAD"
	case "PUT":
		return "PUT"
	}
	return string(b)
}
