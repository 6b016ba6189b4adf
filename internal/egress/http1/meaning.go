package http1

import (
	"bytes"
	"net/http"
)

// BodyKind says how the end of a body is known.
type BodyKind uint8

// The kinds of bodies.
const (
	None    BodyKind = iota
	Sized            // Content-Length
	Chunked          // Transfer-Encoding: chunked
	ToClose          // answers only: until the connection ends
)

// Body is how a body is framed.
type Body struct {
	Kind   BodyKind
	Length int64 // of a Sized one
}

// Empty reports whether no byte of a body will come.
func (b Body) Empty() bool { return b.Kind == None || b.Kind == Sized && b.Length == 0 }

// understanding is what the fields of a head say together.
type understanding struct {
	lengths, transfers, hosts int
	length                    int64
	keepAlive, upgrade        bool
}

// understand reads the fields that say how a message is framed and connected.
func (h *Head) understand() (u understanding, err error) {
	for i := range h.Fields {
		f := &h.Fields[i]
		switch f.Kind {
		case Length:
			u.lengths++
			u.length, err = parseLength(f.Value)
		case Transfer:
			u.transfers++
			err = checkCoding(f.Value)
		case Conn:
			err = h.connection(f.Value, &u)
		case Host:
			u.hosts++
			if h.Host = f.Value; h.Host == nil {
				h.Host = []byte{} // an empty one is there all the same
			}
		}
		if err != nil {
			return u, err
		}
	}
	return u, h.oneLength(u)
}

func (h *Head) oneLength(u understanding) error {
	switch {
	case u.lengths > 1 || u.transfers > 1:
		return bad("the length of the body is given more than once")
	case u.lengths > 0 && u.transfers > 0:
		return bad("Content-Length and Transfer-Encoding are both given")
	case u.transfers > 0 && h.Minor == 0:
		return bad("HTTP/1.0 has no Transfer-Encoding")
	}
	return nil
}

// parseLength takes digits only: no sign, no list, at most 18 of them.
func parseLength(v []byte) (n int64, err error) {
	if len(v) == 0 || len(v) > 18 {
		return 0, bad("Content-Length is no number of 1 to 18 digits")
	}
	for _, c := range v {
		if !isDigit(c) {
			return 0, bad("Content-Length is no number of 1 to 18 digits")
		}
		n = n*10 + int64(c-'0')
	}
	return n, nil
}

func checkCoding(v []byte) error {
	if !EqualFold(v, "chunked") {
		return &Error{http.StatusNotImplemented, "Transfer-Encoding is something other than chunked"}
	}
	return nil
}

// connection obeys one Connection field.
func (h *Head) connection(v []byte, u *understanding) error {
	for option := range bytes.SplitSeq(v, []byte{','}) {
		option = bytes.Trim(option, " \t")
		switch {
		case len(option) == 0:
		case !isToken(option):
			return bad("Connection lists something that is no token")
		case EqualFold(option, "close"):
			h.Close = true
		case EqualFold(option, "keep-alive"):
			u.keepAlive = true
		case EqualFold(option, "upgrade"):
			u.upgrade = true
		case essential(option):
			return bad("Connection names a field that is not for one hop only")
		default:
			h.drop(option)
		}
	}
	return nil
}

// drop marks the fields of that name as meant for this hop.
func (h *Head) drop(name []byte) {
	for i := range h.Fields {
		if bytes.EqualFold(h.Fields[i].Name, name) {
			h.Fields[i].Drop = true
		}
	}
}

func (h *Head) understandRequest() error {
	u, err := h.understand()
	if err != nil {
		return err
	}
	if u.hosts > 1 || u.hosts == 0 && h.Minor == 1 {
		return bad("there is not exactly one Host")
	}
	h.Close = h.Close || h.Minor == 0 && !u.keepAlive
	switch {
	case u.transfers > 0:
		h.Body.Kind = Chunked
	case u.lengths > 0:
		h.Body = Body{Sized, u.length}
	}
	if err := h.expectation(); err != nil {
		return err
	}
	return h.upgrade(u)
}

// expectation takes 100-continue and refuses everything else.
func (h *Head) expectation() error {
	for _, f := range h.Fields {
		switch f.Kind {
		case Expect:
			if !EqualFold(f.Value, "100-continue") {
				return &Error{http.StatusExpectationFailed, "Expect asks for something other than 100-continue"}
			}
			h.Continue = h.Minor == 1
		case Forwards:
			h.MaxForwards = f.Value
		}
	}
	return nil
}

func (h *Head) upgrade(u understanding) error {
	for _, f := range h.Fields {
		if f.Kind != Upgrade {
			continue
		}
		if h.Upgrade != nil {
			return bad("Upgrade is given more than once")
		}
		if u.upgrade {
			h.Upgrade = f.Value
		}
	}
	return nil
}

func (h *Head) understandAnswer(method string) error {
	u, err := h.understand()
	if err != nil {
		return err
	}
	h.Close = h.Close || h.Minor == 0 && !u.keepAlive
	if err := h.upgrade(u); err != nil {
		return err
	}
	switch {
	case method == http.MethodHead || h.Status < 200 || h.Status == http.StatusNoContent || h.Status == http.StatusNotModified:
		h.Told = u.lengths > 0
		h.Body.Length = u.length
	case u.transfers > 0:
		h.Body.Kind = Chunked
	case u.lengths > 0:
		h.Body = Body{Sized, u.length}
	default:
		h.Body.Kind, h.Close = ToClose, true
	}
	return nil
}
