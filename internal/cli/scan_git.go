package cli

import (
	"context"
	"os"
	"path/filepath"

	"go.cordon.dev/cordon/internal/scan"
)

// gitSources are the histories, or the indexes, of repositories. What the
// command line names and is no folder is a revision, as it is for git.
func (p *scanPlan) gitSources(ctx context.Context) error {
	var dirs, revisions []string
	for _, arg := range p.cmd.Paths {
		if info, err := os.Stat(arg); err == nil && info.IsDir() {
			dirs = append(dirs, arg)
		} else {
			revisions = append(revisions, arg)
		}
	}
	if len(dirs) == 0 {
		dirs = []string{"."}
	}
	if p.cmd.Staged && len(revisions) > 0 {
		return usageError("--staged takes folders, and %q is none", revisions[0])
	}
	var all []scan.Source
	for _, dir := range dirs {
		source, err := p.gitSource(ctx, dir, len(dirs) > 1, revisions)
		if err != nil {
			return err
		}
		all = append(all, source)
	}
	p.source = scan.Join(all...)
	return nil
}

func (p *scanPlan) gitSource(ctx context.Context, dir string, several bool, revisions []string) (scan.Source, error) {
	repo, err := scan.OpenRepository(ctx, dir)
	if err != nil {
		return nil, err
	}
	p.repos = append(p.repos, repo)
	top := repo.Top(ctx)
	if p.cmd.Ignore && top != "" && !several {
		if err := p.config(top); err != nil {
			return nil, err
		}
	}
	prefix := ""
	if several {
		prefix = filepath.ToSlash(dir)
	}
	skip := p.skipIn(top)
	if p.cmd.Staged {
		return &scan.Staged{Repository: repo, Prefix: prefix, Skip: skip}, nil
	}
	h := &scan.History{Repository: repo, Prefix: prefix, Revisions: revisions, Reflogs: p.cmd.All, Skip: skip}
	return h, p.narrow(ctx, h)
}

// skipIn leaves out what the ignore file of the work tree and the rule files
// name.
func (p *scanPlan) skipIn(top string) func(string) bool {
	var files []string
	if p.cmd.Ignore && top != "" {
		files = []string{filepath.Join(top, ".cordonignore")}
	}
	ignored := scan.ReadIgnore(files, p.cmd.Exclude)
	return func(rel string) bool { return ignored(rel) || p.rules.Policy.Skip(rel) }
}

// narrow leaves out the commits that are done with.
func (p *scanPlan) narrow(ctx context.Context, h *scan.History) error {
	if p.cmd.SinceCommit != "" {
		id, err := h.Repository.Commit(ctx, p.cmd.SinceCommit)
		if err != nil {
			return usageError("--since-commit: %v", err)
		}
		h.Without = append(h.Without, id)
	}
	if p.cmd.State == "" {
		return nil
	}
	var err error
	if p.state == nil {
		if p.state, err = scan.ReadState(p.cmd.State); err != nil {
			return err
		}
	}
	if p.tips == nil {
		p.tips = map[*scan.Repository][]string{}
	}
	if len(h.Revisions) > 0 || p.cmd.SinceCommit != "" {
		return usageError("--state scans all that is new; it takes no revisions and no --since-commit")
	}
	h.Without = append(h.Without, p.state.Done(ctx, h.Repository, p.rules.Digest())...)
	p.tips[h.Repository], err = h.Repository.Tips(ctx)
	return err
}
