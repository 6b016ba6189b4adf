package transport

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

const maxIdent = 8192 // bytes of a client's identification string

// errIdent says that the client did not begin with an identification string,
// and was told so.
var errIdent = errors.New("no identification string of SSH")

// exchangeIdents sends ours and reads the client's, as far as sshd would read.
// What sshd says of a bad one is a line, not a message.
func exchangeIdents(w io.Writer, r *bufio.Reader, ours string) (string, error) {
	if _, err := io.WriteString(w, ours+"\r\n"); err != nil {
		return "", fmt.Errorf("sending the identification string: %w", err)
	}
	theirs, ok, err := readIdent(r)
	if err != nil {
		return theirs, fmt.Errorf("reading the identification string: %w", err)
	}
	if !ok {
		return theirs, refuse(w, "Invalid SSH identification string.")
	}
	var major, minor int
	var software string
	if n, _ := fmt.Sscanf(theirs, "SSH-%d.%d-%s", &major, &minor, &software); n < 2 || !named(theirs) {
		return theirs, refuse(w, "Invalid SSH identification string.")
	}
	if major != 2 && (major != 1 || minor != 99) {
		return theirs, refuse(w, "Protocol major versions differ.")
	}
	if scanner(theirs) {
		return theirs, errIdent
	}
	return theirs, nil
}

func refuse(w io.Writer, text string) error {
	_, _ = io.WriteString(w, text+"\r\n") // whether it arrives or not, this is the end
	return errIdent
}

// scanner reports whether a client names itself as one that sshd knows for only
// looking; it gets no answer.
func scanner(ident string) bool {
	_, software, _ := strings.Cut(strings.TrimPrefix(ident, "SSH-"), "-")
	return strings.HasPrefix(software, "Probe-") || strings.Contains(software, "SSH_Version_Mapper")
}

// named reports whether something stands behind the second hyphen.
func named(ident string) bool {
	hyphens := 0
	for i := range len(ident) {
		if ident[i] == '-' {
			hyphens++
		}
		if hyphens == 2 {
			return i+1 < len(ident)
		}
	}
	return false
}

// readIdent reads a line byte by byte; ok is false as soon as it cannot be an
// identification string. A line that does not begin with SSH- is judged when it
// ends, as sshd does.
func readIdent(r *bufio.Reader) (line string, ok bool, err error) {
	var b []byte
	afterReturn := false
	for {
		c, err := r.ReadByte()
		switch {
		case err != nil:
			return string(b), false, err
		case c == '\r':
			afterReturn = true
			continue
		case c == '\n':
			return string(b), len(b) > 4 && string(b[:4]) == "SSH-", nil
		case c == 0 || afterReturn || len(b) >= maxIdent:
			return string(b), false, nil
		}
		b = append(b, c)
	}
}
