package scan

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.cordon.dev/cordon/detect"
)

// builtinScanner is compiled once for all tests.
var builtinScanner = sync.OnceValues(func() (*detect.Scanner, error) {
	rules, err := BuiltinRules()
	if err != nil {
		return nil, err
	}
	set, err := rules.Compile(detect.Options{InlineAllow: true})
	if err != nil {
		return nil, err
	}
	return detect.NewScanner(set), nil
})

func scanner(t testing.TB) *detect.Scanner {
	t.Helper()
	s, err := builtinScanner()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// token is a fake GitHub token; another seed gives another.
func token(t testing.TB, seed string) string {
	t.Helper()
	text, err := detect.ExpandExample("{{github:ghp:" + seed + "}}")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// recorder is a Sink that keeps what it is told.
type recorder struct {
	found   []Finding
	skipped []NotScanned
	fail    error // what Found answers
}

func (r *recorder) Found(f Finding) error {
	r.found = append(r.found, f)
	return r.fail
}

func (r *recorder) NotScanned(n NotScanned) error {
	r.skipped = append(r.skipped, n)
	return nil
}

// files lists the files of the findings, in order.
func (r *recorder) files() []string {
	out := []string{}
	for _, f := range r.found {
		out = append(out, f.File)
	}
	return out
}

// reasons lists what was not scanned.
func (r *recorder) reasons() string {
	var lines []string
	for _, n := range r.skipped {
		lines = append(lines, n.String())
	}
	return strings.Join(lines, "\n")
}

// scanAll runs a source to its end.
func scanAll(t testing.TB, opts Options, source Source) (*recorder, Summary) {
	t.Helper()
	opts.Scanner = scanner(t)
	out := &recorder{}
	sum, err := Run(t.Context(), opts, source, out)
	if err != nil {
		t.Fatalf("scanning: %v", err)
	}
	if sum.Findings != len(out.found) || sum.NotScanned != len(out.skipped) {
		t.Errorf("summary says %d findings and %d not scanned; told were %d and %d", sum.Findings, sum.NotScanned, len(out.found), len(out.skipped))
	}
	return out, sum
}

// plant writes files below a new folder; a path may not leave it.
func plant(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		write(t, filepath.Join(dir, filepath.FromSlash(name)), text)
	}
	return dir
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// rels are the files of a run relative to the folder.
func rels(r *recorder, dir string) []string {
	var out []string
	for _, f := range r.files() {
		out = append(out, strings.TrimPrefix(f, filepath.ToSlash(dir)+"/"))
	}
	return out
}

func same(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// failing is a source of one input that cannot be opened: tests may run as a
// user who can read everything.
type failing struct{ name string }

func (f failing) Each(_ context.Context, yield func(Input) error) error {
	return yield(Input{Name: f.name, Rel: f.name, Open: func(context.Context) (Content, error) {
		return Content{}, fs.ErrPermission
	}})
}
