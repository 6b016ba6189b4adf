package capture_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/redact"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// crashDir names the folder of the child process that is killed.
const crashDir = "CORDON_TEST_CAPTURE_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		fmt.Fprintln(os.Stderr, captureUntilKilled(dir))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// captureUntilKilled records visits as fast as it can and says how many observations
// were stored.
func captureUntilKilled(dir string) error {
	s, err := store.Open(context.Background(), store.Options{URL: "sqlite:" + filepath.Join(dir, "cordon.db")})
	if err != nil {
		return err
	}
	ring, err := redact.NewKeyring(make([]byte, redact.KeySize))
	if err != nil {
		return err
	}
	sealer, err := capture.NewSealer(ring)
	if err != nil {
		return err
	}
	blobs, err := capture.OpenBlobs(filepath.Join(dir, "evidence"), sealer)
	if err != nil {
		return err
	}
	r := &room{Capture: sqlstore.NewCapture(s, sealer, blobs)}
	r.Recorder, err = capture.New(capture.Deps{Store: r.Capture, Ring: ring, Sealer: sealer, Blobs: blobs, Redact: func(s string) string { return s }, Node: "n1"})
	if err != nil {
		return err
	}
	go func() { _ = r.Recorder.Run(context.Background()) }()
	for n, before := 0, uint64(0); ; n++ {
		visit(r, n)
		if now := r.Stats().Stored; now != before {
			fmt.Println(now)
			before = now
		}
	}
}

// Kill -9 at any instant: what was said to be stored is stored, each log has its
// event, and each session counts exactly the logs that it has.
func TestWhatIsStoredSurvivesAKill(t *testing.T) {
	dir, before := t.TempDir(), 0
	for run := range 3 {
		said := runAndKill(t, dir, 1+2*run)
		s := storetest.Open(t, store.Options{URL: "sqlite:" + filepath.Join(dir, "cordon.db")})
		logs := one(t, s, "SELECT count(*) FROM decky_logs")
		if logs < before+said {
			t.Errorf("run %d: %d logs, %d were there before and %d were reported", run, logs, before, said)
		}
		for what, query := range map[string]string{
			"logs without an event":      "SELECT count(*) FROM decky_logs l WHERE NOT EXISTS (SELECT 1 FROM event_log e WHERE e.id = l.id)",
			"events without a log":       "SELECT count(*) FROM event_log e WHERE topic <> 'credential.captured' AND NOT EXISTS (SELECT 1 FROM decky_logs l WHERE e.id = l.id)",
			"sessions that count wrong":  "SELECT count(*) FROM decky_sessions s WHERE observations <> (SELECT count(*) FROM decky_logs l WHERE l.session_id = s.id)",
			"attempts that are not told": "SELECT (SELECT sum(attempts) FROM credentials) - (SELECT count(*) FROM decky_logs WHERE event_type = 'login_attempt')",
			"gaps in the log of events":  "SELECT max(seq) - count(*) FROM event_log",
		} {
			if n := one(t, s, query); n != 0 {
				t.Errorf("run %d: %d %s", run, n, what)
			}
		}
		if before = logs; s.Close() != nil {
			t.Error("the store does not close")
		}
	}
}

func one(t *testing.T, s *store.Store, query string) (n int) {
	t.Helper()
	must(t, s.Reader().QueryRowContext(storetest.Context(t), query).Scan(&n))
	return n
}

// runAndKill runs the child until it has reported so often, kills it, and returns
// what it reported last.
func runAndKill(t *testing.T, dir string, reports int) (said int) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env, child.Stderr = append(os.Environ(), crashDir+"="+dir), os.Stderr
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		var now int
		if _, err := fmt.Sscan(lines.Text(), &now); err != nil {
			break // the line it died in
		}
		said = now
		if n == reports {
			_ = child.Process.Kill()
		}
	}
	if err := child.Wait(); err == nil || child.ProcessState.ExitCode() != -1 {
		t.Fatalf("the child was not killed: %v", err)
	}
	return said
}
