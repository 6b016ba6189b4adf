package redis

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// What one request may be. The lengths of lines and of what comes before a
// login are the real server's (networking.c of 7.0); maxRequest is ours, where
// a real server would take a gigabyte.
const (
	maxLine         = 64 << 10
	maxRequest      = 8 << 20
	maxBulk         = 512 << 20
	maxParts        = 1<<31 - 1
	maxPartsBefore  = 10
	maxBulkBefore   = 16384
	perPart         = 48 // bytes of memory that one part costs beside its content
	firstAllocation = 16 << 10
)

// protocolError is what a client is told before it is dropped.
type protocolError string

func (e protocolError) Error() string { return "Protocol error: " + string(e) }

// errTooLarge ends a client without a word, as exceeding the query buffer does.
var errTooLarge = errors.New("request is larger than the query buffer")

// requests reads what a client asks for.
type requests struct {
	in   *bufio.Reader
	loan *loan
}

func newRequests(r io.Reader) *requests { return &requests{in: bufio.NewReaderSize(r, 4<<10)} }

// next returns the parts of a request; none of an empty line. known is whether
// the client has logged in.
func (q *requests) next(known bool) ([]string, error) {
	first, err := q.in.ReadByte()
	if err != nil {
		return nil, err
	}
	if first != '*' {
		_ = q.in.UnreadByte()
		return q.inline()
	}
	line, err := q.line("too big mbulk count string")
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseInt(line, 10, 64)
	if err != nil || n > maxParts {
		return nil, protocolError("invalid multibulk length")
	}
	if n > maxPartsBefore && !known {
		return nil, protocolError("unauthenticated multibulk length")
	}
	return q.parts(n, known)
}

func (q *requests) parts(n int64, known bool) ([]string, error) {
	var out []string
	for room := int64(maxRequest); n > 0; n-- {
		part, err := q.bulk(known, &room)
		if err != nil {
			return nil, err
		}
		out = append(out, part)
	}
	return out, nil
}

func (q *requests) bulk(known bool, room *int64) (string, error) {
	line, err := q.line("too big bulk count string")
	if err != nil {
		return "", err
	}
	if line == "" || line[0] != '$' {
		got := byte('\r')
		if line != "" {
			got = line[0]
		}
		return "", protocolError(fmt.Sprintf("expected '$', got '%c'", got))
	}
	n, err := strconv.ParseInt(line[1:], 10, 64)
	if err != nil || n < 0 || n > maxBulk {
		return "", protocolError("invalid bulk length")
	}
	if n > maxBulkBefore && !known {
		return "", protocolError("unauthenticated bulk length")
	}
	if *room -= n + perPart; *room < 0 || !q.loan.need(perPart) {
		return "", errTooLarge
	}
	return q.content(n)
}

// content reads n bytes and a line's end. Memory is taken as they come, not as
// they are announced.
func (q *requests) content(n int64) (string, error) {
	var b strings.Builder
	b.Grow(int(min(n, firstAllocation)))
	for n > 0 {
		piece := min(n, firstAllocation)
		if !q.loan.need(piece) {
			return "", errTooLarge
		}
		if _, err := io.CopyN(&b, q.in, piece); err != nil {
			return "", err
		}
		n -= piece
	}
	_, err := q.in.Discard(2)
	return b.String(), err
}

// line reads up to a line's end. Like the server it looks for the carriage
// return and takes whatever follows for the line feed.
func (q *requests) line(tooLong string) (string, error) {
	var b []byte
	blind := false // the server looks for the end with strchr, which stops at a zero byte
	for {
		c, err := q.in.ReadByte()
		if err != nil {
			return "", err
		}
		blind = blind || c == 0
		if c == '\r' && !blind {
			_, err := q.in.Discard(1)
			return string(b), err
		}
		if b = append(b, c); len(b) > maxLine {
			return "", protocolError(tooLong)
		}
	}
}

// inline reads a request that is a line of words.
func (q *requests) inline() ([]string, error) {
	var b []byte
	blind := false // as in line
	for {
		c, err := q.in.ReadByte()
		if err != nil {
			return nil, err
		}
		blind = blind || c == 0
		if c == '\n' && !blind {
			break
		}
		if b = append(b, c); len(b) > maxLine {
			return nil, protocolError("too big inline request")
		}
	}
	words, ok := split(strings.TrimSuffix(string(b), "\r"))
	if !ok {
		return nil, protocolError("unbalanced quotes in request")
	}
	return words, nil
}

// split cuts a line into words as the server's inline requests and its command
// line client have them: "…" with \n, \r, \t, \b, \a and \xHH, '…' with \'.
func split(s string) (words []string, ok bool) {
	for {
		s = strings.TrimLeft(s, " \n\r\t\v\f\x00")
		if s == "" {
			return words, true
		}
		var word string
		if word, s, ok = oneWord(s); !ok {
			return nil, false
		}
		words = append(words, word)
	}
}

func oneWord(s string) (word, rest string, ok bool) {
	var b strings.Builder
	for s != "" {
		switch c := s[0]; c {
		case ' ', '\n', '\r', '\t', 0:
			return b.String(), s, true
		case '"', '\'':
			n, ok := quoted(&b, s)
			if !ok || n < len(s) && !strings.ContainsRune(" \n\r\t\v\f", rune(s[n])) {
				return "", "", false
			}
			return b.String(), s[n:], true
		default:
			b.WriteByte(c)
			s = s[1:]
		}
	}
	return b.String(), "", true
}

// quoted reads a quoted word at the start of s and returns its length there.
func quoted(b *strings.Builder, s string) (n int, ok bool) {
	quote := s[0]
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == quote:
			return i + 1, true
		case c == '\\' && quote == '\'' && strings.HasPrefix(s[i+1:], "'"):
			b.WriteByte('\'')
			i++
		case c == '\\' && quote == '"' && i+1 < len(s):
			i += escape(b, s[i+1:])
		default:
			b.WriteByte(c)
		}
	}
	return 0, false
}

// escape writes what stands behind a backslash and returns its length.
func escape(b *strings.Builder, s string) int {
	if len(s) >= 3 && s[0] == 'x' {
		if v, err := strconv.ParseUint(s[1:3], 16, 8); err == nil {
			b.WriteByte(byte(v))
			return 3
		}
	}
	if i := strings.IndexByte("nrtba", s[0]); i >= 0 {
		b.WriteByte("\n\r\t\b\a"[i])
		return 1
	}
	b.WriteByte(s[0])
	return 1
}
