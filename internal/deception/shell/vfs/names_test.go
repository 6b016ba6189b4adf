package vfs

import (
	"fmt"
	"testing"
)

// A name costs as a file does, however many names one file has.
func TestNamesOfOneFileAreBounded(t *testing.T) {
	asked := int64(0)
	f := New(sample(), clock, Limits{Bytes: 64 << 10, Files: 5000, More: func(n int64) bool { asked += n; return true }})
	v := root(f)
	if err := v.WriteFile("/tmp/f", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	for i := 0; err == nil && i < 10_000; i++ {
		err = v.Link("/tmp/f", fmt.Sprint("/tmp/", i))
	}
	if bytes, _ := f.Used(); text(err) != "No space left on device" || bytes > 64<<10 || asked < bytes/2 {
		t.Errorf("%v, uses %d, of which %d were asked for", err, bytes, asked)
	}
	f = New(sample(), clock, Limits{Files: 500})
	v = root(f)
	_ = v.WriteFile("/tmp/f", nil, 0o600)
	for i := range 2000 {
		_ = v.Link("/tmp/f", fmt.Sprint("/tmp/", i))
	}
	if list, err := v.ReadDir("/tmp"); err != nil || len(list) > 600 {
		t.Errorf("%d names in one folder, %v", len(list), err)
	}
	_ = v.Mkdir("/tmp/d", 0o700)
	for i := range 500 {
		_ = v.Rename(fmt.Sprint("/tmp/", i), fmt.Sprint("/tmp/d/", i))
		_ = v.Link("/tmp/f", fmt.Sprint("/tmp/", i))
	}
	for i := range 500 {
		_ = v.Rename(fmt.Sprint("/tmp/", i), fmt.Sprint("/tmp/d/x", i))
	}
	if list, err := v.ReadDir("/tmp/d"); err != nil || len(list) > 600 {
		t.Errorf("%d names were moved into one folder, %v", len(list), err)
	}
}
