package killswitch

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func place(t *testing.T) Options {
	dir := t.TempDir()
	return Options{File: filepath.Join(dir, "killswitch"), Sentinel: filepath.Join(dir, "KILL")}
}

func want(t *testing.T, s *Switch, on bool, reason string) {
	t.Helper()
	if got, why := s.On(); got != on || !strings.Contains(why, reason) {
		t.Errorf("on=%t because %q, want %t because %q", got, why, on, reason)
	}
}

func TestOffWithoutAFile(t *testing.T) {
	want(t, Open(place(t)), false, "")
}

func TestOnSurvivesARestart(t *testing.T) {
	o := place(t)
	s := Open(o)
	if err := s.Set(true, "drill", "ann", noon); err != nil {
		t.Fatal(err)
	}
	want(t, s, true, "drill")
	again := Open(o)
	want(t, again, true, "drill")
	if st := again.State(); st.By != "ann" || !st.Since.Equal(noon) {
		t.Errorf("state after a restart: %+v", st)
	}
	if err := again.Set(false, "over", "root", noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	want(t, Open(o), false, "over")
}

func TestAReasonIsNeverEmpty(t *testing.T) {
	s := Open(place(t))
	if err := s.Set(true, "", "ann", noon); err != nil {
		t.Fatal(err)
	}
	want(t, s, true, "ann")
}

func TestWhatCannotBeReadMeansOn(t *testing.T) {
	for name, spoil := range map[string]func(file string) error{
		"torn":  func(f string) error { return os.WriteFile(f, []byte(`{"on":fal`), 0o600) },
		"empty": func(f string) error { return os.WriteFile(f, nil, 0o600) },
		"too large": func(f string) error {
			return os.WriteFile(f, []byte(`{"on":false}`+strings.Repeat(" ", maxState)), 0o600)
		},
		"a folder": func(f string) error { return os.Mkdir(f, 0o700) },
		"a loop":   func(f string) error { return os.Symlink(f, f) },
	} {
		t.Run(name, func(t *testing.T) {
			o := place(t)
			if err := spoil(o.File); err != nil {
				t.Fatal(err)
			}
			want(t, Open(o), true, "cannot be read")
		})
	}
}

func TestTurningOnNeedsNoDisk(t *testing.T) {
	o := place(t)
	o.File = filepath.Join(filepath.Dir(o.File), "gone", "killswitch")
	s := Open(o)
	if err := s.Set(true, "drill", "ann", noon); err == nil || !strings.Contains(err.Error(), "restart") {
		t.Errorf("the error does not say that a restart forgets: %v", err)
	}
	want(t, s, true, "drill")
	s.Look()
	want(t, s, true, "drill")
	if err := s.Set(false, "", "ann", noon); err == nil {
		t.Error("turned off without a file that says so")
	}
	want(t, s, true, "drill")
}

func TestTheSentinelTurnsOnWhileItExists(t *testing.T) {
	o := place(t)
	var told []bool
	o.Changed = func(st State) { told = append(told, st.On) }
	s := Open(o)
	if err := os.WriteFile(o.Sentinel, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.Look()
	want(t, s, true, o.Sentinel)
	s.Look()
	if err := s.Set(false, "no", "ann", noon); err != nil { // does not outweigh the file
		t.Fatal(err)
	}
	want(t, s, true, o.Sentinel)
	if err := os.Remove(o.Sentinel); err != nil {
		t.Fatal(err)
	}
	s.Look()
	want(t, s, false, "")
	if len(told) != 2 || !told[0] || told[1] {
		t.Errorf("told of %v, want on and off once", told)
	}
}

func TestAnotherProcessTurnsIt(t *testing.T) {
	o := place(t)
	s, other := Open(o), Open(o)
	if err := other.Set(true, "elsewhere", "bob", noon); err != nil {
		t.Fatal(err)
	}
	s.Look()
	want(t, s, true, "elsewhere")
}

func TestThatTheFileHasGoneTurnsNothingOff(t *testing.T) {
	o := place(t)
	s := Open(o)
	if err := s.Set(true, "drill", "ann", noon); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(o.File); err != nil {
		t.Fatal(err)
	}
	s.Look()
	want(t, s, true, "drill")
}

func TestASignalTurnsItOn(t *testing.T) {
	o := place(t)
	changed := make(chan State, 1)
	o.Changed = func(st State) { changed <- st }
	s := Open(o)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	signals := make(chan os.Signal, 1)
	go func() {
		defer close(done)
		s.Watch(ctx, time.Hour, signals, func() time.Time { return noon })
	}()
	signals <- os.Interrupt
	if st := <-changed; !st.On || st.By != "signal" {
		t.Errorf("after the signal: %+v", st)
	}
	cancel()
	<-done
	want(t, Open(o), true, "signal")
}

func TestWatchSeesTheSentinel(t *testing.T) {
	o := place(t)
	changed := make(chan State, 1)
	o.Changed = func(st State) { changed <- st }
	s := Open(o)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Watch(ctx, time.Millisecond, nil, time.Now)
	}()
	if err := os.WriteFile(o.Sentinel, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	<-changed
	cancel()
	<-done
	want(t, s, true, "exists")
}
