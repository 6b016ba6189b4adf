package postgres

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// What a message may be. The first is the real server's bound of a start
// packet, the second that of an answer to a password request; the last is ours,
// where a real server takes a gigabyte.
const (
	maxStart    = 10000
	maxPassword = 65535
	maxMessage  = 4 << 20
	slowReader  = time.Minute
)

// errSilent ends a client without a word, as the real server does.
var errSilent = errors.New("not the protocol")

// wire is a connection that speaks messages
// (https://www.postgresql.org/docs/15/protocol-message-formats.html).
type wire struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte
	lost error     // why nothing can be sent any more
	pays *holdings // for what is read
}

func newWire(c net.Conn, a *holdings) *wire {
	return &wire{conn: c, in: bufio.NewReaderSize(c, 2<<10), pays: a}
}

// deadline bounds how long the client may take to be heard; zero: for ever.
func (w *wire) deadline(t time.Time) { _ = w.conn.SetReadDeadline(t) }

// start reads a packet without a type.
func (w *wire) start() ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(w.in, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n < 8 || n > maxStart {
		return nil, errSilent
	}
	b := make([]byte, n-4)
	_, err := io.ReadFull(w.in, b)
	return b, err
}

// message reads one. Memory is taken as it comes, not as it is announced.
func (w *wire) message(most uint32) (kind byte, body []byte, err error) {
	if kind, err = w.in.ReadByte(); err != nil {
		return 0, nil, err
	}
	if !strings.ContainsRune("BCDEFHPSQXdcfp", rune(kind)) {
		return kind, nil, nil // its length means nothing
	}
	var head [4]byte
	if _, err := io.ReadFull(w.in, head[:]); err != nil {
		return kind, nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n < 4 || n > most {
		return kind, nil, errSilent
	}
	body, err = io.ReadAll(counted{io.LimitReader(w.in, int64(n-4)), w.pays})
	if err == nil && len(body) < int(n-4) {
		err = io.ErrUnexpectedEOF
	}
	return kind, body, err
}

// put queues a message.
func (w *wire) put(kind byte, body []byte) {
	w.out = append(w.out, kind)
	w.out = binary.BigEndian.AppendUint32(w.out, uint32(len(body)+4))
	w.out = append(w.out, body...)
}

// flush sends what is queued.
func (w *wire) flush() error {
	if len(w.out) == 0 || w.lost != nil {
		return w.lost
	}
	_ = w.conn.SetWriteDeadline(time.Now().Add(slowReader))
	_, err := w.conn.Write(w.out)
	w.out, w.lost = nil, err
	return err
}

func zero(parts ...string) []byte { return []byte(strings.Join(parts, "\x00") + "\x00") }

// authentication asks for or grants access.
func (w *wire) authentication(code uint32, data []byte) {
	w.put('R', append(binary.BigEndian.AppendUint32(nil, code), data...))
}

func (w *wire) parameter(name, value string) { w.put('S', zero(name, value)) }

// problem is an error or notice with the fields that the real server sends
// (https://www.postgresql.org/docs/15/protocol-error-fields.html).
type problem struct {
	severity, code, message, detail, hint string
	position                              int // in the statement, from 1; 0: none
	file                                  string
	line                                  int
	routine                               string
}

func (p *problem) Error() string { return p.severity + ": " + p.message }

func (p *problem) send(w *wire) {
	var b []byte
	field := func(kind byte, s string) {
		if s != "" {
			b = append(append(append(b, kind), s...), 0)
		}
	}
	field('S', p.severity)
	field('V', p.severity)
	field('C', p.code)
	field('M', p.message)
	field('D', p.detail)
	field('H', p.hint)
	if p.position > 0 {
		field('P', fmt.Sprint(p.position))
	}
	field('F', p.file)
	field('L', fmt.Sprint(p.line))
	field('R', p.routine)
	kind := byte('E')
	if p.severity == "NOTICE" || p.severity == "WARNING" {
		kind = 'N'
	}
	w.put(kind, append(b, 0))
}

// fatal ends the connection. File, line and routine are those of 15.18.
func fatal(code, file string, line int, routine, format string, args ...any) *problem {
	return &problem{severity: "FATAL", code: code, message: fmt.Sprintf(format, args...), file: file, line: line, routine: routine}
}

// wrong ends a statement.
func wrong(code, file string, line int, routine, format string, args ...any) *problem {
	p := fatal(code, file, line, routine, format, args...)
	p.severity = "ERROR"
	return p
}

func (p *problem) at(position int) *problem { p.position = position; return p }

func (p *problem) with(hint string) *problem { p.hint = hint; return p }

func (p *problem) as(severity string) *problem { p.severity = severity; return p }
