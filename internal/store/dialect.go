package store

import (
	"strings"

	"github.com/pressly/goose/v3"
)

// dialect is what differs between databases in statements. Those of migrations
// name a type in braces, "timestamp {time} NOT NULL".
type dialect struct {
	goose goose.Dialect
	types *strings.Replacer
	probe string // reads something, and fails when the database cannot be used
	// turn makes a transaction wait until no other node's is under way; empty
	// where that is how a transaction begins.
	turn string
	// lockSchema makes a connection the only one that migrates, and unlocks
	// again; both return 1. Empty where the turn does.
	lockSchema, unlockSchema string
}

// sqliteDialect maps to SQLite's affinities. The declared TIMESTAMP makes the
// driver hand back a time (stored as UTC text that sorts by time).
func sqliteDialect() dialect {
	return dialect{
		goose: goose.DialectSQLite3,
		probe: "SELECT count(*) FROM sqlite_schema",
		types: strings.NewReplacer(
			"{id}", "TEXT", // a UUIDv7 or another name of at most 64 characters
			"{key}", "TEXT", // text that is compared or indexed, at most 191 characters
			"{text}", "TEXT",
			"{json}", "TEXT",
			"{bytes}", "BLOB",
			"{int}", "INTEGER",
			"{rank}", "INTEGER",
			"{real}", "REAL",
			"{bool}", "BOOLEAN",
			"{time}", "TIMESTAMP",
			"{day}", "TEXT", // 2006-01-02
		),
	}
}

// turnOnServers takes the event log's counter before anything else, so that the
// transactions of all nodes follow one another, as those of SQLite do. What
// reads and then writes needs no lock of its own; see docs/adr/0009.
const turnOnServers = "SELECT id FROM event_head WHERE id = 1 FOR UPDATE"

// postgresDialect compares text by its bytes (COLLATE "C"), as SQLite does,
// whatever the database's locale is.
func postgresDialect() dialect {
	return dialect{
		goose: goose.DialectPostgres,
		probe: "SELECT 1 / CASE WHEN current_setting('server_encoding') = 'UTF8' THEN 1 ELSE 0 END",
		turn:  turnOnServers,
		// The number is any that no other program takes for a lock in this database.
		lockSchema:   "SELECT 1 FROM (SELECT pg_advisory_lock(7164115200142873)) AS taken",
		unlockSchema: "SELECT 1 FROM (SELECT pg_advisory_unlock(7164115200142873)) AS freed",
		types: strings.NewReplacer(
			"{id}", `TEXT COLLATE "C"`,
			"{key}", `TEXT COLLATE "C"`,
			"{text}", "TEXT",
			"{json}", "TEXT", // as it was written: an audit record's hash covers it
			"{bytes}", "BYTEA",
			"{int}", "BIGINT",
			"{rank}", "INTEGER",
			"{real}", "DOUBLE PRECISION",
			"{bool}", "BOOLEAN",
			"{time}", "TIMESTAMPTZ",
			"{day}", `TEXT COLLATE "C"`,
		),
	}
}

// mariaDialect compares text by its bytes, trailing spaces included. A row of
// an index may have 3072 bytes, four to a character: that bounds keys and ids.
func mariaDialect() dialect {
	const bin = " CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"
	return dialect{
		goose:        goose.DialectMySQL,
		probe:        "SELECT 1",
		turn:         turnOnServers,
		lockSchema:   "SELECT GET_LOCK(CONCAT(LEFT(DATABASE(), 40), '.cordon'), 600)",
		unlockSchema: "SELECT RELEASE_LOCK(CONCAT(LEFT(DATABASE(), 40), '.cordon'))",
		types: strings.NewReplacer(
			"{id}", "VARCHAR(64)"+bin,
			"{key}", "VARCHAR(191)"+bin,
			"{text}", "LONGTEXT"+bin,
			"{json}", "LONGTEXT"+bin,
			"{bytes}", "LONGBLOB",
			"{int}", "BIGINT",
			"{rank}", "INT",
			"{real}", "DOUBLE",
			"{bool}", "BOOLEAN",
			"{time}", "DATETIME(6)", // in UTC
			"{day}", "VARCHAR(10)"+bin,
		),
	}
}

// render fills in the types of a statement, and takes out what only MariaDB wants
// to know: of which table an index is, and what SQLite does not: IF NOT EXISTS of a
// column (see isDone).
func (d dialect) render(statement string) string {
	if strings.HasPrefix(statement, "DROP INDEX") && d.goose != goose.DialectMySQL {
		statement, _, _ = strings.Cut(statement, " ON ")
	}
	if d.goose == goose.DialectSQLite3 {
		statement = strings.Replace(statement, "ADD COLUMN IF NOT EXISTS", "ADD COLUMN", 1)
	}
	return d.types.Replace(statement)
}
