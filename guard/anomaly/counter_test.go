package anomaly

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func address(n uint32) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

func newCounter(t testing.TB, o CounterOptions) *Counter {
	t.Helper()
	c, err := NewCounter(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// exact is what a Counter approximates: the times of every key's events.
type exact map[uint32][]time.Time

func (e exact) within(key uint32, now time.Time, window time.Duration) (n int) {
	for _, at := range e[key] {
		if at.After(now.Add(-window)) && !at.After(now) {
			n++
		}
	}
	return n
}

// A Counter never counts more than an exact map, and less only by what lies in the
// oldest sixteenth of the window, unless it says that it evicted.
func TestCounterAgainstAnExactMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const window = 160 * time.Second
		keys := rapid.Uint32Range(1, 3_000).Draw(t, "keys")
		c, err := NewCounter(CounterOptions{Keys: 1, Window: window, Threshold: 1_000_000})
		if err != nil {
			t.Fatal(err)
		}
		truth, now := exact{}, noon
		for range rapid.IntRange(1, 600).Draw(t, "events") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(30*time.Second)).Draw(t, "pause")))
			key := rapid.Uint32Range(0, keys).Draw(t, "key")
			truth[key] = append(truth[key], now)
			got := c.Add(SourceKey(address(key)), now).Events
			if most := truth.within(key, now, window); got > most {
				t.Fatalf("counted %d, there were %d", got, most)
			}
			if least := truth.within(key, now, window-window/slots); got < least && c.Usage(now).Evicted == 0 {
				t.Fatalf("counted %d, there were at least %d, and nothing was evicted", got, least)
			}
		}
	})
}

// Events in any order within a window count like those in order.
func TestWindowDoesNotMindTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const window = 16 * time.Minute
		offsets := rapid.SliceOfN(rapid.Int64Range(0, int64(15*time.Minute)), 1, 200).Draw(t, "offsets")
		w := NewWindow(window)
		for _, o := range offsets {
			w.Add(noon.Add(time.Duration(o)))
		}
		if got := w.Count(noon.Add(15 * time.Minute)); got != len(offsets) {
			t.Fatalf("counted %d of %d", got, len(offsets))
		}
		if got := w.Count(noon.Add(32 * time.Minute)); got != 0 {
			t.Fatalf("%d are left after two windows", got)
		}
	})
}

func TestWindowForgetsStepByStep(t *testing.T) {
	w := NewWindow(16 * time.Second)
	for i := range 16 {
		w.Add(noon.Add(time.Duration(i) * time.Second))
	}
	for i := range 17 {
		if got, want := w.Count(noon.Add(time.Duration(15+i)*time.Second)), 16-i; got != want {
			t.Errorf("%d s later: %d, want %d", i, got, want)
		}
	}
}

func TestWindowBeforeAnything(t *testing.T) {
	if n := NewWindow(time.Minute).Count(noon); n != 0 {
		t.Errorf("an empty window counts %d", n)
	}
}

func TestWindowBefore1970(t *testing.T) {
	w := NewWindow(time.Minute)
	old := time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC)
	w.Add(old)
	w.Add(old.Add(30 * time.Second))
	if n := w.Count(old.Add(30 * time.Second)); n != 2 {
		t.Errorf("counts %d, want 2", n)
	}
}

func TestCounterNeedsItsMeasures(t *testing.T) {
	for _, o := range []CounterOptions{{}, {Window: time.Minute}, {Threshold: 1}, {Window: 3, Threshold: 1}} {
		if _, err := NewCounter(o); err == nil {
			t.Errorf("%+v makes a counter", o)
		}
	}
}

// A brute forcer who has begun is not forgotten, however many addresses come that were
// never seen before.
func TestCounterKeepsTheBusy(t *testing.T) {
	c := newCounter(t, CounterOptions{Keys: 4_096, Window: 5 * time.Minute, Threshold: 10})
	busy, opened := SourceKey(netip.MustParseAddr("203.0.113.9")), false
	for i := range uint32(200_000) {
		at := noon.Add(time.Duration(i) * 500 * time.Microsecond)
		c.Add(SourceKey(address(i|1<<31)), at)
		if i < 2 || i%20_000 == 0 {
			opened = c.Add(busy, at).Step == Opened || opened
		}
	}
	if !opened {
		t.Error("twelve failures within 100 s among 200,000 other addresses opened no episode")
	}
	if u := c.Usage(noon.Add(100 * time.Second)); u.Keys > 4_096+8*16 || u.Evicted == 0 {
		t.Errorf("%d keys, %d evicted", u.Keys, u.Evicted)
	}
}

func TestEpisodes(t *testing.T) {
	c := newCounter(t, CounterOptions{Window: time.Minute, Threshold: 3})
	key := UserKey("anna")
	steps := ""
	for i := range 6 {
		steps += fmt.Sprint(c.Add(key, noon.Add(time.Duration(i)*time.Second)).Step, " ")
	}
	if want := "0 0 1 2 2 2 "; steps != want {
		t.Errorf("steps %s, want %s", steps, want)
	}
	var ended []Episode
	collect := func(e Episode) { ended = append(ended, e) }
	if c.Sweep(noon.Add(50*time.Second), collect); len(ended) > 0 {
		t.Errorf("closed too early: %+v", ended)
	}
	c.Sweep(noon.Add(70*time.Second), collect)
	if len(ended) != 1 || ended[0].Key != "anna" || ended[0].Total != 6 || ended[0].Last.Sub(ended[0].First) != 3*time.Second {
		t.Errorf("ended: %+v", ended)
	}
	if step := c.Add(key, noon.Add(71*time.Second)).Step; step != Quiet {
		t.Errorf("the first event of a new time: %v", step)
	}
}

// When more episodes are open than are followed, the others are counted once each, and
// opened when there is room and they begin anew.
func TestMoreEpisodesThanAreFollowed(t *testing.T) {
	c := newCounter(t, CounterOptions{Window: time.Minute, Threshold: 1, Open: 16})
	count := map[Step]int{}
	for i := range uint32(2_000) {
		count[c.Add(SourceKey(address(i)), noon).Step]++
	}
	if count[Opened] > 16 || count[Opened] == 0 || count[Opened]+count[Untracked] != 2_000 {
		t.Errorf("steps: %v", count)
	}
	ended := 0
	c.Sweep(noon.Add(2*time.Minute), func(Episode) { ended++ })
	if ended != count[Opened] {
		t.Errorf("%d ended of %d", ended, count[Opened])
	}
}

func TestAnEventCostsNoMemory(t *testing.T) {
	c := newCounter(t, CounterOptions{Window: time.Minute, Threshold: 1 << 30})
	i := uint32(0)
	if n := testing.AllocsPerRun(1_000, func() {
		i++
		c.Add(SourceKey(address(i%7)), noon.Add(time.Duration(i)))
		c.Add(UserKey("somebody"), noon)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
