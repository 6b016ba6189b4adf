package app

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// What a policy and the configuration say of leaks holds, and follows the policy
// without a restart. A secret of this machine, which no rule would redact, is in no
// file of the node.
func TestLeaksAreJudgedByPolicyAndConfiguration(t *testing.T) {
	secret, err := detect.ExpandExample("Qz7{{alnum:22}}")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "app.env")
	if err := os.WriteFile(file, []byte("LEGACY="+secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "hello") }))
	t.Cleanup(origin.Close)
	section := `egress: {listen: "127.0.0.1:0", policy: "DIR/policy.yaml", own_secrets: {files: ["` + filepath.ToSlash(file) + "\"]}}\n"
	g := &guarded{house: newHouse(t, section), origin: origin}
	const rules = "mode: strict\ndefault_policy: deny\nallowlist: {rules: [{id: origin, host: 127.0.0.1}]}\n"
	g.write(rules + "data_leak_prevention: {sensitive_patterns: ['PRJ-[0-9]{6}']}\n")
	g.cli = g.start()
	card := "/?card_number=4539" + "578763621486" // cordon:allow
	for target, want := range map[string]int{"/?ref=PRJ-104233": 403, "/?q=" + secret: 403, "/?q=" + secret[5:19]: 403, card: 403, "/?q=ordinary": 200} {
		if code := g.get(origin.URL + target); code != want {
			t.Errorf("%.12s: %d, want %d", target, code, want)
		}
	}
	for _, method := range []string{secret, "PRJ-104233"} { // it is recorded as it came
		if code := g.do(method, origin.URL); code != 403 {
			t.Errorf("%.4s as the method: %d", method, code)
		}
	}
	g.decisions(7)
	noFileHolds(t, g.data, "PRJ-104233") // the policy that is written later lets it pass
	g.write(rules + "data_leak_prevention: {personal: false}\n")
	g.until("the other policy", func() bool { return g.get(origin.URL+"/?ref=PRJ-104233") == 200 })
	if code := g.get(origin.URL + card); code != 200 {
		t.Errorf("personal data: %d", code)
	}
	g.decisions(9)
	g.stop()
	noFileHolds(t, g.data, secret[5:19])
	if strings.Contains(g.log.String(), secret[5:19]) {
		t.Error("the log holds it")
	}
}

func noFileHolds(t *testing.T, dir string, words ...string) {
	t.Helper()
	where, searched, err := storetest.Holds(t.Context(), dir, words...)
	if err != nil || searched == 0 {
		t.Fatalf("%d files were searched: %v", searched, err)
	}
	if where != "" {
		t.Errorf("%s holds it", where)
	}
}
