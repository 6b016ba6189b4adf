package parse

import (
	"strings"
	"time"
)

// ahead is how far a clock may be ahead of ours before its time, which has no
// year, counts as last year's: one that is a day ahead, in a zone that is, too.
const ahead = 2 * 24 * time.Hour

// cutTime takes a time off the beginning of a line.
func cutTime(s string, received time.Time) (at time.Time, rest string, ok bool) {
	if word, rest, ok := strings.Cut(s, " "); ok && len(word) >= len("2006-01-02T15:04:05Z") {
		if at, ok := isoTime(word, received.Location()); ok {
			return at, rest, true
		}
	}
	end := endOfOldTime(s)
	if end == 0 {
		return at, s, false
	}
	stamp, err := time.ParseInLocation("Jan _2 15:04:05", s[:end], received.Location()) // fractions, too
	if err != nil {
		return at, s, false
	}
	return withYear(stamp, received), s[end+1:], true
}

// endOfOldTime is where a time as RFC 3164 has it ends: with a day of two places, or as
// some devices write it of one, and with the fractions that journalctl -o short-precise
// adds. 0: there is none.
func endOfOldTime(s string) int {
	const month, shortest, longest = len("Jan "), len("Jan 2 15:04:05"), len("Jan 12 15:04:05.123456789")
	if len(s) <= shortest || s[0] < 'A' { // an address is no month
		return 0
	}
	s = s[:min(len(s), longest+1)]
	day := strings.IndexByte(s[month+1:], ' ')
	if day < 0 {
		return 0
	}
	clock := month + 1 + day + 1
	end := strings.IndexByte(s[clock:], ' ')
	if end < 0 {
		return 0
	}
	return clock + end
}

// isoTime reads ISO 8601 as RFC 3339 has it, and as journalctl writes it, whose
// zone has no colon.
func isoTime(word string, zone *time.Location) (time.Time, bool) {
	if word[4] != '-' || word[10] != 'T' {
		return time.Time{}, false
	}
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700"} {
		if at, err := time.ParseInLocation(form, word, zone); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// withYear finds the latest year in which a day and time are not ahead of
// received. Four years back there is a February 29; a century may leave one out.
func withYear(stamp, received time.Time) time.Time {
	latest := received.Add(ahead)
	for year := latest.Year(); year >= received.Year()-8; year-- {
		if !hasDay(year, stamp) {
			continue
		}
		at := time.Date(year, stamp.Month(), stamp.Day(), stamp.Hour(), stamp.Minute(), stamp.Second(), stamp.Nanosecond(), received.Location())
		if at = nearest(at, stamp.Hour(), received); !at.After(latest) {
			return at
		}
	}
	return received
}

// hasDay reports whether a year has the day of a stamp, which a February 29 needs.
// Where clocks are set forward at midnight, the hour may be missing, but not the day.
func hasDay(year int, stamp time.Time) bool {
	return time.Date(year, stamp.Month(), stamp.Day(), 0, 0, 0, 0, time.UTC).Day() == stamp.Day()
}

// nearest is at or, when clocks were set and showed its time twice, or not its hour at
// all, whatever is nearer to when the line was received: most are read as soon as they
// are written.
func nearest(at time.Time, hour int, received time.Time) time.Time {
	best, missing := at, at.Hour() != hour
	start, end := at.ZoneBounds()
	for _, change := range []time.Time{start, end} {
		if change.IsZero() {
			continue
		}
		_, before := change.Add(-time.Second).Zone()
		_, after := change.Zone()
		back := time.Duration(before-after) * time.Second
		for _, other := range []time.Time{at.Add(back), at.Add(-back)} {
			if (missing || sameClock(at, other)) && received.Sub(other).Abs() < received.Sub(best).Abs() {
				best = other
			}
		}
	}
	return best
}

// sameClock reports whether two times look the same on a clock of their zone.
func sameClock(a, b time.Time) bool {
	const clock = "2006-01-02 15:04:05"
	return a.Format(clock) == b.Format(clock)
}
