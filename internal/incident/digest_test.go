package incident

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

var (
	tries   = Lane{Deception, Detection}
	sendsOf = Lane{Egress, Detection}
)

// marksOf makes n lines of a lane, after those that there are.
func marksOf(before []Mark, lane Lane, n int, s event.Severity, origin string) []Mark {
	for range n {
		k := len(before)
		before = append(before, Mark{ID: fmt.Sprintf("%06d", k), At: noon.Add(time.Duration(k) * time.Second), Lane: lane, Severity: s, Origin: origin})
	}
	return before
}

// stays are the numbers of the lines that stay when most may.
func stays(marks []Mark, most int) (left []int) {
	gone := map[string]bool{}
	for _, m := range Thin(marks, most) {
		gone[m.ID] = true
	}
	for k, m := range marks {
		if !gone[m.ID] {
			left = append(left, k)
		}
	}
	return left
}

func TestNoiseOfOneSensorLeavesTheLinesOfAnother(t *testing.T) {
	all := marksOf(nil, tries, 5_000, event.Critical, "decky web-1")
	sent := len(all)
	all = marksOf(all, sendsOf, 1, event.High, "paste.example:80")
	all = marksOf(all, tries, 5_000, event.Critical, "decky web-1")
	left := stays(all, 1_000)
	if len(left) != 1_000 || !slices.Contains(left, sent) {
		t.Errorf("%d lines stay, what was sent among them: %t", len(left), slices.Contains(left, sent))
	}
	if left[0] != 0 || left[len(left)-1] != len(all)-1 {
		t.Errorf("neither the first line nor the last may go: %d to %d", left[0], left[len(left)-1])
	}
}

func TestOfOneSensorTheGravestAndTheNewPlacesStay(t *testing.T) {
	all := marksOf(nil, sendsOf, 5_000, event.Medium, "cdn.example:443")
	grave := len(all)
	all = marksOf(all, sendsOf, 1, event.High, "cdn.example:443")
	all = marksOf(all, sendsOf, 5_000, event.Medium, "cdn.example:443")
	elsewhere := len(all)
	all = marksOf(all, sendsOf, 1, event.Medium, "paste.example:443")
	all = marksOf(all, sendsOf, 5_000, event.Medium, "cdn.example:443")
	left := stays(all, 200)
	if len(left) != 200 || !slices.Contains(left, grave) || !slices.Contains(left, elsewhere) {
		t.Errorf("%d lines stay; the gravest %t, the other place %t", len(left), slices.Contains(left, grave), slices.Contains(left, elsewhere))
	}
}

// Whatever comes in whatever order: as many stay as may, each lane has its share, and a
// line is there or counted.
func TestThinnedTimelinesLoseNothing(t *testing.T) {
	lanes := []Lane{tries, sendsOf, {Egress, Response}, {Leak, Detection}, {"", Response}, {"", Human}}
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		var all []Mark
		for range 1 + r.IntN(12) {
			all = marksOf(all, lanes[r.IntN(len(lanes))], 1+r.IntN(300), event.Severity(r.IntN(5)), fmt.Sprint("place ", r.IntN(4)))
		}
		most := 12 + r.IntN(300)
		gone := Thin(all, most)
		if left := len(all) - len(gone); left != min(len(all), most) {
			t.Fatalf("seed %d: %d of %d lines stay, want %d", seed, left, len(all), min(len(all), most))
		}
		counted, had, lost := 0, map[Lane]int{}, map[Lane]int{}
		for _, m := range all {
			had[m.Lane]++
		}
		for _, o := range Count(gone, false) {
			counted, lost[o.Lane] = counted+o.Times, o.Times
		}
		if counted != len(gone) {
			t.Fatalf("seed %d: %d lines are gone, %d counted", seed, len(gone), counted)
		}
		for lane, n := range had {
			if left := n - lost[lane]; left < min(n, most/len(had)) {
				t.Fatalf("seed %d: %v has %d of %d lines, its share is %d", seed, lane, left, n, most/len(had))
			}
		}
	}
}

func TestCountsOfLinesAddUp(t *testing.T) {
	marks := marksOf(nil, tries, 3, event.Low, "x")
	got := Sum(append(Count(marks[:2], false), Count(marks[2:], true)...))
	want := []Omitted{{Lane: tries, Severity: event.Low, Times: 3, Kept: 1, From: noon, Until: noon.Add(2 * time.Second)}}
	if !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestABriefOfPartOfATimelineSaysAtLeast(t *testing.T) {
	i, lines := seen(leaked(), used(), used())
	b := BriefOf(i, Digest{Lines: lines, Omitted: []Omitted{{Lane: Lane{Egress, Response}, Times: 70}}}, "")
	if want := "Cordon refused to let it out at least 2 times, last to paste.example:80."; !slices.Contains(b.Done, want) {
		t.Errorf("%q", b.Done)
	}
}
