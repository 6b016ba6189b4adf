// Package dbserver gives tests a PostgreSQL or MariaDB server: one of their
// own, as an ordinary user on a port that the kernel picks, or the one that
// CORDON_TEST_POSTGRES or CORDON_TEST_MYSQL names (a store URL of a user that
// may create databases). Tests that use it carry the build tag servers.
//
//	server := dbserver.Postgres(t)      // stopped when t ends
//	url := server.URL(t)                // a new, empty database
//	server.Stop(t)                      // ... and Start(t): an outage
//
// A server of its own keeps nothing over a power cut: it does not sync.
//
// To add a kind of server: an engine, beside those in postgres.go and
// mariadb.go.
//
// Level 1: it may import the standard library and the drivers.
package dbserver
