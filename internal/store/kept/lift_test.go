package kept

import (
	"reflect"
	"strings"
	"testing"
)

func TestValuesAreTakenOutOfAStatement(t *testing.T) {
	const a = `SELECT "a" FROM "t" WHERE `
	for name, c := range map[string]struct {
		text, want string
		values     []any
	}{
		"a row": {`INSERT INTO "t" ("a", "b", "c") VALUES ('it''s', 12, 0.5)`, `INSERT INTO "t" ("a", "b", "c") VALUES (?, ?, ?)`,
			[]any{"it's", int64(12), 0.5}},
		"a blob":                   {`INSERT INTO t VALUES (X'00ff')`, `INSERT INTO t VALUES (?)`, []any{[]byte{0, 255}}},
		"an empty text":            {`DELETE FROM t WHERE a = ''`, `DELETE FROM t WHERE a = ?`, []any{""}},
		"what is no literal":       {`INSERT INTO t VALUES (NULL, TRUE, a1)`, `INSERT INTO t VALUES (NULL, TRUE, a1)`, nil},
		"a negative number":        {`UPDATE t SET n = -5`, `UPDATE t SET n = -?`, []any{int64(5)}},
		"a small number":           {`UPDATE t SET n = 1e-05`, `UPDATE t SET n = ?`, []any{1e-05}},
		"a change of a row":        {`UPDATE "t" AS "r" SET "n" = n + 1 WHERE "r"."a" = 'x'`, `UPDATE "t" AS "r" SET "n" = n + ? WHERE "r"."a" = ?`, []any{int64(1), "x"}},
		"what to do with one":      {`INSERT INTO t VALUES ('a') ON CONFLICT (a) DO UPDATE SET n = 2`, `INSERT INTO t VALUES (?) ON CONFLICT (a) DO UPDATE SET n = ?`, []any{"a", int64(2)}},
		"a search":                 {a + `"a" IN ('x', 'y') AND n >= 3`, a + `"a" IN (?, ?) AND n >= ?`, []any{"x", "y", int64(3)}},
		"names in quotes":          {`DELETE FROM "it's 5" WHERE "a""'5" = 1`, `DELETE FROM "it's 5" WHERE "a""'5" = ?`, []any{int64(1)}},
		"the names of columns":     {`SELECT 'x', 1 FROM t WHERE a = 'x'`, `SELECT 'x', 1 FROM t WHERE a = ?`, []any{"x"}},
		"the places of columns":    {a + `n = 1 ORDER BY 2, 'x'`, a + `n = ? ORDER BY 2, 'x'`, []any{int64(1)}},
		"groups":                   {a + `n = 1 GROUP BY 1`, a + `n = ? GROUP BY 1`, []any{int64(1)}},
		"how many rows are wanted": {a + `n = 1 LIMIT 50 OFFSET 7`, a + `n = ? LIMIT 50 OFFSET 7`, []any{int64(1)}},
		"columns of a part": {`SELECT * FROM (SELECT 'x' FROM t WHERE a = 'y') WHERE a = 'z'`, `SELECT * FROM (SELECT 'x' FROM t WHERE a = ?) WHERE a = ?`,
			[]any{"y", "z"}},
		"a column that is asked for": {`SELECT EXISTS (SELECT 1 FROM t WHERE a = 'x'), (SELECT n FROM t WHERE n = 2) FROM t WHERE n = 3`, `SELECT EXISTS (SELECT 1 FROM t WHERE a = 'x'), (SELECT n FROM t WHERE n = 2) FROM t WHERE n = ?`,
			[]any{int64(3)}},
		"behind the order of a part": {`SELECT a FROM t WHERE a IN (SELECT b FROM t ORDER BY 1) ORDER BY 1`, `SELECT a FROM t WHERE a IN (SELECT b FROM t ORDER BY 1) ORDER BY 1`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, values, ok := lift(c.text)
			if !ok || got != c.want || !reflect.DeepEqual(values, c.values) {
				t.Errorf("got %q with %v (%v),\nwant %q with %v", got, values, ok, c.want, c.values)
			}
		})
	}
}

func TestWhatIsLeftAlone(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                 "",
		"other statements":        "PRAGMA cache_size = 5",
		"a definition":            "CREATE TABLE t (a TEXT DEFAULT 'x')",
		"a part with a name":      "WITH r AS (SELECT 1) SELECT * FROM r",
		"two statements":          "DELETE FROM t WHERE a = 1; DELETE FROM t",
		"a comment":               "DELETE FROM t WHERE a = 1 -- 2",
		"a long comment":          "DELETE FROM t /* 'x' */ WHERE a = 1",
		"marks":                   "DELETE FROM t WHERE a = ? AND b = 1",
		"names of marks":          "DELETE FROM t WHERE a = :a",
		"a type's length":         "UPDATE t SET a = CAST(a AS VARCHAR(10))",
		"patterns":                "SELECT a FROM t WHERE a LIKE 'x%'",
		"lists one behind other":  "SELECT a FROM t WHERE n = 1 UNION ALL SELECT 2 FROM t",
		"rows of another table":   "INSERT INTO t SELECT 1 FROM t",
		"a hexadecimal number":    "UPDATE t SET n = 0x10",
		"a number beyond 64 bits": "UPDATE t SET n = 9223372036854775808",
		"a number beyond all":     "UPDATE t SET n = 1e999",
		"a number with a point":   "UPDATE t SET n = .5",
		"a text without an end":   "UPDATE t SET a = 'x",
		"a name without an end":   `UPDATE t SET "a = 1`,
		"half a byte":             "UPDATE t SET a = x'0'",
		"a byte of nothing":       "UPDATE t SET a = 'x' \x00",
		"and one within a text":   "UPDATE t SET a = 'x\x00'",
		"what is long":            "UPDATE t SET a = '" + strings.Repeat("x", maxText) + "'",
	} {
		t.Run(name, func(t *testing.T) {
			if got, values, ok := lift(text); ok {
				t.Errorf("got %q with %v", got, values)
			}
		})
	}
}
