package scan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// Repository is a git repository, read through the git program: it knows every
// format its own repositories have had, and inflates and resolves deltas in C.
// What a repository's configuration could make git run (hooks, file system
// monitors, fetches of what is missing, external diffs) is switched off.
type Repository struct {
	program string
	dir     string
	pool    *catPool
}

// ErrNoGit says that the git program is missing.
var ErrNoGit = errors.New("reading a repository needs the git program, which is not in PATH")

// OpenRepository finds the repository that a folder lies in. Close it.
func OpenRepository(ctx context.Context, dir string) (*Repository, error) {
	program, err := exec.LookPath("git")
	if err != nil {
		return nil, ErrNoGit
	}
	r := &Repository{program: program, dir: dir}
	if _, err := r.output(ctx, nil, "rev-parse", "--git-dir"); err != nil {
		return nil, fmt.Errorf("opening repository %s: %w", dir, err)
	}
	r.pool = &catPool{repo: r}
	return r, nil
}

// Close ends the programs that were started.
func (r *Repository) Close() { r.pool.close() }

// Top is the folder of the work tree; empty when there is none.
func (r *Repository) Top(ctx context.Context) string {
	out, err := r.output(ctx, nil, "rev-parse", "--show-toplevel")
	if err != nil {
		return ""
	}
	return strings.TrimRight(string(out), "\r\n")
}

func (r *Repository) command(ctx context.Context, args ...string) *exec.Cmd {
	fixed := []string{"-C", r.dir, "--no-replace-objects", "--no-optional-locks", "--literal-pathspecs",
		"-c", "core.fsmonitor=false", "-c", "protocol.allow=never", "-c", "core.hooksPath=" + os.DevNull}
	cmd := exec.CommandContext(ctx, r.program, append(fixed, args...)...)
	cmd.Env = append(os.Environ(), "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "GIT_NO_REPLACE_OBJECTS=1", "LC_ALL=C")
	return cmd
}

// output runs git and returns what it printed.
func (r *Repository) output(ctx context.Context, in io.Reader, args ...string) ([]byte, error) {
	cmd := r.command(ctx, args...)
	cmd.Stdin = in
	var stderr tail
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	return out, gitError(args[0], err, &stderr)
}

// tail keeps the end of what a program complains.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	t.b = t.b[max(0, len(t.b)-2048):]
	return len(p), nil
}

func gitError(verb string, err error, stderr *tail) error {
	if err == nil {
		return nil
	}
	if said := strings.TrimSpace(string(stderr.b)); said != "" {
		return fmt.Errorf("git %s: %s", verb, said)
	}
	return fmt.Errorf("git %s: %w", verb, err)
}

// change is a file that a commit adds or changes.
type change struct {
	commit string
	path   string
	blob   string
	before []string
}

// The modes that have content: a link's is where it leads. A submodule's lies in
// another repository.
const submoduleMode = "160000"

// zero says whether an object id stands for nothing.
func zero(id string) bool { return strings.Trim(id, "0") == "" }

// changes reads what git diff-tree -z prints: commit ids, and ":MODES IDS
// STATUS" each followed by a path; a merge has one more colon for each parent
// (git-diff-tree(1), "RAW OUTPUT FORMAT").
type changes struct {
	read   func() (string, error) // up to the next NUL
	commit string
}

// next returns the next change; io.EOF at the end.
func (c *changes) next() (change, error) {
	for {
		field, err := c.read()
		if err != nil {
			return change{}, err
		}
		if !strings.HasPrefix(field, ":") {
			c.commit = strings.TrimSpace(field)
			continue
		}
		name, err := c.read()
		if err != nil {
			return change{}, fmt.Errorf("git diff-tree: a path is missing: %w", io.ErrUnexpectedEOF)
		}
		if out, ok, err := c.entry(field, name); ok || err != nil {
			return out, err
		}
	}
}

// entry takes one change apart; ok is false when nothing was added.
func (c *changes) entry(field, name string) (out change, ok bool, err error) {
	meta := strings.TrimLeft(field, ":")
	parents := len(field) - len(meta)
	parts := strings.Fields(meta)
	if len(parts) != 2*(parents+1)+1 {
		return out, false, fmt.Errorf("git diff-tree: unexpected %.100q", field)
	}
	mode, ids := parts[parents], parts[parents+1:2*parents+2]
	out = change{commit: c.commit, path: name, blob: ids[parents]}
	if mode == submoduleMode || zero(out.blob) {
		return out, false, nil
	}
	for i, id := range ids[:parents] {
		if !zero(id) && parts[i] != submoduleMode {
			out.before = append(out.before, id)
		}
	}
	return out, true, nil
}

// input is a change as something to scan.
func (r *Repository) input(prefix string, c change) Input {
	rel := path.Clean(filepath.ToSlash(c.path))
	in := Input{Name: path.Join(prefix, rel), Rel: rel, Commit: c.commit, Describe: r.describe}
	in.Open = func(ctx context.Context) (Content, error) { return r.pool.open(ctx, c.blob) }
	for _, id := range c.before {
		in.Before = append(in.Before, func(ctx context.Context) (Content, error) { return r.pool.open(ctx, id) })
	}
	return in
}

// describe reads the author of a commit.
func (r *Repository) describe(ctx context.Context, commit string) (Author, error) {
	c, err := r.pool.open(ctx, commit)
	if err != nil {
		return Author{}, err
	}
	defer func() { _ = c.Close() }()
	head, err := io.ReadAll(io.LimitReader(c, 64<<10))
	if err != nil {
		return Author{}, err
	}
	for line := range bytes.Lines(head) {
		if rest, ok := bytes.CutPrefix(line, []byte("author ")); ok {
			return parseAuthor(strings.TrimSpace(string(rest)))
		}
	}
	return Author{}, errors.New("the commit names no author")
}
