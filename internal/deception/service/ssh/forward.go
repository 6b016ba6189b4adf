package ssh

import (
	"strconv"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/ssh/transport"
	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
)

// Why a channel is not opened (RFC 4254, section 5.1).
const (
	adminProhibited = 1
	connectFailed   = 2
)

func number(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

// forward records that a client wanted to be connected.
func (v *visit) forward(kind string, fields ...service.Field) {
	v.session.Record(service.Forward, nil, append([]service.Field{field("kind", kind)}, fields...)...)
}

// debug sends a line for the client's log.
func (v *visit) debug(text string) error {
	return v.conn.Write(wire.Message(transport.MsgDebug).Bool(false).Text(text).Text(""))
}

func (c *connection) openFailed(remote, reason uint32, text string) error {
	return c.conn.Write(wire.Message(msgOpenFailure).Uint32(remote).Uint32(reason).Text(text).Text(""))
}

// openElsewhere records where a client wants to go and does not go there.
func (c *connection) openElsewhere(kind string, remote uint32, r *wire.Reader) error {
	switch kind {
	case "direct-tcpip":
		host, port := r.CString(), r.Uint32()
		from, fromPort := r.CString(), r.Uint32()
		if !r.End() {
			return transport.ErrMalformed
		}
		c.forward(kind, field("host", host), field("port", number(port)), field("from", from), field("from_port", number(fromPort)))
		if c.config.Forwarding == unreachable && port <= 0xffff && fromPort <= 0xffff {
			return c.openFailed(remote, connectFailed, "Connection refused")
		}
		return c.openFailed(remote, adminProhibited, "open failed")
	case "direct-streamlocal@openssh.com":
		path := r.CString()
		r.CString() // reserved
		r.Uint32()
		if !r.End() {
			return transport.ErrMalformed
		}
		c.forward(kind, field("path", path))
	case "tun@openssh.com":
		c.forward(kind, field("mode", number(r.Uint32())))
		if err := c.debug("Server has rejected tunnel device forwarding"); err != nil {
			return err
		}
	}
	return c.openFailed(remote, connectFailed, "open failed")
}

// globalRequest answers what concerns no channel.
func (c *connection) globalRequest(r *wire.Reader) error {
	name, wantsReply := r.CString(), r.Bool()
	if !r.OK() {
		return transport.ErrMalformed
	}
	ok, extra, err := c.global(name, r)
	if err != nil || !wantsReply {
		return err
	}
	if !ok {
		return c.conn.Write([]byte{msgRequestFailure})
	}
	return c.conn.Write(wire.Message(msgRequestSuccess).Raw(extra))
}

func (c *connection) global(name string, r *wire.Reader) (ok bool, extra []byte, err error) {
	switch name {
	case "no-more-sessions@openssh.com":
		c.noMoreSessions = true
		return true, nil, nil
	case "hostkeys-prove-00@openssh.com":
		extra, ok = c.proveKeys(r)
		return ok, extra, nil
	case "tcpip-forward":
		host, port := r.CString(), r.Uint32()
		if !r.OK() {
			return false, nil, transport.ErrMalformed
		}
		c.forward(name, field("host", host), field("port", number(port)))
		return false, nil, c.debug("Server has disabled port forwarding.")
	case "streamlocal-forward@openssh.com":
		path := r.CString()
		if !r.OK() {
			return false, nil, transport.ErrMalformed
		}
		c.forward(name, field("path", path))
		return false, nil, c.debug("Server has disabled streamlocal forwarding.")
	}
	return false, nil, nil
}
