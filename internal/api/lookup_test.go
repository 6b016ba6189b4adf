package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/leak"
)

// Sightings implements FindingStore.
func (s *shelf) Sightings(_ context.Context, prints []string, limit int) (leak.Sightings, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out leak.Sightings
	for _, f := range slices.Backward(s.findings) {
		if !slices.Contains(prints, f.Fingerprint) {
			continue
		}
		if out.Findings++; len(out.FindingIDs) < limit {
			out.FindingIDs = append(out.FindingIDs, f.ID)
		}
	}
	return out, s.err
}

func withPrints(d *Deps) {
	d.Fingerprints = func(secret []byte) []string {
		return []string{"v1:new:" + string(secret[:2]), "v1:old:" + string(secret[:2])}
	}
}

// A secret is found by all its fingerprints, and is itself nowhere but in the
// request.
func TestASecretIsLookedUp(t *testing.T) {
	n := populate(t, newNode(t, withPrints))
	n.shelf.findings = []leak.Finding{
		{ID: rowID(1), Fingerprint: "v1:old:ab"}, {ID: rowID(2), Fingerprint: "v1:new:xy"}, {ID: rowID(3), Fingerprint: "v1:new:ab"},
	}
	secret := "ab" + strings.Repeat("s3cret", 4)
	w := n.as(t, auth.Reviewer, "POST", "/api/v1/fingerprints/lookup", LookupRequest{Secret: secret})
	got := decode[Lookup](t, w)
	if want := []string{rowID(3), rowID(1)}; !slices.Equal(got.Findings.IDs, want) || got.Findings.Total != 2 || got.Quarantine.IDs == nil {
		t.Errorf("found %+v", got)
	}
	if strings.Contains(w.Body.String(), secret) || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("answer %s", w.Body)
	}
	_, page := n.auditPage(t, "?action=fingerprint.lookup")
	if len(page.Items) != 1 || page.Items[0].Target != "v1:new:ab" || page.Items[0].Actor.Name != "key-reviewer" || page.Items[0].After.(map[string]any)["findings"] != 2.0 {
		t.Errorf("audit entries %+v", page.Items)
	}
}

func TestALookupWithoutTheStore(t *testing.T) {
	n := populate(t, newNode(t, withPrints))
	n.shelf.fail(context.DeadlineExceeded)
	if w := n.as(t, auth.Reviewer, "POST", "/api/v1/fingerprints/lookup", LookupRequest{Secret: "ab"}); w.Code != http.StatusServiceUnavailable {
		t.Errorf("answer %d %s", w.Code, w.Body)
	}
}

// What is wrong with a request is said without the secret in it.
func TestALookupThatIsRefusedShowsNothing(t *testing.T) {
	n := populate(t, newNode(t, withPrints))
	for _, body := range []any{LookupRequest{}, LookupRequest{Secret: strings.Repeat("s3cret", 6000)}, map[string]any{"secret": []string{"s3cret"}}} {
		w := n.as(t, auth.Reviewer, "POST", "/api/v1/fingerprints/lookup", body)
		if w.Code != http.StatusUnprocessableEntity || strings.Contains(w.Body.String(), "s3cret") {
			t.Errorf("answer %d %s", w.Code, w.Body)
		}
	}
	if _, page := n.auditPage(t, "?action=fingerprint.lookup"); len(page.Items) > 0 {
		t.Errorf("audit entries %+v", page.Items)
	}
}
