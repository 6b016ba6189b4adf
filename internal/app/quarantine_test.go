package app

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
)

// A playbook withholds a secret that the policy lets be: what gateways pull has it, until
// that is undone, and the timeline of its incident says both.
func TestAPlaybookWithholdsASecret(t *testing.T) {
	file := filepath.Join(t.TempDir(), "playbooks.yaml")
	if err := os.WriteFile(file, []byte("playbooks: [{id: keeper, topics: [leak.finding.detected], mode: act, quarantine: {}}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, `
leak: {policy: {min_severity: critical}, sources: [{id: chat, kind: bzzz-log, path: DIR/chat.log}]}
respond: {playbooks: ["`+file+`"]}
`)
	utter(t, filepath.Join(h.dir, "chat.log"), 0)
	cli := h.start()
	items := h.caught(cli, 1) // the playbook's
	if feed := h.withheld(); len(feed) != 1 || feed[0].Value != items[0].Fingerprint || !feed[0].Blocked {
		t.Fatalf("gateways pull %+v", feed)
	}
	p := &probe{house: h, cli: cli}
	done := p.actionIn("done", "keeper")
	if a, err := cli.ActionUndo(t.Context(), done, api.ActionDecision{Reason: "a test"}); err != nil || a.State != "undone" || a.Result != items[0].ID {
		t.Fatalf("%+v, %v", a, err)
	}
	if feed := h.withheld(); len(feed) != 1 || feed[0].Blocked {
		t.Errorf("after it was undone gateways pull %+v", feed)
	}
	h.until("both on the timeline", func() bool {
		page, err := cli.Incidents(t.Context(), client.IncidentQuery{Limit: 1})
		if err != nil || len(page.Items) == 0 {
			return false
		}
		i, err := cli.Incident(t.Context(), page.Items[0].ID)
		said := map[string]bool{}
		for _, e := range i.Timeline {
			said[e.Kind] = true
		}
		return err == nil && said["response"] && said["human"]
	})
}

// withheld is what gateways pull.
func (h *house) withheld() []api.GossipWithheld {
	h.t.Helper()
	r, err := client.OverSocket(filepath.Join(h.data, socketName)).Get("http://cordon/api/v1/gossip/withheld")
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	var feed api.GossipFeed
	if err := json.NewDecoder(r.Body).Decode(&feed); err != nil || r.StatusCode != http.StatusOK {
		h.t.Fatalf("%d, %v", r.StatusCode, err)
	}
	return feed.Items
}
