package ledger

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestVerifyFindsWhateverIsDone does to a log what somebody with write access to
// all its files could, without the keys, and holds Verify to finding it.
func TestVerifyFindsWhateverIsDone(t *testing.T) {
	o := options(t, t.TempDir())
	o.RotateBytes = 3 << 10
	l := opened(t, o)
	for range 4 {
		appendN(t, l, 12)
		if err := l.Sign(); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Tidy(); err != nil {
		t.Fatal(err)
	}
	appendN(t, l, 3) // behind the newest checkpoint but one
	head := closed(t, l)
	if r := verified(t, o, head); !r.OK() || r.Files < 3 {
		t.Fatalf("the untouched log: %+v", r)
	}
	whole := contents(t, o.Dir)
	rapid.Check(t, func(rt *rapid.T) {
		files := maps.Clone(whole)
		what := spoil(rt, files)
		if maps.EqualFunc(whole, files, bytes.Equal) {
			return // the only line of a file changed places with itself
		}
		spoiled := o
		spoiled.Dir = fill(t, files)
		defer func() { _ = os.RemoveAll(spoiled.Dir) }()
		if r := verified(t, spoiled, head); r.OK() {
			rt.Errorf("%s was not found: %+v", what, r)
		}
	})
}

// contents reads the files of the chain, unpacked, and the checkpoints.
func contents(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	all, err := segments(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append(all, segment{path: filepath.Join(dir, checkpoints)}) {
		r, err := s.open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err = errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(s.name(), packed)] = text
	}
	return out
}

// fill makes a folder of files.
func fill(t *testing.T, files map[string][]byte) (dir string) {
	t.Helper()
	dir, err := os.MkdirTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// spoil does one thing to a log.
func spoil(rt *rapid.T, files map[string][]byte) (what string) {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(files)), func(name string) bool { return name == checkpoints })
	what = rapid.SampledFrom([]string{
		"edit", "remove a line", "swap lines", "repeat a line", "truncate", "remove a file", "swap files", "remove the end and its checkpoints", "edit a checkpoint",
	}).Draw(rt, "what")
	name := rapid.SampledFrom(names).Draw(rt, "file")
	spoilFile(rt, what, name, names, files)
	return what + " of " + name
}

func spoilFile(rt *rapid.T, what, name string, names []string, files map[string][]byte) {
	text := bytes.Clone(files[name])
	rows := bytes.SplitAfter(text, []byte("\n"))
	rows = rows[:len(rows)-1]
	i := rapid.IntRange(0, len(rows)-1).Draw(rt, "line")
	switch what {
	case "edit":
		text[rapid.IntRange(0, len(text)-1).Draw(rt, "byte")] ^= byte(rapid.IntRange(1, 255).Draw(rt, "bits"))
		files[name] = text
	case "edit a checkpoint":
		mark := bytes.Clone(files[checkpoints]) // but its last line break, which a crash may cost it too
		mark[rapid.IntRange(0, len(mark)-2).Draw(rt, "byte")] ^= 1
		files[checkpoints] = mark
	case "remove a line":
		files[name] = bytes.Join(slices.Delete(rows, i, i+1), nil)
	case "swap lines":
		j := (i + 1) % len(rows)
		rows[i], rows[j] = rows[j], rows[i]
		files[name] = bytes.Join(rows, nil)
	case "repeat a line":
		files[name] = bytes.Join(slices.Insert(rows, i, rows[i]), nil)
	case "truncate":
		files[name] = text[:rapid.IntRange(0, len(text)-1).Draw(rt, "length")]
	case "remove a file":
		delete(files, name)
	case "swap files":
		other := names[(slices.Index(names, name)+1)%len(names)]
		files[name], files[other] = files[other], files[name]
	case "remove the end and its checkpoints":
		delete(files, checkpoints)
		files[names[len(names)-1]] = nil
	}
}

// Whoever holds no key may compute the hashes of a rewritten log, but signs
// nothing.
func TestARewrittenLogIsFoundByItsCheckpointOrByTheStore(t *testing.T) {
	o := options(t, t.TempDir())
	l := opened(t, o)
	appendN(t, l, 5)
	head := closed(t, l)
	rewrite := func(dir string, lines int) {
		var text []byte
		at := start()
		for i := range lines {
			e := denial(i)
			e.Host = "forged.example"
			line := Line{ID: "x", Entry: e}
			b, err := chain(at, &line)
			if err != nil {
				t.Fatal(err)
			}
			text, at = append(text, b...), line.head()
		}
		if err := os.WriteFile(filepath.Join(dir, active), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rewrite(o.Dir, 9)
	if r := verified(t, o, Head{}); r.OK() {
		t.Error("the checkpoint was not held against the log")
	}
	remove(t, o.Dir, checkpoints)
	if r := verified(t, o, head); r.OK() {
		t.Error("what the store knows was not held against the log")
	}
}

func FuzzVerifyNeverPanics(f *testing.F) {
	f.Add([]byte("{}\n"), []byte("{}\n"), []byte("{}"))
	f.Fuzz(func(t *testing.T, log, marks, floor []byte) {
		o := options(t, t.TempDir())
		for name, text := range map[string][]byte{active: log, checkpoints: marks, floorFile: floor} {
			if err := os.WriteFile(filepath.Join(o.Dir, name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if r := verified(t, o, Head{}); r.OK() {
			t.Errorf("a floor that nobody signed was believed: %+v", r)
		}
	})
}
