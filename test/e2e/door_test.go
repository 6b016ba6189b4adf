//go:build servers

package e2e

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/bzzzlog"
)

// plant is a secret: text is how people would write it, core the part of it
// that nobody could guess.
type plant struct{ text, core string }

// plantKinds are the kinds of secrets that are planted, in turn.
func plantKinds() []func(*rand.Rand) plant {
	after := func(prefix string, tail func(*rand.Rand) string) func(*rand.Rand) plant {
		return func(r *rand.Rand) plant {
			core := tail(r)
			return plant{prefix + core, core}
		}
	}
	some := func(n int) func(*rand.Rand) string {
		return func(r *rand.Rand) string { return random(r, alnum, n) }
	}
	return []func(*rand.Rand) plant{
		func(r *rand.Rand) plant { s := githubToken(r); return plant{s, s[4:]} },
		func(r *rand.Rand) plant { s := awsKey(r); return plant{s, s[4:]} },
		func(r *rand.Rand) plant { s := stripeKey(r); return plant{s, s[8:]} },
		after("gl"+"pat-", some(20)),
		after("AI"+"za", some(35)),
		func(r *rand.Rand) plant { s := "npm" + "_" + githubToken(r)[4:]; return plant{s, s[4:]} }, // the same checksum
		func(r *rand.Rand) plant {
			core := random(r, alnum, 24)
			return plant{"postgres://app:" + core + "@db.example:5432/app", core}
		},
		privateKey,
	}
}

func privateKey(r *rand.Rand) plant {
	seed := []byte(random(r, alnum, ed25519.SeedSize))
	der, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(seed))
	if err != nil { // of a key that was just made: cannot be
		panic(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	body := base64.StdEncoding.EncodeToString(der)
	return plant{text, body[len(body)-40:]}
}

// doors is where the planted secrets go in: what each is given is on disk, or
// on its way, before it is waited for.
type doors struct {
	core, log, drop string
	stdin           []byte
}

const (
	planted10k = 10_000
	perCore    = 3500
	perLog     = 3000
	perDrop    = 2500
)

// The first invariant, whole: 10,000 secrets of eight kinds go in through every
// door there is, each is quarantined, and none of them is, plain or encoded, in
// any byte that the server stores, says or answers.
func TestTenThousandSecretsGoInAndNoneComesOut(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(10, 20))
	secrets, hunted := manySecrets(r)
	dir := t.TempDir()
	d := doors{core: filepath.Join(dir, "core"), log: filepath.Join(dir, "bzzz.jsonl"), drop: filepath.Join(dir, "drop")}
	d.plant(t, r, secrets)

	n := newNode(t, fmt.Sprintf(`
leak:
  sources:
    - {id: core, kind: hypercore, path: %q}
    - {id: log, kind: bzzz-log, path: %q}
    - {id: drop, kind: dir, path: %q}
`, d.core, d.log, d.drop))
	n.prepare = func(serve *exec.Cmd) {
		serve.Args = append(serve.Args, "--watch", "stdin:-")
		serve.Stdin = strings.NewReader(string(d.stdin))
	}
	n.start()
	stream := n.listen()
	eventually(t, 3*time.Minute, "10,000 quarantine entries", func() bool { return n.quarantined() >= planted10k })

	items, raw := n.list("/api/v1/quarantine?limit=500")
	checkDoors(t, items)
	places := n.everything(items)
	places["GET quarantine"] = raw
	places["GET stream"] = stream()
	n.stop()
	for name, b := range tree(t, n.data) {
		places[name] = b
	}
	places["output of serve"] = []byte(n.output())
	t.Logf("searched %.1f MB in %d places for %d windows", float64(hunted.search(t, places))/1e6, len(places), len(hunted.windows))
	if len(places["GET stream"]) < 1000 || len(places["GET quarantine"]) < planted10k*100 {
		t.Errorf("stream of %d bytes, list of %d: too little to prove anything", len(places["GET stream"]), len(raw))
	}
}

func manySecrets(r *rand.Rand) ([]plant, *needles) {
	kinds, hunted := plantKinds(), newNeedles()
	secrets := make([]plant, planted10k)
	for i := range secrets {
		secrets[i] = kinds[i%len(kinds)](r)
		hunted.add(i, secrets[i].core)
	}
	return secrets, hunted
}

// plant writes the secrets for each door.
func (d *doors) plant(t *testing.T, r *rand.Rand, secrets []plant) {
	t.Helper()
	var blocks []string
	for i, s := range secrets[:perCore] {
		blocks = append(blocks, doorMessage(r, i, s))
	}
	secrets = secrets[perCore:]
	appendBatch(t, d.core, blocks)
	writeLog(t, d.log, r, secrets[:perLog])
	secrets = secrets[perLog:]
	dropFiles(t, d.drop, secrets[:perDrop])
	for i, s := range secrets[perDrop:] {
		d.stdin = append(d.stdin, doorMessage(r, i, s)+"\n"...)
	}
}

// doorMessage is a BZZZ message with the secret as a value, as a key, and, now
// and then, where no secret is expected: in type and sender.
func doorMessage(r *rand.Rand, i int, s plant) string {
	m := map[string]any{
		"type": "task_result", "from": fmt.Sprintf("agent-%d", i%7), "timestamp": "2026-11-20T10:00:00Z",
		"data": map[string]any{"log": words(r), "env": map[string]any{"value": "use " + s.text + " there"}}, "hop_count": 1,
	}
	switch i % 10 {
	case 3:
		m["from"] = s.text
	case 5:
		m["type"] = s.text
	case 7:
		m["data"] = map[string]any{"nested": []any{map[string]any{s.text: true}}}
	}
	b, _ := json.Marshal(m)
	return string(b)
}

// appendBatch lets Node append all blocks at once.
func appendBatch(t *testing.T, core string, blocks []string) {
	t.Helper()
	cmd := exec.Command("node", filepath.Join("..", "hypercore-node", "append.mjs"), core, "500")
	cmd.Stdin = strings.NewReader(strings.Join(blocks, "\n") + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("appending to the core: %v\n%s", err, out)
	}
}

func writeLog(t *testing.T, path string, r *rand.Rand, secrets []plant) {
	t.Helper()
	var chain bzzzlog.Chain
	var text []byte
	for i, s := range secrets {
		data, err := json.Marshal(map[string]any{"note": words(r), "output": []string{"ok", s.text}})
		if err != nil {
			t.Fatal(err)
		}
		line, err := chain.Append(bzzzlog.Entry{
			Timestamp: time.Date(2026, 11, 20, 10, 0, i, 0, time.UTC), Author: "agent-1", Type: "task_result", Data: data,
		})
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, line...)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// dropFiles writes a file for each secret, every tenth of them named after it.
func dropFiles(t *testing.T, dir string, secrets []plant) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for i, s := range secrets {
		name := fmt.Sprintf("report-%d.txt", i)
		if i%10 == 0 && !strings.ContainsAny(s.text, "/\n") {
			name = s.text + ".txt"
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("export VALUE="+s.text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// checkDoors makes sure that each door let all of its own through.
func checkDoors(t *testing.T, items []map[string]any) {
	t.Helper()
	got, prints := map[string]int{}, map[any]bool{}
	for _, it := range items {
		source, _, _ := strings.Cut(it["source"].(string), "-")
		got[source]++
		prints[it["fingerprint"]] = true
	}
	want := map[string]int{"core": perCore, "log": perLog, "drop": perDrop, "stdin": planted10k - perCore - perLog - perDrop}
	for door, n := range want {
		if got[door] != n {
			t.Errorf("%s: %d quarantine entries, want %d", door, got[door], n)
		}
	}
	if len(items) != planted10k || len(prints) != planted10k {
		t.Errorf("%d entries with %d fingerprints, want %d of each", len(items), len(prints), planted10k)
	}
}

var quarantineGauge = regexp.MustCompile(`(?m)^shhh_quarantine_entries_total (\S+)$`)

// quarantined is how many entries there are, as the metrics say.
func (n *node) quarantined() int {
	_, body := n.get("/metrics")
	m := quarantineGauge.FindSubmatch(body)
	if m == nil {
		n.t.Fatalf("no gauge of quarantine entries in /metrics:\n%s", body)
	}
	var count float64
	if _, err := fmt.Sscan(string(m[1]), &count); err != nil {
		n.t.Fatal(err)
	}
	return int(count)
}

// listen reads the live stream until the returned function is called, which
// returns what came.
func (n *node) listen() func() []byte {
	n.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	n.t.Cleanup(cancel)
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.addr+"/api/v1/stream", nil)
	req.Header.Set("Authorization", "Bearer "+n.key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		n.t.Fatalf("opening the stream: %v, %v", resp, err)
	}
	came := make(chan []byte)
	go func() {
		b, _ := io.ReadAll(resp.Body) // ends with the context
		came <- b
	}()
	return func() []byte { cancel(); return <-came }
}

// everything collects what the API and the command line say.
func (n *node) everything(items []map[string]any) map[string][]byte {
	n.t.Helper()
	places := map[string][]byte{}
	paths := []string{"/api/v1/overview", "/api/v1/sources", "/api/v1/health", "/api/v1/metrics/detection", "/metrics", "/readyz"}
	for i := 0; i < len(items); i += 101 {
		paths = append(paths, "/api/v1/quarantine/"+items[i]["id"].(string))
	}
	for _, p := range paths {
		status, body := n.get(p)
		if status != http.StatusOK {
			n.t.Errorf("GET %s: %d %s", p, status, body)
		}
		places["GET "+p] = body
	}
	_, places["GET findings"] = n.list("/api/v1/findings?limit=500")
	some := items[0]["id"].(string)
	for _, args := range [][]string{
		{"quarantine", "list", "--limit", "10000"}, {"quarantine", "list", "--limit", "10000", "--format", "jsonl"},
		{"quarantine", "show", some}, {"quarantine", "show", some, "--format", "json"}, {"doctor"}, {"config", "print"},
	} {
		places["cordon "+strings.Join(args, " ")] = []byte(n.cli(args...))
	}
	return places
}
