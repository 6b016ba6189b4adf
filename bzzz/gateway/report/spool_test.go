package report

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func events(n int) (out []Event) {
	for i := range n {
		out = append(out, Event{ID: fmt.Sprint(i), Topic: "t", Data: []byte(`"` + strings.Repeat("x", 100) + `"`)})
	}
	return out
}

func open(t *testing.T, dir string, limit int64) *Spool {
	t.Helper()
	s, err := OpenSpool(dir, limit)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheSpoolIsBounded(t *testing.T) {
	s := open(t, t.TempDir(), 2000)
	defer s.Close()
	var err error
	n := 0
	for ; err == nil; n++ {
		err = s.Append(events(1))
	}
	if !errors.Is(err, ErrFull) || s.Len() > 2000 || n < 5 {
		t.Fatalf("%d events, %d bytes, %v", n, s.Len(), err)
	}
	name, _, _, err := s.Oldest()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Done(name, false); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(events(1)); err != nil {
		t.Errorf("there is room again: %v", err)
	}
}

func TestADamagedSegmentIsKept(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"a torn end":     func(b []byte) []byte { return b[:len(b)-10] },
		"a flipped bit":  func(b []byte) []byte { b[20] ^= 1; return b },
		"a garbled line": func(b []byte) []byte { return append(b, "garbage\n"...) },
	} {
		dir := t.TempDir()
		s := open(t, dir, 0)
		if err := s.Append(events(3)); err != nil {
			t.Fatal(err)
		}
		s.Close()
		files, err := filepath.Glob(filepath.Join(dir, "*.events"))
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		text, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(files[0], damage(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s = open(t, dir, 0)
		segment, whole, bad, err := s.Oldest()
		if err != nil || bad != 1 || len(whole) < 2 {
			t.Errorf("%s: %d events, %d damaged, %v", name, len(whole), bad, err)
		}
		if err := s.Done(segment, true); err != nil || s.Len() != 0 {
			t.Errorf("%s: %v, %d bytes wait", name, err, s.Len())
		}
		if _, err := os.Stat(segment + ".bad"); err != nil {
			t.Errorf("%s: the segment is gone: %v", name, err)
		}
	}
}

func TestBatchesFitTheServer(t *testing.T) {
	total := 0
	all := events(1000)
	all[500].Data = []byte(`"` + strings.Repeat("x", 800<<10) + `"`)
	for _, b := range batches(all) {
		size := 0
		for _, e := range b {
			size += len(e.Data)
		}
		if total += len(b); len(b) > maxBatch || size > maxBatchBytes {
			t.Errorf("a batch has %d events, %d bytes", len(b), size)
		}
	}
	if total != 1000 {
		t.Errorf("%d events in all", total)
	}
}

func FuzzUnframe(f *testing.F) {
	text, err := frame(events(1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text[:len(text)-1])
	f.Add([]byte("00000000 "))
	f.Fuzz(func(t *testing.T, line []byte) {
		if e, ok := unframe(line); ok {
			if again, err := frame([]Event{e}); err != nil || len(again) == 0 {
				t.Errorf("read, and not written: %v", err)
			}
		}
	})
}
