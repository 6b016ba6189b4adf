package parse

import (
	"testing"
	"time"
	_ "time/tzdata" // the zones of the test, on every machine
)

// Times of RFC 3164 have no year and no zone. They are taken for the latest that are
// not ahead, or not by more than a wrong clock in another zone may be.
func TestTimesWithoutAYear(t *testing.T) {
	for name, c := range map[string]struct{ zone, received, line, want string }{
		"on New Year's Day":                           {"UTC", "2026-01-01T00:00:05Z", "Dec 31 23:59:59", "2025-12-31T23:59:59Z"},
		"a clock that is ahead on New Year's Eve":     {"UTC", "2025-12-31T23:59:50Z", "Jan  1 00:00:03", "2026-01-01T00:00:03Z"},
		"the last day of a leap year":                 {"UTC", "2029-01-01T00:10:00Z", "Dec 31 12:00:00", "2028-12-31T12:00:00Z"},
		"a leap day, a month later":                   {"UTC", "2028-03-31T00:00:00Z", "Feb 29 12:00:00", "2028-02-29T12:00:00Z"},
		"a leap day, three years later":               {"UTC", "2027-03-01T00:00:00Z", "Feb 29 12:00:00", "2024-02-29T12:00:00Z"},
		"a leap day that is ahead":                    {"UTC", "2028-02-28T23:59:00Z", "Feb 29 00:00:30", "2028-02-29T00:00:30Z"},
		"a leap day after a century without one":      {"UTC", "2101-03-01T00:00:00Z", "Feb 29 12:00:00", "2096-02-29T12:00:00Z"},
		"no such day":                                 {"UTC", "2026-03-01T00:00:00Z", "Feb 30 12:00:00", "2026-03-01T00:00:00Z"},
		"a clock a day ahead, in a zone a day ahead":  {"Pacific/Niue", "2026-05-01T00:00:00-11:00", "May  3 00:00:00", "2026-05-03T00:00:00-11:00"},
		"a clock a week ahead is one of last year":    {"UTC", "2026-05-01T00:00:00Z", "May  8 00:00:00", "2025-05-08T00:00:00Z"},
		"the zone of the server, in winter":           {"Europe/Berlin", "2026-01-10T12:00:00Z", "Jan 10 12:59:00", "2026-01-10T11:59:00Z"},
		"in summer":                                   {"Europe/Berlin", "2026-07-10T12:00:00Z", "Jul 10 13:59:00", "2026-07-10T11:59:00Z"},
		"an hour that comes twice, the first time":    {"Europe/Berlin", "2026-10-25T00:30:01Z", "Oct 25 02:30:00", "2026-10-25T00:30:00Z"},
		"the second time":                             {"Europe/Berlin", "2026-10-25T01:30:01Z", "Oct 25 02:30:00", "2026-10-25T01:30:00Z"},
		"a clock that is a second ahead in it":        {"Europe/Berlin", "2026-10-25T01:29:59Z", "Oct 25 02:30:00", "2026-10-25T01:30:00Z"},
		"half an hour that comes twice":               {"Australia/Lord_Howe", "2026-04-04T15:15:01Z", "Apr  5 01:45:00", "2026-04-04T15:15:00Z"},
		"an hour that is missing at midnight":         {"Africa/Cairo", "2026-04-23T22:30:10Z", "Apr 24 00:30:00", "2026-04-23T22:30:00Z"},
		"west of Greenwich":                           {"America/Havana", "2026-03-08T05:30:10Z", "Mar  8 00:30:00", "2026-03-08T05:30:00Z"},
		"a year later, the day after clocks were set": {"Europe/Berlin", "2027-10-26T00:00:00Z", "Oct 25 02:30:00", "2027-10-25T00:30:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			received, want := moment(t, c.received).In(zone), moment(t, c.want)
			m := Split(c.line+" web-1 sshd[7]: text", received)
			if !m.Time.Equal(want) {
				t.Errorf("%v, want %v", m.Time, want.In(zone))
			}
		})
	}
}

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
