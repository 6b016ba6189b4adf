//go:build servers

package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/testdebian"
	"go.cordon.dev/cordon/internal/testport"
)

// incidents are what the API lists.
type incidents struct {
	Items []struct {
		ID, Severity, Title, Join, Fingerprint string
		Sensors                                []string
	}
}

func (n *node) incidents() (all incidents) {
	n.t.Helper()
	if err := json.Unmarshal([]byte(n.cli("incident", "list", "--all", "--format", "json")), &all.Items); err != nil {
		n.t.Fatal(err)
	}
	return all
}

// topics counts what a receiver was told, by topic with the id left out.
func (r *receiver) topics() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string]int{}
	for _, b := range r.bodies {
		var e struct{ Topic string }
		_ = json.Unmarshal(b, &e)
		out[e.Topic[strings.LastIndexByte(e.Topic, '.')+1:]]++
	}
	return out
}

// What nobody else has: a key that Node appends to a Hypercore, that redis-cli
// tries on a decky, and that curl posts through the gateway is one critical
// incident with three sensors on its timeline, told once when it is opened.
func TestOneSecretSeenByThreeSensorsIsOneIncident(t *testing.T) {
	t.Parallel()
	const secret = "whsec_" + "C2FVsBQIhrscChlQIMV+b5sSYspob7oD" // cordon:allow
	hook := newReceiver(t, secret)
	core := filepath.Join(t.TempDir(), "core")
	redis := testport.Addr(t)
	_, port, _ := strings.Cut(redis, ":")
	g := newGateway(t, "", fmt.Sprintf(`
leak: {sources: [{id: chat, kind: hypercore, path: %q}]}
deception: {deckies: [{name: cache, archetype: database-server, address: 127.0.0.1, services: [{kind: redis, port: %s}]}]}
notify: {webhooks: [{id: soc, url: %q, secret: %q, topics: ["incident.*.opened", "incident.*.updated"], allow_private: true}]}
`, core, port, hook.URL, secret))
	g.start()
	key := awsKey(rand.New(rand.NewPCG(7, 7)))

	appendBatch(t, core, []string{message(rand.New(rand.NewPCG(1, 1)), 0, map[string]any{"env": map[string]any{"AWS_ACCESS_KEY_ID": key}})})
	eventually(t, time.Minute, "the leak", func() bool { return g.quarantined() == 1 && len(g.incidents().Items) == 1 })

	if out, err := exec.Command(testdebian.Program(t, "redis-tools", "redis-cli"), "-p", port, "AUTH", key).CombinedOutput(); err != nil || !strings.Contains(string(out), "ERR AUTH") {
		t.Fatalf("redis-cli: %v\n%s", err, out)
	}
	eventually(t, time.Minute, "the decky's part", func() bool { return slices.Contains(g.incidents().Items[0].Sensors, "deception") })

	heard := make(chan string, 1)
	origin := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { heard <- r.URL.Path }))
	t.Cleanup(origin.Close)
	out, err := exec.Command(testdebian.Program(t, "curl", "curl"), "-s", "-x", "http://"+g.proxy, "-d", "key="+key, origin.URL+"/paste").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "a secret was found") {
		t.Fatalf("curl: %v\n%s", err, out)
	}
	posted := time.Now()
	eventually(t, time.Minute, "the incident whole", func() bool { return len(g.incidents().Items[0].Sensors) == 3 })
	t.Logf("whole %v after the last of the three, as the command line sees it", time.Since(posted).Round(time.Millisecond))

	all := g.incidents().Items
	if len(all) != 1 || all[0].Severity != "critical" || all[0].Join != "leaked_secret_in_use" || !slices.Equal(all[0].Sensors, []string{"deception", "egress", "leak"}) {
		t.Errorf("incidents %+v", all)
	}
	story := g.cli("incident", "show", all[0].ID)
	for _, want := range []string{"found in chat #0", "tried a leaked secret on decky cache (redis)", "wanted to send aws-access-key-id to 127.0.0.1"} {
		if strings.Count(story, want) != 1 {
			t.Errorf("the timeline says %q %d times, want once:\n%s", want, strings.Count(story, want), story)
		}
	}
	eventually(t, time.Minute, "the webhooks", func() bool { return hook.topics()["updated"] >= 2 })
	if got := hook.topics(); got["opened"] != 1 || len(hook.bad) > 0 {
		t.Errorf("told of %v, of which with a wrong signature %q", got, hook.bad)
	}
	select {
	case path := <-heard:
		t.Errorf("the origin heard of %s", path)
	default:
	}
	g.stop()
	searchFor(t, tree(t, g.data), []planted{{form: "plain", plain: key, wire: key}})
}
