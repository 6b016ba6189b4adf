package vfs

import (
	"math"
	"testing"
	"time"
)

// A disk has times from 1901 to 2446 (ext4); the kernel takes the nearest. What an
// attacker sets can be kept and is there at his next visit.
func TestTimesAreThoseOfADisk(t *testing.T) {
	first, last := time.Unix(-1<<31, 0), time.Unix(1<<34-1<<31-1, 0)
	f := New(sample(), clock, Limits{})
	v := root(f)
	for name, c := range map[string]struct{ set, want time.Time }{
		"/tmp/past":   {time.Date(-5000, 1, 1, 0, 0, 0, 0, time.UTC), first},
		"/tmp/future": {time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC), last},
		"/tmp/end":    {time.Unix(math.MaxInt64, 0), last},
		"/tmp/now":    {time.Unix(1<<31+5, 7), time.Unix(1<<31+5, 7)},
	} {
		if err := v.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := v.Chtimes(name, c.set, c.set); err != nil {
			t.Fatal(err)
		}
		if i, err := v.Stat(name); err != nil || !i.Mtime.Equal(c.want) || !i.Atime.Equal(c.want) {
			t.Errorf("%s: %v, %v, want %v; %v", name, i.Mtime, i.Atime, c.want, err)
		}
	}
	b, err := f.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	again := New(sample(), clock, Limits{})
	if err := again.Restore(b); err != nil {
		t.Fatal(err)
	}
	if i, err := root(again).Stat("/tmp/future"); err != nil || !i.Mtime.Equal(last) {
		t.Errorf("at the next visit: %v, %v", i.Mtime, err)
	}
}

// Names and links are bytes; those that are no text are at the next visit what they
// were, too.
func TestNamesThatAreNoTextAreKept(t *testing.T) {
	f := New(sample(), clock, Limits{})
	v := root(f)
	for _, name := range []string{"\xff", "\xfe", "\uFFFD", "caf\xe9", "ff"} {
		if err := v.WriteFile("/tmp/"+name, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.Symlink("caf\xe9", "/tmp/link"); err != nil {
		t.Fatal(err)
	}
	b, err := f.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	again := New(sample(), clock, Limits{})
	if err := again.Restore(b); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"\xff", "\xfe", "\uFFFD", "caf\xe9", "ff"} {
		if b, err := root(again).ReadFile("/tmp/" + name); err != nil || string(b) != name {
			t.Errorf("%q: %q, %v", name, b, err)
		}
	}
	if b, err := root(again).ReadFile("/tmp/link"); err != nil || string(b) != "caf\xe9" {
		t.Errorf("through the link: %q, %v", b, err)
	}
}
