//go:build unix

package telnet

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/door"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// secret is the password that logs in.
const secret = servicetest.Password

// quick is a configuration without delays in which root and anna can log in.
func quick(more service.Config) service.Config {
	return servicetest.Quick(more)
}

// decky serves Telnet for one test.
func decky(t testing.TB, m door.Machines, config service.Config) *servicetest.Decky {
	t.Helper()
	return servicetest.Serve(t, Kind(m), config)
}

// tiny is a machine whose shell repeats lines, the same for all clients.
type tiny struct {
	fs     *vfs.FS
	memory door.Memory

	mu     sync.Mutex
	logins []door.Login
}

func newTiny() *tiny {
	tree := vfs.NewTree(time.Date(2025, 3, 1, 9, 30, 0, 0, time.UTC))
	tree.Add("/etc/motd", vfs.Node{Mode: 0o644, Data: []byte("\nWelcome.\n")})
	return &tiny{fs: vfs.New(tree, time.Now, vfs.Limits{})}
}

func (m *tiny) Machine(netip.Addr) door.Machine { return m }

func (m *tiny) Memory() *door.Memory { return &m.memory }

func (m *tiny) TakeTTY() (string, func()) { return "pts/3", func() {} }

func (m *tiny) Enter() (leave func()) { return func() {} }

func (m *tiny) View(user string) (*vfs.View, error) {
	if user != "root" && user != "anna" {
		return nil, fmt.Errorf("no user %q", user)
	}
	return m.fs.As(vfs.Cred{}), nil
}

// all returns the logins so far.
func (m *tiny) all() []door.Login {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]door.Login(nil), m.logins...)
}

// Run repeats lines until one says exit; a line "size" waits for a new size.
func (m *tiny) Run(_ context.Context, l door.Login) (int, string) {
	m.mu.Lock()
	m.logins = append(m.logins, l)
	m.mu.Unlock()
	defer l.Stdin.Close()
	_, _ = io.WriteString(l.Stdout, "$ ")
	lines := bufio.NewReader(l.Stdin)
	for {
		line, err := lines.ReadString('\r')
		if line = strings.TrimRight(line, "\r"); err != nil || line == "exit" {
			_, _ = io.WriteString(l.Stdout, "logout\r\n")
			return 0, ""
		}
		if line == "size" {
			line = fmt.Sprint(<-l.Terminal.Resized)
		}
		if _, err := io.WriteString(l.Stdout, "you said "+line+"\r\n$ "); err != nil {
			return 1, ""
		}
	}
}

// dry is a decky's side of a conversation without a connection and without
// waiting: what it answers is known at once.
type dry struct{ v *visit }

// sink is a connection that takes everything.
type sink struct{ net.Conn }

func (sink) SetWriteDeadline(time.Time) error { return nil }
func (sink) Write(b []byte) (int, error)      { return len(b), nil }

func newDry(t testing.TB) *dry {
	t.Helper()
	return dryOf(dryServer(t))
}

func dryServer(t testing.TB) *server {
	t.Helper()
	s, err := newServer(servicetest.Setup(t, quick(nil)), newTiny())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func dryOf(s *server) *dry {
	session := service.NewSession(&servicetest.Sink{}, clock.Real{}, "test-1", "telnet", netip.MustParseAddrPort("203.0.113.9:1"), netip.AddrPort{})
	d := &dry{newVisit(s, sink{}, session)}
	d.v.link.begin()
	return d
}

// banner stands for the line that names the host.
const banner = "\r\nBANNER\r\n\r\nvm login: "

// say hears what the client says, and returns what is answered.
func (d *dry) say(b []byte) []byte {
	l := d.v.link
	before := l.terminal
	if d.v.hear(b); l.terminal && !before {
		l.show([]byte(banner))
	}
	return l.answer()
}
