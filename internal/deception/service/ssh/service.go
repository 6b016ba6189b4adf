package ssh

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/door"
	"go.cordon.dev/cordon/internal/deception/service/passwords"
	"go.cordon.dev/cordon/internal/deception/service/ssh/hostkey"
	"go.cordon.dev/cordon/internal/deception/service/ssh/transport"
)

// Kind is SSH on a decky whose clients find themselves on one of m's machines.
// If m is nil, nobody can log in.
func Kind(m door.Machines) service.Kind {
	return KindOf(func(*persona.Persona) door.Machines { return m })
}

// KindOf is Kind with machines of each decky's own. Their clients share what is
// bounded for all.
func KindOf(of func(*persona.Persona) door.Machines) service.Kind {
	all := newShares()
	return service.Kind{Name: "ssh", Port: 22, New: func(s service.Setup) (service.Service, error) { return newServer(s, of(s.Persona), all) }}
}

// server is the SSH server of one decky.
type server struct {
	config   config
	persona  *persona.Persona
	clock    clock.Clock
	machines door.Machines
	keys     *hostkey.Set
	options  transport.Options
	policy   *passwords.Policy
	startups startups
	starting atomic.Int64 // clients that have not logged in
	hashTime time.Duration
	memory   *door.Memory
	input    ledger // that no program has read
	shares   shares
}

func newServer(s service.Setup, m door.Machines, all shares) (*server, error) {
	c := defaults()
	if err := s.Config.Decode(&c); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	limit, err := parseStartups(c.Startups)
	if err != nil {
		return nil, err
	}
	if c.Patch == 0 {
		c.Patch = patch(s.Persona)
	}
	memory := &door.Memory{}
	if m != nil {
		memory = m.Memory()
	}
	out := &server{
		config: c, persona: s.Persona, clock: s.Clock, machines: m, keys: hostkey.New(s.Persona),
		policy: passwords.New(s.Persona, c.Accept, &memory.Passwords), memory: memory, startups: limit, input: ledger{most: mostInput},
		shares:   all,
		hashTime: time.Duration(18+s.Persona.Rand("ssh: time of a hash").IntN(30)) * time.Millisecond,
	}
	out.options = transport.Options{
		Ident: ident(c.Patch), Lists: algorithms(c.Patch), Keys: out.keys, SigAlgs: sigAlgs, RekeyBytes: c.RekeyBytes,
	}
	return out, nil
}

// Serve implements service.Service.
func (s *server) Serve(ctx context.Context, conn net.Conn, session *service.Session) {
	starting := s.starting.Add(1)
	v := &visit{server: s, session: session, tcp: conn, conn: transport.New(conn, &s.options), started: true}
	defer v.loggedIn()
	if s.startups.drops(int(starting)-1, rand.IntN) {
		_, _ = io.WriteString(conn, "Exceeded MaxStartups\r\n")
		return
	}
	v.conn.Pace(s.shares.keys.turn(ctx, s.clock))
	// Who has not logged in by then finds the connection closed.
	_ = conn.SetReadDeadline(time.Now().Add(s.config.Grace))
	err := v.conn.Handshake()
	v.introduce(err)
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	v.serve(ctx)
}

// visit is one client's connection.
type visit struct {
	*server
	session *service.Session
	tcp     net.Conn
	conn    *transport.Conn
	started bool // counts among those who have not logged in
	user    string
	machine door.Machine
	keyLine string // where the key stands that the client logs in with; "" without one
}

// loggedIn takes the visit off the number of those who log in.
func (v *visit) loggedIn() {
	if v.started {
		v.started = false
		v.starting.Add(-1)
	}
}

// serve logs the client in and serves its channels.
func (v *visit) serve(ctx context.Context) {
	if err := v.authenticate(ctx); err != nil {
		v.complain(err)
		return
	}
	v.loggedIn()
	_ = v.tcp.SetReadDeadline(time.Time{})
	v.session.Record(service.LoggedIn, nil, service.Field{Name: "user", Value: v.user})
	v.complain(v.connection(ctx))
}

// complain records what was wrong with what came, unless the client just left.
func (v *visit) complain(err error) {
	if violation := (*transport.Violation)(nil); errors.As(err, &violation) || errors.Is(err, transport.ErrMalformed) {
		v.session.Record(service.ProtocolError, nil, service.Field{Name: "error", Value: err.Error()})
	}
}

// introduce records what the client said of itself.
func (v *visit) introduce(err error) {
	p := v.conn.Peer()
	if p.Ident == "" {
		return
	}
	if err != nil && p.Lists[transport.ListKex] == "" {
		v.session.Record(service.ProtocolError, []byte(p.Ident), service.Field{Name: "error", Value: err.Error()})
		return
	}
	l := p.Lists
	v.session.Record(service.ClientHello, nil,
		service.Field{Name: "banner", Value: p.Ident},
		service.Field{Name: "hassh", Value: hassh(l, transport.ListCipherIn)},
		service.Field{Name: "kex", Value: l[transport.ListKex]},
		service.Field{Name: "host_keys", Value: l[transport.ListHostKey]},
		service.Field{Name: "ciphers", Value: l[transport.ListCipherIn]},
		service.Field{Name: "macs", Value: l[transport.ListMACIn]},
		service.Field{Name: "compression", Value: l[transport.ListCompressionIn]},
		service.Field{Name: "languages", Value: l[transport.ListLanguageIn]},
	)
}

// hassh is the fingerprint of a side's lists: MD5 of the methods of key
// exchange, ciphers, MACs and compressions that it offers for what it sends
// (HASSH of Salesforce: https://github.com/salesforce/hassh). from is the list of
// its ciphers.
func hassh(l transport.Lists, from int) string {
	sum := md5.Sum([]byte(strings.Join([]string{l[transport.ListKex], l[from], l[from+2], l[from+4]}, ";")))
	return hex.EncodeToString(sum[:])
}
