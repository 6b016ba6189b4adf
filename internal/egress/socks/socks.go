// Package socks reads and writes the SOCKS5 handshake (RFC 1928) of a gateway
// that serves CONNECT without authentication. It imports the standard library
// only.
package socks

import (
	"fmt"
	"io"
	"net/netip"
)

// Version is the first byte of a SOCKS5 client; Version4 that of an older one.
const (
	Version  = 5
	Version4 = 4
)

// Reply is the code of an answer (RFC 1928, 6).
type Reply byte

// The replies that the gateway gives.
const (
	Granted          Reply = 0
	Failed           Reply = 1
	NotAllowed       Reply = 2
	HostUnreachable  Reply = 4
	Refused          Reply = 5
	TimedOut         Reply = 6
	BadCommand       Reply = 7
	BadAddressType   Reply = 8
	noMethod               = 0xff
	noAuthentication       = 0
)

// Error is why a handshake is refused; the answer has been written.
type Error struct {
	Problem string
	Command bool // a command that is not served, not a malformed message
}

func (e *Error) Error() string { return e.Problem }

// ErrMethod is the refusal of a client that will not go without a login.
var ErrMethod = &Error{Problem: "the client offers no method without authentication, and the gateway has no other"}

// Request is what a client asks for. Host is as it was sent: a name, or an
// address in canonical form.
type Request struct {
	Host string
	Port uint16
}

// Handshake reads the greeting and the request. A refusal (*Error) has been
// answered; other errors are of the connection.
func Handshake(rw io.ReadWriter) (Request, error) {
	if err := greet(rw); err != nil {
		return Request{}, err
	}
	var head [4]byte
	if _, err := io.ReadFull(rw, head[:]); err != nil {
		return Request{}, fmt.Errorf("reading a SOCKS request: %w", err)
	}
	if head[0] != Version || head[2] != 0 {
		return Request{}, refuse(rw, Failed, "the SOCKS request has another version, or a reserved byte that is not 0")
	}
	if head[1] != 1 {
		e := refuse(rw, BadCommand, "the SOCKS command is not CONNECT: BIND and UDP ASSOCIATE are not served")
		e.Command = true
		return Request{}, e
	}
	host, err := address(rw, head[3])
	if err != nil {
		return Request{}, err
	}
	var port [2]byte
	if _, err := io.ReadFull(rw, port[:]); err != nil {
		return Request{}, fmt.Errorf("reading a SOCKS request: %w", err)
	}
	return Request{host, uint16(port[0])<<8 | uint16(port[1])}, nil
}

// greet agrees on going without authentication.
func greet(rw io.ReadWriter) error {
	var head [2]byte
	if _, err := io.ReadFull(rw, head[:]); err != nil {
		return fmt.Errorf("reading a SOCKS greeting: %w", err)
	}
	if head[0] != Version {
		return &Error{Problem: "the SOCKS version is not 5"}
	}
	methods := make([]byte, head[1])
	if _, err := io.ReadFull(rw, methods); err != nil {
		return fmt.Errorf("reading a SOCKS greeting: %w", err)
	}
	for _, m := range methods {
		if m == noAuthentication {
			_, err := rw.Write([]byte{Version, noAuthentication})
			return err
		}
	}
	_, _ = rw.Write([]byte{Version, noMethod}) // refused either way
	return ErrMethod
}

// address reads a destination of that type.
func address(rw io.ReadWriter, kind byte) (string, error) {
	switch kind {
	case 1:
		return literal(rw, 4)
	case 4:
		return literal(rw, 16)
	case 3:
		return name(rw)
	}
	return "", refuse(rw, BadAddressType, "the SOCKS address is neither IPv4, IPv6 nor a name")
}

func literal(r io.Reader, size int) (string, error) {
	b := make([]byte, size)
	if _, err := io.ReadFull(r, b); err != nil {
		return "", fmt.Errorf("reading a SOCKS request: %w", err)
	}
	a, _ := netip.AddrFromSlice(b) // of 4 or 16 bytes always
	return a.String(), nil
}

func name(rw io.ReadWriter) (string, error) {
	var size [1]byte
	if _, err := io.ReadFull(rw, size[:]); err != nil {
		return "", fmt.Errorf("reading a SOCKS request: %w", err)
	}
	if size[0] == 0 {
		return "", refuse(rw, Failed, "the SOCKS name is empty")
	}
	b := make([]byte, size[0])
	if _, err := io.ReadFull(rw, b); err != nil {
		return "", fmt.Errorf("reading a SOCKS request: %w", err)
	}
	return string(b), nil
}

func refuse(w io.Writer, code Reply, problem string) *Error {
	e := &Error{Problem: problem}
	if err := Answer(w, code); err != nil {
		e.Problem += "; the client has gone"
	}
	return e
}

// Answer writes a reply. The bound address in it is all zeros: where the
// gateway dials from is nobody's business.
func Answer(w io.Writer, code Reply) error {
	_, err := w.Write([]byte{Version, byte(code), 0, 1, 0, 0, 0, 0, 0, 0})
	if err != nil {
		return fmt.Errorf("answering a SOCKS client: %w", err)
	}
	return nil
}

// Answer4 refuses a SOCKS4 client in its own language.
func Answer4(w io.Writer) error {
	_, err := w.Write([]byte{0, 91, 0, 0, 0, 0, 0, 0})
	if err != nil {
		return fmt.Errorf("answering a SOCKS4 client: %w", err)
	}
	return nil
}
