package store

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// postgres is a database of a PostgreSQL server.
type postgres struct{ config *pgx.ConnConfig }

// parsePostgres reads postgres://USER:PASSWORD@HOST:PORT/DATABASE?OPTIONS. The
// options are libpq's, such as sslmode and sslrootcert
// (https://www.postgresql.org/docs/15/libpq-connect.html).
func parsePostgres(text string) (place, error) {
	u, err := url.Parse(text)
	if err != nil || u.Path == "" || u.Path == "/" {
		return nil, errors.New("store url of a PostgreSQL server cannot be read: write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with %XX for special characters in the password")
	}
	c, err := pgx.ParseConfig(text)
	if err != nil {
		return nil, fmt.Errorf("store url of PostgreSQL server %s cannot be used: check its options (sslmode and the like), the certificates that they name, and the port", u.Host)
	}
	// Values stand in the statements already; a statement is sent, parsed and
	// run in one round trip, and the server keeps none.
	c.DefaultQueryExecMode = pgx.QueryExecModeExec
	c.ConnectTimeout = connectTimeout
	return postgres{c}, nil
}

func (p postgres) connect(r role) (*bun.DB, error) {
	c := p.config.Copy()
	own := map[string]string{
		"application_name": "cordon", "timezone": "UTC", "standard_conforming_strings": "on",
		"idle_in_transaction_session_timeout": millis(idleTimeout),
		"jit":                                 "off", // it compiles for longer than our statements run
	}
	if r != migrator {
		own["statement_timeout"], own["lock_timeout"] = millis(statementTimeout), millis(lockTimeout)
	}
	if r == reader {
		own["default_transaction_read_only"] = "on"
	}
	for name, value := range own {
		c.RuntimeParams[name] = value
	}
	return pool(stdlib.OpenDB(*c), pgdialect.New(), r), nil
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// check finds nothing: a server's database has no file to lose.
func (postgres) check() error { return nil }

func (p postgres) String() string {
	return fmt.Sprintf("postgres://%s@%s:%d/%s", p.config.User, p.config.Host, p.config.Port, p.config.Database)
}

// judgePostgres says what an error of the server means
// (https://www.postgresql.org/docs/15/errcodes-appendix.html).
func judgePostgres(err error) (verdict, bool) {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return verdict{}, false
	}
	switch {
	case e.Code[:2] == "08", slices.Contains([]string{"57P01", "57P02", "57P03", "53300"}, e.Code):
		return verdict{kind: away}, true
	case e.Code == "40001", e.Code == "40P01":
		return verdict{kind: crossed}, true
	}
	return judgedBy(map[string]verdict{
		"28P01": {ill, "the server refuses the password: check store.url"},
		"28000": {ill, "the server refuses this user: check store.url and the server's pg_hba.conf"},
		"3D000": {ill, "there is no such database: create it, owned by the user of store.url, with ENCODING 'UTF8'"},
		"42501": {ill, "the user of store.url may not do this: make it the owner of the database"},
		"22012": {ill, "the database is not encoded in UTF-8: create it with ENCODING 'UTF8' TEMPLATE template0"},
		"25006": {ill, "the server is read-only (a standby?): name the primary in store.url"},
		"53100": {ill, "the server's disk is full: make room there, then try again"},
		"53200": {ill, "the server is out of memory: give it more, then try again"},
		"55P03": {plain, "another node holds the database: try again"},
		"57014": {plain, "the statement took too long: check the server's load"},
	}, e.Code), true
}
