package scan

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFindingsComeInTheOrderOfNames(t *testing.T) {
	files, want := map[string]string{}, []string{}
	for i := range 600 { // more than may wait for those before them
		name := fmt.Sprintf("d%02d/f%03d.txt", i/30, i)
		files[name] = "token=" + token(t, "order")
		if i%100 == 7 { // a few that take longer
			files[name] = strings.Repeat("nothing here to see\n", 50_000) + files[name]
		}
		want = append(want, name)
	}
	dir := plant(t, files)
	out, sum := scanAll(t, Options{Workers: 8}, &Tree{Roots: []string{dir}})
	same(t, "files", rels(out, dir), want)
	if sum.Files != 600 {
		t.Errorf("%d files scanned", sum.Files)
	}
}

func TestIgnoreFiles(t *testing.T) {
	leak := "token=" + token(t, "ignore")
	tests := []struct {
		name   string
		files  map[string]string // beside a.txt, sub/b.txt and sub/deep/c.log
		honour []string
		flags  []string
		want   []string
	}{
		{"none is heeded unless named", map[string]string{".gitignore": "*.txt"}, nil, nil, []string{"a.txt", "sub/b.txt", "sub/deep/c.log"}},
		{"by name", map[string]string{".x": "*.txt"}, []string{".x"}, nil, []string{"sub/deep/c.log"}},
		{"a folder and all in it", map[string]string{".x": "sub/"}, []string{".x"}, nil, []string{"a.txt"}},
		{"nearer files count more", map[string]string{".x": "*.txt", "sub/.x": "!b.txt"}, []string{".x"}, nil, []string{"sub/b.txt", "sub/deep/c.log"}},
		{"the second kind counts more", map[string]string{".x": "*.txt", ".y": "!a.txt"}, []string{".x", ".y"}, nil, []string{"a.txt", "sub/deep/c.log"}},
		{"anchored to its folder", map[string]string{"sub/.x": "/b.txt\n/c.log"}, []string{".x"}, nil, []string{"a.txt", "sub/deep/c.log"}},
		{"by flag", nil, nil, []string{"deep", "/a.txt"}, []string{"sub/b.txt"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{"a.txt": leak, "sub/b.txt": leak, "sub/deep/c.log": leak}
			for name, text := range tt.files {
				files[name] = text
			}
			dir := plant(t, files)
			out, _ := scanAll(t, Options{}, &Tree{Roots: []string{dir}, IgnoreFiles: tt.honour, Exclude: tt.flags})
			same(t, "files", rels(out, dir), tt.want)
		})
	}
}

func TestAPartIsScannedAsInAScanOfTheWhole(t *testing.T) {
	leak := "token=" + token(t, "part")
	dir := plant(t, map[string]string{".git/HEAD": "", ".x": "*.log\nsub/gen/", "sub/.x": "skip.txt", "sub/in/a.log": leak, "sub/in/b.txt": leak, "sub/in/skip.txt": leak})
	out, _ := scanAll(t, Options{}, &Tree{Roots: []string{filepath.Join(dir, "sub", "in")}, IgnoreFiles: []string{".x"}})
	same(t, "files", rels(out, dir), []string{"sub/in/b.txt"})
}

func TestWhatIsNamedIsScannedWhateverIsIgnored(t *testing.T) {
	dir := plant(t, map[string]string{".x": "*", "a.txt": "token=" + token(t, "named")})
	out, _ := scanAll(t, Options{}, &Tree{Roots: []string{filepath.Join(dir, "a.txt")}, IgnoreFiles: []string{".x"}})
	same(t, "files", rels(out, dir), []string{"a.txt"})
}

func TestLinksLeadNowhere(t *testing.T) {
	leak := "token=" + token(t, "links")
	dir := plant(t, map[string]string{"in/a.txt": leak, "out/b.txt": leak})
	for _, link := range [][2]string{
		{filepath.Join(dir, "in"), "in/loop"}, {filepath.Join(dir, "out"), "in/out"}, {"self", "in/self"}, {"nowhere", "in/broken"}, {"a.txt", "in/again"},
	} {
		if err := os.Symlink(link[0], filepath.Join(dir, link[1])); err != nil {
			t.Fatal(err)
		}
	}
	out, _ := scanAll(t, Options{}, &Tree{Roots: []string{filepath.Join(dir, "in")}})
	same(t, "files", rels(out, dir), []string{"in/a.txt"})
	if len(out.skipped) > 0 {
		t.Errorf("not scanned: %s", out.reasons())
	}
	named, _ := scanAll(t, Options{}, &Tree{Roots: []string{filepath.Join(dir, "in", "out"), filepath.Join(dir, "in", "again")}})
	same(t, "links that are named", rels(named, dir), []string{"in/out/b.txt", "in/again"})
}

func TestWhatCannotBeReadIsTold(t *testing.T) {
	dir := plant(t, map[string]string{"a.txt": "token=" + token(t, "unreadable"), "b.txt": ""})
	source := Join(&Tree{Roots: []string{dir}}, failing{"gone.txt"}, &Tree{Roots: []string{filepath.Join(dir, "a.txt")}})
	out, sum := scanAll(t, Options{}, source)
	same(t, "files", rels(out, dir), []string{"a.txt", "a.txt"})
	if !strings.Contains(out.reasons(), "gone.txt: "+fs.ErrPermission.Error()) || sum.Nothing() {
		t.Errorf("not scanned: %s; nothing: %v", out.reasons(), sum.Nothing())
	}
	if _, sum := scanAll(t, Options{}, failing{"gone.txt"}); !sum.Nothing() {
		t.Error("nothing could be scanned, and the summary does not say so")
	}
}

func TestAFolderThatCannotBeListedIsTold(t *testing.T) {
	dir := plant(t, map[string]string{"a/x": "", "b/y": "token=" + token(t, "listing")})
	w := &walk{tree: &Tree{}, root: dir, yield: func(in Input) error {
		if in.Failed == nil || in.Rel != "gone" {
			t.Errorf("yielded %q with %v", in.Rel, in.Failed)
		}
		return nil
	}}
	if err := w.folder(t.Context(), "gone", nil); err != nil {
		t.Fatal(err)
	}
}

func TestLargeFilesAreLeftOutOnRequest(t *testing.T) {
	dir := plant(t, map[string]string{"a.txt": "token=" + token(t, "size"), "b.txt": strings.Repeat("token="+token(t, "size")+"\n", 100)})
	out, _ := scanAll(t, Options{MaxSize: 1000}, &Tree{Roots: []string{dir}})
	same(t, "files", rels(out, dir), []string{"a.txt"})
	if !strings.Contains(out.reasons(), "more than the limit of 1000") {
		t.Errorf("not scanned: %s", out.reasons())
	}
}

func TestTheSizeIsThatOfWhatIsScanned(t *testing.T) {
	dir := plant(t, map[string]string{"a": "12345", "b/c": "123", "b/.x": "d", "b/d": "1234567"})
	n, err := (&Tree{Roots: []string{dir}, IgnoreFiles: []string{".x"}}).Size(t.Context())
	if err != nil || n != 9 {
		t.Errorf("%d bytes, %v", n, err)
	}
}
