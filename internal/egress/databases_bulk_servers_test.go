//go:build servers

package egress

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/store/storetest/dbserver"
	"go.cordon.dev/cordon/internal/testdebian"
	"go.cordon.dev/cordon/internal/testport"
)

// meter stands between the gateway and a server, and counts the truth.
type meter struct {
	addr    string
	out, in atomic.Int64
	open    atomic.Int64
}

func metered(t *testing.T, to string) *meter {
	m := &meter{}
	m.addr = listen(t, func(c net.Conn) {
		up, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		m.open.Add(1)
		defer m.open.Add(-1)
		var both sync.WaitGroup
		both.Go(func() { copyCounted(up, c, &m.out) })
		both.Go(func() { copyCounted(c, up, &m.in) })
		both.Wait()
		_ = up.Close()
	}).addr
	return m
}

// copyCounted moves bytes, and the end after them: a reset ends both.
func copyCounted(dst, src net.Conn, n *atomic.Int64) {
	buf := make([]byte, 64<<10)
	for {
		k, err := src.Read(buf)
		n.Add(int64(k))
		if _, werr := dst.Write(buf[:k]); werr != nil || err != nil && err != io.EOF {
			_, _ = dst.Close(), src.Close()
			return
		}
		if err == io.EOF {
			_ = dst.(interface{ CloseWrite() error }).CloseWrite()
			return
		}
	}
}

// measured is database with a meter before the server.
func measured(t *testing.T, s *dbserver.Server, kind string, port int) (*world, *url.URL, *meter) {
	w, u := database(t, s, kind, port, false)
	server, err := url.Parse(s.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	m := metered(t, server.Host)
	w.route(fmt.Sprintf("203.0.113.1:%d", port), m.addr)
	return w, u, m
}

// counts compares what the record says of all flows with the truth.
func (m *meter) counts(t *testing.T, w *world) {
	t.Helper()
	eventually(t, "the end of every flow", func() bool { return w.gw.Stats().Flows == 0 && m.open.Load() == 0 })
	var out, in int64
	for _, e := range w.ends() {
		out, in = out+e.BytesOut, in+e.BytesIn
	}
	if out != m.out.Load() || in != m.in.Load() {
		t.Errorf("recorded are %d bytes out and %d in, moved were %d and %d", out, in, m.out.Load(), m.in.Load())
	}
}

// What psql sends by COPY and reads by it and by SELECT arrives whole, and is counted.
func TestPsqlCopies(t *testing.T) {
	s := dbserver.Postgres(t)
	psql := testdebian.Program(t, "postgresql-client-15", "psql")
	for _, mode := range []string{"disable", "prefer"} {
		w, u, m := measured(t, s, "postgres", 5432)
		u.Scheme, u.RawQuery = "postgresql", "sslmode="+mode
		in := filepath.Join(t.TempDir(), "in.csv")
		rows := strings.Repeat(strings.Repeat("x", 199)+"\n", 50_000)
		if err := os.WriteFile(in, []byte(rows), 0o600); err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(t.TempDir(), "out.csv")
		text, content := w.runs(t, nil, psql, "-v", "ON_ERROR_STOP=1", "-Atq", u.String(), "-c", "create table t (a text)", "-c", `\copy t from '`+in+`'`, "-c", `\copy t to '`+out+`'`, "-c", "select count(*), length(string_agg(a, '')) from t", "-c", "select a from t limit 20000")
		got, _ := os.ReadFile(out)
		if !content || !strings.HasPrefix(text, "50000|9950000\n") || !bytes.Equal(got, []byte(rows)) || len(text) < 200*20_000 {
			t.Errorf("%s: content=%t %d bytes: %.300s", mode, content, len(text), text)
		}
		m.counts(t, w)
	}
}

// A driver that prepares, sends many statements at once, cancels and begins again.
func TestADriverOfPostgres(t *testing.T) {
	s := dbserver.Postgres(t)
	w, u, m := measured(t, s, "postgres", 5432)
	u.Scheme, u.RawQuery = "postgresql", "sslmode=prefer"
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, u.String())
	if err != nil {
		t.Fatal(err)
	}
	batch := &pgx.Batch{}
	for i := range 2000 {
		batch.Queue("select $1::int, repeat('y', 1000)", i)
	}
	results := conn.SendBatch(ctx, batch)
	for i := range 2000 {
		var n int
		var y string
		if err := results.QueryRow().Scan(&n, &y); err != nil || n != i || len(y) != 1000 {
			t.Fatal(i, n, err)
		}
	}
	if err := results.Close(); err != nil {
		t.Fatal(err)
	}
	cancelled := make(chan error, 1)
	go func() {
		_, err := conn.Exec(ctx, "select pg_sleep(60)")
		cancelled <- err
	}()
	watch, err := sql.Open("pgx", s.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = watch.Close() }()
	eventually(t, "the statement", func() bool {
		var n int
		_ = watch.QueryRow("select count(*) from pg_stat_activity where query = 'select pg_sleep(60)' and state = 'active'").Scan(&n)
		return n == 1
	})
	if err := conn.PgConn().CancelRequest(ctx); err != nil {
		t.Errorf("cancelling: %v", err)
	}
	if err := <-cancelled; err == nil || !strings.Contains(err.Error(), "57014") {
		t.Errorf("the statement ended by %v", err)
	}
	var n int
	if err := conn.QueryRow(ctx, "select 6*7").Scan(&n); err != nil || n != 42 {
		t.Error(n, err)
	}
	_ = conn.Close(ctx)
	m.counts(t, w)
}

// endless is a COPY without end, until somebody cuts it.
type endless struct{ sent atomic.Int64 }

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, bytes.Repeat([]byte("row\n"), len(p)/4))
	e.sent.Add(int64(n))
	return n, nil
}

func TestTheKillSwitchCutsACopy(t *testing.T) {
	s := dbserver.Postgres(t)
	w, u, m := measured(t, s, "postgres", 5432)
	u.Scheme, u.RawQuery = "postgresql", "sslmode=disable"
	conn, err := pgx.Connect(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "create table t (a text)"); err != nil {
		t.Fatal(err)
	}
	src, done := &endless{}, make(chan error, 1)
	go func() {
		_, err := conn.PgConn().CopyFrom(context.Background(), src, "copy t from stdin")
		done <- err
	}()
	eventually(t, "a part of it", func() bool { return m.out.Load() > 4<<20 })
	w.kill("drill")
	if err := <-done; err == nil {
		t.Error("it came to an end")
	}
	eventually(t, "the end", func() bool { return m.open.Load() == 0 && len(w.ends()) == 1 })
	e := w.ends()[0]
	if gone := e.BytesOut - m.out.Load(); e.Cut != "drill" || gone < 0 || gone > 8<<20 {
		t.Errorf("cut by %q, %d bytes recorded, %d arrived", e.Cut, e.BytesOut, m.out.Load())
	}
	_ = conn.Close(context.Background()) // it is broken
	again, err := pgx.Connect(t.Context(), u.String())
	if err == nil {
		_ = again.Close(context.Background())
		t.Error("it was let in again")
	}
}

// What a client of MariaDB loads from a file and reads in one piece.
func TestMariaDBLoads(t *testing.T) {
	s := dbserver.MariaDB(t)
	client := testdebian.Program(t, "mariadb-client-core", "mariadb")
	w, u, m := measured(t, s, "mysql", 3306)
	in := filepath.Join(t.TempDir(), "in.txt")
	if err := os.WriteFile(in, []byte(strings.Repeat(strings.Repeat("x", 199)+"\n", 50_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	args := []string{"--no-defaults", "--skip-ssl", "--local-infile=1", "--protocol=tcp", "-h", "127.0.0.1", "-P", u.Port(), "-u", u.User.Username(), "-BN", strings.TrimPrefix(u.Path, "/"), "-e"}
	out, content := w.runs(t, []string{"MYSQL_PWD=" + password}, client, append(args, "create table t (a text); load data local infile '"+in+"' into table t; select count(*), sum(length(a)) from t; select length(repeat('z', 15000000)); select repeat('z', 5000000)")...)
	if !content || !strings.HasPrefix(out, "50000\t9950000\n15000000\nzzz") || len(out) < 5_000_000 {
		t.Errorf("content=%t %d bytes: %.300s", content, len(out), out)
	}
	m.counts(t, w)
}

// redisServer is a real one; it ends with the test.
func redisServer(t *testing.T) (addr string) {
	addr = testport.Addr(t)
	_, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command(testdebian.Program(t, "redis-server", "redis-server"), "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir(), "--loglevel", "warning")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	eventually(t, "the server", func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	return addr
}

// Twenty thousand commands without waiting for an answer, a value of 8 MB back and
// forth, and what require_ssl says of the ways in which Redis lets itself be spoken to.
func TestARedisServer(t *testing.T) {
	addr := redisServer(t)
	cli := testdebian.Program(t, "redis-tools", "redis-cli")
	w := open(t, "mode: strict\ndefault_policy: deny\nallowlist: {rules: [{host: redis.example, protocols: [redis]}]}\n", nil)
	w.name("redis.example", "203.0.113.1")
	m := metered(t, addr)
	w.route("203.0.113.1:6379", m.addr)
	port := w.forwarder(t, "redis.example:6379")
	var commands, large strings.Builder
	for i := range 20_000 {
		_, _ = fmt.Fprintf(&commands, "*3\r\n$3\r\nSET\r\n$8\r\nk%07d\r\n$100\r\n%s\r\n", i, strings.Repeat("v", 100))
	}
	large.WriteString(strings.Repeat("w", 8<<20))
	for _, tt := range []struct {
		in, want string
		args     []string
	}{
		{commands.String(), "errors: 0, replies: 20000", []string{"--pipe"}},
		{large.String(), "OK", []string{"-x", "SET", "large"}},
		{"", large.String()[:1<<20], []string{"GET", "large"}},
	} {
		cmd := exec.Command(cli, append([]string{"-h", "127.0.0.1", "-p", port}, tt.args...)...)
		cmd.Stdin = strings.NewReader(tt.in)
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), tt.want) {
			t.Errorf("%v: %v %.300s", tt.args, err, out)
		}
	}
	m.counts(t, w)
}

func TestRedisInTheClearWhereTLSIsRequired(t *testing.T) {
	addr := redisServer(t)
	for name, said := range map[string]string{
		"commands": "*1\r\n$4\r\nPING\r\n", "inline": "PING\r\n", "nothing first": "*0\r\n*1\r\n$4\r\nPING\r\n", "an empty line first": "\r\n*1\r\n$4\r\nPING\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			for _, required := range []bool{false, true} {
				w := open(t, fmt.Sprintf("mode: strict\ndefault_policy: deny\ndatabases: {redis: {require_ssl: %t}}\nallowlist: {rules: [{host: redis.example}]}\n", required), nil)
				w.name("redis.example", "203.0.113.1")
				w.route("203.0.113.1:6379", addr)
				c := w.connect().tunnel("redis.example:6379").say(said)
				if !required {
					c.expect("+PONG\r\n")
					continue
				}
				if got := c.over(); got != "" || w.lastDenial() != policy.ReasonTLSRequired {
					t.Errorf("%q, denied for %q", got, w.lastDenial())
				}
			}
		})
	}
}
