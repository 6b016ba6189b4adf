package anomaly

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// Who comes back is known by it for a day.
func TestRepeatsAreCounted(t *testing.T) {
	h := &heard{}
	synctest.Test(t, func(t *testing.T) {
		m := newMonitor(t, Options{Handler: h.add})
		for _, quiet := range []time.Duration{time.Hour, 20 * time.Hour, 25 * time.Hour, time.Hour} {
			m.RecordPathTraversal(attacker, "../x")
			time.Sleep(quiet)
		}
		m.RecordCommandInjection(attacker, ";id") // of another detector
		synctest.Wait()
	})
	var got []any
	for _, a := range h.all {
		if a.Metadata["episode"] == EpisodeOpened {
			got = append(got, a.Metadata["repeats"])
		}
	}
	if fmt.Sprint(got) != "[0 1 2 0 0]" {
		t.Errorf("%v", got)
	}
}

// However many come, so many are remembered: those who came last, and before them who came
// twice.
func TestRepeatsAreBounded(t *testing.T) {
	var p past
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for range 2 {
		p.add("the one who comes back", now.Add(-time.Hour))
	}
	for k := range mostPast + 10 {
		p.add(fmt.Sprint(k), now.Add(time.Duration(k)*time.Millisecond))
	}
	if p.times("the one who comes back", now) != 2 {
		t.Error("who comes back is forgotten for those who come once")
	}
	if len(p.of) != mostPast || p.times("10", now) != 0 || p.times("11", now) != 1 || p.times(fmt.Sprint(mostPast+9), now) != 1 {
		t.Errorf("%d are remembered, of 10 %d, of 11 %d", len(p.of), p.times("10", now), p.times("11", now))
	}
}
