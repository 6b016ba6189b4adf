// Package store is the truth: it opens the database, brings its schema up to
// date, and is the one way to write. A row and the event that tells of it are
// committed together (store first, publish second); the event log numbers
// events in the order of their commits, so a reader behind a cursor misses
// none.
//
// There is one writer goroutine per store. It gathers the jobs that wait, runs
// each so that its failure undoes its own work only, and commits them with one
// sync of the disk (group commit): durable and fast at once. Readers use a pool
// of read-only connections and never wait for the writer.
//
// The databases are SQLite (WAL), PostgreSQL and MariaDB. Statements are
// written once; what differs is in dialect.go. The nodes that share a server
// take turns at writing (docs/adr/0009), so what is read in a job is still so
// when the job writes. A server that does not answer is ErrUnreachable: the
// writer tries for a second, then its callers try again.
//
// To add a table: append a migration to migrations in migrate.go; each of its
// statements must be safe to run again, names types in braces and has no
// reserved word for a column. To add a database: a dialect, a place beside
// those in sqlite.go, postgres.go and maria.go, and a test that passes
// storetest.Run.
//
// Level 1: it may import event, id, clock, redact.
package store
