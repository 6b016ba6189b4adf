//go:build servers && unix

package postgres

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/testdebian"
)

// The account of both servers.
const (
	account = "app"
	base    = "appdb"
)

func password() string { return "pass" + strings.Repeat("w", 4) }

// debians starts Debian's server with the account and its database.
func debians(t *testing.T, auth string) string {
	t.Helper()
	dir, port := servicetest.Folder(t), servicetest.Port(t)
	data, secret := filepath.Join(dir, "data"), filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte(password()), 0o644); err != nil {
		t.Fatal(err)
	}
	initdb := servicetest.Ordinary(exec.Command(testdebian.Program(t, "postgresql-15", "initdb"), "-D", data, "-U", "postgres", "--auth="+auth, "--pwfile="+secret, "--no-sync", "--locale=C.UTF-8"))
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	kind := map[string]string{"md5": "md5"}[auth]
	if kind == "" {
		kind = "scram-sha-256"
	}
	server := testdebian.Program(t, "postgresql-15", "postgres")
	setup := servicetest.Ordinary(exec.Command(server, "--single", "-D", data, "-c", "password_encryption="+kind, "postgres"))
	setup.Stdin = strings.NewReader("create role " + account + " login password '" + password() + "'\ncreate database " + base + " owner " + account + "\n")
	if out, err := setup.CombinedOutput(); err != nil {
		t.Fatalf("setting up: %v\n%s", err, out)
	}
	servicetest.Peer(t, "127.0.0.1:"+port, server, "-D", data, "-p", port, "-h", "127.0.0.1", "-k", "", "-c", "fsync=off", "-c", "timezone="+servicetest.Persona(t, "test-1", "linux-server").Zone)
	return "127.0.0.1:" + port
}

func decky(t *testing.T, auth string, tls bool) *servicetest.Decky {
	t.Helper()
	return servicetest.Serve(t, Kind(), service.Config{
		"auth": auth, "tls": tls, "database": base, "accept": map[string]any{"users": []string{account}, "passwords": []string{password()}},
	})
}

func packet(version uint32, words ...string) string {
	b := binary.BigEndian.AppendUint32(nil, version)
	for _, w := range words {
		b = append(append(b, w...), 0)
	}
	return framed(append(b, 0))
}

func framed(b []byte) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(b)+4))) + string(b)
}

func message(kind byte, body string) string { return string(kind) + framed([]byte(body)) }

// talk is a client of one connection.
type talk struct {
	t    *testing.T
	conn net.Conn
}

func dial(t *testing.T, address string) *talk {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	return &talk{t, c}
}

func (k *talk) send(s string) { _, _ = io.WriteString(k.conn, s) }

// until reads messages up to one of a kind, or the end.
func (k *talk) until(kinds string) []byte {
	var all []byte
	for {
		var head [5]byte
		if _, err := io.ReadFull(k.conn, head[:]); err != nil {
			return append(all, "<end>"...)
		}
		body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
		_, _ = io.ReadFull(k.conn, body)
		all = append(append(all, head[:]...), body...)
		if strings.IndexByte(kinds, head[0]) >= 0 {
			return all
		}
	}
}

// enter logs in with MD5.
func (k *talk) enter(user, db, secret string) []byte {
	k.send(packet(version3, "user", user, "database", db, "application_name", "psql", "client_encoding", "UTF8"))
	asked := k.until("RE")
	sum := func(s string) string { h := md5.Sum([]byte(s)); return hex.EncodeToString(h[:]) }
	k.send(message('p', "md5"+sum(sum(secret+user)+string(asked[len(asked)-4:]))+"\x00"))
	return k.until("ZE")
}

// whole sends bytes and reads all that comes back.
func whole(t *testing.T, address string, parts ...string) string {
	k := dial(t, address)
	for _, p := range parts[:len(parts)-1] {
		k.send(p)
		k.until("RE")
	}
	k.send(parts[len(parts)-1])
	_ = k.conn.(*net.TCPConn).CloseWrite()
	b, _ := io.ReadAll(k.conn)
	return string(b)
}

// release is what Debian's server calls itself. Debian renews it every quarter,
// and the decky claims one of them.
type release string

func released(t *testing.T) release {
	t.Helper()
	out, err := exec.Command(testdebian.Program(t, "postgresql-15", "postgres"), "--version").Output()
	m := regexp.MustCompile(`\(PostgreSQL\) (15\.\d\d) \(Debian (15\.\d\d-0\+deb12u\d)\)`).FindSubmatch(out)
	if err != nil || m == nil {
		t.Fatalf("Debian's server says that it is %q: %v", out, err)
	}
	return release(m[2])
}

// hide takes out what differs from one release to the next: its number, and
// when it is not the one that the decky claims, the lines of its source.
func (r release) hide(s string) string {
	s = regexp.MustCompile(`15\.\d\d(-0\+deb12u\d)?`).ReplaceAllString(s, "15.N")
	s = regexp.MustCompile(`\b1500\d\d\b`).ReplaceAllString(s, "1500N")
	if r == debian {
		return s
	}
	return regexp.MustCompile(`(\x00L|\.c:)\d+`).ReplaceAllString(s, "${1}N")
}

// masked hides salts, process numbers and keys, what a new object is numbered,
// and the release.
func (r release) masked(s string) string {
	s = r.hide(latin1(s))
	s = regexp.MustCompile(`(?s)R\x00\x00\x00\x0c\x00\x00\x00\x05....`).ReplaceAllString(s, "<salt>")
	s = regexp.MustCompile(`(?s)K\x00\x00\x00\x0c........`).ReplaceAllString(s, "<key>")
	return regexp.MustCompile(`(?s)\x00\x00\x00[\x40-\x42].\x00([\x01-\x09]\x00)`).ReplaceAllString(s, "<table>$1")
}

// latin1 makes a character of each byte, so that patterns count bytes.
func latin1(s string) string {
	r := make([]rune, len(s))
	for i, c := range []byte(s) {
		r[i] = rune(c)
	}
	return string(r)
}

// One server is compared in all its sides: it takes long to make.
func TestItIsTheRealServer(t *testing.T) {
	real := debians(t, "md5")
	t.Run("start", func(t *testing.T) { startIsTheRealServers(t, real) })
	t.Run("statements", func(t *testing.T) { statementsGetTheRealAnswers(t, real) })
	t.Run("databases", func(t *testing.T) { unknownDatabases(t, real) })
	t.Run("psql", func(t *testing.T) { psqlPrintsTheSame(t, "md5", real) })
	t.Run("psql with clear text", func(t *testing.T) { psqlPrintsTheSame(t, "password", real) })
}

func TestSCRAMIsTheRealServers(t *testing.T) {
	psqlPrintsTheSame(t, "scram-sha-256", debians(t, "scram-sha-256"))
}

// What comes before a login is, byte for byte, the real server's.
func startIsTheRealServers(t *testing.T, real string) {
	mine, peer := decky(t, "md5", false).Address, released(t)
	user := packet(version3, "user", account, "database", base)
	for name, parts := range map[string][]string{
		"TLS":                 {packet(tlsRequest)[:4] + "\x04\xd2\x16\x2f"},
		"request of TLS":      {"\x00\x00\x00\x08\x04\xd2\x16\x2f"},
		"request of GSS":      {"\x00\x00\x00\x08\x04\xd2\x16\x30"},
		"both":                {"\x00\x00\x00\x08\x04\xd2\x16\x30\x00\x00\x00\x08\x04\xd2\x16\x2f"},
		"twice":               {"\x00\x00\x00\x08\x04\xd2\x16\x2f\x00\x00\x00\x08\x04\xd2\x16\x2f"},
		"cancel":              {"\x00\x00\x00\x10\x04\xd2\x16\x2e\x00\x00\x00\x01\x00\x00\x00\x02"},
		"asks for a password": {user},
		"wrong password":      {user, message('p', "md5"+strings.Repeat("0", 32)+"\x00")},
		"short hash":          {user, message('p', "md5\x00")},
		"clear text":          {user, message('p', "hunter2\x00")},
		"empty password":      {user, message('p', "\x00")},
		"no password":         {user, message('p', "")},
		"no end":              {user, message('p', "abc")},
		"query instead":       {user, message('Q', "select 1\x00")},
		"unknown user":        {packet(version3, "user", "nobody"), message('p', "md5"+strings.Repeat("0", 32)+"\x00")},
		"unknown database":    {packet(version3, "user", account, "database", "nosuch"), message('p', "md5"+strings.Repeat("0", 32)+"\x00")},
		"no user":             {packet(version3, "database", "x")},
		"nothing":             {packet(version3)},
		"version 2":           {packet(2<<16, "user", account)},
		"version 3.2":         {packet(version3+2, "user", account)},
		"version 4":           {packet(4<<16, "user", account)},
		"new option":          {packet(version3, "user", account, "_pq_.x", "y")},
		"replication":         {packet(version3, "user", account, "replication", "maybe")},
		"no terminator":       {framed([]byte("\x00\x03\x00\x00user\x00x"))},
		"only a name":         {framed([]byte("\x00\x03\x00\x00user\x00"))},
		"HTTP":                {"GET / HTTP/1.0\r\n\r\n"},
		"TLS without asking":  {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"},
		"too short":           {"\x00\x00\x00\x04\x00\x00\x00\x00"},
		"too long":            {"\x00\x01\x00\x00\x00\x03\x00\x00"},
		"huge answer":         {user, "p\x00\x01\x11\x70"},
		"silence":             {""},
	} {
		if got, want := peer.masked(whole(t, mine, parts...)), peer.masked(whole(t, real, parts...)); got != want {
			t.Errorf("%s\n got %q\nwant %q", name, got, want)
		}
	}
}

// What a client that was let in is told, and the answers to statements.
func statementsGetTheRealAnswers(t *testing.T, address string) {
	mine, real := dial(t, decky(t, "md5", true).Address), dial(t, address)
	peer := released(t)
	compare := func(what string, got, want []byte) {
		t.Helper()
		if g, w := peer.masked(string(got)), peer.masked(string(want)); g != w {
			t.Errorf("%s\n got %q\nwant %q", what, g, w)
		}
	}
	compare("login", mine.enter(account, base, password()), real.enter(account, base, password()))
	text, err := os.ReadFile(filepath.Join("testdata", "queries.sql"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		sql := message('Q', strings.TrimSuffix(line, "\n")+"\x00")
		mine.send(sql)
		real.send(sql)
		compare(line, mine.until("Z"), real.until("Z"))
		n++
	}
	if n < 80 {
		t.Errorf("only %d statements are compared", n)
	}
	extended := []string{
		message('P', "\x00select $1::int, $2\x00\x00\x00") + message('D', "S\x00") + message('B', "\x00\x00\x00\x00\x00\x02\x00\x00\x00\x015\x00\x00\x00\x01x\x00\x00") + message('D', "P\x00") + message('E', "\x00\x00\x00\x00\x00"),
		message('B', "\x00nosuch\x00\x00\x00\x00\x00\x00\x00"), message('E', "nosuch\x00\x00\x00\x00\x00"), message('D', "Snosuch\x00"), message('D', "Pnosuch\x00"),
		message('P', "\x00selec\x00\x00\x00") + message('E', "\x00\x00\x00\x00\x00"), message('P', "s\x00select 1\x00\x00\x00") + message('P', "s\x00select 1\x00\x00\x00"),
		message('P', "\x00select 1; select 2\x00\x00\x00"), message('B', "\x00s\x00\x00\x00\x00\x01\x00\x00\x00\x01a\x00\x00"), message('C', "Ss\x00"), message('C', "Snosuch\x00"),
		message('P', "\x00begin\x00\x00\x00") + message('B', "\x00\x00\x00\x00\x00\x00\x00\x00") + message('D', "P\x00") + message('E', "\x00\x00\x00\x00\x00"),
		message('P', "\x00rollback\x00\x00\x00") + message('B', "\x00\x00\x00\x00\x00\x00\x00\x00") + message('E', "\x00\x00\x00\x00\x00"),
		message('P', "\x00\x00\x00\x00") + message('B', "\x00\x00\x00\x00\x00\x00\x00\x00") + message('E', "\x00\x00\x00\x00\x00"),
	}
	for i, sent := range extended {
		sync := message('S', "")
		mine.send(sent + sync)
		real.send(sent + sync)
		compare(fmt.Sprintf("extended %d", i), mine.until("Z"), real.until("Z"))
	}
	mine.send("Z\x00\x00\x00\x04")
	real.send("Z\x00\x00\x00\x04")
	compare("bad packet", mine.until(""), real.until(""))
}

func unknownDatabases(t *testing.T, real string) {
	mine, peer := decky(t, "md5", true).Address, released(t)
	for _, db := range []string{"nosuch", "template0", "postgres", account} {
		got, want := dial(t, mine).enter(account, db, password()), dial(t, real).enter(account, db, password())
		if peer.masked(string(got)) != peer.masked(string(want)) {
			t.Errorf("%s\n got %q\nwant %q", db, got, want)
		}
	}
}

// psql, with each kind of login, over TLS and without, prints what it prints
// for the real server.
func psqlPrintsTheSame(t *testing.T, auth, real string) {
	d, peer := decky(t, auth, true), released(t)
	for _, tt := range []struct{ user, secret, db, mode string }{
		{account, password(), base, "disable"}, {account, "wrong", base, "disable"}, {"nobody", "x", base, "disable"}, {account, password(), "nosuch", "disable"},
	} {
		args := []string{"-X", "-w", "-v", "VERBOSITY=verbose", "-c", "select version()", "-c", `\l`, "-c", `\dn`, "-c", `\dt`, "-c", `\d`, "-c", "create table cmd_exec(cmd_output text)", "-c", `\dt`, "-c", "select * from cmd_exec", "-c", "drop table cmd_exec"}
		got, want := psql(t, d.Address, tt.user, tt.secret, tt.db, tt.mode, args...), psql(t, real, tt.user, tt.secret, tt.db, tt.mode, args...)
		if peer.hide(got) != peer.hide(want) {
			t.Errorf("%+v\n got %s\nwant %s", tt, got, want)
		}
	}
	if out := psql(t, d.Address, account, password(), base, "require", "-X", "-w", "-c", `\conninfo`); !strings.Contains(out, "SSL connection (protocol: TLSv1.3") {
		t.Errorf("over TLS: %s", out)
	}
	kind := map[string]string{"md5": service.PostgresMD5, "scram-sha-256": service.PostgresSCRAM, "password": service.Plaintext}[auth]
	if c := d.Sink.Wait(t, service.LoginAttempt, 3)[0].Credential; c.Kind != kind || c.Principal != account || !c.Accepted || len(c.Secret) == 0 {
		t.Errorf("the attempt is %+v", c)
	}
}

func psql(t *testing.T, address, user, secret, db, mode string, args ...string) string {
	host, port, _ := net.SplitHostPort(address)
	cmd := exec.Command(testdebian.Program(t, "postgresql-client-15", "psql"), append([]string{"-h", host, "-p", port, "-U", user, "-d", db}, args...)...)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+secret, "PGSSLMODE="+mode, "PGCONNECT_TIMEOUT=30")
	out, _ := cmd.CombinedOutput()
	return string(bytes.ReplaceAll(out, []byte(port), []byte("PORT")))
}
