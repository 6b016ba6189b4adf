package parse

import (
	"strings"
	"time"
)

// ahead is how far a clock may be ahead of ours before its time, which has no
// year, counts as last year's.
const ahead = 24 * time.Hour

// cutTime takes a time off the beginning of a line.
func cutTime(s string, received time.Time) (at time.Time, rest string, ok bool) {
	if word, rest, ok := strings.Cut(s, " "); ok && len(word) >= len("2006-01-02T15:04:05Z") {
		if at, ok := isoTime(word, received.Location()); ok {
			return at, rest, true
		}
	}
	const form = "Jan _2 15:04:05"
	if len(s) <= len(form) || s[len(form)] != ' ' || s[0] < 'A' { // an address is no month
		return at, s, false
	}
	stamp, err := time.ParseInLocation(form, s[:len(form)], received.Location())
	if err != nil {
		return at, s, false
	}
	return withYear(stamp, received), s[len(form)+1:], true
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
		at := time.Date(year, stamp.Month(), stamp.Day(), stamp.Hour(), stamp.Minute(), stamp.Second(), 0, received.Location())
		if at.Day() == stamp.Day() && !at.After(latest) {
			return at
		}
	}
	return received
}
