package http

import "strings"

// line is a request line.
type line struct {
	method string
	target string // from the path on; "/" when an absolute URL has none
	host   string // of an absolute URL
	named  bool   // the URL is absolute
	minor  int    // of HTTP/1.x
	old    bool   // HTTP/0.9
}

// lineReader reads a request line byte by byte, as nginx does: what cannot
// become one is refused at its first wrong byte, with nobody waiting for the
// line's end.
type lineReader struct {
	line
	step lineStep
	text []byte // of the part that is being read
	seen int    // of a part whose length matters
}

// lineStep takes a byte. It returns what takes the next one, nil at the end of
// the line, and the status of a refusal.
type lineStep func(*lineReader, byte) (lineStep, int)

func newLineReader() *lineReader { return &lineReader{step: inMethod} }

// feed takes a byte and reports whether it ended the line.
func (l *lineReader) feed(c byte) (done bool, status int) {
	l.step, status = l.step(l, c)
	if status != 0 || l.step != nil {
		return false, status
	}
	if l.old && l.method != "GET" {
		return false, badRequest
	}
	return true, 0
}

// begun reports whether more than empty lines came.
func (l *lineReader) begun() bool { return len(l.text) > 0 || l.method != "" }

func (l *lineReader) take() string {
	s := string(l.text)
	l.text = l.text[:0]
	return s
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isControl(c byte) bool {
	return c < 0x20 || c == 0x7f
}

func inMethod(l *lineReader, c byte) (lineStep, int) {
	switch {
	case c >= 'A' && c <= 'Z', c == '_', c == '-':
		l.text = append(l.text, c)
		return inMethod, 0
	case c == ' ' && len(l.text) > 0:
		l.method = l.take()
		return beforeTarget, 0
	case (c == '\r' || c == '\n') && len(l.text) == 0:
		return inMethod, 0
	}
	return nil, badRequest
}

func beforeTarget(l *lineReader, c byte) (lineStep, int) {
	switch {
	case c == ' ':
		return beforeTarget, 0
	case c == '/':
		return inTarget(l, c)
	case isLetter(c):
		return inScheme, 0
	}
	return nil, badRequest
}

func inScheme(l *lineReader, c byte) (lineStep, int) {
	switch {
	case isLetter(c), isDigit(c), strings.IndexByte("+-.", c) >= 0:
		return inScheme, 0
	case c == ':':
		return afterScheme, 0
	}
	return nil, badRequest
}

func afterScheme(l *lineReader, c byte) (lineStep, int) {
	if c != '/' {
		return nil, badRequest
	}
	if l.seen++; l.seen < 2 {
		return afterScheme, 0
	}
	l.named = true
	return hostStart, 0
}

func hostStart(l *lineReader, c byte) (lineStep, int) {
	if c == '[' {
		l.text = append(l.text, c)
		return inLiteral, 0
	}
	return inHost(l, c)
}

func inHost(l *lineReader, c byte) (lineStep, int) {
	if isLetter(c) || isDigit(c) || c == '.' || c == '-' {
		l.text = append(l.text, c)
		return inHost, 0
	}
	return afterHost(l, c)
}

func inLiteral(l *lineReader, c byte) (lineStep, int) {
	if !isLetter(c) && !isDigit(c) && strings.IndexByte(":]-._~!$&'()*+,;=", c) < 0 {
		return nil, badRequest
	}
	l.text = append(l.text, c)
	if c == ']' {
		return afterHost, 0
	}
	return inLiteral, 0
}

func afterHost(l *lineReader, c byte) (lineStep, int) {
	l.host = l.take()
	if c == ':' {
		return inPort, 0
	}
	return afterAuthority(l, c)
}

func inPort(l *lineReader, c byte) (lineStep, int) {
	if isDigit(c) {
		return inPort, 0
	}
	return afterAuthority(l, c)
}

func afterAuthority(l *lineReader, c byte) (lineStep, int) {
	switch c {
	case '/':
		return inTarget(l, c)
	case '?':
		l.text = append(l.text, '/')
		return inTarget(l, c)
	case ' ':
		l.target = "/"
		return afterTarget, 0
	}
	return nil, badRequest
}

func inTarget(l *lineReader, c byte) (lineStep, int) {
	switch {
	case c == ' ' || c == '\r' || c == '\n':
		l.target = l.take()
		return afterTarget(l, c)
	case isControl(c):
		return nil, badRequest
	}
	l.text = append(l.text, c)
	return inTarget, 0
}

func afterTarget(l *lineReader, c byte) (lineStep, int) {
	switch c {
	case ' ':
		return afterTarget, 0
	case '\r', '\n':
		l.old = true
		return lineEnd(l, c)
	}
	return inProtocol(l, c)
}

func inProtocol(l *lineReader, c byte) (lineStep, int) {
	const protocol = "HTTP/"
	if c != protocol[len(l.text)] {
		return nil, badRequest
	}
	if l.text = append(l.text, c); len(l.text) < len(protocol) {
		return inProtocol, 0
	}
	l.text = l.text[:0]
	return firstMajor, 0
}

func firstMajor(l *lineReader, c byte) (lineStep, int) {
	switch {
	case c == '1':
		return afterMajor, 0
	case c > '1' && c <= '9':
		return nil, badVersion
	}
	return nil, badRequest
}

func afterMajor(l *lineReader, c byte) (lineStep, int) {
	switch {
	case c == '.':
		return firstMinor, 0
	case isDigit(c):
		return nil, badVersion
	}
	return nil, badRequest
}

func firstMinor(l *lineReader, c byte) (lineStep, int) {
	if !isDigit(c) {
		return nil, badRequest
	}
	return inMinor(l, c)
}

func inMinor(l *lineReader, c byte) (lineStep, int) {
	if !isDigit(c) {
		return afterVersion(l, c)
	}
	if l.minor > 99 {
		return nil, badRequest
	}
	l.minor = l.minor*10 + int(c-'0')
	return inMinor, 0
}

func afterVersion(l *lineReader, c byte) (lineStep, int) {
	if c == ' ' {
		return afterVersion, 0
	}
	return lineEnd(l, c)
}

// lineEnd is LF, or CR and then LF.
func lineEnd(_ *lineReader, c byte) (lineStep, int) {
	switch c {
	case '\n':
		return nil, 0
	case '\r':
		return lineFeed, 0
	}
	return nil, badRequest
}

func lineFeed(_ *lineReader, c byte) (lineStep, int) {
	if c != '\n' {
		return nil, badRequest
	}
	return nil, 0
}
