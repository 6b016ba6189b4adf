// Package ftp is an FTP server as Debian 12 has it, vsftpd 3.0.3: its replies,
// their order, its delays, limits and listings. Who is let in finds the files of
// the machine that the decky's other services show, and what is uploaded is kept
// as an artifact.
//
// Data come over a port that the decky opens for the client (PASV, EPSV), by
// service.Setup.Listen. Where the client wants to be called (PORT, EPRT) nobody
// calls: that looks like a firewall before the client.
//
// To add a command: a line in commands and a method of client.
//
// Level 2: it may import deception/service, its sibling ssh/sftp, and what is
// below deception/shell.
package ftp

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/passwords"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
	"go.cordon.dev/cordon/internal/deception/shell/world"
)

// Machine is what a client that is let in finds.
type Machine interface {
	// View is the files as a user sees them, from his home. An error says that
	// there is no such user.
	View(user string) (*vfs.View, error)
	// Enter keeps the machine where it is, for who works with a View of it, until
	// leave is called.
	Enter() (leave func())
}

// Machines finds the machine that a client has on the decky.
type Machines interface {
	Machine(client netip.Addr) Machine
	// Passwords is what all doors of the decky remember of them.
	Passwords() *passwords.Memory
}

// Kind is FTP on a decky whose clients find the files of one of m's machines. If
// m is nil, nobody can log in.
func Kind(m Machines) service.Kind {
	return service.Kind{Name: "ftp", Port: 21, New: func(s service.Setup) (service.Service, error) { return newServer(s, m) }}
}

// config is what an operator may set: names of vsftpd.conf where there are such.
type config struct {
	Accept     passwords.Accept `yaml:"accept"`
	FailDelay  time.Duration    `yaml:"fail_delay"`
	Banner     string           `yaml:"ftpd_banner"`
	Anonymous  bool             `yaml:"anonymous_enable"`
	AnonWrite  bool             `yaml:"anon_write_enable"`
	AnonRoot   string           `yaml:"anon_root"`
	Local      bool             `yaml:"local_enable"`
	Write      bool             `yaml:"write_enable"`
	Chroot     bool             `yaml:"chroot_local_user"`
	Umask      string           `yaml:"local_umask"`
	MaxFails   int              `yaml:"max_login_fails"`
	MaxClients int              `yaml:"max_clients"`
	MaxPerIP   int              `yaml:"max_per_ip"`
	Idle       time.Duration    `yaml:"idle_session_timeout"`
	Stall      time.Duration    `yaml:"data_connection_timeout"`
	Wait       time.Duration    `yaml:"accept_timeout"`
}

// defaults are those of Debian's vsftpd.conf, but files may be written: an
// administrator who lets people in by FTP lets them upload.
func defaults() config {
	return config{
		Accept: passwords.Accept{After: 3}, FailDelay: 2 * time.Second, Banner: "(vsFTPd 3.0.3)", AnonRoot: "/srv/ftp", Local: true, Write: true,
		Umask: "077", MaxFails: 3, MaxClients: 2000, MaxPerIP: 50, Idle: 5 * time.Minute, Stall: 5 * time.Minute, Wait: time.Minute,
	}
}

func (c config) check() error {
	if err := c.Accept.Check(); err != nil {
		return err
	}
	for name, n := range map[string]int{"max_login_fails": c.MaxFails, "max_clients": c.MaxClients, "max_per_ip": c.MaxPerIP} {
		if n < 1 || n > 1_000_000 {
			return fmt.Errorf("config: %s: %d is not between 1 and 1000000", name, n)
		}
	}
	for name, d := range map[string]time.Duration{"idle_session_timeout": c.Idle, "data_connection_timeout": c.Stall, "accept_timeout": c.Wait} {
		if d <= 0 || d > 24*time.Hour {
			return fmt.Errorf("config: %s: %v is not above 0 and at most 24h", name, d)
		}
	}
	switch {
	case c.FailDelay < 0 || c.FailDelay > time.Minute:
		return fmt.Errorf("config: fail_delay: %v is not between 0s and 1m", c.FailDelay)
	case c.Umask == "" || len(c.Umask) > 4 || strings.Trim(c.Umask, "01234567") != "":
		return fmt.Errorf("config: local_umask: %q is not octal, such as 022", c.Umask)
	case c.AnonRoot == "" || c.AnonRoot[0] != '/':
		return fmt.Errorf("config: anon_root: %q is no absolute path", c.AnonRoot)
	case !c.Anonymous && !c.Local:
		return fmt.Errorf("config: neither anonymous_enable nor local_enable: nobody could log in")
	}
	return nil
}

// server is the FTP server of one decky.
type server struct {
	config   config
	persona  *persona.Persona
	clock    clock.Clock
	zone     *time.Location
	machines Machines
	listen   service.Listen
	policy   *passwords.Policy
	commands map[string]command
	hashTime time.Duration

	mu   sync.Mutex
	here int
	by   map[netip.Addr]int
}

func newServer(s service.Setup, m Machines) (*server, error) {
	c := defaults()
	if err := s.Config.Decode(&c); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	memory := &passwords.Memory{}
	if m != nil {
		memory = m.Passwords()
	}
	return &server{
		config: c, persona: s.Persona, clock: s.Clock, zone: world.Location(s.Persona), machines: m, listen: s.Listen,
		policy: passwords.New(s.Persona, c.Accept, memory), commands: commands(), by: map[netip.Addr]int{},
		hashTime: time.Duration(18+s.Persona.Rand("ssh: time of a hash").IntN(30)) * time.Millisecond,
	}, nil
}

// enter counts a client and returns how many there are, and of its address.
func (s *server) enter(a netip.Addr) (all, same int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.here++
	s.by[a]++
	return s.here, s.by[a]
}

func (s *server) leave(a netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.here--
	if s.by[a]--; s.by[a] <= 0 {
		delete(s.by, a)
	}
}

// Serve implements service.Service.
func (s *server) Serve(ctx context.Context, conn net.Conn, session *service.Session) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	address := session.Client().Addr()
	all, same := s.enter(address)
	defer s.leave(address)
	c := &client{
		server: s, ctx: ctx, conn: conn, session: session, in: bufio.NewReaderSize(conn, maxLine),
		count: all, ascii: true, mask: modeOf(octal(s.config.Umask)), visited: map[string]bool{},
	}
	defer c.closePort()
	defer c.goOut()
	switch {
	case all > s.config.MaxClients:
		c.reply(421, "There are too many connected users, please try later.")
	case same > s.config.MaxPerIP:
		c.reply(421, "There are too many connections from your internet address.")
	default:
		c.reply(220, s.config.Banner)
		c.talk()
	}
}

// goOut leaves the machine, if the client was let in.
func (c *client) goOut() {
	if c.out != nil {
		c.out()
	}
}

// talk answers commands until either side ends it.
func (c *client) talk() {
	for !c.over {
		line, ok := c.line()
		if !ok {
			return
		}
		if c.files == nil {
			c.beforeLogin(line)
		} else {
			c.afterLogin(line)
		}
	}
}
