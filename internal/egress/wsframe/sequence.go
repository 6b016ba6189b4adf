package wsframe

import (
	"encoding/binary"
	"unicode/utf8"
)

// Sequence holds the frames that one end sends to the rules of RFC 6455. The zero
// value is for a server's frames without compression.
type Sequence struct {
	FromClient bool // frames have to be masked; a server's must not be
	Deflate    bool // RSV1 marks compressed messages

	open   bool // a message has begun and not ended
	closed bool // a Close was sent, behind which nothing comes
}

// Closed reports whether a Close was sent.
func (s *Sequence) Closed() bool { return s.closed }

// Check takes the next frame's head. Its error is *Error.
func (s *Sequence) Check(h Header) error {
	switch {
	case s.closed:
		return broken("a frame comes behind the closing frame")
	case h.Masked != s.FromClient && s.FromClient:
		return broken("a frame of the client is not masked")
	case h.Masked != s.FromClient:
		return broken("a frame of the server is masked")
	case h.RSV&^rsv1 != 0, h.Compressed() && !s.Deflate:
		return broken("a reserved bit is set that no extension uses")
	case h.Op.Control():
		return s.control(h)
	}
	return s.data(h)
}

func (s *Sequence) control(h Header) error {
	switch {
	case h.Op > Pong:
		return broken("a frame's opcode is a reserved one")
	case !h.Fin:
		return broken("a control frame is fragmented")
	case h.Length > MaxControl:
		return broken("a control frame is longer than 125 bytes")
	case h.Compressed():
		return broken("a control frame is marked as compressed")
	}
	s.closed = h.Op == Close
	return nil
}

func (s *Sequence) data(h Header) error {
	switch {
	case h.Op > Binary:
		return broken("a frame's opcode is a reserved one")
	case s.open && h.Op != Continuation:
		return broken("a message begins before the one before it has ended")
	case !s.open && h.Op == Continuation:
		return broken("a message goes on that has not begun")
	case s.open && h.Compressed():
		return broken("a frame within a message is marked as compressed")
	}
	s.open = !h.Fin
	return nil
}

// CheckClose holds the payload of a Close to RFC 6455, 5.5.1 and 7.4. Its error is
// *Error.
func CheckClose(payload []byte) error {
	switch {
	case len(payload) == 0:
		return nil
	case len(payload) == 1:
		return broken("a closing frame has half a code")
	case !sendable(binary.BigEndian.Uint16(payload)):
		return broken("a closing frame has a code that none may send")
	case !utf8.Valid(payload[2:]):
		return &Error{CodeData, "the reason in a closing frame is not UTF-8"}
	}
	return nil
}

// sendable knows the codes that may be sent: those of RFC 6455, those registered
// with IANA since, and the ranges for libraries and applications.
func sendable(code uint16) bool {
	switch code {
	case 1004, 1005, 1006:
		return false
	}
	return code >= 1000 && code <= 1014 || code >= 3000 && code <= 4999
}

// ClosePayload is the payload of a Close: the reason is cut, between characters,
// where a control frame ends.
func ClosePayload(code uint16, reason string) []byte {
	const most = MaxControl - 2
	if len(reason) > most {
		cut := most
		for cut > 0 && !utf8.RuneStart(reason[cut]) {
			cut--
		}
		reason = reason[:cut]
	}
	return append(binary.BigEndian.AppendUint16(nil, code), reason...)
}
