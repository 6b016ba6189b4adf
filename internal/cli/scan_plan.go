package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/scan"
)

// scanPlan is what the flags come to: what is read, with which rules, and what
// is let through.
type scanPlan struct {
	cmd      *scanCmd
	session  *session
	rules    *scan.Rules
	opts     scan.Options
	source   scan.Source
	progress *scanProgress
	trees    []*scan.Tree
	repos    []*scan.Repository
	state    *scan.State
	tips     map[*scan.Repository][]string
	program  *scan.Program
}

func (p *scanPlan) make(ctx context.Context) error {
	var err error
	if p.rules, err = scan.BuiltinRules(); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{p.ruleFiles, p.sources, p.compile, p.filters, p.verifier} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	for _, text := range p.rules.Remarks {
		fmt.Fprintln(p.session.Stderr, oneLine(text))
	}
	p.progress = newScanProgress(ctx, p.session, p.trees)
	p.opts.Progress = p.progress
	return nil
}

// ruleFiles are those that the command line names.
func (p *scanPlan) ruleFiles(context.Context) error {
	for _, name := range p.cmd.Rules {
		if err := p.rules.AddFile(name); err != nil {
			return fmt.Errorf("--rules: %w", err)
		}
	}
	return nil
}

// sources are the places to look at; the rule file of a folder comes with it.
func (p *scanPlan) sources(ctx context.Context) error {
	if p.cmd.Git || p.cmd.Staged {
		return p.gitSources(ctx)
	}
	var all []scan.Source
	var folders []string
	for _, path := range p.cmd.Paths {
		if path == "-" {
			all = append(all, scan.Stream{Name: "-", Reader: p.session.Stdin})
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("scanning: %w", err)
		}
		tree := &scan.Tree{Roots: []string{path}, IgnoreFiles: p.ignoreFiles(), Exclude: p.cmd.Exclude, Skip: p.rules.Policy.Skip}
		p.trees, all = append(p.trees, tree), append(all, tree)
		if info.IsDir() {
			folders = append(folders, path)
		}
	}
	p.source = scan.Join(all...)
	return p.configs(folders)
}

// configs reads the .gitleaks.toml of the folder that is scanned. Of several
// folders none is read, since its rules would hold in the others, too.
func (p *scanPlan) configs(folders []string) error {
	if !p.cmd.Ignore {
		return nil
	}
	if len(folders) == 1 {
		return p.config(folders[0])
	}
	for _, folder := range folders {
		if _, err := os.Stat(filepath.Join(folder, scan.GitleaksConfig)); err == nil {
			p.rules.Remarks = append(p.rules.Remarks, fmt.Sprintf("%s: of several folders none's %s is read; name it with --rules", folder, scan.GitleaksConfig))
		}
	}
	return nil
}

func (p *scanPlan) config(root string) error {
	found, err := p.rules.FindConfig(root)
	if err != nil {
		return fmt.Errorf("%w (--no-ignore does not read it)", err)
	}
	if found {
		p.rules.Remarks = append(p.rules.Remarks, filepath.Join(root, scan.GitleaksConfig)+": in force beside the builtin rules")
	}
	return nil
}

func (p *scanPlan) ignoreFiles() []string {
	var names []string
	if p.cmd.Gitignore {
		names = append(names, ".gitignore", ".ignore")
	}
	if p.cmd.Ignore {
		names = append(names, ".cordonignore")
	}
	return names
}

func (p *scanPlan) compile(context.Context) error {
	set, err := p.rules.Compile(detect.Options{InlineAllow: p.cmd.Ignore})
	if err != nil {
		return err
	}
	ring, err := p.session.ring()
	if err != nil {
		return err
	}
	verify := p.opts.Verifier
	p.opts, err = p.cmd.options(detect.NewScanner(set), ring)
	p.opts.Verifier = verify
	return err
}

// filters let findings through.
func (p *scanPlan) filters(ctx context.Context) error {
	p.opts.Filters = []scan.Filter{p.rules.Policy}
	if p.cmd.Ignore {
		places := scan.NewIgnoredPlaces(p.rules.Has)
		for _, root := range p.roots(ctx) {
			if err := p.places(places, filepath.Join(root, ".gitleaksignore")); err != nil {
				return err
			}
		}
		p.opts.Filters = append(p.opts.Filters, places)
	}
	if p.cmd.Baseline == "" {
		return nil
	}
	base, err := scan.ReadBaseline(p.cmd.Baseline, p.rules.Has)
	if err != nil {
		return fmt.Errorf("--baseline: %w", err)
	}
	p.opts.Filters = append(p.opts.Filters, base)
	return nil
}

func (p *scanPlan) places(places *scan.IgnoredPlaces, file string) error {
	bad, err := places.Read(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, line := range bad {
		fmt.Fprintf(p.session.Stderr, "%s: %q is no FILE:RULE:LINE and has no effect\n", printable(file), line)
	}
	return err
}

// roots are the folders that ignore files stand in.
func (p *scanPlan) roots(ctx context.Context) []string {
	var roots []string
	for _, t := range p.trees {
		if info, err := os.Stat(t.Roots[0]); err == nil && info.IsDir() {
			roots = append(roots, t.Roots[0])
		}
	}
	for _, r := range p.repos {
		if top := r.Top(ctx); top != "" {
			roots = append(roots, top)
		}
	}
	return roots
}

func (p *scanPlan) verifier(ctx context.Context) error {
	if p.cmd.VerifyWith == "" {
		return nil
	}
	var err error
	if p.program, err = scan.StartProgram(ctx, p.cmd.VerifyWith, p.session.Stderr); err != nil {
		return fmt.Errorf("--verify-with: %w", err)
	}
	p.opts.Verifier = p.program
	return nil
}

// finish ends what was started; whole says that the run came to its end, which
// is when its state counts.
func (p *scanPlan) finish(ctx context.Context, whole bool) error {
	if p.program != nil {
		err := p.program.Close()
		p.program = nil
		if err != nil {
			fmt.Fprintln(p.session.Stderr, "--verify-with:", printable(err.Error()))
		}
	}
	if p.state == nil || !whole {
		return nil
	}
	for repo, tips := range p.tips {
		p.state.Note(ctx, repo, p.rules.Digest(), tips)
	}
	return p.state.Write(p.cmd.State)
}

func (p *scanPlan) close() {
	if p.program != nil {
		_ = p.program.Close()
	}
	for _, r := range p.repos {
		r.Close()
	}
}

// ignored counts the paths that were left out.
func (p *scanPlan) ignored() (n int) {
	for _, t := range p.trees {
		n += t.Ignored
	}
	return n
}
