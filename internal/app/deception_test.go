package app

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/testport"
)

// deckyPort is one that nobody else is given.
func deckyPort(t *testing.T) int {
	t.Helper()
	return int(netip.MustParseAddrPort(testport.Addr(t)).Port())
}

// deckyAddress is where the first service of the decky listens, once it does.
func deckyAddress(t *testing.T, h *house, cl *client.Client, name string) (at string) {
	t.Helper()
	h.until("decky "+name, func() bool {
		d, err := cl.Decky(t.Context(), "", name)
		if err != nil || d.State != "running" {
			return false
		}
		at = net.JoinHostPort(d.Address, strconv.Itoa(int(d.Services[0].Port)))
		return true
	})
	return at
}

// redisSays gives a decky commands, one line each, and returns the answers' first
// lines.
func redisSays(t *testing.T, at string, lines ...string) (answers []string) {
	t.Helper()
	c, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	in := bufio.NewReader(c)
	for _, l := range lines {
		fmt.Fprintf(c, "%s\r\n", l)
		answer, err := in.ReadString('\n')
		if err != nil {
			t.Fatalf("after %q: %v", l, err)
		}
		answers = append(answers, strings.TrimSpace(answer))
	}
	return answers
}

// tried makes somebody try a password on the decky, and waits for the row.
func (p *probe) tried() (id string) {
	p.t.Helper()
	redisSays(p.t, deckyAddress(p.t, p.house, p.cli, "cache"), "AUTH not-the-password")
	p.until("a credential", func() bool {
		page, err := p.cli.Credentials(p.t.Context(), client.EvidenceQuery{Limit: 1})
		if err != nil {
			p.t.Fatal(err)
		}
		if len(page.Items) > 0 {
			id = page.Items[0].ID
		}
		return id != ""
	})
	return id
}

// command is the log of a command that somebody gave a decky.
func (p *probe) command() (id string) {
	p.t.Helper()
	redisSays(p.t, deckyAddress(p.t, p.house, p.cli, "cache"), "PING")
	p.until("a command", func() bool {
		page, err := p.cli.DeckyLogs(p.t.Context(), client.EvidenceQuery{Type: "command"})
		if err != nil {
			p.t.Fatal(err)
		}
		i := slices.IndexFunc(page.Items, func(l api.DeckyLog) bool { return l.HasMore })
		if i >= 0 {
			id = page.Items[i].ID
		}
		return i >= 0
	})
	return id
}

// A decky of the configuration, one that somebody adds, and the attacker whose
// way leads over both, with one secret.
func TestDeckiesTellOfTheirClients(t *testing.T) {
	h := newHouse(t, fmt.Sprintf(`
deception: {deckies: [{name: cache, archetype: database-server, address: 127.0.0.1, services: [{kind: redis, port: %d}]}]}
`, deckyPort(t)))
	cl := h.start()
	ctx := t.Context()
	if _, err := cl.AddDecky(ctx, api.NewDecky{Name: "spare", Archetype: "linux-server", Address: "127.0.0.1", Services: []api.NewDeckyService{{Kind: "redis", Port: uint16(deckyPort(t))}}}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"cache", "spare"} {
		if got := redisSays(t, deckyAddress(t, h, cl, name), "PING", "AUTH root of all evil", "AUTH rootofallevil"); got[0] != "+PONG" || !strings.HasPrefix(got[2], "-ERR AUTH") {
			t.Errorf("%s answers %q", name, got)
		}
	}
	h.until("both sessions ended", func() bool {
		page, err := cl.DeckySessions(ctx, client.EvidenceQuery{})
		return err == nil && len(page.Items) == 2 && !slices.ContainsFunc(page.Items, func(v api.DeckySession) bool { return v.EndedAt == nil })
	})
	h.until("the secret is known to be reused", func() bool {
		page, err := cl.CredentialReuse(ctx, 10, "")
		return err == nil && slices.ContainsFunc(page.Items, func(r api.Reuse) bool { return r.Targets == 2 && r.Addresses == 1 })
	})
	h.until("the attacker's way", func() bool {
		way, err := cl.Traversal(ctx, "127.0.0.1")
		return err == nil && len(way.Hops) == 2 && way.Hops[0].Decky == "cache" && way.Hops[1].Decky == "spare"
	})
	a, err := cl.Attacker(ctx, "127.0.0.1")
	if err != nil || a.Deckies != 2 || a.Score == 0 || len(a.Terms) == 0 {
		t.Errorf("attacker %+v, error %v", a, err)
	}
	secret := ""
	page, err := cl.Credentials(ctx, client.EvidenceQuery{Decky: "cache"})
	if err != nil || len(page.Items) == 0 {
		t.Fatalf("credentials %+v, error %v", page, err)
	}
	for _, c := range page.Items {
		if v, err := cl.RevealCredential(ctx, c.ID, "a test"); err == nil && v.Secret == "rootofallevil" {
			secret = v.Secret
		}
	}
	if secret == "" {
		t.Error("what was tried cannot be revealed")
	}
	if err := cl.RemoveDecky(ctx, "", "spare", "enough"); err != nil {
		t.Fatal(err)
	}
	h.until("the decky has gone", func() bool {
		page, err := cl.Deckies(ctx, client.DeckyQuery{})
		return err == nil && len(page.Items) == 1
	})
}

// A changed configuration opens and shuts deckies without touching the others.
func TestDeckiesFollowTheConfiguration(t *testing.T) {
	stays, comes := deckyPort(t), deckyPort(t)
	one := func(name string, port int) config.Decky {
		return config.Decky{Name: name, Archetype: "linux-server", Address: "127.0.0.1", Services: []config.DeckyService{{Kind: "redis", Port: port}}}
	}
	h := newHouse(t, "deception: {}\n")
	h.cfg.Deception.Deckies = []config.Decky{one("goes", deckyPort(t)), one("stays", stays)}
	will := *h.cfg
	will.Deception = &config.Deception{Deckies: []config.Decky{one("stays", stays), one("comes", comes)}}
	h.load = func() (*config.Config, error) { return &will, nil }
	cl := h.start()
	at := deckyAddress(t, h, cl, "stays")
	here, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = here.Close() }()
	res, err := cl.ConfigReload(t.Context(), api.ReloadRequest{Reason: "a test"})
	if err != nil || !slices.Contains(res.Changed, "deception.deckies") {
		t.Fatalf("reloaded %+v, error %v", res, err)
	}
	redisSays(t, deckyAddress(t, h, cl, "comes"), "PING")
	h.until("the other one gone", func() bool {
		_, err := cl.Decky(t.Context(), "", "goes")
		return err != nil
	})
	_ = here.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprint(here, "PING\r\n")
	if line, err := bufio.NewReader(here).ReadString('\n'); line != "+PONG\r\n" {
		t.Errorf("the client of a decky that stayed hears %q, error %v", line, err)
	}
	will.Deception = &config.Deception{Deckies: []config.Decky{{Name: "x", Archetype: "toaster", Address: "127.0.0.1", Services: []config.DeckyService{{Kind: "redis"}}}}}
	if _, err := cl.ConfigReload(t.Context(), api.ReloadRequest{Reason: "a test"}); err == nil || !strings.Contains(err.Error(), "toaster") {
		t.Errorf("error %v, want one that names the archetype", err)
	}
}
