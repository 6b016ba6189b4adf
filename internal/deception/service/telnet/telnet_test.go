//go:build unix

package telnet

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
)

func TestConformance(t *testing.T) {
	servicetest.Run(t, Kind(newTiny()), quick(nil))
}

// settle is what a client with a terminal of 100 columns says, for telnetd to be
// content.
var settle = [][]byte{
	unhex("fffe25fffe26fffb18fffc20fffc23fffc27fffc24"), unhex("fffa1800585445524dfff0"),
	unhex("fffd03fffc01fffc22fffb1ffffa1f0064001efff0fffe05fffc21"), unhex("fffd01fffc06"),
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// client speaks to a decky by hand.
type client struct {
	t    *testing.T
	conn net.Conn
	read []byte
}

// settled connects and gets as far as the first question.
func settled(t *testing.T, d *servicetest.Decky) *client {
	t.Helper()
	c := &client{t: t, conn: servicetest.Dial(t, d)}
	c.expect("\xff\xfd$")
	c.send(settle[0])
	c.expect("\xff\xfa\x18\x01\xff\xf0")
	c.send(settle[1])
	c.expect("\xff\xfd!")
	c.send(settle[2])
	c.expect(" login: ")
	c.send(append(bytes.Clone(settle[3]), iac, ayt))
	c.expect("\r\n[Yes]\r\n")
	return c
}

func (c *client) send(b []byte) {
	c.t.Helper()
	if _, err := c.conn.Write(b); err != nil {
		c.t.Fatal(err)
	}
}

// expect reads until a text has come, and returns what came up to it.
func (c *client) expect(text string) string {
	c.t.Helper()
	b := make([]byte, 4096)
	for {
		if before, after, ok := bytes.Cut(c.read, []byte(text)); ok {
			c.read = after
			return string(before) + text
		}
		_ = c.conn.SetReadDeadline(time.Now().Add(2 * time.Minute))
		n, err := c.conn.Read(b)
		c.read = append(c.read, b[:n]...)
		if err != nil && !bytes.Contains(c.read, []byte(text)) {
			c.t.Fatalf("%q did not come: %v; the rest is %q", text, err, c.read)
		}
	}
}

// rest is all that comes until the connection ends.
func (c *client) rest() string {
	c.t.Helper()
	_ = c.conn.SetReadDeadline(time.Now().Add(2 * time.Minute))
	b, err := io.ReadAll(c.conn)
	if err != nil {
		c.t.Errorf("the connection did not end: %v", err)
	}
	return string(append(c.read, b...))
}

func (c *client) says(line string) { c.t.Helper(); c.send([]byte(line + "\r\x00")) }

// The dialogue of login(1), as it was noted from the real one behind telnetd.
func TestLoginAsksAsDebians(t *testing.T) {
	d := decky(t, newTiny(), quick(nil))
	p := servicetest.Persona(t, "test-1", "linux-server")
	wrong := "\r\n\r\nLogin incorrect\r\n" + p.Hostname + " login: "
	c := settled(t, d)
	for _, step := range []struct{ typed, want string }{
		{"x\r\x00", "x\r\nPassword: "},
		{"pw\r\x00", wrong},
		{"ab\x7fc\r\n", "ab\b \bc\r\nPassword: "},
		{"\r\x00", wrong},
		{"cd\x03", "cd\xff\xf2^C"},
		{"\r\x00", "\r\nPassword: "},
		{"z\x03q\x04", "\xff\xf2" + wrong},
		{"\x04", wrong},
		{"root\r\x00", "root\r\nPassword: "},
	} {
		c.send([]byte(step.typed))
		if got := c.expect(step.want); got != step.want {
			t.Fatalf("after %q comes %q, want %q", step.typed, got, step.want)
		}
	}
	c.says("not " + secret)
	if got, want := c.rest(), "\r\n\r\nLogin incorrect\r\nMaximum number of tries exceeded (5)\r\n"; got != want {
		t.Errorf("the fifth wrong password gets %q, want %q", got, want)
	}
	var tried []string
	for _, o := range d.Sink.Of(service.LoginAttempt) {
		tried = append(tried, fmt.Sprintf("%s/%s/%s/%t", o.Credential.Kind, o.Credential.Principal, o.Credential.Secret, o.Credential.Accepted))
	}
	if got, want := strings.Join(tried, " "), "plaintext/x/pw/false plaintext/ac//false plaintext//q/false plaintext/root/not "+secret+"/false"; got != want {
		t.Errorf("tried:\n%s, want\n%s", got, want)
	}
}

func TestABannerNamesTheHost(t *testing.T) {
	d := decky(t, newTiny(), quick(nil))
	c := &client{t: t, conn: servicetest.Dial(t, d)}
	c.expect("\xff\xfd$")
	c.send(settle[0])
	c.expect("\xff\xf0")
	c.send(settle[1])
	c.expect("\xff\xfd!")
	c.send(settle[2])
	p := servicetest.Persona(t, "test-1", "linux-server")
	want := fmt.Sprintf("\xff\xfb\x01\xff\xfd\x06\xff\xfd\x00\r\nLinux %s (%s) (pts/3)\r\n\r\n%s login: ", p.OS.Release, p.FQDN(), p.Hostname)
	if got := c.expect(" login: "); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestWhoIsLetInHasAShell(t *testing.T) {
	m := newTiny()
	d := decky(t, m, quick(nil))
	for visit := range 2 {
		c := settled(t, d)
		c.says("anna")
		c.expect("Password: ")
		c.says(secret)
		if got := c.expect("$ "); !strings.Contains(got, "\r\nWelcome.\r\n") || strings.Contains(got, "Last login") != (visit == 1) ||
			visit == 1 && !strings.Contains(got, " from 127.0.0.1 on pts/3\r\n") {
			t.Errorf("visit %d is greeted with %q", visit, got)
		}
		c.send([]byte("hello \xff\xff\r\x00"))
		c.expect("you said hello \xff\xff\r\n$ ")
		c.send([]byte("\x03"))
		c.expect("\xff\xf2")
		c.send([]byte("\r\x00size\r\x00\xff\xfa\x1f\x00\x50\x00\x19\xff\xf0"))
		c.expect("[80 25]\r\n$ ")
		c.says("exit")
		if got := c.rest(); got != "logout\r\n" {
			t.Errorf("the end is %q", got)
		}
	}
	l := m.all()[0]
	if l.By != "login" || l.TTY != "pts/3" || l.Terminal.Term != "xterm" || l.Terminal.Columns != 100 || l.Terminal.Rows != 30 {
		t.Errorf("the login is %+v with %+v", l, l.Terminal)
	}
	d.Sink.Wait(t, service.Disconnected, 2)
	hello := d.Sink.Of(service.ClientHello)[0]
	if servicetest.Field(hello, "terminal") != "xterm" || servicetest.Field(hello, "size") != "100x30" {
		t.Errorf("the client is introduced as %+v", hello)
	}
	if in := d.Sink.Of(service.LoggedIn); len(in) != 2 || servicetest.Field(in[0], "user") != "anna" {
		t.Errorf("logged in: %+v", in)
	}
	if len(d.Sink.Frames()) == 0 {
		t.Error("the terminal is not recorded")
	}
}

// What a client types while its password is looked at is the shell's.
func TestWhatIsTypedAheadReachesTheShell(t *testing.T) {
	d := newDry(t)
	for _, b := range settle {
		d.say(b)
	}
	d.say([]byte("echo early\recho half"))
	d.v.mu.Lock()
	in := d.v.shellInput()
	d.v.mu.Unlock()
	go func() { _, _ = d.v.feed.Write([]byte(" done\r")); _ = d.v.feed.Close() }()
	if b, err := io.ReadAll(in); err != nil || string(b) != "echo early\necho half done\r" {
		t.Errorf("the shell reads %q, error %v", b, err)
	}
}

// slow is a decky with Debian's delays on a clock of the test.
func slow(t *testing.T) (*servicetest.Decky, *clock.Fake) {
	t.Helper()
	setup, c := servicetest.Setup(t, service.Config{"accept": map[string]any{"after": 0}}), clock.NewFake(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
	setup.Clock = c
	s, err := Kind(newTiny()).New(setup)
	if err != nil {
		t.Fatal(err)
	}
	return servicetest.Listen(t, "telnet", s), c
}

func waiting(t *testing.T, c *clock.Fake, n int) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); c.Waiting() != n; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d wait for the clock, want %d", c.Waiting(), n)
		}
	}
}

func TestAWrongPasswordCostsThreeSeconds(t *testing.T) {
	d, time1 := slow(t)
	c := settled(t, d)
	c.says("root")
	c.expect("Password: ")
	c.says("x")
	waiting(t, time1, 2)
	time1.Advance(100 * time.Millisecond) // the hash
	waiting(t, time1, 2)
	time1.Advance(1400 * time.Millisecond) // PAM waits at least half of its time
	waiting(t, time1, 2)
	c.send([]byte("y\r\n"))
	c.expect("y\r\n") // is echoed meanwhile
	time1.Advance(3100 * time.Millisecond)
	c.expect("Login incorrect\r\n")
}

func TestLoginGivesUpAfterAMinute(t *testing.T) {
	d, time1 := slow(t)
	for name, at := range map[string]func(*client){
		"at the name": func(*client) {}, "at the password": func(c *client) { c.says("root"); c.expect("Password: ") },
	} {
		c := settled(t, d)
		at(c)
		waiting(t, time1, 1)
		time1.Advance(time.Minute)
		c.expect("\r\nLogin timed out after 60 seconds.\r\n")
		if rest := c.rest(); rest != "" {
			t.Errorf("%s: behind it comes %q", name, rest)
		}
	}
}

// Whoever settles nothing gets nothing, as of the real server; what he says is
// evidence.
func TestWhoDoesNotSpeakTelnetIsToldNothing(t *testing.T) {
	d := decky(t, newTiny(), quick(nil))
	c := &client{t: t, conn: servicetest.Dial(t, d)}
	c.send([]byte("GET / HTTP/1.0\r\n\r\n"))
	_ = c.conn.(*net.TCPConn).CloseWrite()
	if got := c.rest(); strings.Contains(got, "login") || len(got) != 21 {
		t.Errorf("%q", got)
	}
	o := d.Sink.Wait(t, service.ProtocolError, 1)[0]
	if string(o.Raw) != "GET / HTTP/1.0\r\n\r\n" {
		t.Errorf("%+v", o)
	}
}

// The name that once let everybody in (CVE-2026-24061) lets nobody in, and is kept.
func TestANameFromTheEnvironmentIsOnlyEvidence(t *testing.T) {
	d := decky(t, newTiny(), quick(nil))
	c := &client{t: t, conn: servicetest.Dial(t, d)}
	c.send(unhex("fffe25fffe26fffc18fffc20fffc23fffb27fffc24"))
	c.expect("\xff\xfa'\x01\xff\xf0")
	c.send(append(append([]byte("\xff\xfa'\x00\x00USER\x01"), "-f root"...), 0xff, 0xf0))
	c.expect("\xff\xfd!")
	c.send(settle[2])
	c.expect(" login: ")
	if got := servicetest.Field(d.Sink.Wait(t, service.ClientHello, 1)[0], "environment"); !strings.Contains(got, "-f root") {
		t.Errorf("the environment is kept as %s", got)
	}
	c.says("-froot")
	if got := c.expect(" login: "); strings.Contains(got, "Password") || !strings.Contains(got, "Login incorrect") {
		t.Errorf("a name that is an option gets %q", got)
	}
}

func TestBadConfigurationsAreNamed(t *testing.T) {
	for key, value := range map[string]any{
		"accept": map[string]any{"rate": 2}, "fail_delay": "-1s", "login_timeout": "0s", "login_retries": 0,
	} {
		if _, err := Kind(nil).New(servicetest.Setup(t, service.Config{key: value})); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: error %v", key, err)
		}
	}
}

// A client that types without end costs a line, and one that asks for statuses
// without reading waits for itself.
func TestALongLineIsCut(t *testing.T) {
	d := newDry(t)
	for _, b := range settle {
		d.say(b)
	}
	for range 1000 {
		d.say(bytes.Repeat([]byte("x"), 1000))
	}
	if n := len(d.v.tty.line); n != maxLine {
		t.Errorf("a line of %d bytes", n)
	}
	d.say(bytes.Repeat([]byte("\r\x00"), 10_000))
	if n := len(d.v.tty.lines); n > 64 {
		t.Errorf("%d lines wait", n)
	}
}

func FuzzLink(f *testing.F) {
	f.Add([]byte("root\r\nx\r\n"))
	f.Add(bytes.Join(settle, nil))
	f.Add(unhex("fffb22fffa220107fff0fffa2203010000036203fff0fffa0501fff0fffd05fffa0501fff0"))
	server := dryServer(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		whole, parts := dryOf(server), dryOf(server)
		for _, s := range settle {
			whole.say(s)
			parts.say(s)
		}
		want := whole.say(b)
		if len(want) > 64*len(b)+1024 {
			t.Fatalf("%d bytes are answered with %d", len(b), len(want))
		}
		for i := range b {
			parts.say(b[i : i+1])
		}
		if !whole.v.link.line && !parts.v.link.line && !bytes.Equal(whole.v.tty.line, parts.v.tty.line) {
			t.Fatalf("in one piece the line is %q, in many %q", whole.v.tty.line, parts.v.tty.line)
		}
	})
}
