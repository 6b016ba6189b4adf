//go:build servers

package sqlstore_test

import (
	"context"
	"database/sql"
	"testing"

	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
	"go.cordon.dev/cordon/internal/store/storetest/dbserver"
)

const fillPostgres = `INSERT INTO quarantine SELECT '019' || lpad(to_hex(i), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(i), 12, '0'),
		'2026-03-01 12:00:00+00:00', 'log-' || (i % 4), i,
		'c0ffee', 0, 'msg-' || i, 'chat', 'agent', '', CASE i / 4 % 3 WHEN 0 THEN 'aws' WHEN 1 THEN 'github' ELSE 'pem' END, 'GITHUB_TOKEN', 1 + i / 12 % 4, 0.9,
		'a message of ordinary length around ghp_****abc, which was found in it', 'v1:aabbccdd:' || i, 'v1:aabbccdd:' || i, 1,
		'observed', '', i / 48 % 5 = 0, NULL, '', NULL, NULL, lpad(to_hex(i), 64, '0') FROM generate_series(?0, ?1 - 1) AS n(i)`

const fillMaria = `INSERT INTO quarantine SELECT CONCAT('019', LPAD(LOWER(HEX(i)), 8, '0'), '-0000-7000-8000-', LPAD(LOWER(HEX(i)), 12, '0')),
		'2026-03-01 12:00:00', CONCAT('log-', i % 4), i,
		'c0ffee', 0, CONCAT('msg-', i), 'chat', 'agent', '', CASE i DIV 4 % 3 WHEN 0 THEN 'aws' WHEN 1 THEN 'github' ELSE 'pem' END, 'GITHUB_TOKEN', 1 + i DIV 12 % 4, 0.9,
		'a message of ordinary length around ghp_****abc, which was found in it', CONCAT('v1:aabbccdd:', i), CONCAT('v1:aabbccdd:', i), 1,
		'observed', '', i DIV 48 % 5 = 0, NULL, '', NULL, NULL, LPAD(HEX(i), 64, '0') FROM (SELECT seq AS i FROM seq_0_to_999999 WHERE seq >= ?0 AND seq < ?1) AS n`

func BenchmarkListQuarantinePostgreSQL(b *testing.B) {
	url := dbserver.Postgres(b).URL(b)
	s := storetest.Open(b, store.Options{URL: url})
	fill(b, s, fillPostgres)
	vacuum(b, url)
	listPages(b, s)
}

func BenchmarkListQuarantineMariaDB(b *testing.B) {
	s := storetest.Open(b, store.Options{URL: dbserver.MariaDB(b).URL(b)})
	fill(b, s, fillMaria)
	listPages(b, s)
}

// vacuum does what the server does by itself after a while: it counts rows and
// notes which pages everybody sees.
func vacuum(b *testing.B, url string) {
	b.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(context.Background(), "VACUUM ANALYZE quarantine"); err != nil {
		b.Fatal(err)
	}
}
