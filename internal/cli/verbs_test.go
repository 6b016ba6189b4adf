package cli

import (
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

// verbsOfThePage are the verbs of the table in CONTRIBUTING.md.
func verbsOfThePage(t *testing.T) (verbs []string) {
	t.Helper()
	page, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(page), "| verb of a command |")
	if !ok {
		t.Fatal("CONTRIBUTING.md has no table of verbs")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	for line := range strings.Lines(table) {
		if cells := strings.Split(line, "`"); len(cells) > 2 && strings.HasPrefix(line, "| `") {
			verbs = append(verbs, cells[1])
		}
	}
	return verbs
}

// One thing that is done has one verb: what another verb is a synonym of is no name of a
// command, unless the page has it as a verb of its own.
func TestOneVerbForOneThing(t *testing.T) {
	verbs := verbsOfThePage(t)
	for verb, others := range synonyms() {
		if !slices.Contains(verbs, verb) {
			t.Errorf("%s has synonyms %v, and is not in the table of CONTRIBUTING.md: %v", verb, others, verbs)
		}
		for _, c := range commandsBelow(testParser(t).Model.Node) {
			if slices.Contains(others, c.Name) && !slices.Contains(verbs, c.Name) {
				t.Errorf("%v: say %s", pathOf(c), verb)
			}
		}
	}
}

// Who types what a command is called elsewhere, or was called before, is understood.
func TestSynonymsAreUnderstood(t *testing.T) {
	tests := []struct{ typed, means string }{
		{"user delete bob", "user remove <name>"},
		{"decision delete 1", "decision remove <id>"},
		{"decky rm web-1", "decky remove <name>"},
		{"hypercore ls /logs", "hypercore list <dir>"},
		{"incident ls", "incident list"},
		{"incident get 1", "incident show <id>"},
		{"incident view 1", "incident show <id>"},
		{"webhook delete on-call", "webhook remove <id>"},
		{"anomaly rule rm vpn", "anomaly rule remove <id>"},
		{"anomaly rule update vpn rule.yaml", "anomaly rule change <id> <file>"},
		{"apikey add --name a --role viewer", "apikey create"},
		{"config show", "config print"},
		{"rules new acme", "rules new <id>"},
		{"egress " + oldList, "egress list"},
	}
	for _, tt := range tests {
		k, err := testParser(t).Parse(strings.Fields(tt.typed))
		if err != nil {
			t.Errorf("%s: %v", tt.typed, err)
			continue
		}
		if got := k.Command(); got != tt.means {
			t.Errorf("%s: understood as %q, want %q", tt.typed, got, tt.means)
		}
	}
}

func TestSynonymsAreShownNowhere(t *testing.T) {
	for _, c := range commandsBelow(testParser(t).Model.Node) {
		if len(c.Aliases) == 0 {
			continue
		}
		if shown := helpOf(t, pathOf(c)...); strings.Contains(shown, "("+c.Aliases[0]) {
			t.Errorf("the help of %v:\n%s", pathOf(c), shown)
		}
	}
	if text := helpOf(t, "user"); !strings.Contains(text, "user remove ") || strings.Contains(text, "delete") {
		t.Errorf("the help of user:\n%s", text)
	}
	err := run(t.Context(), []string{"user", "delete"}, Deps{Version: "test", Stdout: io.Discard, Stderr: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "; cordon user remove --help shows") {
		t.Errorf("too few words: %v", err)
	}
}
