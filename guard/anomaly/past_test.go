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

// However many come, so many are remembered: those who came last.
func TestRepeatsAreBounded(t *testing.T) {
	var p past
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for k := range mostPast + 10 {
		p.add(fmt.Sprint(k), now.Add(time.Duration(k)*time.Millisecond))
	}
	if len(p.of) != mostPast || p.times("9", now) != 0 || p.times("10", now) != 1 || p.times(fmt.Sprint(mostPast+9), now) != 1 {
		t.Errorf("%d are remembered, of 9 %d, of 10 %d", len(p.of), p.times("9", now), p.times("10", now))
	}
}
