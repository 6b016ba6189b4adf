package app

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"go.cordon.dev/cordon/internal/api/client"
)

// drills is a file of playbooks that ask about every message with a secret.
func drills(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "playbooks.yaml")
	text := "playbooks:\n"
	for _, id := range []string{"yes", "no"} {
		text += "  - {id: '" + id + "', topics: [leak.message.quarantined], mode: approve, notify: a drill}\n"
	}
	text += "  - {id: back, topics: [leak.message.quarantined], mode: act, quarantine: {}}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// block is the entry of the block list that is in force.
func (p *probe) block() string {
	p.t.Helper()
	page, err := p.cli.Blocks(p.t.Context(), false, 0, "")
	if err != nil || len(page.Items) == 0 {
		p.t.Fatalf("%d entries, %v", len(page.Items), err)
	}
	return page.Items[0].ID
}

// action waits for one of a playbook that is to be approved.
func (p *probe) action(playbook string) (id string) { return p.actionIn("pending", playbook) }

// actionIn waits for one of a playbook in a state.
func (p *probe) actionIn(state, playbook string) (id string) {
	p.t.Helper()
	p.until("an action", func() bool {
		page, err := p.cli.PlaybookActions(p.t.Context(), client.ActionQuery{State: state, Playbook: playbook, Limit: 1})
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

// endpoint asks the gateway for one that nobody knows, and waits until it is to be
// reviewed.
func (p *probe) endpoint() (id string) {
	p.t.Helper()
	status, err := p.cli.Egress(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	through := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: status.Listen})}}
	res, err := through.Get("http://unknown.example/")
	if err != nil {
		p.t.Fatal(err)
	}
	_ = res.Body.Close()
	through.CloseIdleConnections()
	p.until("an endpoint", func() bool {
		page, err := p.cli.EgressEndpoints(p.t.Context(), client.EndpointQuery{})
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
