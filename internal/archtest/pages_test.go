package archtest

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	fenced  = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	inline  = regexp.MustCompile("`[^`\n]*`")
	linked  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#{1,6} (.*)$`)
)

// pages are all texts for people by their slash path below the root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	root, all := filepath.Join("..", ".."), map[string]string{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			return skip(p, rel, d)
		}
		if strings.HasSuffix(rel, ".md") {
			all[rel] = source(t, rel)
		}
		return nil
	})
	if err != nil || len(all) < 50 {
		t.Fatalf("%d pages, %v", len(all), err)
	}
	return all
}

// there says whether the tree has a file or a folder.
func there(name string) bool {
	_, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(name)))
	return err == nil
}

// anchors are the places of a page that a link may lead to, named as GitHub does.
func anchors(text string) map[string]bool {
	all := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		words := regexp.MustCompile(`[^\p{L}\p{N}_\- ]`).ReplaceAllString(strings.ToLower(m[1]), "")
		all[strings.ReplaceAll(words, " ", "-")] = true
	}
	return all
}

func TestEveryLinkOfAPageLeadsSomewhere(t *testing.T) {
	all, seen := pages(t), 0
	for name, text := range all {
		text = inline.ReplaceAllString(fenced.ReplaceAllString(text, ""), "")
		for _, m := range linked.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], ":") {
				continue // to elsewhere
			}
			seen++
			file, anchor, _ := strings.Cut(m[1], "#")
			target := name
			if file != "" {
				target = path.Join(path.Dir(name), file)
			}
			if !there(target) || anchor != "" && !anchors(all[target])[anchor] {
				t.Errorf("%s: %s leads nowhere", name, m[1])
			}
		}
	}
	if seen < 200 {
		t.Errorf("only %d links were found", seen)
	}
}

func TestEveryTestThatAPageNamesIsThere(t *testing.T) {
	funcs, seen := declared(load(t)), 0
	named := regexp.MustCompile("`([A-Za-z0-9_./-]+_test\\.go)` (Test\\w+(?:, Test\\w+)*)")
	for name, text := range pages(t) {
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			for test := range strings.SplitSeq(m[2], ", ") {
				if seen++; !funcs[m[1]+" "+test] {
					t.Errorf("%s: %s does not have %s", name, m[1], test)
				}
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d tests were found", seen)
	}
}

func TestEveryFileThatAPageNamesIsThere(t *testing.T) {
	named := regexp.MustCompile("`((?:internal|cmd|deploy|test|web|bench|docs|guard|bzzz|examples)/[a-z0-9_./-]*)`")
	seen := 0
	for name, text := range pages(t) {
		if strings.HasPrefix(name, "docs/adr/") {
			continue // what was decided then may be elsewhere by now
		}
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			if seen++; !there(m[1]) && !there(path.Join(path.Dir(name), m[1])) {
				t.Errorf("%s names %s", name, m[1])
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d files were found", seen)
	}
}

func TestEveryOperationThatAPageNamesIsOfTheAPI(t *testing.T) {
	var api struct {
		Paths map[string]any `json:"paths"`
	}
	if err := json.Unmarshal([]byte(source(t, "docs/openapi.json")), &api); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	placeholder := regexp.MustCompile(`\{\w+\}|\bID\b`)
	for p := range api.Paths {
		known[placeholder.ReplaceAllString(p, "*")] = true
	}
	named, seen := regexp.MustCompile("`(?:[A-Z]+ )?(/api/v1/[A-Za-z0-9_/{}-]*)"), 0
	for name, text := range pages(t) {
		if name == "docs/rules.md" {
			text, _, _ = strings.Cut(text, "\n## The rules") // their examples are of other APIs
		}
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			if seen++; !known[placeholder.ReplaceAllString(m[1], "*")] {
				t.Errorf("%s names %s", name, m[1])
			}
		}
	}
	if seen < 40 {
		t.Errorf("only %d operations were found", seen)
	}
}

// The Go that a page shows is compiled: its lines stand in an example of the package.
func TestTheGoOfAPageIsCompiled(t *testing.T) {
	for page, example := range map[string]string{
		"docs/anomaly.md": "guard/anomaly/example_test.go", "docs/egress.md": "guard/egress/example_test.go",
	} {
		code := source(t, example)
		blocks := strings.Split(source(t, page), "```go\n")[1:]
		if len(blocks) == 0 {
			t.Errorf("%s shows no Go", page)
		}
		for _, b := range blocks {
			text, _, _ := strings.Cut(b, "```")
			for line := range strings.Lines(text) {
				line, _, _ = strings.Cut(line, " //") // gofmt aligns comments as their neighbours are
				if !strings.Contains(code, strings.TrimSpace(line)) {
					t.Errorf("%s: %s is not in %s", page, strings.TrimSpace(line), example)
				}
			}
		}
	}
}

// The README counts the rules as the page that lists them does.
func TestTheNumberOfRulesIsTheSame(t *testing.T) {
	m := regexp.MustCompile(`(\d+)(\d{3}) rules for \d+ providers come with Cordon`).FindStringSubmatch(source(t, "docs/rules.md"))
	if m == nil || !strings.Contains(source(t, "README.md"), " "+m[1]+","+m[2]+" rules") {
		t.Errorf("docs/rules.md has %q, the README another number", m)
	}
}

// What a page has somebody make is a target of the Makefile.
func TestEveryTargetThatAPageNamesIsThere(t *testing.T) {
	targets, seen := map[string]bool{}, 0
	for _, m := range regexp.MustCompile(`(?m)^([a-z-]+(?: [a-z-]+)*):`).FindAllStringSubmatch(source(t, "Makefile"), -1) {
		for target := range strings.FieldsSeq(m[1]) {
			targets[target] = true
		}
	}
	for name, text := range pages(t) {
		for _, m := range regexp.MustCompile("(?m)`make ([a-z-]+)|^make ([a-z-]+)(?: +#|$)").FindAllStringSubmatch(text, -1) {
			if seen++; !targets[m[1]+m[2]] {
				t.Errorf("%s names make %s", name, m[1]+m[2])
			}
		}
	}
	if seen < 15 {
		t.Errorf("only %d targets were found", seen)
	}
}
