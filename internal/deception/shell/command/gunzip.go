package command

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// damaged says what is wrong with a file, as gzip says it.
func (g *gzipper) damaged(name string, err error) {
	if errors.Is(err, vfs.EINTR) || errors.Is(err, vfs.EPIPE) {
		g.status = 1
		return
	}
	text, status := unpackProblem(err)
	if text == "" {
		g.fail("%s: %s", name, reason(err))
		return
	}
	fmt.Fprintf(g.p.Err, "%sgzip: %s: %s\n", lineBefore(text), name, text)
	if g.status != 1 {
		g.status = status
	}
}

func lineBefore(text string) string {
	if strings.HasPrefix(text, "unknown method") {
		return ""
	}
	return "\n"
}

// unpackProblem returns gzip's words and status for what is wrong with packed
// bytes; "" when something else went wrong.
func unpackProblem(err error) (text string, status int) {
	var format flate.CorruptInputError
	var method methodError
	switch {
	case errors.Is(err, errTrailing):
		return "decompression OK, trailing garbage ignored", 2
	case errors.As(err, &method):
		return fmt.Sprintf("unknown method %d -- not supported", byte(method)), 1
	case errors.Is(err, gzip.ErrHeader):
		return "not in gzip format", 1
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "unexpected end of file", 1
	case errors.Is(err, gzip.ErrChecksum):
		return "invalid compressed data--crc error", 1
	case errors.As(err, &format):
		return "invalid compressed data--format violated", 1
	}
	return "", 1
}

var errTrailing = errors.New("trailing garbage")

// methodError is a way of packing that gzip does not have.
type methodError byte

// Error implements error.
func (m methodError) Error() string { return fmt.Sprintf("method %d", byte(m)) }

// unpacker reads packed members one behind the other (RFC 1952).
type unpacker struct {
	r        *bufio.Reader
	z        *gzip.Reader
	plain    bool // what comes is no packed member, and is passed on
	plainToo bool
}

// Read implements io.Reader.
func (u *unpacker) Read(b []byte) (int, error) {
	for {
		if u.plain {
			return u.r.Read(b)
		}
		if u.z == nil {
			if err := u.open(false); err != nil || u.plain {
				if u.plain {
					continue
				}
				return 0, err
			}
		}
		n, err := u.z.Read(b)
		if n > 0 || err == nil {
			return n, nil
		}
		if !errors.Is(err, io.EOF) {
			return 0, err
		}
		if err := u.open(true); err != nil {
			return 0, err
		}
	}
}

// open begins with the next member; zeros behind the last are padding.
func (u *unpacker) open(further bool) (err error) {
	for further {
		c, err := u.r.ReadByte()
		if err != nil {
			return io.EOF
		}
		if c != 0 {
			_ = u.r.UnreadByte()
			break
		}
	}
	head, _ := u.r.Peek(3)
	switch {
	case len(head) < 2 && !further && !u.plainToo:
		return io.ErrUnexpectedEOF
	case len(head) < 2 || head[0] != 0x1f || head[1] != 0x8b:
		if u.plain = u.plainToo && !further; u.plain {
			return nil
		}
		if further {
			return errTrailing
		}
		return gzip.ErrHeader
	case len(head) == 3 && head[2] != 8:
		return methodError(head[2])
	}
	if u.z == nil {
		u.z, err = gzip.NewReader(u.r)
	} else {
		err = u.z.Reset(u.r)
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if u.z != nil {
		u.z.Multistream(false)
	}
	return err
}
