package attacker

import (
	"fmt"
	"math/bits"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// Term is one reason for points.
type Term struct {
	Name   string // a stable word
	Points int
	Why    string // in a sentence
}

// maxScore is the most that a score can be.
const maxScore = 100

// rule is one line of the score: points for being there at all, more at each
// doubling, never more than most.
type rule struct {
	name             string
	count            int
	once, each, most int
	before           string // words in front of the number
	one, many        string // behind it
}

// rules are all that counts, the gravest first. A change of a figure would change
// every score, so figures are not configured.
func (a Attacker) rules() []rule {
	return []rule{
		{name: "leaked_secret", count: a.Leaked, once: 60, each: 10, most: 80, before: "tried a leaked secret", one: "time", many: "times"},
		{name: "uploads", count: a.Acts["upload"], once: 20, each: 4, most: 32, before: "left", one: "file", many: "files"},
		{name: "fetches", count: a.Acts["fetch"], once: 18, each: 4, most: 30, before: "had a decky fetch something", one: "time", many: "times"},
		{name: "logged_in", count: a.Logins, once: 15, each: 3, most: 24, before: "was let in", one: "time", many: "times"},
		{name: "forwards", count: a.Acts["forward"], once: 12, each: 3, most: 21, before: "wanted to go on through a decky", one: "time", many: "times"},
		{name: "commands", count: a.Acts["command"] + a.Acts["query"], once: 6, each: 2, most: 20, before: "gave", one: "command or query", many: "commands and queries"},
		{name: "downloads", count: a.Acts["download"], once: 6, each: 2, most: 14, before: "read", one: "file", many: "files"},
		{name: "spread", count: a.Deckies - 1, once: 5, each: 3, most: 20, before: "went on to", one: "other decky", many: "other deckies"},
		{name: "attempts", count: a.Acts[attempt], once: 2, each: 1, most: 15, before: "tried to log in", one: "time", many: "times"},
		{name: "interacted", count: a.Interacted, once: 3, each: 2, most: 9, before: "used", one: "kind of service", many: "kinds of services"},
		{name: "claims", count: a.Claims, once: 2, each: 1, most: 8, before: "claimed to be", one: "other address", many: "other addresses"},
		{name: "returned", count: a.Days - 1, once: 3, each: 2, most: 11, before: "came back on", one: "other day", many: "other days"},
		{name: "scanned", count: a.Services, once: 1, each: 1, most: 5, before: "looked at", one: "kind of service", many: "kinds of services"},
	}
}

// Terms are the reasons for an attacker's score, the gravest kind first. Their
// points together are the score, except that it is never more than 100.
func (a Attacker) Terms() []Term {
	var out []Term
	for _, r := range a.rules() {
		if r.count > 0 {
			out = append(out, r.term())
		}
	}
	return out
}

// term gives once for the first and each for every doubling behind it.
func (r rule) term() Term {
	noun := r.many
	if r.count == 1 {
		noun = r.one
	}
	points := min(r.once+r.each*(bits.Len(uint(r.count))-1), r.most)
	return Term{Name: r.name, Points: points, Why: fmt.Sprintf("%s %d %s", r.before, r.count, noun)}
}

func total(terms []Term) (sum int) {
	for _, t := range terms {
		sum += t.Points
	}
	return min(sum, maxScore)
}

// Thresholds are the scores of which somebody is told.
func Thresholds() []int { return []int{25, 50, 75, 90} }

// level is how grave it is to reach a threshold.
func level(threshold int) event.Severity {
	switch {
	case threshold >= 90:
		return event.Critical
	case threshold >= 75:
		return event.High
	case threshold >= 50:
		return event.Medium
	}
	return event.Low
}

// Crossed are the events of the thresholds between an attacker's score before and
// now: one for each.
func (a Attacker) Crossed(before int, source string, now time.Time) ([]event.Event, error) {
	var out []event.Event
	for _, t := range Thresholds() {
		if before >= t || a.Score < t {
			continue
		}
		p := event.AttackerScored{AttackerID: a.ID, SourceIP: a.Address.String(), Score: a.Score, Threshold: t, OccurredAt: a.LastSeen}
		for _, term := range a.Terms() {
			p.Terms = append(p.Terms, event.ScoreTerm{Term: term.Name, Points: term.Points, Why: term.Why})
		}
		h := event.Header{Time: now, Source: source, Severity: level(t), Subject: fmt.Sprintf("%s scores %d", a.Address, a.Score)}
		e, err := event.New(h, p)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}
