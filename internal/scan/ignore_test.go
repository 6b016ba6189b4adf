package scan

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// ignoreCases are patterns with paths, for the table and for git to judge.
func ignoreCases() []struct{ patterns, path string } {
	patterns := []string{
		"a", "/a", "a/", "*.log", "/*.log", "a/b", "a/*", "a/**", "**/b", "a/**/c", "**/a/**", "!a", "*\n!a", "a*b", "a?c", "[ab]", "[!a]*", "[^a]*",
		"[a-c].x", "[]x]", "[x", `\#a`, `\!a`, "#a", "a\\ ", "a ", `a\*`, "**", "*", "a**b", "/", "", "[[:digit:]]*", "b/c/", "ä*", "a/b/../c", "*/c", "a.", "[a-]", "//a", `a\`,
	}
	paths := []string{
		"a", "b", "c", "a/b", "a/c", "a/b/c", "b/a", "b/a/c", "x.log", "a/x.log", "abc", "axb", "ab", "a.x", "d.x", "#a", "!a", "a ", "a*", "]", "x", "[x", "1a", "ä1", "-", "a.", "b/c",
	}
	var out []struct{ patterns, path string }
	for _, p := range patterns {
		for _, path := range paths {
			out = append(out, struct{ patterns, path string }{p, path})
		}
	}
	return out
}

// git is asked what each list ignores; we must say the same.
func TestIgnorePatternsMeanWhatTheyMeanToGit(t *testing.T) {
	byList := map[string][]string{}
	for _, c := range ignoreCases() {
		byList[c.patterns] = append(byList[c.patterns], c.path)
	}
	dir := t.TempDir()
	gitIn(t, dir, "init", "-q")
	for patterns, paths := range byList {
		write(t, filepath.Join(dir, ".gitignore"), patterns+"\n")
		cmd := exec.Command("git", "-C", dir, "check-ignore", "--no-index", "-z", "--stdin")
		cmd.Stdin = strings.NewReader(strings.Join(paths, "\x00"))
		said, _ := cmd.Output() // its exit code is 1 when none is ignored
		ignores := ReadIgnore([]string{filepath.Join(dir, ".gitignore")}, nil)
		for _, path := range paths {
			want := strings.Contains("\x00"+string(said), "\x00"+path+"\x00")
			if got := ignores(path); got != want {
				t.Errorf("%q ignores %q: %v, git says %v", patterns, path, got, want)
			}
		}
	}
}

func FuzzIgnorePatterns(f *testing.F) {
	for _, c := range ignoreCases() {
		f.Add(c.patterns, c.path)
	}
	f.Add(strings.Repeat("*a", 100), strings.Repeat("a", 1000))
	f.Fuzz(func(t *testing.T, patterns, path string) {
		list := parseIgnore("", patterns, nil)
		if list.ignores(path, false) && !parseIgnore("", patterns+"\n*", nil).ignores(path, false) && !strings.Contains(patterns, "!") {
			t.Error("a pattern for everything makes it ignore less")
		}
		if parseIgnore("", patterns+"\n!*", nil).ignores(path, false) && path != "" && !strings.HasSuffix(path, "/") && !strings.HasSuffix(patterns, `\`) {
			t.Errorf("%q is ignored by %q although the last pattern keeps everything", path, patterns)
		}
	})
}
