package watch

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// How time is cut. Hours are UTC; an hour's neighbours count with it, so that a
// clock that is put forward in spring deviates from nothing.
const (
	slotSeconds  = 600
	slotsPerHour = 3600 / slotSeconds
	slotsPerDay  = 24 * slotsPerHour
	hoursPerWeek = 7 * 24
)

// How it is learned.
const (
	warmDays = 14                  // whole days before a series may speak: each day of the week twice
	memory   = 60                  // slots of an hour of the day that weigh most: ten days
	active   = 300                 // slots with traffic that weigh most in what is known of sizes
	fading   = 0.8                 // of an hour of the week's peak, each week
	maxGap   = 4 * 7 * slotsPerDay // of silence; then everything is learned anew
	maxBack  = slotsPerHour        // so much earlier than the last line is a clock that was put back
)

// What is unusual: more than the usual times ratio, and the mean and so many
// standard deviations, and the same hour of the last weeks times peakRatio, and
// what a pair whose traffic is of every size does at any hour, and a floor below
// which nothing is worth a look. docs/egress.md has the rates of
// false alarms that these lead to.
const (
	ratio     = 3
	sigmas    = 6
	peakRatio = 1.5
	logSigmas = 4.5 // of the logarithms of all slots in which anything was sent: some traffic is of every size

	floorBytes    = 5e6
	floorRequests = 300
	quietBytes    = 1e6 // at an hour that was always quiet
	quietRequests = 60

	dayRatio  = 1.5 // of the largest of the last warmDays days
	daySigmas = 4
	floorDay  = 10e6
)

// usual is an exponentially weighted mean and variance (Welford's update with
// a weight that stops shrinking).
type usual struct{ Mean, Var float32 }

func (u *usual) learn(x, weight float64) {
	d := x - float64(u.Mean)
	step := weight * d
	u.Mean = float32(float64(u.Mean) + step)
	u.Var = float32((1 - weight) * (float64(u.Var) + d*step))
}

func (u usual) above(sigmas float64) float64 {
	return float64(u.Mean) + sigmas*math.Sqrt(float64(u.Var))
}

// state is what the store keeps of a series. Its layout is fixed: see encode.
type state struct {
	First, Slot int64 // numbers of the first slot and of the open one, since 1970
	Day         int64 // number of the day of today's sum
	Today       float64
	Told        [4]int64                        // slot in which each measure was last told of; 0: never
	Hours       [24][measures]usual             // by hour of the day
	Seen        [24]uint16                      // slots learned of each, up to memory
	Sizes       [measures]usual                 // of the logarithms of slots that are not empty
	Sized       [measures]uint16                // how many of them were learned, up to active
	Week        [hoursPerWeek][measures]float32 // peaks by hour of the week
	Days        [warmDays]float32               // sums of bytes by day, a ring
}

const (
	inBytes = iota
	inRequests
	measures
)

// series is what one program does with one host.
type series struct {
	state
	open [measures]float64 // of the open slot
	part bool              // the open slot was not seen from its beginning
	kept bool              // the store has it
}

// warm reports whether a series has been learned for long enough to speak.
func (s *series) warm() bool {
	return s.First != 0 && s.Slot/slotsPerDay-s.First/slotsPerDay > warmDays
}

// add counts what was sent and asked for. turned says that a slot was closed, so
// that the state is worth storing.
func (s *series) add(at time.Time, sent, asked float64) (turned bool, found []deviation) {
	now := at.Unix() / slotSeconds
	if s.First == 0 || now > s.Slot+maxGap || now < s.Slot-maxBack {
		kept := s.kept
		*s = series{kept: kept, part: true, state: state{First: now, Slot: now, Day: now / slotsPerDay}}
		turned = true
	}
	for ; s.Slot < now; s.Slot++ {
		s.close()
		turned = true
	}
	s.turnDay(s.Slot / slotsPerDay)
	s.open[inBytes] += sent
	s.open[inRequests] += asked
	s.Today += sent
	if s.warm() {
		found = s.unusual()
	}
	return turned, found
}

// close learns from the slot that is over. What was unusual counts only up to
// what would have been let pass, so that nobody teaches the baseline in a day.
func (s *series) close() {
	hour, week := hourOf(s.Slot), weekHourOf(s.Slot)
	if !s.part {
		s.Seen[hour] = min(s.Seen[hour]+1, memory)
		weight := 1 / float64(s.Seen[hour])
		for m := range measures {
			x := s.open[m]
			if s.warm() {
				x = min(x, s.expect(m).limit)
			}
			s.Hours[hour][m].learn(x, weight)
			s.learnSize(m, x)
			if s.Slot%slotsPerHour == 0 {
				s.Week[week][m] *= fading
			}
			s.Week[week][m] = max(s.Week[week][m], float32(x))
		}
	}
	s.open, s.part = [measures]float64{}, false
	if (s.Slot+1)%slotsPerDay == 0 {
		s.turnDay((s.Slot + 1) / slotsPerDay)
	}
}

// learnSize learns from what a slot held, if it held anything.
func (s *series) learnSize(m int, x float64) {
	if x < 1 {
		return
	}
	s.Sized[m] = min(s.Sized[m]+1, active)
	s.Sizes[m].learn(math.Log(x), 1/float64(s.Sized[m]))
}

// turnDay puts the sums of days that are over into the ring.
func (s *series) turnDay(day int64) {
	for ; s.Day < day; s.Day++ {
		sum := s.Today
		if s.warm() {
			sum = min(sum, s.expectDay().limit)
		}
		s.Days[s.Day%warmDays] = float32(sum)
		s.Today = 0
	}
}

func hourOf(slot int64) int     { return int(slot / slotsPerHour % 24) }
func weekHourOf(slot int64) int { return int(slot / slotsPerHour % hoursPerWeek) }

// expectation is what is usual, and how much of it is let pass.
type expectation struct {
	usual usual
	limit float64
	quiet bool // nothing was ever seen at this hour
}

// expect is what a measure of the open slot is compared with.
func (s *series) expect(m int) expectation {
	var e expectation
	var peak float32
	for near := int64(-1); near <= 1; near++ {
		at := s.Slot + near*slotsPerHour
		if u := s.Hours[hourOf(at)][m]; u.above(sigmas) >= e.usual.above(sigmas) {
			e.usual = u
		}
		peak = max(peak, s.Week[weekHourOf(at)][m])
	}
	e.quiet = e.usual.Mean < 1e-3 && peak == 0
	if e.quiet {
		e.limit = []float64{quietBytes, quietRequests}[m]
		return e
	}
	floor, sizes := []float64{floorBytes, floorRequests}[m], math.Exp(s.Sizes[m].above(logSigmas))
	e.limit = max(floor, ratio*float64(e.usual.Mean), e.usual.above(sigmas), peakRatio*float64(peak), sizes)
	return e
}

// expectDay is what today's sum is compared with.
func (s *series) expectDay() expectation {
	var u, sizes usual
	var peak, full float64
	for i, sum := range s.Days {
		d := float64(sum)
		u.learn(d, 1/float64(i+1))
		peak = max(peak, d)
		if d >= 1 {
			full++
			sizes.learn(math.Log(d), 1/full)
		}
	}
	return expectation{usual: u, limit: max(floorDay, dayRatio*peak, u.above(daySigmas), math.Exp(sizes.above(daySigmas)))}
}

// unusual compares what was counted so far, and tells each measure once a day.
func (s *series) unusual() (found []deviation) {
	for m, name := range []string{event.MeasureBytes, event.MeasureRequests} {
		e := s.expect(m)
		if s.open[m] <= e.limit {
			continue
		}
		told := m
		if e.quiet {
			name, told = event.MeasureNewHour, 2
		}
		found = s.told(found, told, deviation{measure: name, inBytes: m == inBytes, observed: s.open[m], expectation: e, seconds: slotSeconds})
	}
	if e := s.expectDay(); s.Today > e.limit {
		found = s.told(found, 3, deviation{measure: event.MeasureDaily, inBytes: true, observed: s.Today, expectation: e, seconds: slotSeconds * slotsPerDay})
	}
	return found
}

func (s *series) told(found []deviation, which int, d deviation) []deviation {
	if last := s.Told[which]; last != 0 && s.Slot < last+slotsPerDay {
		return found
	}
	s.Told[which] = s.Slot
	return append(found, d)
}

// format is the version of what encode writes.
const format = 1

func (s *series) encode() []byte {
	b, err := binary.Append([]byte{format}, binary.LittleEndian, &s.state)
	if err != nil { // fixed sizes: cannot fail
		return nil
	}
	return b
}

var errBaseline = errors.New("this is no baseline")

// decode reads what encode wrote. The slot that was open is not trusted: nobody
// counted while nobody ran.
func (s *series) decode(b []byte) error {
	if len(b) != 1+binary.Size(state{}) || b[0] != format {
		return errBaseline
	}
	var read state
	if err := binary.Read(bytes.NewReader(b[1:]), binary.LittleEndian, &read); err != nil {
		return fmt.Errorf("reading a baseline: %w", err)
	}
	if !read.sound() {
		return errBaseline
	}
	*s = series{state: read, part: true, kept: true}
	return nil
}

// sound refuses figures that nobody could have learned.
func (r *state) sound() bool {
	ok := r.First > 0 && r.Slot >= r.First && r.Day == r.Slot/slotsPerDay && figure(r.Today)
	for h := range r.Hours {
		for m := range measures {
			ok = ok && figure(float64(r.Hours[h][m].Mean)) && figure(float64(r.Hours[h][m].Var)) && r.Seen[h] <= memory
		}
	}
	for m := range measures {
		ok = ok && figure(float64(r.Sizes[m].Mean)) && figure(float64(r.Sizes[m].Var)) && r.Sizes[m].above(logSigmas) < 700 && r.Sized[m] <= active
	}
	for h := range r.Week {
		ok = ok && figure(float64(r.Week[h][inBytes])) && figure(float64(r.Week[h][inRequests]))
	}
	for _, d := range r.Days {
		ok = ok && figure(float64(d))
	}
	return ok
}

func figure(x float64) bool { return x >= 0 && !math.IsInf(x, 0) }
