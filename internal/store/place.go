package store

import (
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// place is where the rows are: a file or a server's database.
type place interface {
	// connect makes a pool of connections for a purpose. It need not reach the
	// database yet.
	connect(r role) (*bun.DB, error)
	// check reports why the place is no longer the one that was opened.
	check() error
	// String names the place for people, without a password.
	fmt.Stringer
}

// role is what a pool of connections is for.
type role int

const (
	writer   role = iota // the one writer's
	reader               // may not write
	migrator             // changes the schema; a statement takes as long as it takes
)

// size is how many connections a pool has at most.
func (r role) size() int {
	switch r {
	case reader:
		return readers()
	case migrator:
		return 2 // one holds the lock
	}
	return 1
}

// How long things may take on a server. What a node holds there is freed when
// the node is gone or hangs.
const (
	connectTimeout   = 5 * time.Second
	statementTimeout = 30 * time.Second
	lockTimeout      = 20 * time.Second // of waiting for another node's transaction
	idleTimeout      = 60 * time.Second // of a transaction in which nothing happens
)

// findPlace reads a store URL. Its errors never repeat what may hold a
// password.
func findPlace(url string) (place, dialect, error) {
	scheme, rest, found := strings.Cut(url, ":")
	if !found {
		return nil, dialect{}, fmt.Errorf("store url %q has no scheme: write %s", url, urlForms)
	}
	var p place
	var err error
	d := sqliteDialect()
	switch scheme {
	case "sqlite":
		p, err = parseSQLite(rest)
	case "postgres", "postgresql":
		d = postgresDialect()
		p, err = parsePostgres(url)
	case "mysql", "mariadb":
		d = mariaDialect()
		p, err = parseMaria(url)
	default:
		err = fmt.Errorf("store url begins with %q, which is not supported: write %s", scheme+":", urlForms)
	}
	return p, d, err
}

const urlForms = "sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/DATABASE or mysql://USER:PASSWORD@HOST:PORT/DATABASE"

// pool bounds a server's pool. Connections are renewed now and then, so that
// they follow a server that moved.
func pool(db *sql.DB, d schema.Dialect, r role) *bun.DB {
	db.SetMaxOpenConns(r.size())
	db.SetMaxIdleConns(r.size())
	db.SetConnMaxIdleTime(5 * time.Minute)
	db.SetConnMaxLifetime(time.Hour)
	return bun.NewDB(db, d)
}
