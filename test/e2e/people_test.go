//go:build servers

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// worked is an incident as people read it.
type worked struct {
	ID           string   `json:"id"`
	State        string   `json:"state"`
	Observations int      `json:"observations"`
	Merged       []string `json:"merged"`
	Timeline     []struct{ Words, By string }
}

func (n *node) incident(id string) (i worked) {
	n.t.Helper()
	status, body := n.get("/api/v1/incidents/" + id)
	if status != http.StatusOK {
		n.t.Fatalf("%d %s", status, body)
	}
	mustDo(n.t, json.Unmarshal(body, &i))
	return i
}

// People merge and split two incidents, on the command line and through the API, while
// both are seen again and again: nothing that was seen is lost, or counted twice.
func TestPeopleMergeWhileEventsArrive(t *testing.T) {
	t.Parallel()
	b := newBad(t)
	b.start()
	secrets := []string{b.secret(), b.secret()}
	for k, s := range secrets {
		b.file(fmt.Sprint("first-", k, ".txt"), "token: "+s+"\n")
		eventually(t, time.Minute, "an incident", func() bool { return len(b.incidents().Items) == k+1 })
	}
	all := b.incidents().Items // of one severity: the newest first
	whole, part := all[1].ID, all[0].ID
	const more = 60
	files := filepath.Join(b.drop, "more")
	go func() {
		for k := range more {
			name := filepath.Join(b.data, "..", fmt.Sprint(k))
			if err := os.WriteFile(name, []byte("token: "+secrets[k%2]+"\n"), 0o600); err != nil {
				t.Error(err)
			}
			if err := os.Rename(name, files+fmt.Sprint(k)+".txt"); err != nil {
				t.Error(err)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	for k := range 5 {
		b.cli("incident", "merge", part, whole, fmt.Sprint("round ", k))
		if status, body := b.post("/api/v1/incidents/"+part+"/act", `{"action": "split", "reason": "two owners"}`); status != http.StatusOK {
			t.Errorf("split: %d %s", status, body)
		}
	}
	eventually(t, time.Minute, "all that was seen", func() bool { return b.incident(whole).Observations+b.incident(part).Observations >= 2+more })
	for _, id := range []string{whole, part} {
		i, merges := b.incident(id), 0
		for _, l := range i.Timeline {
			if strings.Contains(l.Words, "(round ") {
				merges++
			}
		}
		if i.Observations != 1+more/2 || i.State != "triggered" || len(i.Merged) != 0 || merges != 5 {
			t.Errorf("%+v", i)
		}
	}
	b.refusals(whole)
	b.stop()
}

// refusals asks for what cannot be.
func (b *bad) refusals(one string) {
	b.t.Helper()
	const nobody = "01936d2c-5f8e-7abc-9def-0123456789ab"
	for _, c := range []struct {
		id, body string
		status   int
		says     string
	}{
		{nobody, `{"action": "acknowledge"}`, 404, "there is no incident " + nobody},
		{"nonsense", `{"action": "acknowledge"}`, 422, "it is no id"},
		{one, `{"action": "merge", "into": "` + nobody + `"}`, 409, "there is no incident " + nobody},
		{one, `{"action": "merge", "into": "\u0000"}`, 409, "there is no incident"},
		{one, `{"action": "merge"}`, 409, "say of which incident"},
		{one, `{"action": "merge", "into": "` + one + `"}`, 409, "into itself"},
		{one, `{"action": "split"}`, 409, "it is no part of another"},
		{one, `{"action": "reopen"}`, 409, "it is open"},
	} {
		if status, body := b.post("/api/v1/incidents/"+c.id+"/act", c.body); status != c.status || !strings.Contains(body, c.says) {
			b.t.Errorf("%s of %s: %d %s", c.body, c.id, status, body)
		}
	}
	for _, path := range []string{"", "/timeline"} {
		if status, body := b.get("/api/v1/incidents/" + nobody + path); status != http.StatusNotFound {
			b.t.Errorf("%s of nobody: %d %s", path, status, body)
		}
	}
	if status, body := b.get("/api/v1/anomalies/" + nobody); status != http.StatusNotFound {
		b.t.Errorf("no anomaly: %d %s", status, body)
	}
}
