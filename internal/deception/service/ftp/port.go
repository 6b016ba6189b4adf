package ftp

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
)

// The ports that vsftpd opens for data (pasv_min_port, pasv_max_port), and how
// many it tries.
const (
	minPort   = 5001
	maxPort   = 65535
	portTries = 9
)

// mapped is how a server that listens with IPv6 names an IPv4 address.
func mapped(a netip.Addr) string {
	if a.Is4() {
		return "::ffff:" + a.String()
	}
	return a.String()
}

// openPort opens a port for the client's data in place of the last one.
func (c *client) openPort() (port uint16, ok bool) {
	c.closePort()
	for range portTries {
		port = uint16(minPort + rand.IntN(maxPort-minPort+1))
		if c.listen == nil {
			break
		}
		l, err := c.listen(c.ctx, c.session, port)
		if err == nil {
			c.port = l
			return port, true
		}
	}
	c.leave(500, "OOPS: vsf_sysutil_bind")
	return 0, false
}

// closePort forgets where data would come from.
func (c *client) closePort() {
	if c.port != nil {
		_ = c.port.Close()
	}
	c.port, c.called = nil, false
}

func (c *client) pasv() {
	port, ok := c.openPort()
	if !ok {
		return
	}
	host := "0,0,0,0" // of IPv6 there is no such form
	if a := c.session.Local().Addr(); a.Is4() {
		host = strings.ReplaceAll(a.String(), ".", ",")
	}
	c.reply(227, fmt.Sprintf("Entering Passive Mode (%s,%d,%d).", host, port>>8, port&0xff))
}

func (c *client) epsv(arg string) {
	if upper(arg) == "ALL" {
		c.extended = true
		c.reply(200, "EPSV ALL ok.")
		return
	}
	if n := leadingNumber(arg); arg != "" && n != 1 && n != 2 {
		c.reply(522, "Bad network protocol.")
		return
	}
	if port, ok := c.openPort(); ok {
		c.reply(229, fmt.Sprintf("Entering Extended Passive Mode (|||%d|)", port))
	}
}

// callAt is PORT: the client wants to be called, which nobody does.
func (c *client) callAt(arg string) {
	c.closePort()
	at, ok := hostPort(arg)
	if !ok {
		c.reply(500, "Illegal PORT command.")
		return
	}
	if !c.mine(at) {
		c.reply(500, "Illegal PORT command.")
		return
	}
	c.called = true
	c.reply(200, "PORT command successful. Consider using PASV.")
}

// mine reports whether an address is the client's own, and records who else is
// meant.
func (c *client) mine(at netip.AddrPort) bool {
	if at.Addr().Unmap() != c.session.Client().Addr().WithZone("") {
		c.elsewhere(at.Addr().Unmap().String(), at.Port())
		return false
	}
	return at.Port() >= 1024
}

// hostPort reads h1,h2,h3,h4,p1,p2 (RFC 959, section 5.3.2).
func hostPort(arg string) (at netip.AddrPort, ok bool) {
	b, ok := octets(arg, ",", 6)
	if !ok {
		return at, false
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[:4])), uint16(b[4])<<8|uint16(b[5])), true
}

// octets reads n numbers of a byte. None but the last may be followed by
// nothing; what is no number is 0.
func octets(s, separator string, n int) (out []byte, ok bool) {
	for i := range n {
		part, rest, _ := strings.Cut(s, separator)
		if (rest == "") != (i == n-1) {
			return nil, false
		}
		v := leadingNumber(part)
		if v < 0 || v > 255 {
			return nil, false
		}
		out, s = append(out, byte(v)), rest
	}
	return out, true
}

// callAtExtended is EPRT (RFC 2428, section 2).
func (c *client) callAtExtended(arg string) {
	c.closePort()
	at, why := extendedHostPort(arg)
	switch {
	case why != "":
		c.reply(500, why)
	case !c.mine(at):
		c.reply(500, "Illegal EPRT command.")
	default:
		c.called = true
		c.reply(200, "EPRT command successful. Consider using EPSV.")
	}
}

// extendedHostPort reads |protocol|address|port|; why says what is wrong.
func extendedHostPort(arg string) (at netip.AddrPort, why string) {
	const bad = "Bad EPRT command."
	before, rest, _ := strings.Cut(arg, "|")
	if before != "" {
		return at, bad
	}
	text, rest, _ := strings.Cut(rest, "|")
	protocol := leadingNumber(text)
	if protocol != 1 && protocol != 2 {
		return at, "Bad EPRT protocol."
	}
	text, rest, _ = strings.Cut(rest, "|")
	host, ok := extendedHost(text, protocol)
	number, after, _ := strings.Cut(rest, "|")
	port := leadingNumber(number)
	if !ok || after != "" || number == "" || port < 0 || port > 65535 {
		return at, bad
	}
	return netip.AddrPortFrom(host, uint16(port)), ""
}

func extendedHost(text string, protocol int) (netip.Addr, bool) {
	if protocol == 2 {
		text, _, _ = strings.Cut(text, "%")
		a, err := netip.ParseAddr(text)
		return a, err == nil && a.Is6()
	}
	b, ok := octets(text, ".", 4)
	if !ok {
		return netip.Addr{}, false
	}
	return netip.AddrFrom4([4]byte(b)), true
}

// mayTransfer reports whether the client has said how its data go.
func (c *client) mayTransfer() bool {
	if c.port == nil && !c.called {
		c.reply(425, "Use PORT or PASV first.")
		return false
	}
	return true
}

// dataConn waits for the client's data connection, and announces it; nil says
// that there is none, which has been told.
func (c *client) dataConn(text string) *dataConn {
	if c.called { // as if a firewall before the client refused the call
		c.reply(425, "Failed to establish connection.")
		return nil
	}
	l := c.port
	late := time.AfterFunc(c.config.Wait, func() { _ = l.Close() })
	conn, err := l.Accept()
	late.Stop()
	switch {
	case errors.Is(err, service.ErrStranger):
		c.reply(425, "Security: Bad IP connecting.")
		return nil
	case err != nil:
		c.reply(425, "Failed to establish connection.")
		return nil
	}
	c.reply(150, text)
	return newDataConn(c, conn)
}

// dataConn is a connection for one file or listing. It is given up when nothing
// moves on it for a while.
type dataConn struct {
	net.Conn
	stall  time.Duration
	forget func() bool
}

func (d *dataConn) Read(b []byte) (int, error) {
	_ = d.SetReadDeadline(time.Now().Add(d.stall))
	return d.Conn.Read(b)
}

// Write writes in pieces, so that each that moves is seen to.
func (d *dataConn) Write(b []byte) (done int, err error) {
	const piece = 16 << 10
	for done < len(b) && err == nil {
		_ = d.SetWriteDeadline(time.Now().Add(d.stall))
		var n int
		n, err = d.Conn.Write(b[done:min(len(b), done+piece)])
		done += n
	}
	return done, err
}

func (d *dataConn) Close() error {
	d.forget()
	return d.Conn.Close()
}
