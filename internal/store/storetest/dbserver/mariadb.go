//go:build unix

package dbserver

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// mariadb stores text in Latin-1 unless told otherwise, so that columns must
// say what they hold.
func mariadb() engine {
	return engine{
		name: "mysql", variable: "CORDON_TEST_MYSQL", needs: "Install mariadb-server", driver: "mysql", signal: "TERM",
		create: "CREATE DATABASE %[1]s CHARACTER SET latin1",
		copy:   copyMariaDB,
		dsn: func(u *url.URL) string {
			secret, _ := u.User.Password()
			return fmt.Sprintf("%s:%s@tcp(%s)/?timeout=5s&multiStatements=true", u.User.Username(), secret, u.Host)
		},
		prepare: prepareMariaDB,
	}
}

// copyMariaDB copies table by table, since the server has no templates: definition,
// indexes, rows. Neither foreign keys nor views would come along; the schema has none.
func copyMariaDB(t testing.TB, s *Server, from string) string {
	t.Helper()
	var sql strings.Builder
	sql.WriteString(s.engine.create)
	for _, table := range s.list(t, "SELECT table_name FROM information_schema.tables WHERE table_schema = '"+from+"' ORDER BY table_name") {
		fmt.Fprintf(&sql, "; CREATE TABLE %%[1]s.%[2]s LIKE %[1]s.%[2]s", from, table)
		if len(s.list(t, fmt.Sprintf("SELECT 1 FROM %s.%s LIMIT 1", from, table))) > 0 {
			fmt.Fprintf(&sql, "; INSERT INTO %%[1]s.%[2]s SELECT * FROM %[1]s.%[2]s", from, table)
		}
	}
	return sql.String()
}

func prepareMariaDB(dir string, port int) ([]string, error) {
	server, err := find("mariadb-server-core", "mariadbd")
	if err != nil {
		return nil, err
	}
	base := filepath.Join(filepath.Dir(server), "usr") // an unpacked package
	if _, err := os.Stat(base); err != nil {
		base = filepath.Dir(filepath.Dir(server))
	}
	tables, err := systemTables(base)
	if err != nil {
		return nil, err
	}
	data, tmp := filepath.Join(dir, "data"), filepath.Join(dir, "tmp")
	options := []string{
		"--no-defaults", "--basedir=" + base, "--datadir=" + data, "--skip-log-bin",
		"--tmpdir=" + tmp, // a server that starts takes the tables of all others away
		"--innodb-flush-log-at-trx-commit=0", "--loose-innodb-flush-method=nosync", "--innodb-log-file-size=32M", "--loose-skip-innodb-doublewrite",
		"--loose-skip-innodb-file-per-table", "--loose-sync-frm=0", "--innodb-use-native-aio=0", "--innodb-stats-persistent=0", "--skip-performance-schema",
	}
	for _, folder := range []string{data, tmp} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			return nil, err
		}
		if err := giveAway(folder); err != nil {
			return nil, err
		}
	}
	err = run(dir, tables, server, append(options, "--bootstrap")...)
	return append(append([]string{server}, options...), "--port="+strconv.Itoa(port), "--bind-address=127.0.0.1",
		"--socket="+filepath.Join(dir, "socket"), "--pid-file="+filepath.Join(dir, "pid"), "--max-connections=200"), err
}

// systemTables is what a new server must be told before it can run: its own
// tables, from the files beside it, and the tests' user.
func systemTables(base string) (string, error) {
	var sql strings.Builder
	sql.WriteString("CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n")
	for _, name := range []string{"mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql"} {
		text, err := os.ReadFile(filepath.Join(base, "share", "mysql", name))
		if err != nil {
			text, err = os.ReadFile(filepath.Join(base, "share", "mariadb", name))
		}
		if err != nil {
			return "", err
		}
		sql.Write(text)
	}
	fmt.Fprintf(&sql, "\nFLUSH PRIVILEGES;\nCREATE USER 'cordon'@'%%' IDENTIFIED BY '%s';\nGRANT ALL ON *.* TO 'cordon'@'%%';\n", password)
	return sql.String(), nil
}
