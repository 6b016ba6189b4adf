package scan

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// History is what the commits of a repository added. Every version of a file is
// scanned once, where it first appears, oldest commit first; what its
// predecessor held already is not reported again. That finds what a search of
// the added lines finds, also where a secret spans lines, for a fraction of the
// work: git need not compute line differences, and no version is read twice.
type History struct {
	Repository *Repository
	// Prefix stands before the paths; empty for the repository's own.
	Prefix string
	// Revisions narrow it down as those of git log do: A..B, main, ^old. If
	// empty, everything that any ref or HEAD reaches.
	Revisions []string
	// Reflogs adds the commits that only reflogs reach, such as amended ones.
	Reflogs bool
	// Without are commits that are done with, and what they reach.
	Without []string
	// Skip is as in Tree. Commits counts the commits that were read.
	Skip    func(rel string) bool
	Commits int
}

// Each yields the versions.
func (h *History) Each(ctx context.Context, yield func(Input) error) error {
	revisions, err := h.revisions(ctx)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	list := h.Repository.command(ctx, "rev-list", "--topo-order", "--reverse", "--stdin")
	list.Stdin = strings.NewReader(revisions)
	diff := h.Repository.command(ctx, "diff-tree", "--stdin", "-r", "-c", "--root", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv")
	return pipe(list, diff, func(out io.Reader) error { return h.walk(out, yield) })
}

// pipe runs two programs, the second on what the first prints.
func pipe(first, second *exec.Cmd, read func(io.Reader) error) error {
	var complaints [2]tail
	first.Stderr, second.Stderr = &complaints[0], &complaints[1]
	between, err := first.StdoutPipe()
	if err != nil {
		return fmt.Errorf("starting git: %w", err)
	}
	second.Stdin = between
	out, err := second.StdoutPipe()
	if err != nil {
		return fmt.Errorf("starting git: %w", err)
	}
	if err := first.Start(); err != nil {
		return fmt.Errorf("starting git: %w", err)
	}
	if err := second.Start(); err != nil {
		_ = first.Process.Kill()
		_ = first.Wait()
		return fmt.Errorf("starting git: %w", err)
	}
	_ = between.Close() // it is the second's now
	readErr := read(out)
	if readErr != nil {
		_ = first.Process.Kill()
		_ = second.Process.Kill()
	}
	secondErr, firstErr := second.Wait(), first.Wait()
	if readErr != nil {
		return readErr
	}
	return errors.Join(gitError("rev-list", firstErr, &complaints[0]), gitError("diff-tree", secondErr, &complaints[1]))
}

func (h *History) walk(out io.Reader, yield func(Input) error) error {
	in := bufio.NewReaderSize(out, 64<<10)
	c := &changes{read: func() (string, error) {
		field, err := in.ReadString(0)
		if errors.Is(err, io.EOF) && strings.TrimSpace(field) != "" {
			return field, nil
		}
		return strings.TrimSuffix(field, "\x00"), err
	}}
	seen, last := map[string]bool{}, ""
	for {
		next, err := c.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if next.commit != last {
			last = next.commit
			h.Commits++
		}
		if seen[next.blob] {
			continue
		}
		seen[next.blob] = true
		if h.Skip != nil && h.Skip(next.path) {
			continue
		}
		if err := yield(h.Repository.input(h.Prefix, next)); err != nil {
			return err
		}
	}
}

// revisions is what git rev-list reads: names become ids first, so that none is
// taken for an option.
func (h *History) revisions(ctx context.Context) (string, error) {
	var b strings.Builder
	for _, r := range h.Revisions {
		out, err := h.Repository.output(ctx, nil, "rev-parse", "--revs-only", r)
		if err != nil || strings.HasPrefix(r, "-") || len(strings.TrimSpace(string(out))) == 0 {
			return "", fmt.Errorf("%q is no revision of the repository", r)
		}
		b.Write(out)
	}
	if len(h.Revisions) == 0 {
		out, err := h.Repository.output(ctx, nil, "rev-list", "--no-walk", "--all")
		if err != nil {
			return "", err
		}
		b.Write(out)
	}
	if h.Reflogs {
		out, err := h.Repository.output(ctx, nil, "rev-list", "--no-walk", "--reflog")
		if err != nil {
			return "", err
		}
		b.Write(out)
	}
	for _, id := range h.Without {
		b.WriteString("^" + id + "\n")
	}
	return b.String(), nil
}

// Commit is the full id of a commit that is named in any way.
func (r *Repository) Commit(ctx context.Context, name string) (string, error) {
	out, err := r.output(ctx, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	if err != nil {
		return "", fmt.Errorf("%q is no commit of the repository", name)
	}
	return strings.TrimSpace(string(out)), nil
}

// Tips are the commits that refs and HEAD point to.
func (r *Repository) Tips(ctx context.Context) ([]string, error) {
	out, err := r.output(ctx, nil, "rev-list", "--no-walk", "--all")
	return strings.Fields(string(out)), err
}

// Staged is what a commit of the index would add: it reads the index, not the
// files, which may differ.
type Staged struct {
	Repository *Repository
	Prefix     string
	Skip       func(rel string) bool
}

// Each yields the staged files.
func (s *Staged) Each(ctx context.Context, yield func(Input) error) error {
	against := "HEAD"
	if _, err := s.Repository.Commit(ctx, "HEAD"); err != nil { // the first commit: against nothing
		out, err := s.Repository.output(ctx, strings.NewReader(""), "hash-object", "-t", "tree", "--stdin")
		if err != nil {
			return err
		}
		against = strings.TrimSpace(string(out))
	}
	out, err := s.Repository.output(ctx, nil, "diff-index", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", against)
	if err != nil {
		return err
	}
	h := &History{Repository: s.Repository, Prefix: s.Prefix, Skip: s.Skip}
	return h.walk(strings.NewReader(string(out)), yield)
}

// parseAuthor reads NAME <MAIL> SECONDS ZONE (git-commit-tree(1)).
func parseAuthor(line string) (Author, error) {
	bad := fmt.Errorf("the author line of a commit cannot be read")
	open, end := strings.IndexByte(line, '<'), strings.LastIndexByte(line, '>')
	if open < 0 || end < open {
		return Author{}, bad
	}
	a := Author{Name: strings.TrimSpace(line[:open]), Mail: line[open+1 : end]}
	when := strings.Fields(line[end+1:])
	if len(when) != 2 {
		return Author{}, bad
	}
	seconds, err := strconv.ParseInt(when[0], 10, 64)
	if err != nil {
		return Author{}, bad
	}
	a.Date = time.Unix(seconds, 0).UTC()
	if zone, err := time.Parse("-0700", when[1]); err == nil {
		_, offset := zone.Zone()
		a.Date = a.Date.In(time.FixedZone("", offset))
	}
	return a, nil
}
