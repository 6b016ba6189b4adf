//go:build servers

package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/testdebian"
	"go.cordon.dev/cordon/internal/testport"
)

// TestTheDocumentationWorksAsCopied walks pages as a reader does: every command is run,
// with the server that the page starts, every file is taken by the command that it is
// for, and what a page says is printed is printed.
func TestTheDocumentationWorksAsCopied(t *testing.T) {
	tools := toolsOf(t)
	for _, name := range walked() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			p, err := readPage(name, string(text))
			if err != nil {
				t.Fatal(err)
			}
			walk(t, p, newMachine(t, tools))
		})
	}
}

// walked are the pages that tell somebody what to type.
func walked() []string {
	return []string{
		"README.md", "docs/getting-started.md", "docs/operations.md", "docs/backup.md", "docs/response.md", "docs/logs.md",
		"docs/events.md", "docs/events-in.md", "docs/webhooks.md", "docs/access.md", "docs/egress.md", "docs/deception.md",
		"docs/rules.md", "docs/scan.md", "docs/anomaly.md", "docs/bzzz.md",
	}
}

// toolsOf is a folder with other programs that the pages use: installed ones, or Debian's.
func toolsOf(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, program := range []string{"curl", "jq"} {
		if err := os.Symlink(testdebian.Program(t, program, program), filepath.Join(dir, program)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// machine is what a reader sits at: folders and ports of its own in the place of those
// that the pages name.
type machine struct {
	root  string
	tools string
	ports map[string]string // by the number in the pages
}

func newMachine(t *testing.T, tools string) machine {
	t.Helper()
	root, err := os.MkdirTemp("", "walk") // short: the path of a socket has 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	m := machine{root: root, tools: tools, ports: map[string]string{}}
	for _, port := range []string{"8420", "8421", "8453", "6380"} {
		addr, release, err := testport.Reserve()
		if err != nil {
			t.Fatal(err)
		}
		if _, m.ports[port], _ = net.SplitHostPort(addr); port == "8453" {
			release() // it holds the port for datagrams, which the name server needs
		} else {
			t.Cleanup(release)
		}
	}
	return m
}

var (
	places  = regexp.MustCompile(`(^|[\s'"=:(,\[>])/(backups|root|var|etc|logs|hypercore|run|srv|src)\b`)
	numbers = regexp.MustCompile(`\b(8420|8421|8453|6380)\b`)
)

// here is a text of a page with the folders and ports of this machine.
func (m machine) here(text string) string {
	text = places.ReplaceAllString(text, "${1}"+m.root+"/$2")
	text = numbers.ReplaceAllStringFunc(text, func(n string) string { return m.ports[n] })
	return strings.ReplaceAll(text, "./bin/cordon", "cordon")
}

func (m machine) environment(t *testing.T) []string {
	t.Helper()
	repository, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	keep := []string{"LANG", "TMPDIR", "SYSTEMROOT"}
	env := []string{
		"PATH=" + m.tools + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + filepath.Join(m.root, "home"),
		"XDG_STATE_HOME=" + filepath.Join(m.root, "var", "lib"), "MACHINE=" + m.root, "REPOSITORY=" + repository,
		"CORDON_API_LISTEN=127.0.0.1:" + m.ports["8420"], "CORDON_EGRESS_LISTEN=127.0.0.1:" + m.ports["8421"],
		"CORDON_EGRESS_DNS_LISTEN=127.0.0.1:" + m.ports["8453"],
	}
	for _, name := range keep {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// walk runs a page and compares what it prints.
func walk(t *testing.T, p page, m machine) {
	t.Helper()
	script, err := script(p, m)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", prelude+script)
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(syscall.SIGTERM) }, time.Minute // it ends its server
	cmd.Dir, cmd.Env = m.root, m.environment(t)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	printed := split(out.String())
	if err != nil {
		last := printed[len(printed)-1]
		t.Fatalf("%s:%s: %v\n%s", p.name, last.at, err, last.text)
	}
	compare(t, p, printed)
}

// prelude is what the shell knows before a page begins.
//
//go:embed testdata/walk.sh
var prelude string

// script is the page as a shell runs it, with a line before each block that tells which
// it is.
func script(p page, m machine) (string, error) {
	var b strings.Builder
	for _, at := range p.blocks { // some pages say how a file is used before they show it
		if name, named := at.has("file"); named {
			b.WriteString(m.write(name, at))
		}
	}
	for n, at := range p.blocks {
		if _, not := at.has("not run"); not {
			continue
		}
		fmt.Fprintf(&b, "echo '@@ %d'\n", at.line)
		for _, k := range at.marks {
			if k.kind == "before" {
				b.WriteString(m.here(k.text) + "\n")
			}
		}
		switch at.lang {
		case "sh":
			b.WriteString(lets(at, n, m) + "\n")
		case "yaml":
			taken, err := m.taken(at, n)
			if err != nil {
				return "", fmt.Errorf("%s:%d: %w", p.name, at.line, err)
			}
			b.WriteString(taken)
		}
	}
	return b.String(), nil
}

// lets is the text of a block with what a reader puts in the place of some words.
func lets(b block, n int, m machine) string {
	text, functions := m.here(b.text), ""
	for i, k := range b.marks {
		if word, command, ok := strings.Cut(k.text, " be "); ok && k.kind == "let" {
			name := fmt.Sprintf("let_%d_%d", n, i)
			functions += fmt.Sprintf("%s() { %s; }\n", name, m.here(command))
			text = regexp.MustCompile(`(^|\s|=)`+regexp.QuoteMeta(m.here(word))).ReplaceAllString(text, "${1}$$(said "+name+")")
		}
	}
	return functions + text
}

// write writes a block to a file.
func (m machine) write(name string, b block) string {
	return fmt.Sprintf("cat >%s <<'END-OF-FILE'\n%sEND-OF-FILE\n", name, m.here(b.text))
}

// taken has the command that a block is for take it.
func (m machine) taken(b block, n int) (string, error) {
	command, err := b.takes()
	if err != nil || command == "" {
		return "", err
	}
	name := fmt.Sprintf("%s/block-%d.yaml", m.root, n)
	return m.write(name, b) + "command " + command + " " + name + "\n", nil
}

// output is what a block printed.
type output struct{ at, text string }

func split(all string) (printed []output) {
	for _, part := range strings.Split("\n"+all, "\n@@ ")[1:] {
		at, text, _ := strings.Cut(part, "\n")
		printed = append(printed, output{at, text})
	}
	if len(printed) == 0 {
		return []output{{"0", all}}
	}
	return printed
}

// compare holds what a page says is printed to what the commands before it printed.
func compare(t *testing.T, p page, printed []output) {
	t.Helper()
	last := ""
	at := map[string]string{}
	for _, o := range printed {
		at[o.at] = o.text
	}
	for _, b := range p.blocks {
		if _, not := b.has("not run"); not {
			continue
		}
		switch b.lang {
		case "sh":
			last = at[fmt.Sprint(b.line)]
		case "text":
			_, head := b.has("head only")
			if missing := lacks(last, b.text, head); missing != "" {
				t.Errorf("%s:%d: this is not printed: %s\nbut:\n%s", p.name, b.line, missing, last)
			}
		}
	}
}

// lacks is the first line of want that does not come in got, after the lines before it;
// of head only, of those that are heads of tables.
func lacks(got, want string, head bool) string {
	lines := strings.Split(got, "\n")
	for line := range strings.Lines(want) {
		if w := likeness(line); w != "" && (!head || strings.ToUpper(line) == line) {
			for len(lines) > 0 && likeness(lines[0]) != w {
				lines = lines[1:]
			}
			if len(lines) == 0 {
				return line
			}
		}
	}
	return ""
}

var (
	ids    = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	digits = regexp.MustCompile(`[0-9]+(\.[0-9]+)*`)
	who    = regexp.MustCompile(`local:\w+`)
)

// likeness is a line without what differs from one machine, day and run to the next.
func likeness(line string) string {
	line = digits.ReplaceAllString(who.ReplaceAllString(ids.ReplaceAllString(line, "ID"), "local:NAME"), "0")
	return strings.Join(strings.Fields(line), " ")
}

// The configuration that the README of a plugin shows is taken.
func TestTheConfigurationOfEveryREADMEIsTaken(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "internal", "*", "*", "*", "README.md"))
	taken := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := readPage(name, string(text))
		if err != nil {
			t.Error(err)
		}
		for _, b := range p.blocks {
			if b.lang == "yaml" {
				taken++
				check(t, p, b)
			}
		}
	}
	if err != nil || taken < 15 {
		t.Errorf("%d files were taken, %v", taken, err)
	}
}

// check has the program check a configuration; services are those of a decky.
func check(t *testing.T, p page, b block) {
	t.Helper()
	file, text := filepath.Join(t.TempDir(), "cordon.yaml"), b.text
	if strings.HasPrefix(text, "services:") {
		decky := "deception:\n  deckies:\n    - name: d\n      archetype: linux-server\n      address: 127.0.0.1\n      "
		text = decky + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n      ") + "\n"
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cordon", "config", "check", file).CombinedOutput(); err != nil {
		t.Errorf("%s:%d: %s", p.name, b.line, out)
	}
}

// What could be left out unseen is refused: commands in a block that does not say so, a
// mark that has lost its block, a file that nothing reads.
func TestNothingOfAPageIsLeftOutUnseen(t *testing.T) {
	for text, want := range map[string]string{
		"```\ncordon serve\n```\n":                            "p.md:1: these are commands: say ```sh",
		"<!-- not run: why -->\n```\ncordon serve\n```\n":     "",
		"<!-- not run: why -->\n\n```sh\ncordon serve\n```\n": `p.md:2: "" stands between a mark and its block`,
		"<!-- a comment -->\n\n```sh\ncordon serve\n```\n":    "",
	} {
		if _, err := readPage("p.md", text); (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := (block{lang: "yaml", text: "unknown: 1\n"}).takes(); err == nil {
		t.Error("a file is not asked what it is for")
	}
}

// What a page says is printed is held to what is, but for ids, times and numbers.
func TestWhatIsNotPrintedIsMissed(t *testing.T) {
	const printed = "ID  NAME  N\n01a20262-d352-7c2b-babd-bbc7f61c7792  trap   12\ndone\n"
	for want, missing := range map[string]string{
		"ID  NAME  N\n01a20262-d352-7c2b-babd-000000000000  trap  3\n": "",
		"ID  NAME  COUNT\n":   "ID  NAME  COUNT\n",
		"done\nID  NAME  N\n": "ID  NAME  N\n",
	} {
		if got := lacks(printed, want, false); got != missing {
			t.Errorf("%q: %q is missed, want %q", want, got, missing)
		}
	}
	if got := lacks(printed, "ID NAME N\nelse  5\n", true); got != "" {
		t.Errorf("%q is missed though only heads count", got)
	}
}
