package spool

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func open(t testing.TB, dir string, l Limits) *Spool {
	t.Helper()
	s, err := Open(dir, l)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// take takes everything.
func take(t testing.TB, s *Spool) (records, damage []string) {
	t.Helper()
	err := s.Take(func(b []byte) error { records = append(records, string(b)); return nil }, func(why string) { damage = append(damage, why) })
	if err != nil {
		t.Fatal(err)
	}
	return records, damage
}

func appendAll(t testing.TB, s *Spool, records ...string) {
	t.Helper()
	for _, r := range records {
		if err := s.Append([]byte(r)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRecordsComeOutInTheirOrderAndOnce(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Limits{Segment: 20})
	appendAll(t, s, "one", "two", "three", "four")
	s = open(t, dir, Limits{Segment: 20}) // as after kill -9: nothing was closed
	appendAll(t, s, "five")
	got, damage := take(t, s)
	if want := []string{"one", "two", "three", "four", "five"}; !slices.Equal(got, want) || damage != nil {
		t.Errorf("took %v, damage %v", got, damage)
	}
	if again, _ := take(t, s); again != nil || s.Len() != 0 {
		t.Errorf("took %v again, %d bytes are left", again, s.Len())
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*")); len(names) > 0 {
		t.Errorf("left over: %v", names)
	}
}

func TestWhatFailsIsTakenAgain(t *testing.T) {
	s := open(t, t.TempDir(), Limits{})
	appendAll(t, s, "one", "two", "three")
	broken := errors.New("store is down")
	n := 0
	err := s.Take(func([]byte) error {
		if n++; n == 2 {
			return broken
		}
		return nil
	}, func(string) {})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	appendAll(t, s, "four")
	if got, _ := take(t, s); !slices.Equal(got, []string{"one", "two", "three", "four"}) {
		t.Errorf("took %v", got)
	}
}

func TestTheSpoolIsBounded(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Limits{Total: 100, Segment: 30})
	for range 5 {
		appendAll(t, s, "twelve bytes")
	}
	if err := s.Append([]byte("twelve bytes")); !errors.Is(err, ErrFull) {
		t.Errorf("beyond the bound: %v", err)
	}
	if err := open(t, dir, Limits{Total: 100}).Append([]byte("x")); !errors.Is(err, ErrFull) {
		t.Errorf("after a restart: %v", err)
	}
	if got, _ := take(t, s); len(got) != 5 {
		t.Errorf("took %v", got)
	}
	appendAll(t, s, "twelve bytes")
	for _, bad := range [][]byte{nil, make([]byte, maxRecord+1)} {
		if err := s.Append(bad); err == nil {
			t.Errorf("a record of %d bytes was taken", len(bad))
		}
	}
}

// A segment may be cut anywhere, by kill -9 or a full disk: what is whole in it
// is taken.
func TestATornEndIsNotDamage(t *testing.T) {
	whole := append(frame([]byte("one")), frame([]byte("two"))...)
	for cut := range len(whole) + 1 {
		dir := t.TempDir()
		name := filepath.Join(dir, "0000000000000000.seg")
		if err := os.WriteFile(name, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, dir, Limits{})
		appendAll(t, s, "three")
		want := []string{"one", "two", "three"}
		if cut < len(whole) {
			want = []string{"one", "three"}
		}
		if cut < len(whole)/2 {
			want = []string{"three"}
		}
		if got, damage := take(t, s); !slices.Equal(got, want) || damage != nil {
			t.Errorf("cut at %d: took %v, damage %v", cut, got, damage)
		}
	}
}

func TestDamageIsSaidAndKept(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Limits{Segment: 1})
	appendAll(t, s, "one", "two", "three")
	name := filepath.Join(dir, "0000000000000001.seg")
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	b[headSize] ^= 1
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	got, damage := take(t, s)
	if !slices.Equal(got, []string{"one", "three"}) || len(damage) != 1 || !strings.Contains(damage[0], "checksum") {
		t.Errorf("took %v, damage %v", got, damage)
	}
	if kept, err := os.ReadFile(name + ".bad"); err != nil || !bytes.Equal(kept, b) {
		t.Errorf("the damaged segment: %q, %v", kept, err)
	}
	if _, err := Open(filepath.Join(dir, "0000000000000001.seg.bad"), Limits{}); err == nil {
		t.Error("a file was opened as a spool")
	}
}

// TestAnyOrder compares the spool with a list, restarts included.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		limits := Limits{Segment: int64(rapid.IntRange(1, 100).Draw(rt, "segment"))}
		s := open(t, dir, limits)
		var model []string
		n := 0
		rt.Repeat(map[string]func(*rapid.T){
			"append": func(*rapid.T) {
				n++
				model = append(model, fmt.Sprint("record ", n))
				appendAll(t, s, model[len(model)-1])
			},
			"take":    func(*rapid.T) { same(rt, s, &model) },
			"restart": func(*rapid.T) { s.Close(); s = open(t, dir, limits) },
		})
		same(rt, s, &model)
		s.Close()
	})
}

func same(rt *rapid.T, s *Spool, model *[]string) {
	var got []string
	if err := s.Take(func(b []byte) error { got = append(got, string(b)); return nil }, func(why string) { rt.Fatal(why) }); err != nil {
		rt.Fatal(err)
	}
	if !slices.Equal(got, *model) {
		rt.Fatalf("took %v, want %v", got, *model)
	}
	*model = nil
}

func FuzzSegment(f *testing.F) {
	f.Add(append(frame([]byte("one")), frame([]byte("two"))...))
	f.Add([]byte{0, 0, 0, 9, 1, 2, 3, 4, 5})
	f.Fuzz(func(t *testing.T, segment []byte) {
		var again []byte
		broken, err := readFrames(bytes.NewReader(segment), func(b []byte) error { again = append(again, frame(b)...); return nil })
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(segment, again) || broken == "" && len(segment)-len(again) > maxRecord+headSize {
			t.Fatalf("%x was read as %x, %q", segment, again, broken)
		}
	})
}
