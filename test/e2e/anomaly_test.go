//go:build servers

package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// episode is what `cordon anomaly list` says of one.
type episode struct {
	Kind, Key string
	KeyKind   string `json:"key_kind"`
	Count     int
	ClosedAt  *time.Time `json:"closed_at"`
}

func (n *node) anomalies() (all []episode) {
	n.t.Helper()
	mustDo(n.t, json.Unmarshal([]byte(n.cli("anomaly", "list", "--format", "json")), &all))
	return all
}

// failures are lines of sshd's log, all from one address.
func failures(n int, from string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s web-1 sshd[%d]: Failed password for root from %s port %d ssh2\n", time.Now().Format(time.RFC3339), 1000+i, from, 40000+i)
	}
	return b.String()
}

// syslogAddress is in what serve tells when it has started.
var syslogAddress = regexp.MustCompile(`syslog +(\S+) \(UDP\)`)

// A log file and syslog lead to the same sensor: ten thousand failures of one address
// are one episode, also when the node is killed in the middle.
func TestFailuresInLogsAreOneEpisode(t *testing.T) {
	t.Parallel()
	const total = 10_000
	path := filepath.Join(t.TempDir(), "auth.log")
	n := newNode(t, fmt.Sprintf("ingest: {files: [{id: auth, path: %q}], syslog: {udp: \"127.0.0.1:0\"}}\n", path))
	mustDo(t, os.WriteFile(path, []byte(failures(total/2, "203.0.113.9")), 0o600))
	n.start()
	eventually(t, 2*time.Minute, "the episode", func() bool { return len(n.anomalies()) == 1 })
	n.kill()

	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	mustDo(t, err)
	_, err = f.WriteString(failures(total/2, "203.0.113.9"))
	mustDo(t, err)
	mustDo(t, f.Close())
	n.start()
	eventually(t, 2*time.Minute, "every failure", func() bool { return n.anomalies()[0].Count >= total })

	opened := syslogAddress.FindAllStringSubmatch(n.output(), -1)
	conn, err := net.Dial("udp", opened[len(opened)-1][1])
	mustDo(t, err)
	for line := range strings.Lines(failures(20, "198.51.100.4")) {
		_, err := conn.Write([]byte("<38>" + line))
		mustDo(t, err)
	}
	mustDo(t, conn.Close())
	eventually(t, 2*time.Minute, "what syslog tells", func() bool { return len(n.anomalies()) == 2 })
	for _, e := range n.anomalies() {
		if e.Kind != "brute_force" || e.KeyKind != "ip" || e.ClosedAt != nil || e.Key == "203.0.113.9" && e.Count != total {
			t.Errorf("episode %+v", e)
		}
	}
	if status, page := n.get("/metrics"); status != 200 || !strings.Contains(string(page), "\ncordon_syslog_messages_total{result=\"record\"} 20\n") || !strings.Contains(string(page), "\ncordon_anomaly_keys_open 2\n") {
		t.Errorf("/metrics answers %d\n%s", status, grep(page, "cordon_syslog", "cordon_anomaly"))
	}
	n.stop()
}

// grep returns the lines of a text that begin in one of some ways.
func grep(text []byte, begins ...string) string {
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		if slices.ContainsFunc(begins, func(s string) bool { return strings.HasPrefix(line, s) }) {
			b.WriteString(line)
		}
	}
	return b.String()
}
