package scan

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// gitIn runs git with a configuration that is nobody's.
func gitIn(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull,
		"GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@acme.example", "GIT_AUTHOR_DATE=2026-01-02T03:04:05+0200",
		"GIT_COMMITTER_NAME=Bob", "GIT_COMMITTER_EMAIL=bob@acme.example", "GIT_COMMITTER_DATE=2026-01-02T03:04:05+0200")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// repo is a repository that a test writes.
type repo struct {
	t   testing.TB
	dir string
}

func newRepo(t testing.TB) *repo {
	r := &repo{t, t.TempDir()}
	gitIn(t, r.dir, "init", "-q", "-b", "main")
	return r
}

func (r *repo) git(args ...string) string { return gitIn(r.t, r.dir, args...) }

func (r *repo) write(name, text string) { write(r.t, filepath.Join(r.dir, name), text) }

// commit writes a file and commits everything; it returns the commit's id.
func (r *repo) commit(name, text string) string {
	r.t.Helper()
	r.write(name, text)
	r.git("add", "-A")
	r.git("commit", "-q", "--allow-empty", "-m", "change "+name)
	return r.git("rev-parse", "HEAD")
}

func (r *repo) open() *Repository {
	r.t.Helper()
	repository, err := OpenRepository(r.t.Context(), r.dir)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(repository.Close)
	return repository
}

func (r *repo) history(h History) (*recorder, Summary) {
	r.t.Helper()
	h.Repository = r.open()
	return scanAll(r.t, Options{}, &h)
}

// commits lists the commits of the findings.
func commits(out *recorder) []string {
	var all []string
	for _, f := range out.found {
		all = append(all, f.Commit)
	}
	return all
}

func TestHistoryFindsWhatEachCommitAdded(t *testing.T) {
	r := newRepo(t)
	one, two := token(t, "one"), token(t, "two")
	r.commit("clean.txt", "nothing\n")
	a := r.commit("a.txt", "first line\ntoken="+one+"\n")
	r.commit("a.txt", "a line above\nfirst line\ntoken="+one+"\n") // it moved, and is not new
	b := r.commit("a.txt", "a line above\nfirst line\ntoken="+one+"\nother="+two+"\n")
	r.commit("a.txt", "gone\n")
	c := r.commit("a.txt", "it is back\ntoken="+one+"\n")

	out, sum := r.history(History{})
	same(t, "commits", commits(out), []string{a, b, c})
	first := out.found[0]
	if first.File != "a.txt" || first.Line != 2 || first.Author != "Ann <ann@acme.example>" || first.Date.Format("2006-01-02T15:04:05-0700") != "2026-01-02T03:04:05+0200" {
		t.Errorf("first finding: %s:%d by %s at %v", first.File, first.Line, first.Author, first.Date)
	}
	if out.found[1].Line != 4 || sum.Files != 6 {
		t.Errorf("second finding on line %d; %d versions scanned", out.found[1].Line, sum.Files)
	}
	ids := []string{out.found[0].ID, out.found[1].ID, out.found[2].ID}
	slices.Sort(ids)
	if len(slices.Compact(ids)) != 3 {
		t.Error("findings of different commits have one id")
	}
}

func TestASecondCopyInAFileIsNew(t *testing.T) {
	r := newRepo(t)
	r.commit("a.txt", "token="+token(t, "copy")+"\n")
	b := r.commit("a.txt", "token="+token(t, "copy")+"\nagain="+token(t, "copy")+"\n")
	out, _ := r.history(History{})
	if len(out.found) != 2 || out.found[1].Commit != b || out.found[1].Line != 2 {
		t.Errorf("%d findings: %v", len(out.found), commits(out))
	}
}

func TestHistoryReadsEveryRef(t *testing.T) {
	r := newRepo(t)
	r.commit("base.txt", "nothing\n")
	leak := func(branch string) string {
		r.git("checkout", "-q", "-b", branch, "main")
		return r.commit(branch+".txt", "token="+token(t, branch)+"\n")
	}
	topic, tagged := leak("topic"), leak("tagged")
	r.git("tag", "-a", "-m", "v1", "v1")
	r.git("checkout", "-q", "main")
	r.git("branch", "-q", "-D", "tagged")
	r.write("base.txt", "stashed="+token(t, "stashed")+"\n")
	r.git("stash", "-q")
	r.git("checkout", "-q", "--detach")
	detached := r.commit("detached.txt", "token="+token(t, "detached")+"\n")

	out, _ := r.history(History{})
	got := commits(out)
	for name, id := range map[string]string{"a branch": topic, "a tag": tagged, "HEAD": detached} {
		if !slices.Contains(got, id) {
			t.Errorf("nothing was found in what %s reaches", name)
		}
	}
	if len(got) != 4 {
		t.Errorf("%d findings, want 4, of which one is stashed: %v", len(got), out.files())
	}
	r.git("checkout", "-q", "main")
	lost, _ := r.history(History{})
	again, _ := r.history(History{Reflogs: true})
	if slices.Contains(commits(lost), detached) || !slices.Contains(commits(again), detached) {
		t.Error("a commit that only the reflog reaches is read with Reflogs, and only then")
	}
}

func TestHistoryCanBeNarrowed(t *testing.T) {
	r := newRepo(t)
	a := r.commit("a.txt", "token="+token(t, "a")+"\n")
	b := r.commit("b.txt", "token="+token(t, "b")+"\n")
	c := r.commit("c.txt", "token="+token(t, "c")+"\n")
	tests := []struct {
		name string
		h    History
		want []string
	}{
		{"a range", History{Revisions: []string{a + ".." + b}}, []string{b}},
		{"one commit and what it reaches", History{Revisions: []string{b}}, []string{a, b}},
		{"without", History{Revisions: []string{"main", "^" + b}}, []string{c}},
		{"since", History{Without: []string{a}}, []string{b, c}},
		{"relative", History{Revisions: []string{"HEAD~1..HEAD"}}, []string{c}},
		{"nothing new", History{Without: []string{c}}, nil},
	}
	for _, tt := range tests {
		out, _ := r.history(tt.h)
		same(t, tt.name, commits(out), tt.want)
	}
	for _, bad := range []string{"nowhere", "--all", "--output=x", "main..nowhere"} {
		h := &History{Repository: r.open(), Revisions: []string{bad}}
		if err := h.Each(t.Context(), func(Input) error { return nil }); err == nil || !strings.Contains(err.Error(), "is no revision") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestAMergeThatAddsSomethingIsRead(t *testing.T) {
	r := newRepo(t)
	r.commit("a.txt", "nothing\n")
	r.git("checkout", "-q", "-b", "topic")
	r.commit("b.txt", "token="+token(t, "side")+"\n")
	r.git("checkout", "-q", "main")
	r.commit("c.txt", "nothing\n")
	r.git("merge", "-q", "--no-ff", "--no-commit", "topic")
	r.write("a.txt", "token="+token(t, "evil")+"\n")
	r.git("add", "-A")
	r.git("commit", "-q", "-m", "merge")
	out, _ := r.history(History{})
	same(t, "files", out.files(), []string{"b.txt", "a.txt"})
}

func TestNamesAreWhateverTheyAre(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // other systems do not have such names
	}
	r := newRepo(t)
	names := []string{"-rf", "a b", "new\nline", `quo"te`, "tab\there", "\xff\xfe", ":(glob)*", "ünï", "a:b:1"}
	for i, name := range names {
		r.commit(name, "token="+token(t, strings.Repeat("n", i+1))+"\n")
	}
	out, _ := r.history(History{})
	same(t, "files", out.files(), names)
	r.write("new\nline", "token="+token(t, "staged")+"\n")
	r.git("add", "-A")
	staged, _ := scanAll(t, Options{}, &Staged{Repository: r.open()})
	same(t, "staged", staged.files(), []string{"new\nline"})
}

func TestStagedIsWhatTheCommitWouldAdd(t *testing.T) {
	r := newRepo(t)
	r.write("first.txt", "token="+token(t, "first")+"\n")
	r.git("add", "-A")
	out, _ := scanAll(t, Options{}, &Staged{Repository: r.open()})
	same(t, "before the first commit", out.files(), []string{"first.txt"})
	r.commit("known.txt", "token="+token(t, "known")+"\n")

	r.write("known.txt", "above\ntoken="+token(t, "known")+"\nmore="+token(t, "more")+"\n")
	r.write("fixed.txt", "token="+token(t, "fixed")+"\n")
	r.git("add", "-A")
	r.write("fixed.txt", "taken out again, but still staged\n")
	r.write("unstaged.txt", "token="+token(t, "unstaged")+"\n")
	r.git("rm", "-q", "--cached", "first.txt")
	out, _ = scanAll(t, Options{}, &Staged{Repository: r.open()})
	same(t, "files", out.files(), []string{"fixed.txt", "known.txt"})
	if f := out.found[1]; f.Line != 3 || f.Commit != "" {
		t.Errorf("found on line %d of commit %q", f.Line, f.Commit)
	}
}

func TestStateMakesRunsIncremental(t *testing.T) {
	r, file := newRepo(t), filepath.Join(t.TempDir(), "state.json")
	run := func(rules string) []string {
		t.Helper()
		repository := r.open()
		s, err := ReadState(file)
		if err != nil {
			t.Fatal(err)
		}
		h := &History{Repository: repository, Without: s.Done(t.Context(), repository, rules)}
		tips, err := repository.Tips(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		out, _ := scanAll(t, Options{}, h)
		s.Note(t.Context(), repository, rules, tips)
		if err := s.Write(file); err != nil {
			t.Fatal(err)
		}
		return commits(out)
	}
	a := r.commit("a.txt", "token="+token(t, "a")+"\n")
	same(t, "first run", run("r1"), []string{a})
	same(t, "nothing new", run("r1"), nil)
	b := r.commit("b.txt", "token="+token(t, "b")+"\n")
	same(t, "one more", run("r1"), []string{b})
	same(t, "other rules", run("r2"), []string{a, b})
	r.git("reset", "-q", "--hard", a)
	r.git("reflog", "expire", "--expire=now", "--all")
	r.git("gc", "-q", "--prune=now")
	c := r.commit("c.txt", "token="+token(t, "c")+"\n")
	got := run("r2")
	if !slices.Contains(got, c) || slices.Contains(got, b) {
		t.Errorf("after a tip is gone: %v", got)
	}
	write(t, file, `{"version":7}`)
	if _, err := ReadState(file); err == nil {
		t.Error("a state of another version is taken")
	}
}

func TestARepositoryRunsNothing(t *testing.T) {
	r := newRepo(t)
	r.commit("a.txt", "token="+token(t, "hostile")+"\n")
	mark := filepath.Join(t.TempDir(), "ran")
	script := filepath.Join(r.dir, "evil.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ntouch "+mark+"\ncat\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"core.fsmonitor", "diff.external", "core.pager", "core.sshCommand", "diff.x.textconv", "diff.x.command", "filter.x.clean", "gpg.program"} {
		r.git("config", key, script)
	}
	r.git("config", "log.showSignature", "true")
	write(t, filepath.Join(r.dir, ".gitattributes"), "* diff=x filter=x\n")
	repository := r.open()
	out, _ := scanAll(t, Options{}, Join(&History{Repository: repository}, &Staged{Repository: repository}))
	if len(out.found) != 1 {
		t.Errorf("%d findings", len(out.found))
	}
	if _, err := os.Stat(mark); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something of the repository's configuration was run: %v", err)
	}
}

func TestAnObjectThatIsMissingIsTold(t *testing.T) {
	r := newRepo(t)
	r.commit("a.txt", "token="+token(t, "kept")+"\n")
	r.commit("b.txt", "token="+token(t, "lost")+"\n")
	id := r.git("rev-parse", "HEAD:b.txt")
	if err := os.Remove(filepath.Join(r.dir, ".git", "objects", id[:2], id[2:])); err != nil {
		t.Fatal(err)
	}
	out, sum := r.history(History{})
	same(t, "files", out.files(), []string{"a.txt"})
	if sum.NotScanned != 1 || !strings.Contains(out.reasons(), "it is not in the repository") {
		t.Errorf("not scanned: %s", out.reasons())
	}
}

func TestArchivesInHistoryAreOpened(t *testing.T) {
	r := newRepo(t)
	r.commit("x.zip", zipOf(t, member{"in/a.txt", "token=" + token(t, "zipped")}))
	out, _ := r.history(History{})
	same(t, "files", out.files(), []string{"x.zip!in/a.txt"})
}

func TestWithoutGitTheErrorSaysSo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := OpenRepository(t.Context(), "."); !errors.Is(err, ErrNoGit) {
		t.Errorf("opened: %v", err)
	}
}

func TestAFolderThatIsNoRepositoryIsSaid(t *testing.T) {
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(t.TempDir()))
	if _, err := OpenRepository(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "not a git repository") {
		t.Errorf("opened: %v", err)
	}
}

func FuzzChanges(f *testing.F) {
	zeros := strings.Repeat("0", 40)
	f.Add("c1\x00:100644 100644 " + zeros + " " + strings.Repeat("a", 40) + " A\x00name\x00")
	f.Add("c1\x00::100644 100644 100644 a b c MM\x00name\x00")
	f.Add(":\x00\x00")
	f.Fuzz(func(t *testing.T, text string) {
		fields := strings.SplitAfter(text, "\x00")
		c := &changes{read: func() (string, error) {
			if len(fields) == 0 {
				return "", io.EOF
			}
			field := fields[0]
			fields = fields[1:]
			return strings.TrimSuffix(field, "\x00"), nil
		}}
		for {
			got, err := c.next()
			if err != nil {
				return
			}
			if zero(got.blob) {
				t.Error("a change without content")
			}
		}
	})
}

func FuzzParseAuthor(f *testing.F) {
	f.Add("Ann <ann@acme.example> 1767315845 +0200")
	f.Add("<> 0 -0000")
	f.Add("a <b> c> 9223372036854775807 +9999")
	f.Fuzz(func(t *testing.T, line string) {
		if a, err := parseAuthor(line); err == nil && a.Date.IsZero() && a.Name+a.Mail == "" && !strings.Contains(line, "<") {
			t.Errorf("%q was read", line)
		}
	})
}
