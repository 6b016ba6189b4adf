package shell

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// scripts reads a file of scripts, which lines of dashes divide.
func scripts(t testing.TB, name string) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n----\n")
}

// numbers that differ from run to run.
var numbers = regexp.MustCompile(`\b\d{3,7}\b|line \d+: +\d+ `)

func same(s string) string { return numbers.ReplaceAllString(s, "N") }

func compareAll(t *testing.T, shell, file string, least int) {
	list := scripts(t, file)
	if len(list) < least {
		t.Errorf("%d scripts, want %d", len(list), least)
	}
	peer := newReal(t, shell)
	for i, script := range list {
		t.Run(fmt.Sprint(i+1), func(t *testing.T) {
			want := peer.run(t, script)
			got := testMachine(t, Limits{}).tryIn(t, shell, script)
			if want.out != got.out && same(want.out) != same(got.out) || same(want.err) != same(got.err) || want.status != got.status {
				t.Errorf("%s\n--- bash: %d\n%s%s--- ours: %d\n%s%s", script, want.status, want.out, want.err, got.status, got.out, got.err)
			}
		})
	}
}

// Scripts as droppers, miners and worms are written, and of every feature: the
// same output, errors and status as a real bash gives.
func TestScriptsAsInBash(t *testing.T) { compareAll(t, "bash", "bash.txt", 200) }
