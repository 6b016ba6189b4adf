//go:build unix

package dbserver

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"

	"go.cordon.dev/cordon/internal/testport"
)

// patience is how long a server may take to start or stop.
const patience = time.Minute

// password is that of the servers' user. The tests look for it in errors.
const password = "p%20w-of-the-database" // cordon:allow

// engine is one kind of server.
type engine struct {
	name     string // as in store URLs
	variable string // that names a server to use
	needs    string // what to install otherwise
	driver   string
	// dsn is what the driver calls a store URL.
	dsn func(u *url.URL) string
	// create makes an empty database.
	create string
	// force is added to what drops a database that a killed process had open.
	force string
	// copy returns what makes a copy of a database that nobody uses: statements with
	// %[1]s where the new one's name stands.
	copy func(t testing.TB, s *Server, from string) string
	// prepare makes the data directory and returns how to run the server; an
	// error names what is missing.
	prepare func(dir string, port int) (command []string, err error)
	// signal ends the server in order.
	signal string
}

// Server is a running database server.
type Server struct {
	engine  engine
	base    *url.URL // without a database
	own     bool
	dir     string
	command []string
	cmd     *exec.Cmd
	stdin   io.Closer
	made    atomic.Int32
}

// Each runs a test on every kind of server.
func Each(t *testing.T, test func(t *testing.T, s *Server)) {
	for _, e := range []engine{postgres(), mariadb()} {
		t.Run(e.name, func(t *testing.T) { test(t, open(t, e)) })
	}
}

// Postgres returns a PostgreSQL server that ends with the test.
func Postgres(t testing.TB) *Server { t.Helper(); return open(t, postgres()) }

// MariaDB returns a MariaDB server that ends with the test.
func MariaDB(t testing.TB) *Server { t.Helper(); return open(t, mariadb()) }

func open(t testing.TB, e engine) *Server {
	t.Helper()
	if text := os.Getenv(e.variable); text != "" {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatalf("%s is not a store URL", e.variable)
		}
		return &Server{engine: e, base: u}
	}
	return private(t, e)
}

// Private returns a server of the test's own, which it may stop, of the same
// kind as s.
func (s *Server) Private(t testing.TB) *Server {
	t.Helper()
	if s.own {
		return s
	}
	return private(t, s.engine)
}

func private(t testing.TB, e engine) *Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "cordon-db-")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	must(t, giveAway(dir))
	s := &Server{engine: e, own: true, dir: dir}
	s.base = &url.URL{Scheme: e.name, User: url.UserPassword("cordon", password), Host: testport.Addr(t)}
	port, err := strconv.Atoi(s.base.Port())
	must(t, err)
	if s.command, err = e.prepare(dir, port); err != nil {
		t.Fatalf("no %s server: %v\n%s, run the tests by make test, or set %s to the URL of a server", e.name, err, e.needs, e.variable)
	}
	s.Start(t)
	t.Cleanup(func() { s.Stop(t) })
	return s
}

// Name is the kind of the server as in store URLs.
func (s *Server) Name() string { return s.engine.name }

// Secret is what no error and no log may show.
func (s *Server) Secret() string { p, _ := s.base.User.Password(); return p }

// Dir is the folder with the server's files; empty when it is not the test's own.
func (s *Server) Dir() string { return s.dir }

// URL makes a database and returns its store URL.
func (s *Server) URL(t testing.TB) string {
	t.Helper()
	return s.database(t, s.engine.create)
}

// database makes one by the statement, which has %[1]s where its name stands.
func (s *Server) database(t testing.TB, create string) string {
	t.Helper()
	name := fmt.Sprintf("cordon_%s_%d", strings.ToLower(rand.Text()[:8]), s.made.Add(1))
	s.exec(t, fmt.Sprintf(create, name))
	t.Cleanup(func() { s.drop(t, name) })
	u := *s.base
	u.Path = "/" + name
	return u.String()
}

// drop takes a database away once its test is over: two hundred of them do not fit into
// a memory, where the tests' files may be. A server that is stopped goes as a whole.
func (s *Server) drop(t testing.TB, name string) {
	if !s.own || s.cmd != nil {
		s.exec(t, "DROP DATABASE "+name+s.engine.force)
	}
}

// Copies returns a function like URL whose databases are copies of one that fill was
// given: what takes a hundred statements is done once. fill leaves no connection open.
func (s *Server) Copies(t testing.TB, fill func(t testing.TB, url string)) func(t testing.TB) string {
	t.Helper()
	from := s.URL(t)
	fill(t, from)
	u, err := url.Parse(from)
	must(t, err)
	create := s.engine.copy(t, s, strings.TrimPrefix(u.Path, "/"))
	return func(t testing.TB) string { t.Helper(); return s.database(t, create) }
}

func (s *Server) exec(t testing.TB, statement string) {
	t.Helper()
	db, err := sql.Open(s.engine.driver, s.engine.dsn(s.base))
	must(t, err)
	defer func() { _ = db.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err = db.ExecContext(ctx, statement)
	must(t, err)
}

// list is the first column of what a query returns.
func (s *Server) list(t testing.TB, query string) (all []string) {
	t.Helper()
	db, err := sql.Open(s.engine.driver, s.engine.dsn(s.base))
	must(t, err)
	defer func() { _ = db.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	rows, err := db.QueryContext(ctx, query)
	must(t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var one string
		must(t, rows.Scan(&one))
		all = append(all, one)
	}
	must(t, rows.Err())
	return all
}

// Start starts a server that was stopped, and waits until it answers.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	if !s.own {
		t.Fatalf("the server of %s is not the test's to start", s.engine.variable)
	}
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(t, err)
	defer func() { _ = log.Close() }()
	// The shell ends the server when its own input ends: with the test, however
	// that ends.
	script := `"$@" & cat; kill -` + s.engine.signal + ` $!; wait $!`
	s.cmd = ordinary(exec.Command("/bin/sh", append([]string{"-c", script, "sh"}, s.command...)...))
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = s.dir, log, log
	s.stdin, err = s.cmd.StdinPipe()
	must(t, err)
	must(t, s.cmd.Start())
	s.await(t)
}

func (s *Server) await(t testing.TB) {
	t.Helper()
	db, err := sql.Open(s.engine.driver, s.engine.dsn(s.base))
	must(t, err)
	defer func() { _ = db.Close() }()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		err := db.PingContext(ctx)
		cancel()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			out, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			t.Fatalf("%s does not start: %v\n%s", s.engine.name, err, out)
		}
	}
}

// Stop ends the server in order, cutting the connections of clients. What was
// committed is there when it is started again.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if !s.own {
		t.Fatalf("the server of %s is not the test's to stop", s.engine.variable)
	}
	if s.cmd == nil {
		return
	}
	_ = s.stdin.Close()
	_ = s.cmd.Wait() // the shell's last word is the signal's
	s.cmd = nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
