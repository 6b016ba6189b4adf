package app

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/config"
)

const egressSection = "egress: {listen: \"127.0.0.1:0\", policy: \"DIR/policy.yaml\"}\n"

// guarded is a node whose gateway lets programs reach one origin.
type guarded struct {
	*house
	cli    *client.Client
	origin *httptest.Server
}

func newGuarded(t *testing.T) *guarded {
	t.Helper()
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "hello")
	}))
	t.Cleanup(origin.Close)
	g := &guarded{house: newHouse(t, egressSection), origin: origin}
	g.write("mode: strict\ndefault_policy: deny\nallowlist: {rules: [{id: origin, host: 127.0.0.1}]}\n")
	g.cli = g.start()
	return g
}

func (g *guarded) write(document string) {
	g.t.Helper()
	if err := os.WriteFile(filepath.Join(g.dir, "policy.yaml"), []byte(document), 0o600); err != nil {
		g.t.Fatal(err)
	}
}

// get asks for a URL through the gateway and returns the status; 0 when there
// is no answer.
func (g *guarded) get(target string) int {
	g.t.Helper()
	return g.do(http.MethodGet, target)
}

func (g *guarded) do(method, target string) int {
	g.t.Helper()
	st, err := g.cli.Egress(g.t.Context())
	if err != nil {
		g.t.Fatal(err)
	}
	proxy := &url.URL{Scheme: "http", Host: st.Listen}
	c := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy), DisableKeepAlives: true}, Timeout: time.Minute}
	req, err := http.NewRequestWithContext(g.t.Context(), method, target, nil)
	if err != nil {
		g.t.Fatal(err)
	}
	res, err := c.Do(req)
	if err != nil {
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// decisions waits until the store has n.
func (g *guarded) decisions(n int) (items []api.EgressDecision) {
	g.t.Helper()
	g.until("decisions in the store", func() bool {
		page, err := g.cli.EgressDecisions(g.t.Context(), client.EgressQuery{})
		if err != nil {
			g.t.Fatal(err)
		}
		items = page.Items
		return len(items) >= n
	})
	return items
}

func TestTheGatewayDecidesByThePolicyAndEveryDecisionReachesTheStore(t *testing.T) {
	g := newGuarded(t)
	if code := g.get(g.origin.URL); code != 200 {
		t.Errorf("allowed: %d", code)
	}
	if code := g.get("http://paste.example/"); code != 403 {
		t.Errorf("denied: %d", code)
	}
	all := g.decisions(2)
	if all[0].Host != "paste.example" || all[0].Decision != "deny" || all[1].Rule != "origin" || all[1].Decision != "allow" {
		t.Errorf("got %+v", all)
	}
	g.until("the end of the flow", func() bool { return g.decisions(2)[1].EndedAt != nil })
	if d := g.decisions(2)[1]; d.BytesIn == 0 {
		t.Errorf("no bytes are known of %+v", d)
	}
	if r, err := g.cli.EgressVerify(t.Context()); err != nil || !r.OK || r.Lines < 3 {
		t.Errorf("verified: %+v, %v", r, err)
	}
	page := scrapeOf(t, g.cfg)
	for _, want := range []string{"cordon_egress_allowed_total 1", `cordon_egress_denied_total{reason="default_policy"} 1`, "cordon_egress_recording 1", "cordon_egress_killswitch 0"} {
		if !strings.Contains(page, want+"\n") {
			t.Errorf("the scrape lacks %s", want)
		}
	}
}

func scrapeOf(t *testing.T, cfg *config.Config) string {
	t.Helper()
	c := client.OverSocket(filepath.Join(cfg.Data.Dir, socketName))
	res, err := c.Get(client.LocalURL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What a program sends may be a secret: it is in no file of the node.
func TestASecretInARequestIsInNoFile(t *testing.T) {
	g := newGuarded(t)
	secret, err := detect.ExpandExample("ghp_{{alnum:36}}")
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"/?q=" + secret, "/" + secret, "/?token=" + secret[4:30]} {
		g.get(g.origin.URL + target)
		g.get("http://paste.example" + target)
	}
	g.get("http://ada:" + secret + "@paste.example/")
	g.get("http://" + secret + ".paste.example/")
	g.decisions(7)
	g.stop()
	noFileHolds(t, g.data, secret, strings.ToLower(secret), secret[4:30])
	if strings.Contains(g.log.String(), secret[4:30]) {
		t.Error("the log holds a secret")
	}
}

func TestAChangedPolicyFileHoldsWithoutARestart(t *testing.T) {
	g := newGuarded(t)
	g.write("mode: strict\ndefault_policy: deny\n")
	g.until("the new policy", func() bool { return g.get(g.origin.URL) == 403 })
	g.write("mode: [\n")
	g.until("the problem", func() bool { st, err := g.cli.Egress(t.Context()); return err == nil && st.Problem != "" })
	if code := g.get(g.origin.URL); code != 403 {
		t.Errorf("after a bad file: %d", code)
	}
}

func TestTheKillSwitchStopsEverythingOverARestart(t *testing.T) {
	g := newGuarded(t)
	if _, err := g.cli.EgressTurn(t.Context(), api.EgressKillSwitchRequest{Active: true, Reason: "drill"}); err != nil {
		t.Fatal(err)
	}
	if code := g.get(g.origin.URL); code != 403 {
		t.Errorf("while it is on: %d", code)
	}
	g.until("its event", func() bool { return strings.Contains(g.log.String(), `"event":"egress_killswitch"`) })
	g.stop()
	if err := os.Remove(filepath.Join(g.data, "egress", "killswitch")); err != nil { // the store knows it still
		t.Fatal(err)
	}
	g.cli = g.start()
	if code := g.get(g.origin.URL); code != 403 {
		t.Errorf("after a restart: %d", code)
	}
	if _, err := g.cli.EgressTurn(t.Context(), api.EgressKillSwitchRequest{Reason: "over"}); err != nil {
		t.Fatal(err)
	}
	if code := g.get(g.origin.URL); code != 200 {
		t.Errorf("afterwards: %d", code)
	}
	if err := os.WriteFile(filepath.Join(g.data, "egress", "STOP"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	g.until("the sentinel", func() bool { return g.get(g.origin.URL) == 403 })
}

func TestALogThatWasTamperedWithKeepsTheGatewayShut(t *testing.T) {
	g := newGuarded(t)
	g.get(g.origin.URL)
	g.decisions(1)
	g.stop()
	if err := os.Truncate(filepath.Join(g.data, "egress", "audit.log"), 0); err != nil {
		t.Fatal(err)
	}
	g.cli = g.start()
	st, err := g.cli.Egress(t.Context())
	if err != nil || st.Listen != "" || !strings.Contains(st.Recording, "tampered with") {
		t.Errorf("got %+v, %v", st, err)
	}
	if r, err := g.cli.EgressVerify(t.Context()); err != nil || r.OK {
		t.Errorf("verified: %+v, %v", r, err)
	}
	if !strings.Contains(g.log.String(), `"event":"egress_audit_broken"`) {
		t.Error("the log does not say so")
	}
}

// Two nodes without a configuration on one machine: the second has no gateway,
// and says so.
func TestADefaultAddressThatIsInUseIsLeftOut(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	h := newHouse(t, "egress: {listen: \""+taken.Addr().String()+"\"}\n")
	n := newNode(h.cfg, slog.New(slog.DiscardHandler), io.Discard)
	n.fromCfg = true
	l := &life{log: n.log}
	if err := l.start(t.Context(), n.parts()); err == nil || !strings.Contains(err.Error(), "egress.listen") {
		t.Errorf("from a file: %v", err)
	}
	n = newNode(h.cfg, slog.New(slog.DiscardHandler), io.Discard)
	if err := l.start(t.Context(), n.parts()); err != nil {
		t.Fatal(err)
	}
	if n.egress.address != "" || n.egressChecks()[0].Status != degraded {
		t.Errorf("it listens on %q, %+v", n.egress.address, n.egressChecks())
	}
	if err := l.stop(config.StopDeadline); err != nil {
		t.Error(err)
	}
}
