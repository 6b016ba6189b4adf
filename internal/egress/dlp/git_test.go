package dlp_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/egress/dlp"
)

// gitEnv is a configuration that is nobody's.
func gitEnv() []string {
	return append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "GIT_TERMINAL_PROMPT=0", "no_proxy=*",
		"GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@acme.example", "GIT_COMMITTER_NAME=Ann", "GIT_COMMITTER_EMAIL=ann@acme.example")
}

// gitIn runs git, and says whether it was content.
func gitIn(t *testing.T, dir string, args ...string) bool {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
	cmd.Env = gitEnv()
	out, err := cmd.CombinedOutput()
	if err != nil && args[0] != "push" {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return err == nil
}

// remote is git's own server, behind an inspector that refuses what is not clean.
type remote struct {
	url  string
	told []dlp.Verdict
	sent int // bytes of the last push
}

func newRemote(t *testing.T) *remote {
	t.Helper()
	dir := t.TempDir()
	gitIn(t, dir, "init", "-q", "--bare", "a.git")
	gitIn(t, filepath.Join(dir, "a.git"), "config", "http.receivepack", "true")
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	server := &cgi.Handler{Path: git, Args: []string{"http-backend"}, Env: append(gitEnv(), "GIT_PROJECT_ROOT="+dir, "GIT_HTTP_EXPORT_ALL=1")}
	i, r := inspector(t, dlp.Limits{}), &remote{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := r.inspected(i, req.Body)
		if err != nil {
			http.Error(w, "refused", http.StatusForbidden)
			return
		}
		req.Body, req.ContentLength, req.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
		server.ServeHTTP(w, req)
	}))
	t.Cleanup(srv.Close)
	r.url = srv.URL + "/a.git"
	return r
}

func (r *remote) inspected(i *dlp.Inspector, body io.Reader) ([]byte, error) {
	var out bytes.Buffer
	s := i.Stream(&out, dlp.Body{Judge: func(v dlp.Verdict) bool { r.told = append(r.told, v); return false }})
	n, err := io.Copy(s, body)
	r.sent = max(r.sent, int(n))
	if end := s.Close(); err == nil {
		err = end
	}
	return out.Bytes(), err
}

// commit writes a file and commits it.
func commit(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	gitIn(t, dir, "add", "-A")
	gitIn(t, dir, "commit", "-q", "-m", "notes")
}

func newCheckout(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	gitIn(t, dir, "init", "-q", "-b", "main")
	return dir
}

// notes is a file of so many lines that no compression makes very small.
func notes(lines int) []string {
	rng := rand.New(rand.NewPCG(uint64(lines), 2))
	words := strings.Fields("build queue waits reviewer item work line page order table river house")
	all := make([]string, lines)
	for i := range all {
		all[i] = fmt.Sprintf("%d %s %s %s", rng.IntN(1000), words[rng.IntN(len(words))], words[rng.IntN(len(words))], words[rng.IntN(len(words))])
	}
	return all
}

func text(lines []string) string { return strings.Join(lines, "\n") + "\n" }

// A secret in the history of a repository is found when it is pushed, wherever in the pack
// it is; a repository without one is pushed.
func TestAPushOfGitIsLookedAt(t *testing.T) {
	secret, lines := token(t), notes(3000)
	with := append([]string{lines[0], "token: " + secret}, lines[1:]...)
	for name, history := range map[string][][]string{
		"in the first version":    {with, lines},
		"in one of many versions": {lines, lines[1:], with, lines[2:], lines[3:]},
		"in a long history":       {notes(100_000), notes(50_000), with, lines},
		"in none":                 {lines, lines[1:], lines[2:]},
		"in none of a long one":   {notes(100_000), notes(50_000), notes(100_001)},
		"by itself":               {{secret}},
	} {
		t.Run(name, func(t *testing.T) {
			r, dir := newRemote(t), newCheckout(t)
			for _, version := range history {
				commit(t, dir, text(version))
			}
			pushed := gitIn(t, dir, "push", "-q", r.url, "main")
			clean := strings.HasPrefix(name, "in none")
			if pushed != clean || clean && len(r.told) > 0 {
				t.Fatalf("pushed: %v; told %v; %d bytes", pushed, r.told, r.sent)
			}
			if !clean && (len(r.told) != 1 || len(r.told[0].Findings) == 0 || r.told[0].Findings[0].Rule != "github-pat" || r.told[0].Unseen != "") {
				t.Errorf("told %v", r.told)
			}
		})
	}
}

// A later push brings along what is new, as differences to what the server has.
func TestALaterPushOfGitIsLookedAt(t *testing.T) {
	secret, lines := token(t), notes(3000)
	change := func(line string) []string {
		return append(append(append([]string{}, lines[:1000]...), line), lines[1010:]...)
	}
	hidden := change("see " + secret[:4])
	for name, tt := range map[string]struct {
		before, after []string
		found, unseen bool
	}{
		"other words":            {lines, change("another line of words, and what else there is to say"), false, false},
		"a secret":               {lines, change("token: " + secret), true, false},
		"the rest of a secret":   {hidden, append(append(append([]string{}, hidden[:1000]...), "see "+secret), hidden[1001:]...), false, true},
		"words here and there":   {lines, append(append([]string{"first"}, change("another")...), "last"), false, false},
		"what was there is gone": {lines, lines[:2000], false, false},
	} {
		t.Run(name, func(t *testing.T) {
			r, dir := newRemote(t), newCheckout(t)
			commit(t, dir, text(tt.before))
			if !gitIn(t, dir, "push", "-q", r.url, "main") {
				t.Fatalf("the first push: %v", r.told)
			}
			r.sent = 0
			commit(t, dir, text(tt.after))
			pushed := gitIn(t, dir, "push", "-q", "--thin", r.url, "main")
			if r.sent > 5000 {
				t.Errorf("%d bytes: these are no differences", r.sent)
			}
			var all dlp.Verdict
			for _, v := range r.told {
				all.Findings = append(all.Findings, v.Findings...)
				all.Unseen += v.Unseen
			}
			if pushed == (tt.found || tt.unseen) || len(all.Findings) > 0 != tt.found || !tt.found && all.Unseen != "" != tt.unseen {
				t.Errorf("pushed: %v; told %v", pushed, r.told)
			}
		})
	}
}

func TestABundleOfGitIsLookedAt(t *testing.T) {
	secret, dir := token(t), newCheckout(t)
	commit(t, dir, text(notes(300))+"token: "+secret+"\n")
	commit(t, dir, text(notes(300)))
	gitIn(t, dir, "bundle", "create", "-q", "all.bundle", "--all")
	bundle, err := os.ReadFile(filepath.Join(dir, "all.bundle"))
	if err != nil {
		t.Fatal(err)
	}
	var dst sink
	var j judge
	_ = send(inspector(t, dlp.Limits{}).Stream(&dst, dlp.Body{Judge: j.refuse}), bundle, 1000)
	if rules := j.rules(); len(rules) != 1 || rules[0] != "github-pat" {
		t.Errorf("told %v", j.told)
	}
}
