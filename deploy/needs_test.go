package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Who has no compiler, or the old one of a distribution, is told so in words.
func TestWhatIsMissingToBuildIsSaid(t *testing.T) {
	for name, tt := range map[string]struct {
		ask  string
		have map[string]string // what a program prints, by its name
		says string            // empty: it is enough
	}{
		"no Go":                     {"go", nil, "there is no go on PATH"},
		"Debian 12's Go":            {"go", map[string]string{"go": "go version go1.19.8 linux/amd64"}, "Go 1.26 or newer; this is 1.19.8"},
		"a Go that fetches a newer": {"go", map[string]string{"go": "go version go1.24.1 linux/amd64"}, ""},
		"the right Go":              {"go", map[string]string{"go": "go version go1.26.8 linux/amd64"}, ""},
		"a Go of somebody's own":    {"go", map[string]string{"go": "go version devel +abc linux/amd64"}, ""},
		"no Node":                   {"node", nil, "there is no node on PATH"},
		"Node without npm":          {"node", map[string]string{"node": "v20.20.2"}, "there is no npm on PATH"},
		"Debian 12's Node":          {"node", map[string]string{"node": "v18.20.4", "npm": ""}, "20.19 or newer) or one from 22.12 on; this is 18.20.4"},
		"Node 20 of the first days": {"node", map[string]string{"node": "v20.9.0", "npm": ""}, "this is 20.9.0"},
		"the right Node":            {"node", map[string]string{"node": "v20.20.2", "npm": ""}, ""},
		"a Node between":            {"node", map[string]string{"node": "v21.7.3", "npm": ""}, "this is 21.7.3"},
		"an early Node 22":          {"node", map[string]string{"node": "v22.4.0", "npm": ""}, "this is 22.4.0"},
		"a newer Node":              {"node", map[string]string{"node": "v24.1.0", "npm": ""}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command("../test/tools/needs.sh", tt.ask)
			cmd.Env = []string{"PATH=" + pathWith(t, tt.have)}
			out, err := cmd.CombinedOutput()
			if (err == nil) != (tt.says == "") || !strings.Contains(string(out), tt.says) {
				t.Errorf("%v: %s", err, out)
			}
			if err != nil && !strings.Contains(string(out), "https://") {
				t.Errorf("it does not say where to get it: %s", out)
			}
		})
	}
}

// pathWith is a folder with what the script itself needs, and programs that print
// something.
func pathWith(t *testing.T, print map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"bash", "env", "sed", "sort", "head"} {
		found, err := exec.LookPath(name)
		if err == nil {
			err = os.Symlink(found, filepath.Join(dir, name))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range print {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\necho '"+text+"'\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
