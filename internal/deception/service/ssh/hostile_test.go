package ssh

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	xssh "golang.org/x/crypto/ssh"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/deception/service/ssh/transport"
	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
)

// dial logs in with a client that is a library.
func dial(t testing.TB, address, password string) (*xssh.Client, error) {
	t.Helper()
	return xssh.Dial("tcp", address, &xssh.ClientConfig{
		User: "root", Auth: []xssh.AuthMethod{xssh.Password(password)}, HostKeyCallback: xssh.InsecureIgnoreHostKey(), Timeout: time.Minute,
	})
}

// Who says nothing, or half of something, is cut off when the grace is over.
func TestWhoDoesNotLogInIsCutOff(t *testing.T) {
	d := decky(t, newTiny(t), quick(service.Config{"login_grace_time": "300ms"}))
	for _, said := range [][]byte{nil, []byte("SSH-2.0-x"), []byte("SSH-2.0-x\r\n"), hello("curve25519-sha256")} {
		c := servicetest.Dial(t, d)
		if _, err := c.Write(said); err != nil {
			t.Fatal(err)
		}
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		if b, err := io.ReadAll(c); err != nil || !bytes.HasPrefix(b, []byte("SSH-2.0-OpenSSH_9.2p1")) {
			t.Errorf("after %q: %q, error %v", said, b, err)
		}
	}
}

func TestTooManyAtOnceAreTurnedAway(t *testing.T) {
	d := decky(t, newTiny(t), quick(service.Config{"max_startups": "2:100:3"}))
	for range 2 {
		c := servicetest.Dial(t, d)
		b := make([]byte, 8)
		if _, err := io.ReadFull(c, b); err != nil || string(b) != "SSH-2.0-" {
			t.Fatalf("%q, error %v", b, err)
		}
	}
	if b, err := io.ReadAll(servicetest.Dial(t, d)); err != nil || string(b) != "Exceeded MaxStartups\r\n" {
		t.Errorf("%q, error %v", b, err)
	}
}

// A client that asks for a lot and reads nothing holds up itself only, and is
// given no more memory than its window.
func TestAClientThatReadsNothingIsAlone(t *testing.T) {
	d := decky(t, newTiny(t), quick(nil))
	c, err := dial(t, d.Address, secret)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 9 {
		s, err := c.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Start("zeros 100000000"); err != nil { // nobody reads it
			t.Fatal(err)
		}
	}
	other, err := dial(t, d.Address, secret)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	s, err := other.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := s.Output("echo still here"); err != nil || string(out) != "still here\n" {
		t.Errorf("%q, error %v", out, err)
	}
}

func TestAnEleventhSessionIsNotOpened(t *testing.T) {
	d := decky(t, newTiny(t), quick(nil))
	c, err := dial(t, d.Address, secret)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 10 {
		if _, err := c.NewSession(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.NewSession(); err == nil || !strings.Contains(err.Error(), "open failed") {
		t.Errorf("error %v", err)
	}
}

// A client may send variables as long as messages are, on each of its sessions;
// they are kept to a bound, and what is short behind one that is too long is taken.
func TestTheEnvironmentIsBounded(t *testing.T) {
	m := newTiny(t)
	c, err := dial(t, decky(t, m, quick(nil)).Address, secret)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for range 100 {
		if s.Setenv("LC_ALL", strings.Repeat("x", 10_000)) != nil {
			refused++
		}
	}
	if err := s.Setenv("LC_TIME", "C"); err != nil {
		t.Errorf("a short one: %v", err)
	}
	if err := s.Run("exit 0"); err != nil {
		t.Fatal(err)
	}
	env := m.all()[0].Env
	if n := len(strings.Join(env, "")); n > maxEnvBytes || refused != 100-maxEnvBytes/10_000 || env[len(env)-1] != "LC_TIME=C" {
		t.Errorf("%d bytes of environment are kept, %d of 100 are refused, the last is %.20q", n, refused, env[len(env)-1])
	}
}

// talker is a connection of which the client's half is known beforehand; it is
// spoken without keys.
type talker struct {
	io.Reader
	io.Writer
}

func (talker) Close() error                     { return nil }
func (talker) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (talker) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (talker) SetDeadline(time.Time) error      { return nil }
func (talker) SetReadDeadline(time.Time) error  { return nil }
func (talker) SetWriteDeadline(time.Time) error { return nil }

func sharedServer(t testing.TB) *server {
	s, err := newServer(servicetest.Setup(t, quick(nil)), newTiny(t), newShares())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// visitOf is a client whose messages are b, behind the exchange of keys.
func visitOf(s *server, b []byte) (*visit, *servicetest.Sink) {
	sink := &servicetest.Sink{}
	session := service.NewSession(sink, clock.Real{}, "test-1", "ssh", netip.MustParseAddrPort("203.0.113.9:1"), netip.AddrPort{})
	conn := talker{bytes.NewReader(b), io.Discard}
	return &visit{server: s, session: session, tcp: conn, conn: transport.New(conn, &s.options)}, sink
}

func FuzzAuthentication(f *testing.F) {
	s := sharedServer(f)
	request := wire.Message(msgUserauthRequest).Text("root").Text("ssh-connection")
	begin := clearPacket(wire.Message(transport.MsgServiceRequest).Text("ssh-userauth"))
	for _, m := range []wire.Packet{
		request.Text("none"), request.Text("password").Bool(false).Text("x"), request.Text("publickey").Bool(true).Text("ssh-ed25519").Text("k").Text("s"),
		request.Text("publickey-hostbound-v00@openssh.com").Bool(false).Text("ssh-ed25519").Text("k").Text("h"), wire.Message(61).Uint32(1).Text("x"),
	} {
		f.Add(append(bytes.Clone(begin), clearPacket(m)...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, _ := visitOf(s, b)
		if err := v.authenticate(context.Background()); err == nil && !v.policy.Has(v.user) {
			t.Fatalf("%q is let in", v.user)
		}
	})
}

func FuzzConnection(f *testing.F) {
	s := sharedServer(f)
	open := clearPacket(wire.Message(msgChannelOpen).Text("session").Uint32(0).Uint32(1 << 20).Uint32(1 << 15))
	req := func(name string) wire.Packet { return wire.Message(msgChannelRequest).Uint32(0).Text(name).Bool(true) }
	for _, m := range []wire.Packet{
		req("exec").Text("echo x"), req("shell"), req("pty-req").Text("xterm").Uint32(80).Uint32(24).Uint32(0).Uint32(0).Text(""),
		req("env").Text("LANG").Text("C"), req("subsystem").Text("sftp"), req("window-change").Uint32(1).Uint32(2).Uint32(3).Uint32(4),
		wire.Message(msgChannelData).Uint32(0).Text("x"), wire.Message(msgWindowAdjust).Uint32(0).Uint32(1<<32 - 1), wire.Message(msgChannelClose).Uint32(0),
		wire.Message(msgChannelOpen).Text("direct-tcpip").Uint32(1).Uint32(1).Uint32(1).Text("h").Uint32(80).Text("o").Uint32(1),
		wire.Message(msgGlobalRequest).Text("tcpip-forward").Bool(true).Text("").Uint32(80),
	} {
		f.Add(append(bytes.Clone(open), clearPacket(m)...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, _ := visitOf(s, b)
		v.user, v.machine = "root", v.machines.Machine(netip.Addr{})
		if v.connection(context.Background()) == nil {
			t.Fatal("a connection ended without a reason")
		}
	})
}

// faulty takes the faults of a service, as a decky's door does.
type faulty struct {
	service.Service
	caught chan any
}

func (f faulty) Serve(ctx context.Context, conn net.Conn, s *service.Session) {
	defer func() {
		if r := recover(); r != nil {
			f.caught <- r
		}
	}()
	f.Service.Serve(ctx, conn, s)
}

// What fails in a program's goroutine ends its client, and not the process.
func TestAFaultOfAProgramEndsItsClientAlone(t *testing.T) {
	s, err := Kind(newTiny(t)).New(servicetest.Setup(t, quick(nil)))
	if err != nil {
		t.Fatal(err)
	}
	caught := make(chan any, 1)
	d := servicetest.Listen(t, "ssh", faulty{s, caught})
	other, err := dial(t, d.Address, secret)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	c, err := dial(t, d.Address, secret)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	session, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Run("fault"); err == nil {
		t.Error("the program ended well")
	}
	if f, ok := (<-caught).(*service.Fault); !ok || !bytes.Contains(f.Stack, []byte("(*tiny).Run")) {
		t.Errorf("caught: %v", f)
	}
	session, err = other.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := session.Output("echo here"); err != nil || string(out) != "here\n" {
		t.Errorf("the other client: %q, error %v", out, err)
	}
}

// What clients send and no program reads has a bound for all of them together: who
// goes beyond it is cut off, who sends little is served on, and all is given back.
func TestUnreadInputOfAllClientsIsBounded(t *testing.T) {
	s, err := newServer(servicetest.Setup(t, quick(nil)), newTiny(t), newShares())
	if err != nil {
		t.Fatal(err)
	}
	s.input.most = 1 << 20
	d := servicetest.Listen(t, "ssh", s)
	c, err := dial(t, d.Address, secret)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 9 {
		session, err := c.NewSession()
		if err != nil {
			break
		}
		in, err := session.StdinPipe()
		if err != nil || session.Start("wait") != nil {
			break
		}
		_, _ = in.Write(make([]byte, 300<<10)) // until it is cut off
	}
	if len(d.Sink.Of(service.ProtocolError)) == 0 {
		t.Fatal("2.7 MB that nobody reads are kept")
	}
	d.Sink.Wait(t, service.Disconnected, 1)
	if n := s.input.used.Load(); n != 0 {
		t.Errorf("%d bytes are not given back", n)
	}
	other, err := dial(t, d.Address, secret)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	session, err := other.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	session.Stdin = strings.NewReader(strings.Repeat("x", 100<<10))
	if out, err := session.Output("cat"); err != nil || len(out) != 100<<10 {
		t.Errorf("%d bytes, error %v", len(out), err)
	}
}
