package archtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tree is a repository with the tools that say what a commit has to run.
type tree struct {
	t   *testing.T
	dir string
}

func newTree(t *testing.T) tree {
	t.Helper()
	r := tree{t, t.TempDir()}
	for _, tool := range []string{"changed.sh", "turn.sh"} {
		text, err := os.ReadFile(filepath.Join("../../test/tools", tool))
		if err != nil {
			t.Fatal(err)
		}
		r.write("test/tools/"+tool, string(text))
	}
	r.git("init", "-q", "-b", "main")
	r.commit("go.mod", "a/a.go", "a/testdata/deep/x.txt", "b/b.go", "b/c/c.go")
	return r
}

func (r tree) write(name, text string) {
	r.t.Helper()
	name = filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
		r.t.Fatal(err)
	}
}

func (r tree) git(args ...string) { r.run("", "git", args...) }

// commit adds a line to each file, and commits them.
func (r tree) commit(files ...string) {
	r.t.Helper()
	for _, f := range files {
		old, _ := os.ReadFile(filepath.Join(r.dir, f)) // a new one is empty
		r.write(f, string(old)+"x\n")
	}
	r.git("add", "-A")
	r.git("commit", "-q", "-m", "a change")
}

func (r tree) run(input, program string, args ...string) string {
	r.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Stdin = r.dir, strings.NewReader(input)
	cmd.Env = append(os.Environ(), "CORDON_SINCE=", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b")
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%s %v: %v\n%s", program, args, err, out)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

// What a commit changed is what is raced and fuzzed in any case.
func TestWhatACommitChanged(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		do                func(r tree)
		changed, selected string
	}{
		"a first commit":        {func(tree) {}, "everything", "a b b/c"},
		"a commit of the trunk": {func(r tree) { r.commit("a/a.go"); r.commit("b/b.go") }, "b", "b"},
		"all commits of a branch": {func(r tree) {
			r.commit("b/b.go")
			r.git("checkout", "-q", "-b", "mine")
			r.commit("a/a.go")
			r.commit("b/c/c.go")
		}, "a b/c", "a b/c"},
		"a merge": {func(r tree) {
			r.git("checkout", "-q", "-b", "mine")
			r.commit("a/a.go")
			r.git("checkout", "-q", "main")
			r.commit("b/b.go")
			r.git("merge", "-q", "--no-edit", "mine")
		}, "a", "a"},
		"test data belong to the package above": {func(r tree) { r.commit("a/testdata/deep/x.txt") }, "a/testdata/deep", "a"},
		"what is not committed":                 {func(r tree) { r.commit("a/a.go"); r.write("b/c/new.go", "") }, "a b/c", "a b/c"},
		"a file that is gone":                   {func(r tree) { r.git("rm", "-q", "a/testdata/deep/x.txt"); r.git("commit", "-q", "-m", "gone") }, "a/testdata/deep", "a"},
		"a dependency concerns all":             {func(r tree) { r.commit("go.mod") }, "everything", "a b b/c"},
		"a page at the top concerns nobody":     {func(r tree) { r.commit("README.md") }, "", ""},
		"a part of the history": {func(r tree) {
			r.commit("a/a.go")
			r.run("", "sh", "-c", "git rev-parse HEAD > .git/shallow")
		}, "everything", "a b b/c"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newTree(t)
			tt.do(r)
			if got := r.run("", "test/tools/changed.sh"); got != tt.changed {
				t.Errorf("changed %q, want %q", got, tt.changed)
			}
			// With so many turns only what changed has its own.
			if got := r.run("a\nb\nb/c\n", "test/tools/turn.sh", "1000000"); got != tt.selected {
				t.Errorf("selected %q, want %q", got, tt.selected)
			}
		})
	}
}

// Of what did not change every package has its turn, and a commit's choice is the same
// each time.
func TestEveryPackageHasItsTurn(t *testing.T) {
	t.Parallel()
	r := newTree(t)
	seen := map[string]bool{}
	for i := 0; len(seen) < 3; i++ {
		if i == 100 {
			t.Fatalf("in a hundred commits only %v had a turn", seen)
		}
		r.commit("README.md")
		first := r.run("a\nb\nb/c\n", "test/tools/turn.sh", "3")
		if again := r.run("a\nb\nb/c\n", "test/tools/turn.sh", "3"); again != first {
			t.Errorf("turns %q, then %q", first, again)
		}
		for _, folder := range strings.Fields(first) {
			seen[folder] = true
		}
	}
}

// Each test runs once: raced packages under the detector but for what it cannot have,
// which runs beside all other packages without it.
func TestATestRunsOnce(t *testing.T) {
	t.Parallel()
	r := newTree(t)
	once, err := os.ReadFile("../../test/tools/once.sh")
	if err != nil {
		t.Fatal(err)
	}
	r.write("test/tools/once.sh", string(once))
	r.write("test/tools/gotest.sh", "#!/bin/sh\necho \"cgo=$CGO_ENABLED $*;\"\n")
	r.write("test/tools/raced", "a\nb\nc\n")
	r.write("go.mod", "module example.org/m\n\ngo 1.26\n")
	for folder, test := range map[string]string{
		"a": "func TestQuick(*testing.T) {}\n", "b": "func TestAGreatFlood(*testing.T) {}\n", "d": "func TestAlone(*testing.T) {}\n",
	} {
		r.write(folder+"/x_test.go", "package x\n\nimport \"testing\"\n\n"+test)
		r.write(folder+"/"+folder+".go", "package x\n")
	}
	r.write("b/c/c.go", "package c\n")
	r.write("c/c.go", "package c\n")
	r.write("c/x_test.go", "//go:build servers\n\npackage c\n\nimport \"testing\"\n\nfunc TestServer(*testing.T) {}\n")
	r.commit("README.md")
	for turns, want := range map[string]string{
		"1": "./b/c ./d; under the race detector: 3 of 3 packages that share something" +
			" cgo=1 -v -race -short -skip Flood -- ./a ./b ./c;" +
			" cgo=0 -v -tags servers -run Flood|Half|^(TestServer)$ -- ./b ./c;",
		"1000000": "./a ./b ./b/c ./c ./d; under the race detector: 0 of 3 packages that share something",
	} {
		r.commit("README.md")
		got := r.run("", "env", "RACE=-race", "GRIND=Flood", "CUT=Half", "CGO_ENABLED=1", "test/tools/once.sh", turns, "-v")
		_, got, _ = strings.Cut(got, "cgo=0 -v -tags servers -- ")
		_, got, _ = strings.Cut(got, "./hypercore/peer ")
		if got != want {
			t.Errorf("with %s turns: %s\nwant %s", turns, got, want)
		}
	}
}
