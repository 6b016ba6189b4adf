package awk

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// streams are what a program reads and writes.
type streams struct {
	in      *interp
	stdout  *output
	outputs map[string]*output
	inputs  map[string]*input
	main    *input
	arg     int  // of ARGV that was looked at last
	used    bool // a file of ARGV was read
}

// keeping is a stream that closing does not close.
type keeping struct{ io.Writer }

// Close implements io.Closer.
func (keeping) Close() error { return nil }

// output is a file or command that is written to.
type output struct {
	in     *interp
	b      *bufio.Writer
	c      io.Closer
	status func() int
}

func (s *streams) newOutput(w io.WriteCloser, status func() int) *output {
	return &output{in: s.in, b: bufio.NewWriter(w), c: w, status: status}
}

func (o *output) write(b []byte) {
	_, err := o.b.Write(b)
	if err == nil && o.in.Interactive && o == o.in.stdout {
		err = o.b.Flush()
	}
	if err != nil {
		panic(plainf("write failure (%s)\nmawk: close failure", reason(err)))
	}
}

// close returns what close() does.
func (o *output) close() int {
	_ = o.b.Flush()
	if err := o.c.Close(); err != nil {
		return -1
	}
	if o.status != nil {
		return o.status()
	}
	return 0
}

// reason is the innermost error's text.
func reason(err error) string {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err.Error()
}

// flush writes what is buffered.
func (s *streams) flush() {
	_ = s.stdout.b.Flush()
	for _, o := range s.outputs {
		_ = o.b.Flush()
	}
}

// output opens what a print is redirected to.
func (s *streams) output(op, name string) *output {
	if op != "|" && (name == "/dev/stdout" || name == "-") {
		return s.stdout
	}
	if o := s.outputs[name]; o != nil {
		return o
	}
	s.room(name)
	var o *output
	switch {
	case op == "|":
		s.flush()
		o = s.newOutput(s.in.Commands.Input(name))
	case name == "/dev/stderr":
		o = s.newOutput(keeping{s.in.Err}, nil)
	default:
		w, err := s.in.Files.Create(name, op == ">>")
		if err != nil {
			panic(plainf("cannot open \"%s\" for output (%s)", name, reason(err)))
		}
		o = s.newOutput(w, nil)
	}
	s.outputs[name] = o
	return o
}

func (s *streams) room(name string) {
	if len(s.outputs)+len(s.inputs) >= mostOpen {
		panic(plainf("cannot open \"%s\" (Too many open files)", name))
	}
}

// input is a file or command that is read.
type input struct {
	r      io.Reader
	c      io.Closer
	status func() int
	buf    []byte
	eof    bool
}

// open opens an input; nil when it cannot.
func (s *streams) open(name string, command bool) *input {
	if i := s.inputs[name]; i != nil {
		return i
	}
	s.room(name)
	i := &input{}
	switch {
	case command:
		s.flush()
		r, status := s.in.Commands.Output(name)
		i.r, i.c, i.status = r, r, status
	case name == "-" || name == "/dev/stdin":
		i.r, i.c = s.in.In, io.NopCloser(nil)
	default:
		f, err := s.in.Files.Open(name)
		if err != nil {
			return nil
		}
		i.r, i.c = f, f
	}
	s.inputs[name] = i
	return i
}

func (i *input) close() int {
	_ = i.c.Close()
	if i.status != nil {
		return i.status()
	}
	return 0
}

// close closes what goes by that name.
func (s *streams) close(name string) int {
	result := -1
	if o := s.outputs[name]; o != nil {
		delete(s.outputs, name)
		s.flush()
		result = o.close()
	}
	if i := s.inputs[name]; i != nil {
		delete(s.inputs, name)
		result = i.close()
	}
	return result
}

func (s *streams) closeAll() {
	s.flush()
	for _, o := range s.outputs {
		_ = o.close()
	}
	for _, i := range s.inputs {
		_ = i.close()
	}
	if s.main != nil {
		_ = s.main.close()
	}
}

// read reads a record.
func (s *streams) read(i *input) (line string, ok bool) {
	rs := s.in.text(slotRS)
	if rs == "" {
		s.skipLines(i)
	}
	for from := 0; ; {
		start, end := s.separatorIn(i, rs, from)
		if start >= 0 {
			line = string(i.buf[:start])
			i.buf = i.buf[end:]
			return line, true
		}
		if i.eof {
			line = string(i.buf)
			i.buf = nil
			if rs == "" {
				line = strings.TrimRight(line, "\n")
			}
			return line, line != ""
		}
		from = max(0, len(i.buf)-1)
		s.fill(i)
	}
}

// separatorIn finds the end of a record and the beginning of the next.
func (s *streams) separatorIn(i *input, rs string, from int) (start, end int) {
	switch {
	case rs == "":
		at := bytes.Index(i.buf[from:], []byte("\n\n"))
		if at < 0 {
			return -1, -1
		}
		end := from + at
		for end < len(i.buf) && i.buf[end] == '\n' {
			end++
		}
		return from + at, end
	case len(rs) == 1:
		at := bytes.IndexByte(i.buf[from:], rs[0])
		if at < 0 {
			return -1, -1
		}
		return from + at, from + at + 1
	}
	re := s.in.regex(rs)
	m := re.find(string(i.buf), 1, s.in.pay)
	if len(m) == 0 || m[0][1] == m[0][0] || m[0][1] == len(i.buf) && !i.eof {
		return -1, -1
	}
	return m[0][0], m[0][1]
}

func (s *streams) skipLines(i *input) {
	for {
		i.buf = bytes.TrimLeft(i.buf, "\n")
		if len(i.buf) > 0 || i.eof {
			return
		}
		s.fill(i)
	}
}

// fill reads more of an input, whose record is bounded.
func (s *streams) fill(i *input) {
	s.in.whole(len(i.buf))
	if s.in.Interactive {
		s.flush()
	}
	buf := make([]byte, max(4096, min(len(i.buf), 64<<10)))
	n, err := i.r.Read(buf)
	i.buf = append(i.buf[:len(i.buf):len(i.buf)], buf[:n]...)
	if errors.Is(err, io.EOF) {
		i.eof = true
	} else if err != nil {
		panic(plainf("read error (%s)", reason(err)))
	}
}

// mainLine reads the next record of the files that ARGV names.
func (in *interp) mainLine() (string, bool) {
	for {
		if in.main == nil && !in.nextFile() {
			return "", false
		}
		if line, ok := in.read(in.main); ok {
			return line, true
		}
		in.skipFile()
	}
}

func (in *interp) skipFile() {
	if in.main != nil {
		_ = in.main.close()
		in.main = nil
	}
}

// nextFile opens the next file of ARGV; without any it is the standard input.
func (in *interp) nextFile() bool {
	argv := in.array(in.globals[slotARGV])
	for in.arg++; in.arg < int(min(in.globals[slotARGC].v.number(), 1<<20)); in.arg++ {
		in.step()
		it := argv.items[num(float64(in.arg)).text("")]
		if it == nil || it.v.s == "" {
			continue
		}
		name := it.v.s
		if before, after, ok := strings.Cut(name, "="); ok && IsName(before) {
			in.assignNamed(before, after)
			continue
		}
		in.openMain(name)
		return true
	}
	if in.used {
		return false
	}
	in.openMain("-")
	return true
}

// IsName reports whether s can be the name of a variable.
func IsName(s string) bool {
	for i := range len(s) {
		if !isLetter(s[i]) && (i == 0 || !isDigit(s[i])) {
			return false
		}
	}
	return s != ""
}

func (in *interp) openMain(name string) {
	in.used = true
	in.assign(&in.globals[slotFNR].v, num(0))
	if name == "-" {
		in.main = &input{r: in.In, c: io.NopCloser(nil)}
		return
	}
	f, err := in.Files.Open(name)
	if err != nil {
		panic(plainf("cannot open %s (%s)", name, reason(err)))
	}
	in.assign(&in.globals[slotFILENAME].v, str(name))
	in.main = &input{r: f, c: f}
}

func (in *interp) countRecord() {
	for _, slot := range []int{slotNR, slotFNR} {
		in.assign(&in.globals[slot].v, num(in.globals[slot].v.number()+1))
	}
}
