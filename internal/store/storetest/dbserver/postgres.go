//go:build unix

package dbserver

import (
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// postgres sorts text by a language's rules, so that what relies on the order
// of bytes must say so.
func postgres() engine {
	return engine{
		name: "postgres", variable: "CORDON_TEST_POSTGRES", needs: "Install postgresql-15", driver: "pgx", signal: "INT",
		create: "CREATE DATABASE %[1]s TEMPLATE template0 ENCODING 'UTF8'", force: " WITH (FORCE)",
		copy: func(_ testing.TB, _ *Server, from string) string { return "CREATE DATABASE %[1]s TEMPLATE " + from },
		dsn: func(u *url.URL) string {
			withDB := *u
			withDB.Path = "/postgres"
			return withDB.String()
		},
		prepare: preparePostgres,
	}
}

func preparePostgres(dir string, port int) ([]string, error) {
	const debianPackage = "postgresql-15"
	initdb, err := find(debianPackage, "initdb")
	if err != nil {
		return nil, err
	}
	server, err := find(debianPackage, "postgres")
	if err != nil {
		return nil, err
	}
	secret, data := filepath.Join(dir, "password"), filepath.Join(dir, "data")
	if err := os.WriteFile(secret, []byte(password), 0o644); err != nil {
		return nil, err
	}
	err = run(dir, "", initdb, "-D", data, "-U", "cordon", "--pwfile="+secret, "--auth=scram-sha-256", "--no-sync",
		"--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US")
	return []string{
		server, "-D", data, "-p", strconv.Itoa(port), "-h", "127.0.0.1", "-k", "",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "log_statement=none", "-c", "max_connections=200",
	}, err
}
