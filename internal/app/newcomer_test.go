package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/cli"
)

// said runs a command line as the program does, and returns what it says to people.
func said(t *testing.T, args ...string) (text string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = cli.Main(t.Context(), args, cli.Deps{
		Serve: Serve, Local: local, Restore: restore, Rotate: rotateKey, Check: checkConfig, Version: "test",
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Lookup: func(string) (string, bool) { return "", false },
	})
	return errs.String(), code
}

// Whoever gets something wrong is told what to do about it.
func TestMistakesOfNewcomers(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		args []string
		says string
		code int
	}{
		"a configuration that is not there":    {[]string{"serve", "--config", filepath.Join(dir, "cordon.yaml")}, "cordon config print > " + filepath.Join(dir, "cordon.yaml"), 2},
		"a data directory that cannot be made": {[]string{"serve", "--data", filepath.Join(file, "data")}, "give another one as --data", 3},
		"a data directory that is misspelt":    {[]string{"quarantine", "list", "--data", filepath.Join(dir, "misspelt")}, "this is a new one; if yours is another, give it as --data", 0},
		"a doctor without a patient":           {[]string{"doctor", "--data", filepath.Join(dir, "fresh")}, "start one with: cordon serve. This is what it would start with", 0},
		"a policy that nobody has written":     {[]string{"egress", "policy", "show", "--data", filepath.Join(dir, "fresh")}, "cordon egress init", 3},
		"a demo without a server":              {[]string{"demo", "--data", filepath.Join(dir, "fresh")}, "start one with: cordon serve", 3},
	} {
		t.Run(name, func(t *testing.T) {
			if text, code := said(t, tt.args...); !strings.Contains(text, tt.says) || code != tt.code {
				t.Errorf("code %d: %s", code, text)
			}
		})
	}
	if text, _ := said(t, "quarantine", "list", "--data", filepath.Join(dir, "misspelt")); text != "" {
		t.Errorf("of a directory that is there: %s", text)
	}
}

// Whoever lost the keys learns where they lay, and what brings them back.
func TestLostKeysAreNamed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if text, code := said(t, "user", "list", "--data", dir); code != 0 {
		t.Fatal(text)
	}
	if err := os.RemoveAll(filepath.Join(dir, "keys")); err != nil {
		t.Fatal(err)
	}
	want := "If the files in " + filepath.Join(dir, "keys") + " were lost, put their copy back, or restore a backup that was made --with-keys"
	if text, code := said(t, "user", "list", "--data", dir); code != 3 || !strings.Contains(text, want) {
		t.Errorf("code %d: %s", code, text)
	}
}
