package hypercore_test

import (
	"os"
	"path/filepath"
	"testing"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/hypercoretest"
)

func TestFollowRotationBySymlink(t *testing.T) {
	root := t.TempDir()
	one := hypercoretest.NewWriter(t, filepath.Join(root, "one"), 1)
	two := hypercoretest.NewWriter(t, filepath.Join(root, "two"), 2)
	link := filepath.Join(root, "current.log")
	point(t, link, one.Dir())
	one.AppendStrings("a")
	two.AppendStrings("x")
	f := follow(t, link, nil, quick())
	f.expect("block 0/0 a")
	one.AppendStrings("last")
	point(t, link, two.Dir())
	f.expect("block 0/1 last", rotatedFrom(one, 2, true), "block 0/0 x")
	two.AppendStrings("y")
	f.expect("block 0/1 y")
}

// The link was switched while nobody followed: the old core is found beside the new one.
func TestFollowRotationWhileStopped(t *testing.T) {
	root := t.TempDir()
	one := hypercoretest.NewWriter(t, filepath.Join(root, "one"), 1)
	two := hypercoretest.NewWriter(t, filepath.Join(root, "two"), 2)
	link := filepath.Join(root, "current.log")
	point(t, link, filepath.Join(one.Dir(), "oplog"))
	one.AppendStrings("a")
	f := follow(t, link, nil, quick())
	f.expect("block 0/0 a")
	at := f.stop()
	one.AppendStrings("missed")
	two.AppendStrings("x")
	point(t, link, filepath.Join(two.Dir(), "oplog"))
	follow(t, link, at, quick()).expect("block 0/1 missed", rotatedFrom(one, 2, true), "block 0/0 x")
}

func TestFollowRotationByReplacedDirectory(t *testing.T) {
	root := t.TempDir()
	one := hypercoretest.NewWriter(t, filepath.Join(root, "log"), 1)
	two := hypercoretest.NewWriter(t, filepath.Join(root, "new"), 2)
	two.AppendStrings("x")
	f := follow(t, one.Dir(), nil, quick())
	one.AppendStrings("a")
	f.expect("block 0/0 a")
	one.AppendStrings("last")
	swap(t, two.Dir(), one.Dir())
	f.expect("block 0/1 last", rotatedFrom(one, 2, true), "block 0/0 x")
}

func rotatedFrom(w *hypercoretest.Writer, at uint64, drained bool) string {
	return line(hypercore.Event{Kind: hypercore.Rotated, Previous: hypercore.Mark{Key: w.Key(), Length: at}, Drained: drained})
}

// point switches a symbolic link in one step.
func point(t *testing.T, link, target string) {
	t.Helper()
	if err := os.Symlink(target, link+".tmp"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(link+".tmp", link); err != nil {
		t.Fatal(err)
	}
}
