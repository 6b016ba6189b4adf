package clock

import (
	"sync"
	"testing"
	"time"
)

var (
	_ Clock = Real{}
	_ Clock = (*Fake)(nil)
)

var start = time.Date(2026, 3, 14, 14, 0, 0, 0, time.UTC)

func fired(ch <-chan time.Time) (time.Time, bool) {
	select {
	case t := <-ch:
		return t, true
	default:
		return time.Time{}, false
	}
}

func TestFakeWakesWhoseTimeHasCome(t *testing.T) {
	f := NewFake(start)
	soon, later, never := f.After(time.Second), f.After(time.Minute), f.After(time.Hour)
	if f.Waiting() != 3 {
		t.Errorf("%d wait, want 3", f.Waiting())
	}
	f.Advance(time.Second - 1)
	if _, ok := fired(soon); ok {
		t.Error("fired a nanosecond early")
	}
	f.Advance(1)
	if at, ok := fired(soon); !ok || !at.Equal(start.Add(time.Second)) {
		t.Errorf("fired %t at %v, want at one second", ok, at)
	}
	f.Advance(10 * time.Minute) // far beyond
	if at, ok := fired(later); !ok || !at.Equal(f.Now()) {
		t.Errorf("fired %t at %v, want now", ok, at)
	}
	if _, ok := fired(never); ok || f.Waiting() != 1 {
		t.Errorf("the hour is over after ten minutes: %t, %d wait", ok, f.Waiting())
	}
}

func TestAfterOfNothingFiresAtOnce(t *testing.T) {
	f := NewFake(start)
	for name, c := range map[string]Clock{"fake": f, "real": Real{}} {
		for _, d := range []time.Duration{0, -time.Second} {
			<-c.After(d) // hangs, and so fails, if it never fires
			if f.Waiting() != 0 {
				t.Errorf("%s: still waits for %v", name, d)
			}
		}
	}
}

func TestClocksSpeakUTC(t *testing.T) {
	local := start.In(time.FixedZone("CET", 3600))
	for name, c := range map[string]Clock{"fake": NewFake(local), "real": Real{}} {
		if got := c.Now().Location(); got != time.UTC {
			t.Errorf("%s clock is in %v", name, got)
		}
	}
	if got := NewFake(local).Now(); !got.Equal(start) {
		t.Errorf("fake clock stands at %v, want %v", got, start)
	}
}

func TestFakeBearsConcurrentUse(t *testing.T) {
	f := NewFake(start)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { <-f.After(time.Second) })
	}
	for f.Waiting() < 50 { // polls until all sleep; the test's own deadline bounds it
		time.Sleep(time.Millisecond)
	}
	f.Advance(time.Second)
	wg.Wait()
	if f.Waiting() != 0 {
		t.Errorf("%d still wait", f.Waiting())
	}
}
