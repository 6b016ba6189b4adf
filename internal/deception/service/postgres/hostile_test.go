package postgres

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/deception/service"
)

// inside is a client that was let in.
func inside(t testing.TB) *visitor {
	t.Helper()
	s := made(t, service.Config{"auth": "password", "database": "shop", "accept": map[string]any{"after": 1}})
	v := visit(t, s, "203.0.113.9:1")
	v.ask(hello("app", "shop"), "R")
	if got := v.ask(frame('p', "x\x00"), "ZE"); !strings.Contains(got, "Z") {
		t.Fatalf("not let in: %q", got)
	}
	return v
}

// count stands in larger expressions, too.
func TestCountsAreValues(t *testing.T) {
	v := inside(t)
	for _, sql := range []string{"select count(*)+1", "select count(*)::int", "values (count(*))", "select 1 where count(*) = 1", "select md5(count(*)::text)", "select -count(1)"} {
		if got := v.query(sql); strings.Contains(got, "closed") {
			t.Fatalf("%s ends the connection", sql)
		}
	}
}

// What a client asks for costs no more than a bounded time and memory, however
// the statement is nested.
func TestStatementsThatGrowAreRefused(t *testing.T) {
	v := inside(t)
	ask := func(sql, want string) {
		t.Helper()
		if got := v.query(sql); !strings.Contains(got, want) {
			t.Errorf("%.80s: %.200q, want %q", sql, got, want)
		}
	}
	ask("create table t(a text, b text)", "CREATE TABLE")
	ask("insert into t values "+strings.Repeat("('x'),", 3000)+"('x')", "INSERT 0 3001")
	deep := "select count(*) from t"
	for range 20 {
		deep = "select count(*) from t where (" + deep + ") > 0"
	}
	ask(deep, "3001") // inner ones are run once, not for each row
	ask("select "+strings.Repeat("a,", 5000)+"a from t", "out of memory")
	ask("select 1 from t where a in ("+strings.Repeat("'y',", 9000)+"'y')", "out of memory")
	long := strings.Repeat("a", 1<<20)
	ask("select '"+long+"' like '%"+long[:1<<19]+"b%'", "out of memory")
	ask("select "+strings.Repeat("- ", 9000)+"1", "stack depth limit exceeded")
	columns := strings.TrimSuffix(strings.Repeat("c int,", 1600), ",")
	ask("create table wide("+columns+")", "CREATE TABLE")
	ask("create table wider("+columns+",c int)", "tables can have at most 1600 columns")
	ask("insert into wide values "+strings.Repeat("(1),", 3000)+"(1)", "No space left on device")
}

// Prepared statements and portals hold no more than a bound, and it can be
// used again once they are closed.
func TestPreparedStatementsAreBounded(t *testing.T) {
	v := inside(t)
	sql := "select '" + strings.Repeat("x", 1<<20) + "'"
	parse := func(i int) string {
		return v.ask(frame('P', fmt.Sprintf("s%d\x00%s\x00\x00\x00", i, sql))+frame('S', ""), "Z")
	}
	got := ""
	for i := range 9 {
		got = parse(i)
	}
	if !strings.Contains(got, "out of memory") {
		t.Errorf("nine megabytes are held: %q", got)
	}
	v.ask(frame('C', "Ss0\x00")+frame('S', ""), "Z")
	if got := parse(0); !strings.HasPrefix(got, "1") {
		t.Errorf("after one is closed: %q", got)
	}
}

// A long statement is read once, not once for each of its words.
func TestPlacesInStatementsAreCharacters(t *testing.T) {
	toks, err := lex("select 'é', x /* ü */ y")
	if err != nil || toks[3].at != 13 || toks[4].at != 23 {
		t.Errorf("places %+v, error %v", toks, err)
	}
	toks, err = lex(strings.Repeat("'é' ", 15_000) + "x")
	if err != nil || toks[15_000].at != 60_001 {
		t.Errorf("the last stands at %d, error %v", toks[len(toks)-1].at, err)
	}
}

// Who owns a /64 is one attacker: his attempts count together.
func TestAttemptsOfOneNetworkCountTogether(t *testing.T) {
	s := made(t, service.Config{"auth": "password", "database": "shop", "accept": map[string]any{"after": 2}})
	for i, want := range []string{"password authentication failed", "server_version"} {
		v := visit(t, s, fmt.Sprintf("[2001:db8::%d]:1", i+1))
		v.ask(hello("app", "shop"), "R")
		if got := v.ask(frame('p', "x\x00"), "ZE"); !strings.Contains(got, want) {
			t.Errorf("attempt %d: %q, want %q", i+1, got, want)
		}
	}
}

// A real server keeps a user's salt, and makes up one that stays for who is none
// (auth-scram.c, mock_scram_secret): who asks twice sees the same.
func TestSaltsStay(t *testing.T) {
	salt := func(s service.Service, user string) string {
		v := visit(t, s, "203.0.113.9:1")
		v.ask(hello(user, "shop"), "R")
		got := v.ask(frame('p', "SCRAM-SHA-256\x00\x00\x00\x00\x10n,,n=,r=abcdefghi"), "RE")
		_, rest, _ := strings.Cut(got, ",s=")
		out, _, ok := strings.Cut(rest, ",i=4096")
		if !ok || len(out) != 24 {
			t.Fatalf("%q", got)
		}
		return out
	}
	s := made(t, service.Config{"auth": "scram-sha-256", "database": "shop"})
	first := salt(s, "app")
	if again := salt(s, "app"); again != first {
		t.Errorf("the salt of one user is %s, then %s", first, again)
	}
	if other := salt(s, "postgres"); other == first {
		t.Errorf("two users have the salt %s", first)
	}
}

// What all clients hold at a time has a bound: statements that are on their way,
// prepared ones, tables, answers that nobody reads. Small ones are always answered.
func TestWhatAllClientsHoldIsBounded(t *testing.T) {
	s := made(t, service.Config{"auth": "password", "database": "shop", "accept": map[string]any{"after": 1}})
	enter := func() *visitor {
		v := visit(t, s, "203.0.113.9:1")
		v.ask(hello("app", "shop"), "R")
		v.ask(frame('p', "x\x00"), "Z")
		return v
	}
	sql, refused := "select '"+strings.Repeat("x", 1<<20)+"'", 0
	var all []*visitor
	for range 20 {
		v := enter()
		all = append(all, v)
		for i := range 7 {
			if got := v.ask(frame('P', fmt.Sprintf("s%d\x00%s\x00\x00\x00", i, sql))+frame('S', ""), "Z"); strings.Contains(got, "out of memory") || strings.Contains(got, "closed") {
				refused++
			}
		}
	}
	if refused < 60 {
		t.Errorf("%d statements of a megabyte are held", 140-refused)
	}
	if got := enter().query("select 1"); !strings.Contains(got, "SELECT 1") {
		t.Errorf("a small one: %q", got)
	}
	for _, v := range all {
		_ = v.conn.Close()
		v.sink.Wait(t, service.Disconnected, 1)
	}
	v := enter()
	if got := v.ask(frame('P', "s\x00"+sql+"\x00\x00\x00")+frame('S', ""), "Z"); !strings.HasPrefix(got, "1") {
		t.Errorf("when all are gone: %.80q", got)
	}
	v.query("create table t(a text)")
	v.query("insert into t values ('" + strings.Repeat("y", 500<<10) + "')")
	if got := v.query("select " + strings.Repeat("a,", 20) + "a from t"); strings.Count(got, "y") != 21*500<<10 {
		t.Errorf("a long answer has %d", strings.Count(got, "y"))
	}
}

// An answer is sent as it is made, and one that nobody reads is given up.
func TestALongAnswerIsNotHeld(t *testing.T) {
	v := inside(t)
	v.query("create table t(a text)")
	v.query("insert into t values ('" + strings.Repeat("y", 100<<10) + "')" + strings.Repeat(",('z')", 300))
	if _, err := v.conn.Write([]byte(frame('Q', strings.Repeat("table t;", 100)+"\x00"))); err != nil {
		t.Fatal(err)
	}
	rows := 0
	for rows < 100*301 {
		var head [5]byte
		if _, err := io.ReadFull(v.in, head[:]); err != nil {
			t.Fatalf("after %d rows: %v", rows, err)
		}
		if _, err := io.CopyN(io.Discard, v.in, int64(binary.BigEndian.Uint32(head[1:])-4)); err != nil {
			t.Fatal(err)
		}
		if head[0] == 'D' {
			rows++
		}
	}
}
