package cli

import (
	"bytes"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

func testParser(t *testing.T) *kong.Kong {
	t.Helper()
	parser, err := newParser(&grammar{}, Deps{Version: "test", Stdout: io.Discard, Stderr: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	return parser
}

// helpOf is what --help prints.
func helpOf(t *testing.T, path ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := run(t.Context(), append(path, "--help"), Deps{Version: "test", Stdout: &out, Stderr: &out}); err != nil {
		t.Fatal(path, err)
	}
	return out.String()
}

// commandsBelow are all commands that can be typed, those that lead to others too.
func commandsBelow(n *kong.Node) (all []*kong.Node) {
	for _, c := range n.Children {
		if !c.Hidden {
			all = append(append(all, c), commandsBelow(c)...)
		}
	}
	return all
}

// Every help has one form: it fits a narrow terminal, shows how the command is typed, what
// it has of its own before what all have, and ends with the exit codes.
func TestHelpHasOneForm(t *testing.T) {
	for _, c := range commandsBelow(testParser(t).Model.Node) {
		path := pathOf(c)
		if slices.Equal(path, []string{"bzzz", "gateway"}) {
			continue // its help is that of the program that it starts
		}
		text := helpOf(t, path...)
		for line := range strings.Lines(text) {
			if len([]rune(line)) > 81 && !strings.Contains(line, "cordon ") {
				t.Errorf("%v: wider than 80: %s", path, line)
			}
		}
		if own, all := strings.Index(text, "\nFlags:"), strings.Index(text, "\nFlags of every command:"); all < 0 || own > all {
			t.Errorf("%v: its own flags do not come first:\n%s", path, text)
		}
		if len(c.Children) == 0 && !strings.Contains(text, "\nExamples:\n") {
			t.Errorf("%v has no example", path)
		}
		if !strings.HasSuffix(text, "\n"+exitCodes+"\n") {
			t.Errorf("%v does not say its exit codes", path)
		}
	}
}

// What may be given is written where it is given.
func TestHelpNamesWhatMayBeGiven(t *testing.T) {
	for _, c := range commandsBelow(testParser(t).Model.Node) {
		if slices.Equal(pathOf(c), []string{"bzzz", "gateway"}) {
			continue
		}
		text := strings.Join(strings.Fields(helpOf(t, pathOf(c)...)), " ")
		values := c.Positional
		for _, f := range c.Flags {
			values = append(values, f.Value)
		}
		for _, v := range values {
			for _, choice := range v.EnumSlice() {
				if !strings.Contains(text, choice) {
					t.Errorf("%s: %s does not name %s", c.FullPath(), v.Summary(), choice)
				}
			}
		}
	}
}

// shellWords are the words of a line of a shell up to where its comment, its redirection
// or the next program begins.
func shellWords(line string) (words []string) {
	for _, m := range regexp.MustCompile(`'([^']*)'|"([^"]*)"|([^\s'"]+)`).FindAllStringSubmatch(line, -1) {
		if slices.Contains([]string{"#", ">", "<", "|", "&&", "\\"}, m[3]) {
			break
		}
		words = append(words, m[1]+m[2]+m[3])
	}
	return words
}

// good reports what is wrong with a command line that somebody is told to type.
func good(t *testing.T, line string) error {
	t.Helper()
	words := shellWords(line)
	if len(words) > 1 && words[0] == "bzzz" && words[1] == "gateway" || slices.Contains(words, "--help") {
		return nil
	}
	_, _, err := parse(testParser(t), words)
	return err
}

func TestExamplesAreGoodCommandLines(t *testing.T) {
	known := map[string]bool{}
	for _, c := range commandsBelow(testParser(t).Model.Node) {
		for _, e := range examplesOf(c) {
			known[e] = true
		}
	}
	for line := range strings.Lines(strings.TrimSpace(examples)) {
		_, typed, _ := strings.Cut(strings.TrimSpace(line), "cordon ")
		if err := good(t, typed); err != nil || !known[strings.TrimSpace(line)] {
			t.Errorf("%s: shown %v, %v", strings.TrimSpace(line), known[strings.TrimSpace(line)], err)
		}
	}
}

// Whoever copies a command from the documentation gets no error of usage.
func TestCommandsOfTheDocumentationAreGood(t *testing.T) {
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	fence := regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	inline := regexp.MustCompile("`cordon ([a-z][^`|\\[]*)`")
	typed := regexp.MustCompile(`(?m)^(?:\$ |\./bin/|.*[|(] |[0-9* ]+ )?cordon ([a-z-].*)$`)
	seen, top := 0, testParser(t).Model.Node
	for _, f := range append(files, "../../README.md", "../../CONTRIBUTING.md") {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var lines [][]string
		for _, block := range fence.FindAllStringSubmatch(string(text), -1) {
			if slices.Contains([]string{"", "sh", "crontab"}, block[1]) {
				lines = append(lines, typed.FindAllStringSubmatch(block[2], -1)...)
			}
		}
		for _, m := range inline.FindAllStringSubmatch(fence.ReplaceAllString(string(text), ""), -1) {
			if isCommand(top, m[1]) {
				lines = append(lines, m)
			}
		}
		for _, m := range lines {
			seen++
			if err := good(t, m[1]); err != nil {
				t.Errorf("%s: cordon %s: %v", f, m[1], err)
			}
		}
	}
	if seen < 150 {
		t.Errorf("only %d commands were found", seen)
	}
}

// isCommand tells what is written out to be typed from the name of a command, whose
// arguments are left out, and of a group of commands.
func isCommand(top *kong.Node, text string) bool {
	return slices.ContainsFunc(commandsBelow(top), func(c *kong.Node) bool {
		typed := strings.Fields(text)
		return len(c.Children) == 0 && isOf(c, typed) && len(typed) > len(pathOf(c))
	})
}

func TestHelpIsAskedForInTwoWays(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"help", "incident", "snooze"}, Deps{Version: "test", Stdout: &out}); err != nil || out.String() != helpOf(t, "incident", "snooze") {
		t.Errorf("%v: %s", err, out.String())
	}
}

func TestSpansMayHaveDays(t *testing.T) {
	for text, want := range map[string]time.Duration{"90m": 90 * time.Minute, "30d": 720 * time.Hour, "1d12h": 36 * time.Hour, "0d": 0} {
		if got, err := readSpan(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "d", "-1d", "5days", "1d-2h", "1d1d", "99999999d", "999999999999d"} {
		if got, err := readSpan(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
	if err := good(t, "incident snooze ID 5days"); err == nil || !strings.Contains(err.Error(), `<for>: give how long, such as 90m, 8h or 30d, not "5days"`) {
		t.Error(err)
	}
	if err := good(t, "incident list --limit x"); err == nil || !strings.Contains(err.Error(), `--limit: give a whole number, not "x"`) {
		t.Error(err)
	}
}

func FuzzSpan(f *testing.F) {
	for _, s := range []string{"90m", "30d", "1d12h", "99999999d", "-3d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := readSpan(text); err == nil && strings.Contains(text, "d") && d < 0 {
			t.Errorf("%q is %v", text, d)
		}
	})
}

func TestWhatComesNextIsCompleted(t *testing.T) {
	top := testParser(t).Model.Node
	for _, c := range []struct {
		typed []string
		want  string
	}{
		{nil, "serve"},
		{[]string{"inc"}, "incident"},
		{[]string{"incident", "sn"}, "snooze"},
		{[]string{"incident", "list", "--sev"}, "--severity"},
		{[]string{"incident", "list", "--severity", "cr"}, "critical"},
		{[]string{"--data", "incident", "egress", "killswitch", "st"}, "status"},
		{[]string{"egress", "mode", "a"}, "audit"},
		{[]string{"quarantine", "review", "ID", "conf"}, "confirmed"},
		{[]string{"egress", oldList, "--form"}, "--format"},
	} {
		if got := candidates(top, c.typed); !slices.Contains(got, c.want) {
			t.Errorf("%q: %v, want %s", c.typed, got, c.want)
		}
	}
	for _, typed := range [][]string{{"scan", ""}, {"incident", "show", ""}, {"complete", ""}, {"comple"}, {"bogus", "x", "y"}} {
		if got := candidates(top, typed); slices.Contains(got, "complete") || len(got) > 0 && typed[0] != "comple" {
			t.Errorf("%q: %v", typed, got)
		}
	}
}

func TestAServerThatIsNotThereIsNamed(t *testing.T) {
	cause := &url.Error{Op: "Get", URL: "http://h:1/api/v1/incidents?limit=50", Err: errors.New("connection refused")}
	err := unreachable("http://h:1", cause)
	if got, want := err.Error(), "no answer from http://h:1: connection refused; is Cordon running there, and reached from here?"; got != want || !errors.Is(err, cause) {
		t.Errorf("%q", got)
	}
	if err := unreachable("", cause); err != error(cause) {
		t.Errorf("the own server's error is changed: %v", err)
	}
}
