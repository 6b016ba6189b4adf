package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/config"
)

const watchedBox = `leak:
  sources: [{id: box, kind: dir, path: "DIR/box"}]
  rules: {files: ["DIR/patterns.yaml"], disable: [aws-access-key-id]}
`

const acmePatterns = "patterns:\n  ACME_KEY:\n    regex: 'ACMEKEY-[0-9]{12}'\n    severity: HIGH\n    confidence: 0.9\n"

// drop puts a file into the watched folder.
func (h *house) drop(name, text string) {
	h.t.Helper()
	h.write("box/"+name, text)
}

func (h *house) write(name, text string) {
	h.t.Helper()
	path := filepath.Join(h.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// What operators and files say of rules holds in the sensor that runs: what is
// dropped after a change is scanned with the changed rules.
func TestRulesChangeWhileTheSensorRuns(t *testing.T) {
	h := newHouse(t, watchedBox)
	h.write("patterns.yaml", acmePatterns)
	c := h.start()
	h.drop("1.txt", "ACMEKEY-000011112222 and "+fakeKey())
	if q := h.caught(c, 1); len(q) != 1 || q[0].Rule != "ACME_KEY" {
		t.Fatalf("%+v, want the file's rule alone: the other is disabled", q)
	}
	if _, err := c.RuleCreate(t.Context(), api.RuleRequest{ID: "beta", RuleDraft: api.RuleDraft{Regex: "BETA-[0-9]{12}", Severity: "critical", Confidence: 0.9}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.RuleUpdate(t.Context(), "ACME_KEY", api.RuleUpdate{Active: new(bool), Reason: "noise"}, ""); err != nil {
		t.Fatal(err)
	}
	h.drop("2.txt", "BETA-000011112222 and ACMEKEY-333344445555")
	if q := h.caught(c, 2); len(q) != 2 || q[0].Rule != "beta" || q[0].Severity != "critical" {
		t.Errorf("%+v, want one more by the rule beta", q)
	}
	if _, err := c.RuleUpdate(t.Context(), "aws-access-key-id", api.RuleUpdate{Active: new(true)}, ""); err == nil || !strings.Contains(err.Error(), "leak.rules.disable") {
		t.Errorf("enabling what the configuration disables: %v", err)
	}
	r, _, err := c.RuleGet(t.Context(), "beta")
	if err != nil || r.Hits != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	days, err := c.DetectionMetrics(t.Context(), "", "")
	updated := 0
	for _, d := range days { // two, around midnight
		updated += int(d.PatternsUpdated)
	}
	if err != nil || updated != 2 {
		t.Errorf("%+v, %v", days, err)
	}
}

func TestABadRuleFileStopsTheStart(t *testing.T) {
	h := newHouse(t, watchedBox)
	h.write("patterns.yaml", strings.Replace(acmePatterns, "[0-9]{12}", "(?=x)[0-9]", 1))
	err := newNode(h.cfg, slog.New(slog.DiscardHandler), &h.out).run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "patterns.yaml:3: ") || !strings.Contains(err.Error(), "look-around") {
		t.Errorf("%v", err)
	}
}

func TestAReloadReadsRuleFilesAgain(t *testing.T) {
	h := newHouse(t, watchedBox)
	h.load = func() (*config.Config, error) { same := *h.cfg; return &same, nil }
	h.write("patterns.yaml", acmePatterns)
	c := h.start()
	h.write("patterns.yaml", strings.Replace(acmePatterns, "ACMEKEY-[0-9]{12}", "ACMEKEY-(", 1))
	if _, err := c.ConfigReload(t.Context(), api.ReloadRequest{}); err == nil || !strings.Contains(err.Error(), "patterns.yaml:3: ") {
		t.Errorf("a bad rule file: %v", err)
	}
	h.drop("1.txt", "ACMEKEY-000011112222")
	if q := h.caught(c, 1); q[0].Rule != "ACME_KEY" {
		t.Errorf("%+v, want the rule as it was", q)
	}
	h.write("patterns.yaml", strings.Replace(acmePatterns, "ACMEKEY-", "ACME2KEY-", 1))
	if _, err := c.ConfigReload(t.Context(), api.ReloadRequest{}); err != nil {
		t.Fatal(err)
	}
	h.drop("2.txt", "ACMEKEY-000011112222 is no more, ACME2KEY-333344445555 is")
	if q := h.caught(c, 2); len(q) != 2 || !strings.Contains(q[0].RedactedContent, "ACMEKEY-000011112222 is no more") {
		t.Errorf("%+v, want one more, by the changed rule", q)
	}
}
