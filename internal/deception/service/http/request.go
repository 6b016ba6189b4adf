package http

import (
	"bufio"
	"strconv"
	"strings"
)

// What nginx keeps of a request's head: a small buffer at first, and some large
// ones when that is too small. No line may be longer than a large one.
const (
	smallBuffer  = 1 << 10
	largeBuffer  = 8 << 10
	largeBuffers = 4
)

// request is one, as far as it was understood.
type request struct {
	line
	headers []header
	ignored []string // names of header lines that nginx does not take for such
	raw     []byte   // the head as it came
	server  string   // host that is meant, small letters, no port
	path    string
	query   string
	length  int64 // of the body; -1: not told
	chunked bool
	keep    bool // the connection is kept after the answer
	body    body
}

// get is the value of the first header line of that name, empty when there is
// none.
func (r *request) get(name string) string {
	v, _ := r.find(name)
	return v
}

func (r *request) find(name string) (string, bool) {
	for _, h := range r.headers {
		if strings.EqualFold(h.name, name) {
			return h.value, true
		}
	}
	return "", false
}

// http11 reports whether the client speaks HTTP/1.1 or later.
func (r *request) http11() bool { return !r.old && r.minor >= 1 }

// room counts the buffers of a request's head as nginx does.
type room struct {
	left int // bytes in the buffer in use
	line int // bytes of the line that is being read
	busy int // large buffers in use
}

// take makes room for one more byte of the head; it is false when there is none.
// It is called after each byte, with whether a line ended with it.
func (r *room) take(ended bool) bool {
	r.left--
	if r.line++; ended {
		r.line = 0
	}
	if r.left > 0 {
		return true
	}
	if r.line >= largeBuffer || r.busy == largeBuffers {
		return false
	}
	r.busy++
	r.left = largeBuffer - r.line
	return true
}

// readHead reads a request up to the empty line. The status is that of a
// refusal, the error that of the connection.
func readHead(in *bufio.Reader, r *request) (status int, err error) {
	room := room{left: smallBuffer}
	if status, err = readLine(in, r, &room); status != 0 || err != nil {
		return status, err
	}
	if status = r.place(); status != 0 || r.old {
		return status, nil
	}
	for {
		h := newHeaderReader()
		if status, err = readHeader(in, r, h, &room); status != 0 || err != nil {
			return status, err
		}
		if h.last {
			return r.conclude(), nil
		}
		if status = r.add(h); status != 0 {
			return status, nil
		}
	}
}

func readLine(in *bufio.Reader, r *request, room *room) (int, error) {
	l := newLineReader()
	for {
		c, err := in.ReadByte()
		if err != nil {
			r.line = l.line
			return 0, err
		}
		done, status := l.feed(c)
		if l.begun() || status != 0 {
			r.raw = append(r.raw, c)
		}
		if done || status != 0 {
			r.line = l.line
			room.take(done)
			return status, nil
		}
		if l.begun() && !room.take(false) {
			r.line = l.line
			return tooLongLine, nil
		}
	}
}

func readHeader(in *bufio.Reader, r *request, h *headerReader, room *room) (int, error) {
	for {
		c, err := in.ReadByte()
		if err != nil {
			return 0, err
		}
		r.raw = append(r.raw, c)
		done, status := h.feed(c)
		if status != 0 || done && h.last {
			return status, nil
		}
		if !room.take(done) {
			return tooLargeHead, nil
		}
		if done {
			return 0, nil
		}
	}
}

// place finds out what the request line is about.
func (r *request) place() int {
	var ok bool
	if r.path, r.query, ok = locate(r.target); !ok {
		return badRequest
	}
	if r.named {
		if r.server, ok = hostName(r.host); !ok {
			return badRequest
		}
	}
	return 0
}

// unique reports whether nginx refuses a header that comes twice.
func unique(name string) bool {
	switch strings.ToLower(name) {
	case "host", "content-length", "transfer-encoding", "if-modified-since", "if-unmodified-since", "if-match", "if-none-match", "if-range", "expect", "authorization", "content-range":
		return true
	}
	return false
}

// add takes a header line in.
func (r *request) add(h *headerReader) int {
	if h.ignored {
		r.ignored = append(r.ignored, h.name)
		return 0
	}
	if _, twice := r.find(h.name); twice && unique(h.name) {
		return badRequest
	}
	r.headers = append(r.headers, h.header)
	if !strings.EqualFold(h.name, "Host") {
		return 0
	}
	name, ok := hostName(h.value)
	if !ok {
		return badRequest
	}
	if !r.named {
		r.server = name
	}
	return 0
}

// conclude checks the head as a whole.
func (r *request) conclude() int {
	if _, ok := r.find("Host"); !ok && r.http11() {
		return badRequest
	}
	if status := r.measure(); status != 0 {
		return status
	}
	if r.method == "CONNECT" || r.method == "TRACE" {
		return notAllowed
	}
	r.keep = keeps(r)
	r.body.expect(r.length, r.chunked)
	return 0
}

// measure finds out how long the body is.
func (r *request) measure() int {
	r.length = -1
	text, told := r.find("Content-Length")
	if told {
		n, err := strconv.ParseUint(text, 10, 63)
		if err != nil || strings.HasPrefix(text, "+") {
			return badRequest
		}
		r.length = int64(n)
	}
	coding, ok := r.find("Transfer-Encoding")
	switch {
	case !ok:
		return 0
	case !r.http11(), strings.EqualFold(coding, "chunked") && told:
		return badRequest
	case !strings.EqualFold(coding, "chunked"):
		return notImplemented
	}
	r.chunked = true
	return 0
}

// keeps reports whether the client wants to send more requests: the last
// Connection line that says anything decides.
func keeps(r *request) bool {
	keep := r.http11()
	for _, h := range r.headers {
		if !strings.EqualFold(h.name, "Connection") {
			continue
		}
		switch v := strings.ToLower(h.value); {
		case strings.Contains(v, "close"):
			keep = false
		case strings.Contains(v, "keep-alive"):
			keep = true
		}
	}
	return keep
}
