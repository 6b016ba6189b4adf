package watch

import (
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// read is the baseline of a life, as the store would have it.
func (l *life) read(t *testing.T) Baseline {
	t.Helper()
	m := l.b.of(l.pair)
	got, err := Read(Saved{l.pair, m.series.encode()})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// What is shown of a baseline is what it is judged by.
func TestABaselineIsReadAsItWasLearned(t *testing.T) {
	l := newLife(7)
	l.live(0, 20, office)
	at := monday.AddDate(0, 0, 21).Add(10*time.Hour + 5*time.Minute) // a Monday again
	l.send(at, 100)
	got := l.read(t)
	if got.Pair != l.pair || got.Since.Before(monday) || !got.Until.Equal(monday.AddDate(0, 0, 21).Add(10*time.Hour)) {
		t.Errorf("of %v, since %v until %v", got.Pair, got.Since, got.Until)
	}
	if want := dayBegin(got.Since.Unix()/86400 + warmDays + 1); !got.Speaks.Equal(want) || got.Speaks.After(got.Until) {
		t.Errorf("it speaks from %v", got.Speaks)
	}
	busy, night := got.Hours[10].Bytes, got.Hours[2].Bytes
	if busy.Mean < 1e5 || busy.Spread <= 0 || busy.Limit < floorBytes || busy.Limit < ratio*busy.Mean {
		t.Errorf("at ten: %+v", busy)
	}
	if night.Mean != 0 || night.Limit != quietBytes {
		t.Errorf("at two, when it was always quiet: %+v", night)
	}
	m := l.b.of(l.pair)
	if now := m.series.expect(inBytes).limit; now != busy.Limit {
		t.Errorf("it is judged by %v, and shows %v", now, busy.Limit)
	}
	if len(got.Days) != warmDays || !got.Days[13].Begin.Equal(monday.AddDate(0, 0, 20)) || got.Days[13].Bytes != 0 || got.Days[6].Bytes != 0 || got.Days[7].Bytes < 1e6 {
		t.Errorf("days, from Monday to Sunday, twice: %+v", got.Days)
	}
	if got.Today != 100 || got.Most != m.series.expectDay().limit || len(got.Told) != 0 {
		t.Errorf("today %v of %v, told %v", got.Today, got.Most, got.Told)
	}
}

func TestABaselineThatIsYoung(t *testing.T) {
	l := newLife(8)
	l.live(0, 1, steady)
	got := l.read(t)
	if len(got.Days) > 1 || !got.Speaks.After(got.Until) {
		t.Errorf("after a day: %d days, speaks from %v", len(got.Days), got.Speaks)
	}
}

func TestABaselineSaysWhenItWasToldOf(t *testing.T) {
	l := newLife(9)
	l.live(0, 20, office)
	at := monday.AddDate(0, 0, 21).Add(2*time.Hour + 5*time.Minute)
	l.send(at, 50e6)
	got := l.read(t)
	if len(got.Told) == 0 || got.Told[0].Measure != event.MeasureNewHour || !got.Told[0].At.Equal(at.Truncate(slotTime)) {
		t.Errorf("told %+v", got.Told)
	}
}

func TestWhatIsNoBaselineIsNotRead(t *testing.T) {
	for name, state := range map[string][]byte{"nothing": nil, "another form": {9}, "cut off": {format, 1, 2}} {
		if _, err := Read(Saved{State: state}); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}
