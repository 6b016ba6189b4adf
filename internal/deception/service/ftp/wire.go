package ftp

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
)

// maxLine is how long a line may be, its end included.
const maxLine = 4096

// client is one client's connection. One goroutine serves it.
type client struct {
	*server
	ctx     context.Context
	conn    net.Conn
	session *service.Session
	in      *bufio.Reader
	count   int  // clients that there were when this one came
	over    bool // the connection ends

	user  string // as named last; "" when none is
	fails int

	// Of a client that is logged in.
	files     *files // nil: it is not
	out       func() // leaves its machine
	home      string
	anonymous bool
	ascii     bool
	mask      fs.FileMode
	restart   int64           // where the next transfer begins
	renaming  string          // what RNFR has named
	port      net.Listener    // open for its data
	called    bool            // it wants to be called instead
	extended  bool            // it promised EPSV for ever
	visited   map[string]bool // folders whose message it has seen
	kept      int64           // bytes of artifacts
}

// line is what a client asks.
type line struct {
	verb, arg string // the verb in upper case
	raw       []byte
}

// parse takes a line apart as vsftpd does: at its first space, with a NUL for
// each line feed of a file name. A single space is a command of its own.
func parse(raw []byte) line {
	text := strings.TrimRight(strings.ReplaceAll(string(raw), "\x00", "\n"), "\r")
	if text == " " {
		return line{verb: text, raw: raw}
	}
	verb, arg, _ := strings.Cut(text, " ")
	return line{verb: upper(verb), arg: arg, raw: raw}
}

// upper changes ASCII letters only, as in C's own locale.
func upper(s string) string {
	b := []byte(s)
	for i, ch := range b {
		if 'a' <= ch && ch <= 'z' {
			b[i] = ch - 'a' + 'A'
		}
	}
	return string(b)
}

// line reads the next one; ok is false when the connection has ended.
func (c *client) line() (l line, ok bool) {
	_ = c.conn.SetReadDeadline(time.Now().Add(c.config.Idle))
	raw, err := c.in.ReadSlice('\n')
	switch {
	case err == nil:
		return parse(bytes.Clone(raw[:len(raw)-1])), true
	case errors.Is(err, bufio.ErrBufferFull):
		c.session.Record(service.ProtocolError, raw, service.Field{Name: "error", Value: "a line is too long"})
		c.reply(500, "Input line too long.")
	case timedOut(err):
		c.reply(421, "Timeout.")
	}
	return line{}, false
}

func timedOut(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// reply writes the last line of an answer, hyphen one before it.
func (c *client) reply(code int, text string)  { c.write(code, ' ', text) }
func (c *client) hyphen(code int, text string) { c.write(code, '-', text) }

// write writes a line of an answer: a byte that TELNET would take for a command
// is doubled, and a line feed of a file name is a NUL.
func (c *client) write(code int, separator byte, text string) {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\xff", "\xff\xff"), "\n", "\x00")
	c.raw(fmt.Sprintf("%d%c%s\r\n", code, separator, text))
}

// raw writes to the client. One that reads nothing is given up.
func (c *client) raw(text string) {
	if c.over {
		return
	}
	_ = c.conn.SetWriteDeadline(time.Now().Add(c.config.Idle))
	if _, err := io.WriteString(c.conn, text); err != nil {
		c.over = true
	}
}

// control writes to the client's own connection, until that is given up.
type control struct{ c *client }

func (w control) Write(b []byte) (int, error) {
	if w.c.raw(string(b)); w.c.over {
		return 0, net.ErrClosed
	}
	return len(b), nil
}

// leave writes the last answer of a connection.
func (c *client) leave(code int, text string) {
	c.reply(code, text)
	c.over = true
}

// did records a command.
func (c *client) did(l line) {
	c.session.Record(service.Command, l.raw, service.Field{Name: "verb", Value: l.verb}, service.Field{Name: "argument", Value: l.arg})
}
