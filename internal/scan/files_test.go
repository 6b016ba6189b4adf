package scan

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func TestAFileIsReplacedWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "report")
	write(t, name, "old")
	broken := errors.New("broken")
	err := WriteFile(name, func(w io.Writer) error {
		_, _ = io.WriteString(w, "half")
		return broken
	})
	if got, _ := os.ReadFile(name); !errors.Is(err, broken) || string(got) != "old" {
		t.Errorf("%v, and the file holds %q", err, got)
	}
	if err := WriteFile(name, text("new")); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if got, _ := os.ReadFile(name); string(got) != "new" || len(left) != 1 || err != nil {
		t.Errorf("the file holds %q, in a folder of %d, %v", got, len(left), err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
}

func TestALinkStaysALink(t *testing.T) {
	dir := t.TempDir()
	name, link := filepath.Join(dir, "report"), filepath.Join(dir, "link")
	write(t, name, "old")
	if err := os.Symlink(name, link); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(link, text("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if got, _ := os.ReadFile(name); string(got) != "new" || err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the file holds %q; the link is %v, %v", got, info.Mode(), err)
	}
}
