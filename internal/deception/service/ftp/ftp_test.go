package ftp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestItIsAService(t *testing.T) { servicetest.Run(t, Kind(newTiny()), quick(nil)) }

func TestEveryAttemptIsACredential(t *testing.T) {
	d := decky(t, newTiny(), quick(nil))
	w := dial(t, d.Address)
	w.want("PASS early", "503 Login with USER first.")
	w.want("USER root", "331 Please specify the password.")
	w.want("PASS "+secret, "530 Login incorrect.") // /etc/ftpusers
	w.want("USER anna", "331 Please specify the password.")
	w.want("PASS wrong", "530 Login incorrect.")
	w.want("USER anna", "331 Please specify the password.")
	w.want("PASS "+secret, "230 Login successful.")
	w.want("PASS late", "230 Already logged in.")
	w.want("QUIT", "221 Goodbye.")
	var got []string
	for _, o := range d.Sink.Wait(t, service.LoginAttempt, 4) {
		got = append(got, fmt.Sprintf("%s %s %s %t", o.Credential.Kind, o.Credential.Principal, o.Credential.Secret, o.Credential.Accepted))
	}
	want := []string{"plaintext  early false", "plaintext root " + secret + " false", "plaintext anna wrong false", "plaintext anna " + secret + " true"}
	if !slices.Equal(got, want) {
		t.Errorf("credentials %q, want %q", got, want)
	}
	if in := d.Sink.Wait(t, service.LoggedIn, 1)[0]; fields(in, "user") != "[anna]" {
		t.Errorf("the login is %+v", in)
	}
	for _, o := range d.Sink.Wait(t, service.Command, 4) {
		if strings.Contains(string(o.Raw), secret) || servicetest.Field(o, "argument") == "late" {
			t.Errorf("a password is a command: %+v", o)
		}
	}
}

// Whoever is in keeps the machine from being put away, and nobody else does.
func TestTheMachineStaysWhileSomebodyIsIn(t *testing.T) {
	m := newTiny()
	d := decky(t, m, quick(nil))
	w := dial(t, d.Address)
	w.want("USER anna", "331 Please specify the password.")
	w.want("PASS wrong", "530 Login incorrect.")
	if n := m.inside.Load(); n != 0 {
		t.Errorf("%d are in before the login", n)
	}
	w.want("USER anna", "331 Please specify the password.")
	w.want("PASS "+secret, "230 Login successful.")
	if n := m.inside.Load(); n != 1 {
		t.Errorf("%d are in", n)
	}
	w.want("QUIT", "221 Goodbye.")
	d.Sink.Wait(t, service.Disconnected, 1)
	if n := m.inside.Load(); n != 0 {
		t.Errorf("%d are in when it is over", n)
	}
}

func TestTheThirdFailureEndsTheConnection(t *testing.T) {
	d := decky(t, newTiny(), quick(nil))
	w := dial(t, d.Address)
	for range 3 {
		w.want("USER anna", "331 Please specify the password.")
		w.want("PASS wrong", "530 Login incorrect.")
	}
	if got := w.reply(); got != "<end>" {
		t.Errorf("then comes %q", got)
	}
}

func TestFilesComeAndGo(t *testing.T) {
	d := decky(t, newTiny(), quick(nil))
	w := enter(t, d.Address)
	w.want("PWD", `257 "/home/anna" is the current directory`)
	data, reply := w.get("RETR notes.txt")
	w.does(data, "one\ntwo\n")
	w.does(reply, "150 Opening BINARY mode data connection for notes.txt (8 bytes).\r\n226 Transfer complete.\r\n")
	w.want("TYPE I", "200 Switching to Binary mode.")
	w.want("REST 4", "350 Restart position accepted (4).")
	data, _ = w.get("RETR notes.txt")
	w.does(data, "two\n")
	w.does(w.put("STOR up.sh", "#!/bin/sh\nid\n"), "150 Ok to send data.\r\n226 Transfer complete.\r\n")
	w.does(w.put("APPE up.sh", "uname\n"), "150 Ok to send data.\r\n226 Transfer complete.\r\n")
	w.want("SIZE up.sh", "213 19")
	w.want("SITE CHMOD 755 up.sh", "200 SITE CHMOD command ok.")
	data, _ = w.get("LIST up.sh")
	if !strings.HasPrefix(data, "-rwxr-xr-x    1 1000     1000           19 ") {
		t.Errorf("it is listed %q", data)
	}
	w.want("RNFR up.sh", "350 Ready for RNTO.")
	w.want("RNTO docs/up.sh", "250 Rename successful.")
	data, _ = w.get("NLST docs")
	w.does(data, "docs/up.sh\r\n")
	w.want("SITE UMASK", "200 Your current UMASK is 077")
	w.want("SITE UMASK 22", "200 UMASK set to 022")
	w.want("SITE HELP", "214 CHMOD UMASK HELP")

	up := d.Sink.Wait(t, service.Upload, 2)
	if a := up[1].Artifact; a.Path != "/home/anna/up.sh" || string(a.Data) != "#!/bin/sh\nid\nuname\n" || a.Size != 19 || fields(up[1], "by") != "[ftp]" {
		t.Errorf("the artifact is %+v", a)
	}
	if got := fields(d.Sink.Wait(t, service.Download, 2)[1], "path", "bytes", "by"); got != "[/home/anna/notes.txt 4 ftp]" {
		t.Errorf("the download is %s", got)
	}
}

// Who is in a chroot sees nothing but what is below it, whatever a name says.
func TestAChrootHasNoWayOut(t *testing.T) {
	d := decky(t, newTiny(), quick(service.Config{"chroot_local_user": true}))
	w := enter(t, d.Address)
	w.want("PWD", `257 "/" is the current directory`)
	w.want("CWD ../../../etc", "550 Failed to change directory.")
	w.want("CWD away", "550 Failed to change directory.")
	for _, name := range []string{"/etc/hostname", "../../etc/hostname", "away/hostname", "docs/../../../etc/hostname", "/home/anna/notes.txt", "notes.txt/../notes.txt"} {
		w.want("SIZE "+name, "550 Could not get file size.")
	}
	w.want("SIZE ////docs/..//./notes.txt", "213 8")
	w.want("MKD /etc", `257 "/etc" created`)
	w.want("CWD away", "250 Directory successfully changed.") // now there is one
	w.want("PWD", `257 "/etc" is the current directory`)
	w.want("CDUP", "250 Directory successfully changed.")
	w.want("RMD away", "550 Remove directory operation failed.")
	w.want("DELE away", "250 Delete operation successful.")
	w.want("RMD etc", "250 Remove directory operation successful.")
}

func TestWhoHasNoName(t *testing.T) {
	for _, tt := range []struct {
		write       bool
		stor, chmod string
	}{{false, "550 Permission denied.", "550 Permission denied."}, {true, "150 Ok to send data.\r\n226 Transfer complete.", "550 Permission denied."}} {
		d := decky(t, newTiny(), quick(service.Config{"anonymous_enable": true, "anon_write_enable": tt.write}))
		w := dial(t, d.Address)
		w.want("USER Anonymous", "331 Please specify the password.")
		w.want("PASS mozilla@example.com", "230 Login successful.")
		w.does(w.put("STOR a", "x"), tt.stor+"\r\n")
		w.want("SITE CHMOD 777 a", tt.chmod)
		w.want("USER anna", "530 Can't change from guest user.")
		if a := d.Sink.Wait(t, service.LoginAttempt, 1)[0].Credential; !a.Accepted || string(a.Secret) != "mozilla@example.com" || a.Principal != "Anonymous" {
			t.Errorf("the attempt is %+v", a)
		}
	}
}

// A decky calls nobody. Where the client itself wants to be called it fails as
// behind a firewall; where it points at others that is refused, and told.
func TestNobodyIsCalled(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	called := make(chan net.Conn, 1)
	go func() {
		defer close(called)
		if c, err := l.Accept(); err == nil {
			called <- c
		}
	}()
	port := l.Addr().(*net.TCPAddr).Port
	d := decky(t, newTiny(), quick(nil))
	w := enter(t, d.Address)
	w.want("LIST", "425 Use PORT or PASV first.")
	w.want(fmt.Sprintf("PORT 127,0,0,1,%d,%d", port>>8, port&255), "200 PORT command successful. Consider using PASV.")
	w.want("LIST", "425 Failed to establish connection.")
	w.want("LIST", "425 Use PORT or PASV first.")
	w.want(fmt.Sprintf("EPRT |1|127.0.0.1|%d|", port), "200 EPRT command successful. Consider using EPSV.")
	w.want("STOR x", "425 Failed to establish connection.")
	w.want("PORT 198,51,100,7,0,25", "500 Illegal PORT command.")
	w.want("EPRT |2|2001:db8::1|25|", "500 Illegal EPRT command.")
	_ = l.Close()
	for range called {
		t.Error("the decky has called")
	}
	var got []string
	for _, o := range d.Sink.Wait(t, service.Forward, 2) {
		got = append(got, fields(o, "kind", "host", "port"))
	}
	if want := []string{"[port 198.51.100.7 25]", "[port 2001:db8::1 25]"}; !slices.Equal(got, want) {
		t.Errorf("calls that were wanted: %q, want %q", got, want)
	}
}

func TestAStrangersDataAreNotTaken(t *testing.T) {
	setup := servicetest.Setup(t, quick(nil))
	open := setup.Listen
	setup.Listen = func(ctx context.Context, s *service.Session, port uint16) (net.Listener, error) {
		l, err := open(ctx, s, port)
		return stranger{l}, err
	}
	s, err := Kind(newTiny()).New(setup)
	if err != nil {
		t.Fatal(err)
	}
	w := enter(t, servicetest.Listen(t, "ftp", s).Address)
	c := w.data()
	defer c.Close()
	w.want("LIST", "425 Security: Bad IP connecting.")
	w.want("LIST", "425 Use PORT or PASV first.")
}

// stranger is a port to which somebody else comes.
type stranger struct{ net.Listener }

func (s stranger) Accept() (net.Conn, error) {
	c, err := s.Listener.Accept()
	if err != nil {
		return nil, err
	}
	_ = c.Close()
	return nil, service.ErrStranger
}

func TestADeckyWithoutPortsToSpare(t *testing.T) {
	setup := servicetest.Setup(t, quick(nil))
	setup.Listen = func(context.Context, *service.Session, uint16) (net.Listener, error) {
		return nil, errors.New("too many")
	}
	s, err := Kind(newTiny()).New(setup)
	if err != nil {
		t.Fatal(err)
	}
	w := enter(t, servicetest.Listen(t, "ftp", s).Address)
	w.want("PASV", "500 OOPS: vsf_sysutil_bind")
	if got := w.reply(); got != "<end>" {
		t.Errorf("then comes %q", got)
	}
}

func TestWhoDoesNothingIsEnded(t *testing.T) {
	d := decky(t, newTiny(), quick(service.Config{"idle_session_timeout": "300ms"}))
	w := dial(t, d.Address)
	if got := w.reply() + w.reply(); got != "421 Timeout.\r\n<end>" {
		t.Errorf("it ends with %q", got)
	}
}

func TestDataThatDoNotMoveEndTheConnection(t *testing.T) {
	d := decky(t, newTiny(), quick(service.Config{"data_connection_timeout": "300ms", "accept_timeout": "300ms"}))
	w := enter(t, d.Address)
	w.ask("PASV")
	w.want("LIST", "425 Failed to establish connection.")
	c := w.data()
	defer c.Close()
	w.want("STOR slow", "150 Ok to send data.")
	if got := w.reply() + w.reply(); got != "421 Data timeout. Reconnect. Sorry.\r\n<end>" {
		t.Errorf("it ends with %q", got)
	}
}

func TestHowManyMayCome(t *testing.T) {
	d := decky(t, newTiny(), quick(service.Config{"max_clients": 2, "max_per_ip": 2}))
	dial(t, d.Address)
	dial(t, d.Address)
	c, err := net.Dial("tcp", d.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if b, _ := io.ReadAll(c); string(b) != "421 There are too many connected users, please try later.\r\n" {
		t.Errorf("the third is told %q", b)
	}
	d = decky(t, newTiny(), quick(service.Config{"max_per_ip": 1}))
	dial(t, d.Address)
	if c, err = net.Dial("tcp", d.Address); err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if b, _ := io.ReadAll(c); string(b) != "421 There are too many connections from your internet address.\r\n" {
		t.Errorf("the second of an address is told %q", b)
	}
}

func TestALineThatIsTooLong(t *testing.T) {
	d := decky(t, newTiny(), quick(nil))
	w := dial(t, d.Address)
	if got := w.ask(strings.Repeat("x", 4094)); got != "530 Please login with USER and PASS.\r\n" {
		t.Errorf("a line of 4096 bytes is answered %q", got)
	}
	if got := w.ask(strings.Repeat("x", 4096)); got != "500 Input line too long.\r\n" {
		t.Errorf("a longer one is answered %q", got)
	}
	d.Sink.Wait(t, service.ProtocolError, 1)
}

func TestAMessageIsShownOnce(t *testing.T) {
	d := decky(t, newTiny(), quick(nil))
	w := enter(t, d.Address)
	w.put("STOR docs/.message", "Backups only.\nAsk Anna.\n")
	w.want("CWD docs", "250-Backups only.\r\n250-Ask Anna.\r\n250 Directory successfully changed.")
	w.want("CWD ../docs", "250 Directory successfully changed.")
	w.want("CWD ~/docs", "250 Directory successfully changed.")
}

func TestBadConfigurationsAreNamed(t *testing.T) {
	for key, value := range map[string]any{
		"accept": map[string]any{"rate": 2}, "max_login_fails": 0, "max_clients": -1, "max_per_ip": 0, "idle_session_timeout": "0s",
		"data_connection_timeout": "-1s", "accept_timeout": "48h", "fail_delay": "2m", "anon_root": "srv", "local_umask": "8", "local_enable": false,
	} {
		if _, err := Kind(nil).New(servicetest.Setup(t, service.Config{key: value})); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: error %v", key, err)
		}
	}
}
