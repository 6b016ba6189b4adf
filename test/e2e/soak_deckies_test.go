//go:build servers && soak

package e2e

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/testport"
)

// Where the soak's deckies differ from those of everybody: attackers come from
// this machine, and more of them at once than Debian's sshd would let begin.
const soakDeckies = `
deception:
  deckies:
    - name: web-1
      archetype: web-server
      address: 127.0.0.1
      services:
        - {kind: ssh, port: %[1]s, config: {max_startups: "200:30:400", accept: {users: [root], passwords: [%[6]q]}}}
        - {kind: http, port: %[2]s, config: {basic: "Administration"}}
    - name: db-1
      archetype: database-server
      address: 127.0.0.1
      services:
        - {kind: redis, port: %[3]s}
        - {kind: postgres, port: %[4]s, config: {accept: {users: [app], passwords: [%[6]q]}}}
        - {kind: mysql, port: %[5]s}
`

// A node whose deckies are under attack for long, by clients that log in and
// that do not, upload, break off, keep silent and speak the wrong protocol,
// grows in nothing but in what it keeps of them, and loses nothing of that.
// SOAK_MINUTES says for how long (default 30).
func TestSoakDeckies(t *testing.T) {
	length := soakLength(t)
	b := newBesiegers(t)
	n := newNode(t, fmt.Sprintf(soakDeckies, b.port("ssh"), b.port("http"), b.port("redis"), b.port("postgres"), b.port("mysql"), b.password))
	n.profiled()
	n.start()
	quiet := n.uses()
	end := time.Now().Add(length)
	n.profile(length)
	people := startPeople(n, 2)
	watched := watchDeckies(n, b, end)
	b.attack(t, end)
	people.stop(t)
	all := <-watched

	eventually(t, 5*time.Minute, "all attackers are gone", func() bool { return n.deckyClients() == 0 })
	n.checkSessions(t, b)
	eventually(t, 5*time.Minute, "nothing of them runs on", func() bool { now := n.uses(); return now.goroutines <= quiet.goroutines+10 && now.fds <= quiet.fds+10 })
	after := n.uses()
	t.Logf("goroutines %.0f before and %.0f after, open files %.0f and %.0f", quiet.goroutines, after.goroutines, quiet.fds, after.fds)
	var samples []sample
	for _, s := range all {
		samples = append(samples, s.sample)
	}
	checkFlat(t, "soak-deckies.csv", samples)
	checkGrowth(t, all)
	n.stop()
}

// siege is what the node uses at one moment, and what it has on disk of how many
// connections.
type siege struct {
	sample
	disk        float64 // bytes below the data directory
	connections float64
}

func watchDeckies(n *node, b *besiegers, end time.Time) <-chan []siege {
	done := make(chan []siege, 1)
	go func() {
		var all []siege
		for ; time.Now().Before(end); time.Sleep(10 * time.Second) {
			all = append(all, siege{n.uses(), float64(sizeBelow(n.data)), float64(b.connections.Load())})
		}
		done <- all
	}()
	return done
}

// uses reads what the node says of itself; zeros when it does not answer.
func (n *node) uses() sample {
	_, body := n.get("/metrics")
	return readSample(body)
}

// sizeBelow is how many bytes the files below dir have.
func sizeBelow(dir string) (bytes int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // it went meanwhile
		}
		if i, err := d.Info(); err == nil && i.Mode().IsRegular() {
			bytes += i.Size()
		}
		return nil
	})
	return bytes
}

// checkGrowth compares what a connection costs on disk in the second quarter with
// the last: what is kept for each must not become more as there are more of them.
func checkGrowth(t *testing.T, all []siege) {
	t.Helper()
	q := len(all) / 4
	early, late := perConnection(all[q], all[2*q]), perConnection(all[3*q], all[len(all)-1])
	t.Logf("on disk %.1f KiB for a connection in the second quarter, %.1f KiB in the last, %.1f MiB in all",
		early/1024, late/1024, all[len(all)-1].disk/(1<<20))
	if early <= 0 || late > early*1.5+2048 {
		t.Errorf("a connection costs ever more on disk: %.0f bytes, then %.0f", early, late)
	}
	text := "time,disk_bytes,connections\n"
	for _, s := range all {
		text += fmt.Sprintf("%s,%.0f,%.0f\n", s.at.UTC().Format(time.RFC3339), s.disk, s.connections)
	}
	if err := os.WriteFile(filepath.Join(artifacts(t), "soak-deckies-disk.csv"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func perConnection(from, to siege) float64 {
	return (to.disk - from.disk) / max(1, to.connections-from.connections)
}

// deckyClients is how many clients the deckies have now; -1 while nobody says.
func (n *node) deckyClients() (clients int) {
	items, _ := n.list("/api/v1/deckies?limit=100")
	for _, d := range items {
		for _, s := range d["services"].([]any) {
			clients += int(s.(map[string]any)["clients"].(float64))
		}
	}
	return clients
}

// checkSessions holds what was stored against what the attackers did: each
// connection is one row, ended, with nothing dropped, and each observation of it
// is one log.
func (n *node) checkSessions(t *testing.T, b *besiegers) {
	t.Helper()
	want := int(b.connections.Load())
	var sessions []map[string]any
	eventually(t, 5*time.Minute, fmt.Sprintf("%d sessions that have ended", want), func() bool {
		sessions, _ = n.list("/api/v1/sessions?limit=500")
		return len(sessions) >= want && !hasOpen(sessions)
	})
	if len(sessions) != want {
		t.Errorf("%d connections were made, %d sessions are stored", want, len(sessions))
	}
	sum := map[string]int{}
	for _, s := range sessions {
		for _, name := range []string{"observations", "attempts", "artifacts", "dropped"} {
			sum[name] += int(s[name].(float64))
		}
		if reason := s["end_reason"]; reason != "closed" {
			t.Errorf("session %v of %v ended because %v", s["id"], s["service"], reason)
		}
	}
	logs, _ := n.list("/api/v1/logs?limit=500")
	t.Logf("%d sessions, %v, %d logs", len(sessions), sum, len(logs))
	if sum["observations"] != len(logs) || sum["dropped"] != 0 {
		t.Errorf("the sessions have %d observations, of which %d are not kept; there are %d logs", sum["observations"], sum["dropped"], len(logs))
	}
	if tried, left := int(b.tried.Load()), int(b.left.Load()); sum["attempts"] < tried || sum["artifacts"] < left {
		t.Errorf("at least %d credentials were tried and %d files left, %d and %d are stored", tried, left, sum["attempts"], sum["artifacts"])
	}
}

func hasOpen(sessions []map[string]any) bool {
	for _, s := range sessions {
		if s["ended_at"] == nil {
			return true
		}
	}
	return false
}

// port is where a service listens, as the configuration has it.
func (b *besiegers) port(kind string) string {
	if b.at[kind] == "" {
		b.at[kind] = testport.Addr(b.t)
	}
	_, port, _ := strings.Cut(b.at[kind], ":")
	return port
}
