package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// server is a running `cordon serve`.
type server struct {
	t       *testing.T
	program string
	data    string
	url     string
}

func startServer(t *testing.T) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close() // the server takes it over
	s := &server{t: t, program: program("cordon"), data: filepath.Join(t.TempDir(), "data"), url: "http://" + addr}
	config := filepath.Join(t.TempDir(), "cordon.yaml")
	if err := os.WriteFile(config, fmt.Appendf(nil, "data: {dir: %q}\napi: {listen: %q}\n", s.data, addr), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, lines := start(t, s.program, "serve", "--config", config)
	go func() {
		for lines.Scan() { // what it says is for people
		}
	}()
	await(t, "the server to be ready", func() bool {
		r, err := http.Get(s.url + "/readyz")
		if err != nil {
			return false
		}
		_ = r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
	return s
}

// cli runs a command against the server.
func (s *server) cli(args ...string) string {
	s.t.Helper()
	out, err := exec.Command(s.program, append(args, "--data", s.data)...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("cordon %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// entry is a quarantine entry.
type entry struct {
	ID          string `json:"id"`
	Source      string `json:"source"`
	Disposition string `json:"disposition"`
	MessageID   string `json:"bzzz_message_id"`
}

// quarantined waits for so many entries, the newest first.
func (s *server) quarantined(count int) (out []entry) {
	s.t.Helper()
	await(s.t, fmt.Sprintf("%d entries in quarantine", count), func() bool {
		out = nil
		for l := range strings.Lines(s.cli("quarantine", "list", "--format", "jsonl")) {
			var e entry
			if err := json.Unmarshal([]byte(l), &e); err != nil {
				s.t.Fatalf("%v: %s", err, l)
			}
			out = append(out, e)
		}
		return len(out) == count
	})
	return out
}

// after is the id of the message that the author of this one publishes next.
func after(t *testing.T, id string) string {
	t.Helper()
	author, number, _ := strings.Cut(id, "-")
	n, err := strconv.ParseUint(number, 16, 64)
	if err != nil {
		t.Fatalf("message id %q: %v", id, err)
	}
	return fmt.Sprintf("%s-%016x", author, n+1)
}

// The gateway with the server that it reports to: what it withholds is in quarantine;
// what a reviewer calls a false positive passes when it is sent again; what an operator
// blocks by its id does not pass, until he unblocks it.
func TestTheGatewayAndTheServer(t *testing.T) {
	s := startServer(t)
	t.Setenv("CORDON_API_KEY", strings.TrimSpace(s.cli("apikey", "create", "--name", "gate-1", "--role", "responder", "--scope", "events:write")))
	n := joinedBy(t, s.url, "--name", "gate-1", "--fingerprint-key", "file:"+filepath.Join(s.data, "keys", "fingerprint.key"))
	secret := token(rand.New(rand.NewPCG(7, 11)))

	first := bzzz(1, map[string]any{"note": "push with " + secret + " please"})
	n.a.publish(fixed, first)
	held := s.quarantined(1)[0]
	if held.Disposition != "withheld" || held.Source != "gate-1" || !strings.Contains(held.MessageID, "-") {
		t.Fatalf("in quarantine is %+v", held)
	}

	s.cli("quarantine", "review", held.ID, "false_positive", "--reason", "a key of the documentation")
	tries := 0
	await(t, "what is no secret to pass", func() bool {
		tries++
		again := bzzz(tries, map[string]any{"note": "once more: " + secret})
		n.a.publish(fixed, again)
		return n.b.has(again)
	})
	if n.b.has(first) {
		t.Error("what was withheld was sent later")
	}

	next := after(t, held.MessageID)
	for range tries {
		next = after(t, next)
	}
	blocked := bzzz(1, "not for the other side")
	s.cli("bzzz", "block", next, "--reason", "it names a customer")
	await(t, "the gateway to have heard", func() bool { return n.knows(t, next) })
	n.a.publish(fixed, blocked)
	last := bzzz(2, "for the other side")
	n.a.publish(fixed, last)
	await(t, "the message behind it", func() bool { return n.b.has(last) })
	if n.b.has(blocked) {
		t.Error("a message that an operator blocks has passed")
	}
	counted := regexp.MustCompile(`"id":"gate-1","state":"running".*"peers_total":2.*"withheld":[1-9]`)
	await(t, "the gateway's counts", func() bool { return counted.MatchString(s.cli("bzzz", "status", "--format", "jsonl")) })
}

// knows reports whether the gateway's list holds a value.
func (n *network) knows(t *testing.T, value string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(n.state, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if text, err := os.ReadFile(name); err == nil && strings.Contains(string(text), value) {
			return true
		}
	}
	return false
}
