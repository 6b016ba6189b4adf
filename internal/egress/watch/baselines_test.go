package watch

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

const slotTime = slotSeconds * time.Second

// traffic is what is sent in one slot: bytes of each flow.
type traffic func(r *rand.Rand, at time.Time) []float64

// life is a pair under watch.
type life struct {
	b     Baselines
	r     *rand.Rand
	pair  Pair
	found []deviation
}

func newLife(seed uint64) *life {
	return &life{r: rand.New(rand.NewPCG(seed, 1)), pair: Pair{"/usr/bin/python3", "api.example"}}
}

// live lets traffic flow from one day to another, counted from monday, and
// returns what was told.
func (l *life) live(from, to int, t traffic) []deviation {
	l.found = nil
	for at := monday.AddDate(0, 0, from); at.Before(monday.AddDate(0, 0, to)); at = at.Add(slotTime) {
		l.send(at, t(l.r, at)...)
	}
	return l.found
}

func (l *life) send(at time.Time, flows ...float64) {
	for i, sent := range flows {
		when := at.Add(time.Duration(i) * slotTime / time.Duration(len(flows)+1))
		s := Sample{Time: when, Allowed: true, Program: l.pair.Program, Host: l.pair.Host}
		l.found = append(l.found, l.b.observe(s)...)
		s.End, s.BytesOut = true, int64(sent)
		l.found = append(l.found, l.b.observe(s)...)
	}
}

// poisson is a number of flows, each of a size around size.
func poisson(r *rand.Rand, mean, size, spread float64) []float64 {
	var out []float64
	for t := r.ExpFloat64(); t < mean; t += r.ExpFloat64() {
		out = append(out, size*math.Exp(spread*r.NormFloat64()))
	}
	return out
}

func steady(r *rand.Rand, _ time.Time) []float64 { return poisson(r, 5, 100e3, 0.8) }

// office is busy from eight to six on working days, and quiet else.
func office(r *rand.Rand, at time.Time) []float64 {
	if d := at.Weekday(); d == time.Saturday || d == time.Sunday || at.Hour() < 8 || at.Hour() >= 18 {
		return nil
	}
	return poisson(r, 8, 300e3, 1)
}

// nightly is one large upload around three, some minutes early or late.
func nightly(r *rand.Rand, at time.Time) []float64 {
	if at.Hour() != 3 || at.Minute() != 10*r.IntN(3) && at.Minute() != 20 {
		return nil
	}
	return []float64{40e6 * (0.8 + 0.4*r.Float64())}
}

// weekly is a larger one on Sundays.
func weekly(r *rand.Rand, at time.Time) []float64 {
	if at.Weekday() != time.Sunday || at.Hour() != 4 || at.Minute() != 0 {
		return poisson(r, 1, 20e3, 0.5)
	}
	return []float64{400e6 * (0.9 + 0.2*r.Float64())}
}

// growing has three percent more every day, which is ten times as much after
// eleven weeks.
func growing(r *rand.Rand, at time.Time) []float64 {
	days := at.Sub(monday).Hours() / 24
	return poisson(r, 6, 200e3*math.Pow(1.03, days), 0.7)
}

// person works now and then, at any hour, with sizes of every order.
func person(r *rand.Rand, _ time.Time) []float64 {
	if r.Float64() > 0.03 {
		return nil
	}
	return poisson(r, 4, 50e3, 2)
}

func kinds() map[string]traffic {
	return map[string]traffic{"steady": steady, "office hours": office, "nightly": nightly, "weekly": weekly, "growing": growing, "a person": person}
}

// The rate of false alarms that docs/egress.md states: it is measured here, on
// simulated traffic that nobody should look at.
func TestOrdinaryTrafficIsSeldomToldOf(t *testing.T) {
	const pairs, days = 12, 56
	told, watched := 0, 0
	for name, flow := range kinds() {
		var all []deviation
		for seed := range uint64(pairs) {
			all = append(all, newLife(seed).live(0, days, flow)...)
		}
		t.Logf("%-12s %d alarms in %d days %s", name, len(all), pairs*(days-warmDays-1), measuresOf(all))
		told, watched = told+len(all), watched+pairs*(days-warmDays-1)
	}
	if rate := float64(told) / float64(watched); rate > 0.001 {
		t.Errorf("%d alarms in %d days of pairs: one in %.0f, want at most one in 1,000", told, watched, 1/rate)
	}
}

func measuresOf(found []deviation) string {
	var all []string
	for _, d := range found {
		all = append(all, d.measure)
	}
	return strings.Join(all, " ")
}

func TestWhatIsUnusualIsToldOf(t *testing.T) {
	at := func(day, hour int) time.Time { return monday.AddDate(0, 0, day).Add(time.Duration(hour) * time.Hour) }
	flows := func(n int, size float64) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = size
		}
		return out
	}
	for name, c := range map[string]struct {
		usual traffic
		then  func(l *life)
		want  string
	}{
		"a burst such as of a stolen database": {steady, func(l *life) { l.send(at(28, 11), 42e6) }, event.MeasureBytes},
		"the same while it is still learned":   {func(*rand.Rand, time.Time) []float64 { return nil }, func(l *life) { l.send(at(28, 11), 42e6) }, ""},
		"a burst of requests":                  {steady, func(l *life) { l.send(at(28, 11), flows(400, 10)...) }, event.MeasureRequests},
		"a burst of retries, below the floor":  {steady, func(l *life) { l.send(at(28, 11), flows(60, 1000)...) }, ""},
		"an hour that was always quiet":        {office, func(l *life) { l.send(at(29, 2), 2e6) }, event.MeasureNewHour},
		"a little at a quiet hour":             {office, func(l *life) { l.send(at(29, 2), 20e3) }, ""},
		"an hour early, as when clocks change": {office, func(l *life) { l.send(at(29, 7), flows(12, 300e3)...) }, ""},
		"a slow drip that doubles the day": {steady, func(l *life) {
			l.live(28, 29, func(r *rand.Rand, at time.Time) []float64 { return append(steady(r, at), steady(r, at)...) })
		}, event.MeasureDaily},
		"the backup on a Sunday":  {weekly, func(l *life) { l.send(at(34, 4), 400e6) }, ""},
		"the backup on a Tuesday": {weekly, func(l *life) { l.send(at(29, 4), 400e6) }, event.MeasureBytes},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLife(7)
			l.live(0, 28, c.usual)
			l.found = nil
			c.then(l)
			if got := measuresOf(l.found); got != c.want {
				t.Errorf("told of %q, want %q: %+v", got, c.want, l.found)
			}
		})
	}
}

func TestADeviationExplainsItself(t *testing.T) {
	l := newLife(7)
	l.live(0, 28, steady)
	l.found = nil
	l.send(monday.AddDate(0, 0, 28).Add(11*time.Hour), 42e6)
	if len(l.found) != 1 {
		t.Fatalf("told of %+v", l.found)
	}
	said := l.found[0].explain()
	if !strings.HasPrefix(said, "42 MB to api.example in 10 min; usual at this hour ") || !strings.Contains(said, " ± ") {
		t.Errorf("it says %q", said)
	}
}

// Whoever is above what is usual all day long is told of once, and becomes
// usual only slowly.
func TestADeviationIsToldOnceADay(t *testing.T) {
	l := newLife(7)
	l.live(0, 28, steady)
	found := l.live(28, 29, func(r *rand.Rand, _ time.Time) []float64 { return poisson(r, 5, 20e6, 0.2) })
	if got := measuresOf(found); got != event.MeasureBytes+" "+event.MeasureDaily && got != event.MeasureDaily+" "+event.MeasureBytes {
		t.Errorf("told of %q", got)
	}
}

func TestABaselineSurvivesARestart(t *testing.T) {
	l, again := newLife(7), newLife(7)
	l.live(0, 28, steady)
	saved, _ := l.b.changes()
	if len(saved) != 1 {
		t.Fatalf("%d are to be saved", len(saved))
	}
	again.b.restore(saved)
	again.send(monday.AddDate(0, 0, 28).Add(11*time.Hour), 42e6)
	if got := measuresOf(again.found); got != event.MeasureBytes {
		t.Errorf("told of %q", got)
	}
}

// A clock that is put back or far ahead starts the learning anew: it neither
// hangs nor tells.
func TestAClockThatJumps(t *testing.T) {
	l := newLife(7)
	l.live(0, 28, steady)
	l.found = nil
	for _, at := range []time.Time{monday.AddDate(-3, 0, 0), monday.AddDate(200, 0, 0), time.Unix(0, 0), monday} {
		l.send(at, 42e6)
	}
	if len(l.found) != 0 {
		t.Errorf("told of %+v", l.found)
	}
}

// A scan of a million hosts would cost memory without a bound, and must not cost
// what was learned.
func TestAScanForgetsWhatIsYoungFirst(t *testing.T) {
	l := newLife(7)
	l.live(0, 28, steady)
	at := monday.AddDate(0, 0, 28)
	for i := range 2 * maxPairs {
		l.b.observe(Sample{Time: at, Allowed: true, Program: "/bin/scan", Host: fmt.Sprint("h", i)})
		if i%1000 == 0 {
			l.b.stored()
		}
	}
	if n := len(l.b.byPair); n > maxPairs || l.b.byPair[l.pair] == nil {
		t.Errorf("%d pairs are kept; the one that was learned: %v", n, l.b.byPair[l.pair] != nil)
	}
	if _, gone := l.b.changes(); len(gone) == 0 {
		t.Error("the store is not told what was forgotten")
	}
}

func FuzzBaseline(f *testing.F) {
	l := newLife(7)
	l.live(0, 16, steady)
	saved, _ := l.b.changes()
	f.Add(saved[0].State)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		var s series
		if s.decode(b) != nil {
			return
		}
		s.add(time.Unix(s.Slot*slotSeconds, 0).Add(time.Hour), 1e9, 1)
		for _, d := range s.unusual() {
			if strings.Contains(d.explain(), "NaN") {
				t.Error(d.explain())
			}
		}
	})
}
