package store

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/mysqldialect"
)

// maria is a database of a MariaDB server.
type maria struct{ config *mysql.Config }

// parseMaria reads mysql://USER:PASSWORD@HOST:PORT/DATABASE. The options are
// tls (true, skip-verify, preferred) and socket, a path that takes the place of
// the host.
func parseMaria(text string) (place, error) {
	u, err := url.Parse(text)
	if err != nil || len(u.Path) < 2 || u.Host == "" {
		return nil, errors.New("store url of a MariaDB server cannot be read: write mysql://USER:PASSWORD@HOST:PORT/DATABASE, with %XX for special characters in the password")
	}
	c := mysql.NewConfig()
	c.Net, c.Addr, c.DBName = "tcp", net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "3306")), u.Path[1:]
	if u.User != nil {
		c.User = u.User.Username()
		c.Passwd, _ = u.User.Password()
	}
	for name, values := range u.Query() {
		if err := mariaOption(c, name, values[len(values)-1]); err != nil {
			return nil, err
		}
	}
	if err := c.Apply(mysql.Charset("utf8mb4", "")); err != nil {
		return nil, err
	}
	return maria{c}, nil
}

func mariaOption(c *mysql.Config, name, value string) error {
	switch {
	case name == "socket" && value != "":
		c.Net, c.Addr = "unix", value
	case name == "tls" && (value == "true" || value == "skip-verify" || value == "preferred" || value == "false"):
		c.TLSConfig = value
	default:
		return fmt.Errorf("store url of a MariaDB server has the option %q, or a value of it, that is not supported: there are tls=true|skip-verify|preferred|false and socket=PATH", name)
	}
	return nil
}

// connect makes a pool. What an UPDATE matched counts as touched, also when it
// changed nothing, as on the other databases.
func (m maria) connect(r role) (*bun.DB, error) {
	c := m.config.Clone()
	c.ParseTime, c.Loc, c.ClientFoundRows = true, time.UTC, true
	c.Timeout, c.Logger = connectTimeout, silence{}
	c.Params = map[string]string{
		"time_zone":                "'+00:00'",
		"sql_mode":                 "'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
		"tx_isolation":             "'READ-COMMITTED'",
		"idle_transaction_timeout": seconds(idleTimeout),
	}
	if r != migrator {
		c.ReadTimeout, c.WriteTimeout = 2*statementTimeout, 2*statementTimeout
		c.Params["max_statement_time"] = seconds(statementTimeout)
		c.Params["innodb_lock_wait_timeout"] = seconds(lockTimeout)
	}
	if r == reader {
		c.Params["tx_read_only"] = "1"
	}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, fmt.Errorf("store url of MariaDB server %s cannot be used: check its options", c.Addr)
	}
	return pool(sql.OpenDB(connector), knownDialect{mysqldialect.New(mysqldialect.WithTimeLocation("UTC"))}, r), nil
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }

// check finds nothing: a server's database has no file to lose.
func (maria) check() error { return nil }

func (m maria) String() string {
	return fmt.Sprintf("mysql://%s@%s/%s", m.config.User, m.config.Addr, m.config.DBName)
}

// knownDialect does not ask the server for its version: the pool is made before
// the server answers, and what is used is there since MariaDB 10.6.
type knownDialect struct{ *mysqldialect.Dialect }

// Init takes the place of one that queries the server and prints what fails.
func (knownDialect) Init(*sql.DB) {}

// silence drops what the driver would print of errors that it also returns.
type silence struct{}

// Print implements mysql.Logger.
func (silence) Print(...any) {}

// judgeMaria says what an error of the server means
// (https://mariadb.com/kb/en/mariadb-error-codes/).
func judgeMaria(err error) (verdict, bool) {
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return verdict{}, false
	}
	const user = "the user of store.url may not do this: GRANT ALL on the database to it"
	return judgedBy(map[uint16]verdict{
		1040: {kind: away}, // too many connections
		1053: {kind: away}, // shutting down
		1927: {kind: away}, // connection was killed
		1213: {kind: crossed},
		1045: {ill, "the server refuses the user or the password: check store.url"},
		1049: {ill, "there is no such database: create it"},
		1044: {ill, user},
		1142: {ill, user},
		1193: {ill, "the server is not MariaDB 10.6 or newer, which Cordon needs"},
		1021: {ill, "the server's disk is full: make room there, then try again"},
		1114: {ill, "the server's disk is full: make room there, then try again"},
		1290: {ill, "the server is read-only (a replica?): name the primary in store.url"},
		1792: {ill, "the server is read-only (a replica?): name the primary in store.url"},
		1205: {plain, "another node holds the database: try again"},
		1969: {plain, "the statement took too long: check the server's load"},
	}, e.Number), true
}

// errDuplicate is the number of "a row with this unique key is there".
const errDuplicate = 1062

func isDuplicate(err error) bool {
	var e *mysql.MySQLError
	return errors.As(err, &e) && e.Number == errDuplicate
}
