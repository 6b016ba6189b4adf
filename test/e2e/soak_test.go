//go:build servers && soak

package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/store/storetest/dbserver"
)

// What the soak does each second, and how often the database goes away.
const (
	soakRate    = 200 // messages a second
	soakEvery   = 50  // every n-th with a secret
	soakPeople  = 10  // with the dashboard open
	soakBetween = 5 * time.Minute
	soakOutage  = 30 * time.Second
)

// A node that runs for long, under load, with people at the dashboard and a
// database that goes away for 30 s every five minutes, grows in nothing and
// loses nothing. SOAK_MINUTES says for how long (default 30).
func TestSoak(t *testing.T) {
	length := soakLength(t)
	db := dbserver.Postgres(t)
	hook := newReceiver(t, signingSecret())
	dir := t.TempDir()
	core, tail := filepath.Join(dir, "core"), filepath.Join(dir, "agent.log")
	n := newNode(t, fmt.Sprintf(`
store: {url: %q}
leak: {sources: [{id: agents, kind: hypercore, path: %q}, {id: text, kind: file, path: %q}]}
notify: {webhooks: [{id: soc, url: %q, secret: "env:E2E_SIGNING_SECRET", topics: [leak.message.quarantined], allow_private: true}]}
`, db.URL(t), core, tail, hook.URL))
	n.start()
	pid := n.cmd.Process.Pid

	end := time.Now().Add(length)
	blocks := soakCore(t, core, length)
	lines := soakFile(t, tail, end)
	people := startPeople(n, soakPeople)
	samples := watchNode(n, end)
	for cut := time.Now().Add(soakBetween); cut.Add(soakOutage).Before(end); cut = cut.Add(soakBetween) {
		time.Sleep(time.Until(cut))
		t.Logf("%s: the database goes away", time.Now().Format(time.TimeOnly))
		db.Stop(t)
		time.Sleep(soakOutage)
		db.Start(t)
	}
	time.Sleep(time.Until(end))
	want := <-blocks + <-lines
	people.stop(t)

	eventually(t, 3*time.Minute, fmt.Sprintf("%d quarantine entries", want), func() bool { return n.entries() >= want })
	eventually(t, 3*time.Minute, fmt.Sprintf("%d webhooks", want), func() bool { return hook.distinct() >= want })
	if n.cmd.Process.Pid != pid || n.cmd.ProcessState != nil {
		t.Error("the node did not live through it")
	}
	if got, told := n.entries(), hook.distinct(); got != want || told != want || len(hook.bad) > 0 {
		t.Errorf("%d secrets written, %d quarantined, %d webhooks, bad signatures %v", want, got, told, hook.bad)
	}
	checkFlat(t, "soak.csv", <-samples)
	n.stop()
}

func soakLength(t *testing.T) time.Duration {
	text := os.Getenv("SOAK_MINUTES")
	if text == "" {
		return 30 * time.Minute
	}
	minutes, err := strconv.Atoi(text)
	if err != nil || minutes < 1 {
		t.Fatalf("SOAK_MINUTES=%q is no number of minutes", text)
	}
	return time.Duration(minutes) * time.Minute
}

// soakCore lets Node append to a Hypercore and returns, once it has ended, how
// many secrets it wrote.
func soakCore(t *testing.T, core string, length time.Duration) <-chan int {
	t.Helper()
	count := soakRate * int(length.Seconds()) / soakEvery
	r := rand.New(rand.NewPCG(3, 4))
	var secrets strings.Builder
	for range count {
		secrets.WriteString(awsKey(r) + "\n")
	}
	cmd := exec.Command("node", filepath.Join("..", "hypercore-node", "rate.mjs"), core,
		strconv.Itoa(soakRate), strconv.Itoa(int(length.Seconds())), strconv.Itoa(soakEvery))
	cmd.Stdin, cmd.Stderr = strings.NewReader(secrets.String()), os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	done := make(chan int, 1)
	go func() {
		if err := cmd.Wait(); err != nil {
			t.Errorf("writer: %v", err)
		}
		done <- count
	}()
	return done
}

// soakFile writes lines to a file that is rotated every minute and returns how
// many secrets it wrote.
func soakFile(t *testing.T, path string, end time.Time) <-chan int {
	t.Helper()
	done := make(chan int, 1)
	go func() {
		wrote, err := writeRotated(path, end)
		if err != nil {
			t.Errorf("writing %s: %v", path, err)
		}
		done <- wrote
	}()
	return done
}

func writeRotated(path string, end time.Time) (secrets int, err error) {
	r := rand.New(rand.NewPCG(5, 6))
	for rotation := 0; time.Now().Before(end); rotation++ {
		n, err := writeLines(r, path, rotation, end)
		secrets += n
		if err != nil {
			return secrets, err
		}
		if err := os.Rename(path, path+".1"); err != nil {
			return secrets, err
		}
	}
	return secrets, nil
}

// writeLines fills one file for a minute: ten lines a second, a secret in one.
func writeLines(r *rand.Rand, path string, rotation int, end time.Time) (secrets int, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { err = f.Close() }()
	stop := time.Now().Add(time.Minute)
	for second := 0; time.Now().Before(stop) && time.Now().Before(end); second++ {
		for range 9 {
			fmt.Fprintf(f, "%d.%d %s\n", rotation, second, words(r))
		}
		if _, err := fmt.Fprintf(f, "upload with %s failed\n", githubToken(r)); err != nil {
			return secrets, err
		}
		secrets++
		time.Sleep(time.Second)
	}
	return secrets, nil
}
