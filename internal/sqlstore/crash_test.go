package sqlstore_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// crashURL names the database of the child process that is killed.
const crashURL = "CORDON_TEST_CRASH_URL"

// crashSources write at the same time, so that commits hold several jobs.
const crashSources = 4

func TestMain(m *testing.M) {
	if url := os.Getenv(crashURL); url != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(url))
		os.Exit(1)
	}
	if url := os.Getenv(outboxURL); url != "" {
		fmt.Fprintln(os.Stderr, deliverUntilKilled(url))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// TestKilled kills a process that writes batches, several times. After each
// kill: what it was told is stored is stored; each source's rows are exactly
// those up to its position; the event log has no gap and no repeat.
func TestKilled(t *testing.T) {
	url, acknowledged := storetest.SQLiteURL(t), map[string]uint64{}
	for range 6 {
		runAndKill(t, url, 1+rand.IntN(150), acknowledged)
		checkAfterKill(t, url, acknowledged)
	}
}

// writeUntilKilled commits one entry after the other for each source, from
// where it stands, and prints each once it is durable.
func writeUntilKilled(url string) error {
	s, err := store.Open(context.Background(), store.Options{URL: url})
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make(chan error, crashSources)
	for i := range crashSources {
		wg.Go(func() { errs <- writeSource(s, fmt.Sprint("log-", i)) })
	}
	wg.Wait()
	return <-errs
}

func writeSource(s *store.Store, source string) error {
	l := sqlstore.NewLeak(s)
	for {
		next, err := nextIndex(l, source)
		if err != nil {
			return err
		}
		c, err := crashBatch(source, next)
		if err != nil {
			return err
		}
		if _, err := l.Commit(context.Background(), c); err != nil {
			return err
		}
		fmt.Println(source, next)
	}
}

func nextIndex(l *sqlstore.Leak, source string) (next uint64, err error) {
	pos, err := l.Position(context.Background(), source)
	if err != nil || pos == nil {
		return 0, err
	}
	return next, json.Unmarshal(pos, &next)
}

// crashBatch is entry i of a source: a quarantine row, its finding, two events.
func crashBatch(source string, i uint64) (leak.Commit, error) {
	now := time.Now()
	e, err := event.New(event.Header{Time: now, Source: "node/child"}, event.BusHealth{Kind: "memory"})
	if err != nil {
		return leak.Commit{}, err
	}
	e2 := e
	e2.ID = id.New()
	q := leak.Quarantine{ID: id.New(), Timestamp: now, SourceID: source, Index: &i, CoreKey: "key", Rule: "r", Severity: event.High, Fingerprint: "f"}
	f := leak.Finding{ID: id.New(), OccurredAt: now, SourceID: source, Index: &i, CoreKey: "key", Rule: "r", Severity: event.High, Fingerprint: "f", QuarantineID: q.ID}
	return leak.Commit{
		SourceID: source, Position: fmt.Append(nil, i+1), Metrics: leak.Tally{Day: now.UTC().Format(time.DateOnly), Messages: 1, Secrets: 1},
		Quarantine: []leak.Row[leak.Quarantine]{{Value: q, Event: e}}, Findings: []leak.Row[leak.Finding]{{Value: f, Event: e2}},
	}, nil
}

// runAndKill runs the child until it has reported n commits, kills it, and
// notes what it reported.
func runAndKill(t *testing.T, url string, n int, acknowledged map[string]uint64) {
	t.Helper()
	killAfter(t, crashURL+"="+url, n, func(line string) error {
		var source string
		var index uint64
		if _, err := fmt.Sscan(line, &source, &index); err != nil {
			return err
		}
		acknowledged[source] = index + 1
		return nil
	})
}

// killAfter runs this program as a child, with a variable that says what it is to do,
// until it has printed n lines that note could read, and kills it.
func killAfter(t *testing.T, variable string, n int, note func(line string) error) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env, child.Stderr = append(os.Environ(), variable), os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for i := 0; lines.Scan(); i++ {
		if note(lines.Text()) != nil {
			break // the line it died in
		}
		if i == n {
			_ = child.Process.Kill()
		}
	}
	if err := child.Wait(); err == nil || child.ProcessState.ExitCode() != -1 {
		t.Fatalf("the child was not killed: %v", err)
	}
}

func checkAfterKill(t *testing.T, url string, acknowledged map[string]uint64) {
	t.Helper()
	s := storetest.Open(t, store.Options{URL: url})
	rows := 0
	for i := range crashSources {
		rows += checkSource(t, s, fmt.Sprint("log-", i), acknowledged)
	}
	var rs []event.Record
	for at := (event.Cursor{}); ; at = rs[len(rs)-1].Cursor {
		some, err := s.Events(storetest.Context(t), at, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if rs = append(rs, some...); len(some) == 0 {
			break
		}
	}
	if len(rs) != 2*rows {
		t.Errorf("%d events for %d rows, want two each", len(rs), rows)
	}
	for i, r := range rs {
		if r.Cursor.Seq != int64(i+1) {
			t.Fatalf("event %d has number %d", i+1, r.Cursor.Seq)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// checkSource checks that a source's rows are those of the entries before its
// position, each once, and returns their number.
func checkSource(t *testing.T, s *store.Store, source string, acknowledged map[string]uint64) int {
	t.Helper()
	next, err := nextIndex(sqlstore.NewLeak(s), source)
	if err != nil {
		t.Fatal(err)
	}
	if next < acknowledged[source] {
		t.Errorf("%s stands at %d, but %d was reported as stored", source, next, acknowledged[source])
	}
	var rows, distinct, findings int
	row := s.Reader().QueryRowContext(storetest.Context(t), `SELECT count(*), count(DISTINCT hypercore_position),
		(SELECT count(*) FROM findings WHERE source = ?0 AND hypercore_position < ?1)
		FROM quarantine WHERE source = ?0`, source, next)
	if err := row.Scan(&rows, &distinct, &findings); err != nil {
		t.Fatal(err)
	}
	if n := int(next); rows != n || distinct != n || findings != n {
		t.Errorf("%s stands at %d with %d rows of %d entries and %d findings", source, next, rows, distinct, findings)
	}
	return rows
}
