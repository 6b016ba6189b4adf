package incident

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// A timeline is bounded, and whoever is watched decides how often they are seen. So each
// lane, what one sensor says of one kind, has a share of the lines: repeats of one lane
// push out lines of the same lane, never those of another. Of a lane the first lines
// stay, the latest, and of those between the gravest and what comes from somewhere new.
// The others are counted.

// Lane is what has a share of a timeline.
type Lane struct {
	Sensor Sensor
	Kind   EntryKind
}

// Mark is what decides whether a line stays.
type Mark struct {
	ID       string // its order is the order of arrival: times may be forged
	At       time.Time
	Lane     Lane
	Severity event.Severity
	Origin   string // where it was and by what: the first line from somewhere counts more than the next
}

// OriginOf is the Origin of a line: of places that are counted ("chat #7") the name.
func OriginOf(topic, place, program string) string {
	place, _, _ = strings.Cut(place, " #")
	return topic + "\n" + place + "\n" + program
}

// Omitted counts the lines of a lane that are not there.
type Omitted struct {
	Lane
	Severity    event.Severity // of the gravest
	Times       int
	Kept        int // of these, how many the whole timeline has; the others are gone
	From, Until time.Time
}

// Digest is a timeline in as many lines as were asked for.
type Digest struct {
	Lines   []Entry // newest first
	Omitted []Omitted
}

// Thin says which lines go when most may stay; marks are in the order of arrival.
func Thin(marks []Mark, most int) (gone []Mark) {
	if len(marks) <= most {
		return nil
	}
	lanes := map[Lane][]Mark{}
	for _, m := range marks {
		lanes[m.Lane] = append(lanes[m.Lane], m)
	}
	smallest := slices.SortedFunc(maps.Keys(lanes), func(a, b Lane) int {
		return cmp.Or(len(lanes[a])-len(lanes[b]), cmp.Compare(a.Sensor, b.Sensor), cmp.Compare(a.Kind, b.Kind))
	})
	for k, lane := range smallest { // what a small lane does not need is for the others
		share := most / (len(smallest) - k)
		share = min(share, len(lanes[lane]))
		most -= share
		gone = append(gone, thinLane(lanes[lane], share)...)
	}
	return gone
}

// thinLane says which lines of one lane go when most stay: a quarter of them the first,
// a half the latest, a quarter the gravest between.
func thinLane(marks []Mark, most int) []Mark {
	if most == len(marks) {
		return nil
	}
	first, latest := most/4, most/2
	rest := most - first - latest
	between, turn := slices.Clone(marks[first:len(marks)-latest]), turns(marks)
	slices.SortStableFunc(between, func(a, b Mark) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), turn[a.ID]-turn[b.ID])
	})
	return between[rest:]
}

// turns counts, for each line, how many before it came from the same origin.
func turns(marks []Mark) map[string]int {
	turn, from := make(map[string]int, len(marks)), map[string]int{}
	for _, m := range marks {
		turn[m.ID] = from[m.Origin]
		from[m.Origin]++
	}
	return turn
}

// Count counts lines that are not there, by lane; kept says that the whole timeline has
// them.
func Count(marks []Mark, kept bool) (all []Omitted) {
	for _, m := range marks {
		o := Omitted{Lane: m.Lane, Severity: m.Severity, Times: 1, From: m.At, Until: m.At}
		if kept {
			o.Kept = 1
		}
		all = append(all, o)
	}
	return Sum(all)
}

// Sum adds counts up, one for each lane, the most first.
func Sum(all []Omitted) []Omitted {
	sums := map[Lane]Omitted{}
	for _, o := range all {
		s, ok := sums[o.Lane]
		if !ok {
			sums[o.Lane] = o
			continue
		}
		s.Severity, s.Times, s.Kept, s.Until = max(s.Severity, o.Severity), s.Times+o.Times, s.Kept+o.Kept, latest(s.Until, o.Until)
		if o.From.Before(s.From) {
			s.From = o.From
		}
		sums[o.Lane] = s
	}
	return slices.SortedFunc(maps.Values(sums), func(a, b Omitted) int {
		return cmp.Or(b.Times-a.Times, cmp.Compare(a.Sensor, b.Sensor), cmp.Compare(a.Kind, b.Kind))
	})
}
