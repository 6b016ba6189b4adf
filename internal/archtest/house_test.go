package archtest

import (
	"go/ast"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/event"
)

// bzzzlog is for other people's programs: it must not bring them anything.
func TestBzzzlogImportsTheStandardLibraryOnly(t *testing.T) {
	found := false
	for _, p := range load(t) {
		if p.dir != "bzzzlog" && !strings.HasPrefix(p.dir, "bzzzlog/") {
			continue
		}
		found = true
		for imp, where := range p.imports {
			if host, _, _ := strings.Cut(imp, "/"); strings.Contains(host, ".") && !strings.HasPrefix(imp, module+"/bzzzlog") {
				t.Errorf("%s imports %s", where, imp)
			}
		}
	}
	if !found {
		t.Error("there is no package bzzzlog")
	}
}

// The event catalogue shows only what is built: every payload in it is made or
// read by a room other than the one that describes it.
func TestTheCatalogueShowsOnlyWhatIsBuilt(t *testing.T) {
	used := map[string]bool{}
	for _, p := range load(t) {
		if p.dir == "internal/event" || strings.HasPrefix(p.dir, "internal/event/") || strings.HasSuffix(p.dir, "test") {
			continue
		}
		for _, f := range p.files {
			if !f.test {
				collect(f.ast, used)
			}
		}
	}
	for _, e := range event.Catalogue() {
		if !used[e.Name] {
			t.Errorf("nothing sends or obeys %s", e.Name)
		}
	}
}

// collect notes which names of package event a file uses.
func collect(f *ast.File, used map[string]bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "event" {
				used[s.Sel.Name] = true
			}
		}
		return true
	})
}

// The navigation shows only what is built: every entry leads to a page that has
// a route and a folder.
func TestTheNavigationShowsOnlyWhatIsBuilt(t *testing.T) {
	app, nav := source(t, "web/src/App.tsx"), source(t, "web/src/shell/nav.ts")
	entries := regexp.MustCompile(`path: '([^']*)'`).FindAllStringSubmatch(nav, -1)
	if len(entries) == 0 {
		t.Error("the navigation is empty, or is written otherwise now")
	}
	for _, e := range entries {
		route := regexp.MustCompile(`<Route path="` + regexp.QuoteMeta(e[1]) + `(?:/:\w+\?)?" component=\{(\w+)\}`).FindStringSubmatch(app)
		if route == nil {
			t.Errorf("%s leads nowhere", e[1])
			continue
		}
		folder := regexp.MustCompile(`const ` + route[1] + ` = page\('` + route[1] + `', \(\) => import\('\./(pages/\w+)/` + route[1] + `'\)`).FindStringSubmatch(app)
		if folder == nil {
			t.Errorf("%s has no page", e[1])
			continue
		}
		source(t, "web/src/"+folder[1]+"/"+route[1]+".tsx")
	}
}

// A clean clone builds: the folder that is embedded is there before the
// dashboard was built, because one file of it is kept.
func TestTheDashboardsFolderIsInEveryClone(t *testing.T) {
	source(t, "web/dist/.keep")
	if text := source(t, ".gitignore"); !strings.Contains(text, "\n!/web/dist/.keep\n") {
		t.Error(".gitignore does not keep web/dist/.keep")
	}
	if text := source(t, "web/embed.go"); !strings.Contains(text, "\n//go:embed all:dist\n") || !strings.Contains(text, "//go:build !noui\n") {
		t.Error("web/embed.go does not embed all of dist unless noui is set: a file with a dot is left out without all:")
	}
	if text := source(t, "web/embed_noui.go"); !strings.HasPrefix(text, "//go:build noui\n") {
		t.Error("there is no way to build without the dashboard")
	}
}

// source reads a file of the tree by its slash path below the root.
func source(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Our word is allowlist; the other one lives in what other programs wrote, and in
// those of their options that a decky's programs take.
func TestTheWordIsAllowlist(t *testing.T) {
	root := filepath.Join("..", "..")
	other := regexp.MustCompile(`(?i)white` + `list|black` + `list`)
	searched := 0
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		if d.IsDir() {
			if rel == filepath.Join("web", "dist") || rel == "bin" || rel == filepath.Join("internal", "deception", "shell", "command") {
				return filepath.SkipDir
			}
			return skip(p, filepath.ToSlash(rel), d)
		}
		switch filepath.Ext(p) {
		case ".go", ".md", ".ts", ".tsx", ".yaml", ".json":
			searched++
			if other.MatchString(source(t, filepath.ToSlash(rel))) {
				t.Errorf("%s does not say allowlist or blocklist", rel)
			}
		}
		return nil
	})
	if err != nil || searched < 100 {
		t.Errorf("%d files searched, %v", searched, err)
	}
}
