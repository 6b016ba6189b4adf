package incident

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/event"
)

// Order is how a list of incidents is sorted. The empty one is Newest.
type Order string

// The orders of a list. What is equal in one comes newest first.
const (
	Newest  Order = "newest"  // by when they were opened
	Gravest Order = "gravest" // by Rank
)

// Rank is how urgent an incident is; higher is more. What is open outranks what is
// closed, then severity counts.
type Rank int

// openRank is what an open incident is above a closed one of the same severity.
const openRank = Rank(event.Critical) + 1

func rankOf(open bool, s event.Severity) Rank {
	if open {
		return openRank + Rank(s)
	}
	return Rank(s)
}

// Rank returns how urgent the incident is.
func (i Incident) Rank() Rank { return rankOf(i.State.Open(), i.Severity) }

// Severity is the severity of the incidents of a rank.
func (r Rank) Severity() event.Severity { return event.Severity(r % openRank) }

// States are the states of the incidents of a rank.
func (r Rank) States() []State {
	if r >= openRank {
		return []State{Triggered, Acknowledged}
	}
	return []State{Resolved, Ignored}
}

// Ranks are those that the filter may let through, the most urgent first.
func (f Filter) Ranks() (all []Rank) {
	for _, open := range []bool{true, false} {
		for _, s := range slices.Backward(event.Severities()) {
			if len(f.Severities) == 0 || slices.Contains(f.Severities, s) {
				all = append(all, rankOf(open, s))
			}
		}
	}
	return all
}

// PlaceOf names the place behind an incident in a list of this order, where the next
// page begins. What happens to the incident later does not move it.
func (o Order) PlaceOf(i Incident) string {
	if o != Gravest {
		return i.ID
	}
	return strconv.Itoa(int(i.Rank())) + "_" + i.ID
}

// ReadPlace reads what PlaceOf wrote; the empty place is before all. Of an order other
// than Gravest the rank says nothing.
func (o Order) ReadPlace(place string) (behind Rank, incidentID string, err error) {
	if o != Gravest || place == "" {
		return 2 * openRank, place, nil
	}
	number, incidentID, _ := strings.Cut(place, "_")
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || Rank(n) >= 2*openRank || incidentID == "" {
		return 0, "", fmt.Errorf("%q is no place in a list of incidents, gravest first", place)
	}
	return Rank(n), incidentID, nil
}
