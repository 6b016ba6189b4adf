package scan

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Tree is the files of folders. Links are not followed, so that none leads in a
// circle or out of the folder, except those that are named themselves. Folders
// named .git are not entered: what they hold is compressed history, which Git
// reads.
type Tree struct {
	// Roots are files and folders; each must be there.
	Roots []string
	// IgnoreFiles are the names of files that list what to leave out, in the
	// syntax of .gitignore. If empty, everything is read.
	IgnoreFiles []string
	// Exclude are patterns of the same syntax that hold for every root.
	Exclude []string
	// Skip says of a path relative to its root whether it is left out. If nil,
	// none is.
	Skip func(rel string) bool
	// Ignored counts what was left out: files, and folders as one.
	Ignored int
}

// Each yields the files, folder by folder in the order of their names.
func (t *Tree) Each(ctx context.Context, yield func(Input) error) error {
	for _, root := range t.Roots {
		info, err := os.Stat(root)
		if err != nil {
			return fmt.Errorf("scanning: %w", err)
		}
		if !info.IsDir() {
			if err := yield(fileInput(root, filepath.Base(root))); err != nil {
				return err
			}
			continue
		}
		w := &walk{tree: t, root: root, yield: yield}
		if err := w.folder(ctx, "", t.above(root)); err != nil {
			return err
		}
	}
	return nil
}

// above reads the ignore files of the folders that a root lies in, up to the
// top of its repository, so that a part is scanned as in a scan of the whole.
func (t *Tree) above(root string) *ignoreList {
	list := parseIgnore("", strings.Join(t.Exclude, "\n"), nil)
	abs, err := filepath.Abs(root)
	if err != nil || len(t.IgnoreFiles) == 0 {
		return list
	}
	below := []string{}
	for dir := abs; !isRepository(dir); dir = filepath.Dir(dir) {
		if dir == filepath.Dir(dir) {
			return list
		}
		below = append(below, filepath.Base(dir))
	}
	slices.Reverse(below)
	dir := abs
	for range below {
		dir = filepath.Dir(dir)
	}
	for i := range below {
		for _, name := range t.IgnoreFiles {
			list = list.readAbove(filepath.Join(dir, name), path.Join(below[i:]...))
		}
		dir = filepath.Join(dir, below[i])
	}
	return list
}

func isRepository(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, ".git"))
	return err == nil
}

// walk is the way through one root.
type walk struct {
	tree  *Tree
	root  string
	yield func(Input) error
}

// folder walks root/rel; rel is a slash path, empty for the root.
func (w *walk) folder(ctx context.Context, rel string, list *ignoreList) error {
	dir := filepath.Join(w.root, filepath.FromSlash(rel))
	entries, err := os.ReadDir(dir)
	if err != nil {
		if err := w.yield(Input{Name: filepath.ToSlash(dir), Rel: rel, Failed: err}); err != nil {
			return err
		}
	}
	for _, name := range w.tree.IgnoreFiles {
		if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == name }) {
			list = list.read(filepath.Join(dir, name), rel)
		}
	}
	for _, e := range entries {
		if err := w.entry(ctx, e, path.Join(rel, e.Name()), list); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) entry(ctx context.Context, e fs.DirEntry, rel string, list *ignoreList) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case e.IsDir() && e.Name() == ".git", !e.IsDir() && !e.Type().IsRegular():
		return nil
	case list.ignores(rel, e.IsDir()), !e.IsDir() && w.tree.Skip != nil && w.tree.Skip(rel):
		w.tree.Ignored++
		return nil
	case e.IsDir():
		return w.folder(ctx, rel, list)
	}
	return w.yield(fileInput(filepath.Join(w.root, filepath.FromSlash(rel)), rel))
}

func fileInput(name, rel string) Input {
	return Input{Name: filepath.ToSlash(name), Rel: filepath.ToSlash(rel), Open: func(context.Context) (Content, error) {
		return openFile(name)
	}}
}

// openFile opens what may have become something else since it was listed.
func openFile(name string) (Content, error) {
	f, err := os.Open(name)
	if err != nil {
		return Content{}, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = fmt.Errorf("%s is a folder", name)
	case info.Mode().IsRegular():
		return Content{f, info.Size()}, nil
	default:
		return Content{f, -1}, nil
	}
	_ = f.Close()
	return Content{}, err
}

// Size adds up the files that Each would yield, for a progress bar.
func (t *Tree) Size(ctx context.Context) (int64, error) {
	quiet, total := *t, int64(0)
	err := quiet.Each(ctx, func(in Input) error {
		if info, err := os.Stat(filepath.FromSlash(in.Name)); err == nil && info.Mode().IsRegular() {
			total += info.Size()
		}
		return nil
	})
	return total, err
}
