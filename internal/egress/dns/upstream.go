package dns

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// rounds is how often all upstream servers are asked before nobody answers.
const rounds = 2

var (
	errNoServers = errors.New("no name server is known: give some as egress.dns.upstream")
	errNoAnswer  = errors.New("no name server answered")
)

// upstream asks other name servers.
type upstream struct {
	servers func() []netip.AddrPort
	try     time.Duration
}

// ask asks one server after the other until one says that there is such a name or
// that there is not.
func (u *upstream) ask(ctx context.Context, k key) (*answer, error) {
	servers := u.servers()
	if len(servers) == 0 {
		return nil, errNoServers
	}
	last := errNoAnswer
	for range rounds {
		for _, s := range servers {
			if ctx.Err() != nil {
				return nil, last
			}
			a, err := u.askOne(ctx, s, k)
			if err == nil {
				return a, nil
			}
			last = fmt.Errorf("asking %s: %w", s, err)
		}
	}
	return nil, last
}

// askOne asks by UDP and, when the answer does not fit or is doubtful, by TCP.
func (u *upstream) askOne(ctx context.Context, server netip.AddrPort, k key) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, u.try)
	defer cancel()
	a, err := u.exchange(ctx, "udp", server, k)
	if errors.Is(err, errTruncated) || errors.Is(err, errOtherCase) {
		return u.exchange(ctx, "tcp", server, k)
	}
	return a, err
}

// exchange sends one question from a port and with an id and spelling that nobody
// can guess (RFC 5452), and waits for what answers exactly that.
func (u *upstream) exchange(ctx context.Context, network string, server netip.AddrPort, k key) (*answer, error) {
	ask, err := newAsk(k)
	if err != nil {
		return nil, err
	}
	var d net.Dialer // a new socket each time: the kernel gives it a random port
	conn, err := d.DialContext(ctx, network, server.String())
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline)
	if network == "tcp" {
		return ask.byTCP(conn)
	}
	return ask.byUDP(conn)
}

// ask is a question on its way.
type ask struct {
	id       uint16
	question dnsmessage.Question
	msg      []byte
}

func newAsk(k key) (*ask, error) {
	var chance [2 + maxName]byte
	_, _ = rand.Read(chance[:]) // never fails
	name, err := dnsmessage.NewName(spell(k.name, chance[2:]) + ".")
	if err != nil {
		return nil, fmt.Errorf("the name cannot be asked for: %w", err)
	}
	a := &ask{id: binary.BigEndian.Uint16(chance[:]), question: dnsmessage.Question{Name: name, Type: k.kind, Class: dnsmessage.ClassINET}}
	b := dnsmessage.NewBuilder(nil, dnsmessage.Header{ID: a.id, RecursionDesired: true})
	var opt dnsmessage.ResourceHeader
	err = errors.Join(opt.SetEDNS0(maxUDP, dnsmessage.RCodeSuccess, false), b.StartQuestions(), b.Question(a.question), b.StartAdditionals(), b.OPTResource(opt, dnsmessage.OPTResource{}))
	if err != nil {
		return nil, fmt.Errorf("the name cannot be asked for: %w", err)
	}
	a.msg, err = b.Finish()
	return a, err
}

// maxName is how long a name is at most (RFC 1035, 2.3.4).
const maxName = 255

// spell writes each letter large or small by chance. A server repeats the question
// as it was asked, which one who forges an answer would have to guess, too
// (draft-vixie-dnsext-dns0x20).
func spell(name string, chance []byte) string {
	b := []byte(name)
	for i, c := range b {
		if c >= 'a' && c <= 'z' && chance[i%len(chance)]&1 == 1 {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

// byUDP passes over what answers something else: it may be forged, and the true
// answer still on its way.
func (a *ask) byUDP(conn net.Conn) (*answer, error) {
	if _, err := conn.Write(a.msg); err != nil {
		return nil, err
	}
	buf := make([]byte, 4096)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return nil, err
		}
		if got, err := a.read(buf[:n]); !errors.Is(err, errNotOurs) {
			return got, err
		}
	}
}

func (a *ask) byTCP(conn net.Conn) (*answer, error) {
	if err := writeFrame(conn, a.msg); err != nil {
		return nil, err
	}
	msg, err := readFrame(conn, maxTCP)
	if err != nil {
		return nil, err
	}
	return a.read(msg)
}

// writeFrame writes a message of TCP: its length goes before it (RFC 1035, 4.2.2),
// in one piece with it (RFC 7766, 8).
func writeFrame(w io.Writer, msg []byte) error {
	_, err := w.Write(append(binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(msg)), uint16(len(msg))), msg...))
	return err
}

// errTooLong is of a message that is longer than its reader wants.
var errTooLong = errors.New("the message is too long")

func readFrame(r io.Reader, most int) ([]byte, error) {
	var size [2]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(size[:]))
	if n > most {
		return nil, errTooLong
	}
	msg := make([]byte, n)
	_, err := io.ReadFull(r, msg)
	return msg, err
}
