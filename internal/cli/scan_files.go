package cli

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// paths scans what the command line names. What is named must exist; what is
// met on the way through a folder and cannot be read is reported.
func (sc *scan) paths(ctx context.Context, paths []string) error {
	for _, p := range paths {
		if p == "-" {
			if err := sc.read(ctx, "-", sc.session.Stdin); err != nil {
				return err
			}
			continue
		}
		if _, err := os.Stat(p); err != nil {
			return fmt.Errorf("scanning: %w", err)
		}
		if err := sc.tree(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// tree walks a folder in the order of names. It does not follow links, nor
// enter .git, whose objects are compressed history and not files.
func (sc *scan) tree(ctx context.Context, root string) error {
	return filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			sc.skip("%v", err)
			return nil
		case d.IsDir() && d.Name() == ".git" && p != root:
			return filepath.SkipDir
		case d.Type().IsRegular() || p == root && !d.IsDir():
			return sc.file(ctx, p)
		}
		return nil
	})
}

func (sc *scan) file(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		sc.skip("%v", err)
		return nil
	}
	defer func() { _ = f.Close() }()
	sc.progress.file(path)
	return sc.read(ctx, filepath.ToSlash(path), f)
}

// size writes a number of bytes for people, in powers of ten.
func size(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	v, i := float64(n), 0
	for v >= 1000 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	if i == 0 {
		return strconv.FormatInt(n, 10) + " B"
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + " " + units[i]
}

// join lists decoders from the innermost out: "base64 in gzip".
func join(words []string, sep string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[len(words)-1-i] = w
	}
	return strings.Join(out, sep)
}
