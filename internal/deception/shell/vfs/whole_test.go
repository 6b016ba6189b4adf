package vfs

import (
	"bytes"
	"errors"
	"math"
	"testing"
)

// A file ends where ext4's do, also for who writes behind the largest number.
func TestNothingIsWrittenBehindTheLargestFile(t *testing.T) {
	f, err := root(New(sample(), clock, Limits{})).Open("/tmp/f", O_RDWR|O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, at := range []int64{largest, math.MaxInt64 - 1, math.MaxInt64} {
		if n, err := f.WriteAt([]byte("xyz"), at); n != 0 || !errors.Is(err, EFBIG) {
			t.Errorf("at %d: %d bytes, error %v", at, n, err)
		}
	}
}

// A file that is nothing but a length costs who reads a whole file no more than
// whole files may have.
func TestWholeFilesAreBounded(t *testing.T) {
	v := root(New(sample(), clock, Limits{}))
	for _, err := range []error{v.WriteFile("/tmp/long", []byte("begins"), 0o600), v.Truncate("/tmp/long", 1<<40)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	b, err := v.ReadFile("/tmp/long")
	if len(b) != MostRead || !errors.Is(err, EFBIG) || !bytes.HasPrefix(b, []byte("begins")) {
		t.Errorf("%d bytes, error %v", len(b), err)
	}
	if b, err := v.ReadFirst("/tmp/long", 3); string(b) != "beg" || err != nil {
		t.Errorf("the first 3 bytes are %q, error %v", b, err)
	}
	if err := v.Truncate("/tmp/long", MostRead); err != nil {
		t.Fatal(err)
	}
	if b, err := v.ReadFile("/tmp/long"); len(b) != MostRead || err != nil {
		t.Errorf("of %d bytes %d, error %v", MostRead, len(b), err)
	}
}
