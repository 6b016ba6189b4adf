package store

import (
	"fmt"
	"strings"

	"github.com/pressly/goose/v3"
)

// dialect is what differs between databases in the statements of migrations.
// A statement names a type in braces, "timestamp {time} NOT NULL".
type dialect struct {
	goose goose.Dialect
	types *strings.Replacer
}

// sqliteDialect maps to SQLite's affinities. The declared TIMESTAMP makes the
// driver hand back a time (stored as UTC text that sorts by time).
func sqliteDialect() dialect {
	return dialect{goose: goose.DialectSQLite3, types: strings.NewReplacer(
		"{id}", "TEXT", // a UUIDv7
		"{key}", "TEXT", // text that is compared or indexed, at most 255 characters
		"{text}", "TEXT",
		"{json}", "TEXT",
		"{bytes}", "BLOB",
		"{int}", "INTEGER",
		"{rank}", "INTEGER",
		"{real}", "REAL",
		"{bool}", "BOOLEAN",
		"{time}", "TIMESTAMP",
		"{day}", "TEXT", // 2006-01-02
	)}
}

// render fills in the types of a statement.
func (d dialect) render(statement string) string { return d.types.Replace(statement) }

// parseURL returns the path of a SQLite database. It never repeats the URL
// of another kind: that may hold a password.
func parseURL(url string) (string, error) {
	scheme, path, found := strings.Cut(url, ":")
	switch {
	case !found:
		return "", fmt.Errorf("store url %q has no scheme: write sqlite:PATH", url)
	case scheme != "sqlite":
		return "", fmt.Errorf("store url begins with %q, which this version does not support: write sqlite:PATH", scheme+":")
	}
	path = strings.TrimPrefix(path, "//")
	if path == "" || path == ":memory:" {
		return "", fmt.Errorf("store url %q names no file: write sqlite:PATH, such as sqlite:/var/lib/cordon/cordon.db", url)
	}
	return path, nil
}
