package watch

import (
	"math"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// Stored is a baseline in the store, with the node that learned it.
type Stored struct {
	Saved
	Node      string
	UpdatedAt time.Time
}

// Which narrows a list of baselines; empty fields do not.
type Which struct{ Node, Program, Host string }

// Baseline is what is usual for a program and a host, for people to look at. Figures
// are bytes that were sent, or requests.
type Baseline struct {
	Pair
	Since  time.Time // when it began to be learned
	Until  time.Time // up to here it was learned, UTC; limits are those of this day of the week
	Speaks time.Time // from then on deviations are told
	Hours  [24]Hour  // by hour of the day, UTC; of ten minutes each
	Days   []Day     // that are over, the oldest first, at most 14
	Today  float64   // bytes of the day of Until, so far
	Most   float64   // bytes of a day that would be let pass in silence
	Told   []Telling // when each measure was last told of; none: it never was
}

// Hour is what is usual in ten minutes of an hour of the day.
type Hour struct{ Bytes, Requests Usual }

// Usual is a mean, its standard deviation, and how much would be let pass in silence.
type Usual struct{ Mean, Spread, Limit float64 }

// Day is a day's sum of bytes.
type Day struct {
	Begin time.Time // UTC
	Bytes float64
}

// Telling is when a measure of event.BaselineDeviated was last told of: ten minutes exact.
type Telling struct {
	Measure string
	At      time.Time
}

// Read makes a stored baseline readable. Its error says that nobody can have learned
// what is stored.
func Read(s Saved) (Baseline, error) {
	var l series
	if err := l.decode(s.State); err != nil {
		return Baseline{}, err
	}
	out := Baseline{
		Pair: s.Pair, Since: slotBegin(l.First), Until: slotBegin(l.Slot), Speaks: dayBegin(l.First/slotsPerDay + warmDays + 1),
		Days: l.days(), Today: l.Today, Most: l.expectDay().limit, Told: l.tellings(),
	}
	for h := range out.Hours {
		out.Hours[h] = l.hour(h)
	}
	return out, nil
}

// hour is what is usual at an hour of the day of the open slot.
func (s *series) hour(h int) Hour {
	at := *s
	at.Slot = s.Slot/slotsPerDay*slotsPerDay + int64(h)*slotsPerHour
	usual := func(m int) Usual {
		u := s.Hours[h][m]
		return Usual{Mean: float64(u.Mean), Spread: math.Sqrt(float64(u.Var)), Limit: at.expect(m).limit}
	}
	return Hour{Bytes: usual(inBytes), Requests: usual(inRequests)}
}

// days are those whose sums are in the ring.
func (s *series) days() (out []Day) {
	for day := max(s.Day-warmDays, s.First/slotsPerDay); day < s.Day; day++ {
		out = append(out, Day{Begin: dayBegin(day), Bytes: float64(s.Days[day%warmDays])})
	}
	return out
}

func (s *series) tellings() (out []Telling) {
	for i, measure := range []string{event.MeasureBytes, event.MeasureRequests, event.MeasureNewHour, event.MeasureDaily} {
		if s.Told[i] != 0 {
			out = append(out, Telling{measure, slotBegin(s.Told[i])})
		}
	}
	return out
}

func slotBegin(slot int64) time.Time { return time.Unix(slot*slotSeconds, 0).UTC() }

func dayBegin(day int64) time.Time { return slotBegin(day * slotsPerDay) }
