package notify

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxQuiet = 16
	// longestQuiet leaves a delivery that waited for the morning half a day to
	// be tried in, before it is too old.
	longestQuiet = 60 * time.Hour
	dayMinutes   = 24 * 60
)

// quietTime is a part of certain days, in whole minutes of the clock on the
// wall. One that ends before it begins reaches into the next day.
type quietTime struct {
	days     [7]bool // by time.Weekday: on which it begins
	from, to int     // minutes from midnight; to is 1 to 1440
}

// parseQuiet reads "22:00-07:00" (every day) or "sat,sun 00:00-24:00".
func parseQuiet(s string) (quietTime, error) {
	days, span, found := strings.Cut(s, " ")
	if !found {
		days, span = "sun-sat", s
	}
	var q quietTime
	var err error
	if q.days, err = parseDays(days); err != nil {
		return q, fmt.Errorf("quiet time %.60q: %w", s, err)
	}
	from, to, _ := strings.Cut(span, "-")
	if q.from, err = parseMinute(from); err == nil {
		q.to, err = parseMinute(to)
	}
	if err != nil || q.from == dayMinutes || q.to == q.from {
		return q, fmt.Errorf("quiet time %.60q does not look like 22:00-07:00 or sat,sun 00:00-24:00", s)
	}
	if q.to == 0 {
		q.to = dayMinutes
	}
	return q, nil
}

func parseMinute(s string) (int, error) {
	h, m, ok := strings.Cut(s, ":")
	hour, errH := strconv.ParseUint(h, 10, 8)
	minute, errM := strconv.ParseUint(m, 10, 8)
	all := int(hour)*60 + int(minute)
	if !ok || len(h) != 2 || len(m) != 2 || errH != nil || errM != nil || minute > 59 || all > dayMinutes {
		return 0, errors.New("not a time such as 07:30")
	}
	return all, nil
}

// parseDays reads "mon", "mon-fri", "sat,sun" and what is made of these.
func parseDays(s string) (days [7]bool, err error) {
	for part := range strings.SplitSeq(s, ",") {
		first, last, ranged := strings.Cut(part, "-")
		a, b := weekday(first), weekday(last)
		if !ranged {
			b = a
		}
		if a < 0 || b < 0 {
			return days, fmt.Errorf("%.20q is none of sun, mon, tue, wed, thu, fri, sat, nor a range of them", part)
		}
		for d := a; ; d = (d + 1) % 7 {
			days[d] = true
			if d == b {
				break
			}
		}
	}
	return days, nil
}

func weekday(s string) int {
	return slices.Index([]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, s)
}

// end is when a quiet time that holds at t is over; ok is false when it does
// not hold. It looks at the one that began today and the one of yesterday.
func (q quietTime) end(t time.Time) (end time.Time, ok bool) {
	for back := range 2 {
		y, m, d := t.Date()
		day := time.Date(y, m, d-back, 0, 0, 0, 0, t.Location())
		if !q.days[day.Weekday()] {
			continue
		}
		till := q.to
		if till <= q.from {
			till += dayMinutes
		}
		from := time.Date(y, m, d-back, 0, q.from, 0, 0, t.Location())
		over := time.Date(y, m, d-back, 0, till, 0, 0, t.Location())
		if !t.Before(from) && t.Before(over) {
			return over, true
		}
	}
	return t, false
}

// quietUntil is the first time from t on in which none of the quiet times
// holds. They may follow each other.
func quietUntil(all []quietTime, t time.Time) time.Time {
	for range 7 * maxQuiet {
		was := t
		for _, q := range all {
			if end, ok := q.end(t); ok {
				t = end
			}
		}
		if t.Equal(was) {
			return t
		}
	}
	return t
}

// tooQuiet looks through a week, from the beginning of each quiet time, for a
// stretch that nothing interrupts for too long.
func tooQuiet(all []quietTime, zone *time.Location) bool {
	for _, q := range all {
		for day := 1; day <= 7; day++ { // a week of January
			begin := time.Date(2026, 1, day, 0, q.from, 0, 0, zone)
			if quietUntil(all, begin).Sub(begin) > longestQuiet {
				return true
			}
		}
	}
	return false
}
