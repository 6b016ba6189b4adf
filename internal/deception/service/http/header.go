package http

// header is one line of a request's header.
type header struct{ name, value string }

// headerReader reads one header line byte by byte. nginx's rules: a name of
// other characters than letters, digits and hyphens makes the line be ignored;
// a control character in a name, or NUL in a value, makes the request a bad
// one; a line without a colon is a name without a value.
type headerReader struct {
	header
	step    headerStep
	text    []byte
	ignored bool // its name is none
	last    bool // it is the empty line
}

// headerStep takes a byte. It returns what takes the next one, nil at the end of
// the line, and whether the byte may stand there.
type headerStep func(*headerReader, byte) (headerStep, bool)

func newHeaderReader() *headerReader { return &headerReader{step: nameStart} }

// feed takes a byte and reports whether it ended the line.
func (h *headerReader) feed(c byte) (done bool, status int) {
	step, ok := h.step(h, c)
	if !ok {
		return false, badRequest
	}
	h.step = step
	return step == nil, 0
}

// trimmed is what was read, without the spaces at its end.
func (h *headerReader) trimmed() string {
	n := len(h.text)
	for n > 0 && h.text[n-1] == ' ' {
		n--
	}
	s := string(h.text[:n])
	h.text = h.text[:0]
	return s
}

func nameStart(h *headerReader, c byte) (headerStep, bool) {
	switch c {
	case '\r':
		h.last = true
		return emptyEnd, true
	case '\n':
		h.last = true
		return nil, true
	case ':':
		return nil, false
	}
	return inName(h, c)
}

func inName(h *headerReader, c byte) (headerStep, bool) {
	switch {
	case c == ':':
		h.name = h.trimmed()
		return beforeValue, true
	case c == '\r' || c == '\n':
		h.name = h.trimmed()
		return inValue(h, c)
	case c <= 0x20 || c == 0x7f:
		return nil, false
	}
	if !isLetter(c) && !isDigit(c) && c != '-' {
		h.ignored = true
	}
	h.text = append(h.text, c)
	return inName, true
}

func beforeValue(h *headerReader, c byte) (headerStep, bool) {
	if c == ' ' {
		return beforeValue, true
	}
	return inValue(h, c)
}

func inValue(h *headerReader, c byte) (headerStep, bool) {
	switch c {
	case '\n':
		h.value = h.trimmed()
		return nil, true
	case '\r':
		h.value = h.trimmed()
		return valueEnd, true
	case 0:
		return nil, false
	}
	h.text = append(h.text, c)
	return inValue, true
}

// valueEnd takes any number of CR before LF.
func valueEnd(_ *headerReader, c byte) (headerStep, bool) {
	switch c {
	case '\n':
		return nil, true
	case '\r':
		return valueEnd, true
	}
	return nil, false
}

func emptyEnd(_ *headerReader, c byte) (headerStep, bool) { return nil, c == '\n' }
