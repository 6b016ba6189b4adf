package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every direct dependency, of the nested modules too, has its reason in
// docs/dependencies.md.
func TestEveryDependencyHasAReason(t *testing.T) {
	root := filepath.Join("..", "..")
	var mod []byte
	for _, dir := range []string{".", "bzzz", "bzzz/gateway", "bzzz/oldnode"} {
		b, err := os.ReadFile(filepath.Join(root, dir, "go.mod"))
		if err != nil {
			t.Fatal(err)
		}
		mod = append(mod, b...)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	direct := regexp.MustCompile(`(?m)^\t(\S+) v\S+$`).FindAllStringSubmatch(string(mod), -1)
	if len(direct) < 10 {
		t.Fatalf("only %d direct dependencies found in go.mod", len(direct))
	}
	for _, d := range direct {
		parts := strings.Split(regexp.MustCompile(`/v[0-9]+$`).ReplaceAllString(d[1], ""), "/")
		if name := parts[len(parts)-1]; !strings.Contains(string(page), name) {
			t.Errorf("docs/dependencies.md says nothing of %s", d[1])
		}
	}
}
