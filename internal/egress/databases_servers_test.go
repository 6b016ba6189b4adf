//go:build servers

package egress

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/store/storetest/dbserver"
	"go.cordon.dev/cordon/internal/testdebian"
)

// database is a world whose policy lets db.example's protocol out, with TLS
// only or without, and a server of that kind behind the name.
func database(t *testing.T, s *dbserver.Server, kind string, port int, requireTLS bool) (w *world, u *url.URL) {
	u, err := url.Parse(s.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	w = open(t, fmt.Sprintf("mode: strict\ndefault_policy: deny\ndatabases: {%s: {enabled: true, require_ssl: %t, allowed_hosts: [db.example]}}\n", kind, requireTLS), nil)
	w.name("db.example", "203.0.113.1")
	w.route(fmt.Sprintf("203.0.113.1:%d", port), u.Host)
	u.Host = "127.0.0.1:" + w.forwarder(t, fmt.Sprintf("db.example:%d", port))
	return w, u
}

func TestPsql(t *testing.T) {
	s := dbserver.Postgres(t)
	psql := testdebian.Program(t, "postgresql-client-15", "psql")
	for _, requireTLS := range []bool{false, true} {
		w, u := database(t, s, "postgres", 5432, requireTLS)
		u.Scheme, u.RawQuery = "postgresql", "sslmode=prefer&connect_timeout=20"
		out, content := w.runs(t, nil, psql, "-Atc", "select 6*7", u.String())
		if content == requireTLS || !requireTLS && strings.TrimSpace(out) != "42" {
			t.Errorf("require_ssl=%t: content=%t %s", requireTLS, content, out)
		}
		if requireTLS && w.lastDenial() != policy.ReasonTLSRequired {
			t.Errorf("denied for %q", w.lastDenial())
		}
	}
}

func TestMariaDBClient(t *testing.T) {
	s := dbserver.MariaDB(t)
	client := testdebian.Program(t, "mariadb-client-core", "mariadb")
	for _, requireTLS := range []bool{false, true} {
		w, u := database(t, s, "mysql", 3306, requireTLS)
		password, _ := u.User.Password()
		out, content := w.runs(t, []string{"MYSQL_PWD=" + password}, client, "--no-defaults", "--skip-ssl", "--protocol=tcp", "-h", "127.0.0.1", "-P", u.Port(), "-u", u.User.Username(), "-BNe", "select 6*7")
		if content == requireTLS || !requireTLS && strings.TrimSpace(out) != "42" {
			t.Errorf("require_ssl=%t: content=%t %s", requireTLS, content, out)
		}
		if requireTLS && w.lastDenial() != policy.ReasonTLSRequired {
			t.Errorf("denied for %q", w.lastDenial())
		}
	}
}
