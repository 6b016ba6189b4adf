package notify

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"go.cordon.dev/cordon/internal/event"
)

// Each line: the quiet times, the zone, when an event comes, when it is told.
func TestWhenSomethingIsTold(t *testing.T) {
	const day = "2026-03-" // the 2nd is a Monday; the clocks of Berlin go forward on the 29th
	for _, tt := range []struct{ quiet, zone, now, want string }{
		{"22:00-07:00", "", "02 12:00", "02 12:00"},
		{"22:00-07:00", "", "02 22:00", "03 07:00"},
		{"22:00-07:00", "", "02 06:59", "02 07:00"},
		{"22:00-07:00", "", "02 07:00", "02 07:00"},
		{"22:00-07:00", "Europe/Berlin", "02 21:30", "03 06:00"},
		{"22:00-07:00", "Europe/Berlin", "02 06:30", "02 06:30"},
		{"22:00-07:00", "Europe/Berlin", "28 21:30", "29 05:00"},
		{"sat,sun 00:00-24:00", "", "07 00:00", "09 00:00"},
		{"sat,sun 00:00-24:00", "", "08 23:59", "09 00:00"},
		{"sat,sun 00:00-24:00", "", "06 23:59", "06 23:59"},
		{"fri 18:00-00:00|sat,sun 00:00-24:00", "", "06 19:00", "09 00:00"},
		{"mon-thu 22:00-07:00", "", "06 23:00", "06 23:00"},
		{"mon-thu 22:00-07:00", "", "06 06:00", "06 07:00"},
		{"sat-mon 10:00-11:00", "", "02 10:30", "02 11:00"},
	} {
		m := Manner{Quiet: strings.Split(tt.quiet, "|"), Zone: tt.zone}
		if err := m.Check(); err != nil {
			t.Errorf("%s: %v", tt.quiet, err)
		}
		now, err := time.Parse("2006-01-02 15:04", day+tt.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.when(event.Event{Severity: event.High}, now).Format("2006-01-02 15:04"); got != day+tt.want {
			t.Errorf("%s %s: what comes at %s is told at %s, want %s", tt.quiet, tt.zone, tt.now, got, tt.want)
		}
	}
}

func TestADigestIsToldAtTheEndOfItsPeriodButNotInQuietHours(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	m := Manner{Digest: time.Hour, Quiet: []string{"22:00-07:00"}}
	for now, want := range map[string]string{
		"2026-03-02T12:00:00Z": "2026-03-02T13:00:00Z",
		"2026-03-02T12:59:59Z": "2026-03-02T13:00:00Z",
		"2026-03-02T21:30:00Z": "2026-03-03T07:00:00Z",
	} {
		if got := m.when(event.Event{Severity: event.High}, at(now)); !got.Equal(at(want)) {
			t.Errorf("%s: %s, want %s", now, got, want)
		}
	}
	if now := at("2026-03-02T23:00:00Z"); !m.when(event.Event{Severity: event.Critical}, now).Equal(now) {
		t.Error("what is critical waits")
	}
	m.Urgent = new(event.High)
	if now := at("2026-03-02T23:00:00Z"); !m.when(event.Event{Severity: event.High}, now).Equal(now) {
		t.Error("what is urgent waits")
	}
}

func TestAMannerThatCannotBeIsRefused(t *testing.T) {
	for want, m := range map[string]Manner{
		"digest 10s is not between":           {Digest: 10 * time.Second},
		"digest 25h0m0s is not between":       {Digest: 25 * time.Hour},
		`timezone "Mars/Base" is not`:         {Zone: "Mars/Base"},
		`timezone "Local" is not`:             {Zone: "Local", Quiet: []string{"22:00-07:00"}},
		`quiet time "22-07" does not look`:    {Quiet: []string{"22-07"}},
		`"caturday" is none of`:               {Quiet: []string{"caturday 10:00-11:00"}},
		"no pause for more than 60":           {Quiet: []string{"mon-sun 00:00-24:00"}},
		`quiet time "07:00-07:00" does not`:   {Quiet: []string{"07:00-07:00"}},
		`quiet time "07:00-24:01" does not`:   {Quiet: []string{"07:00-24:01"}},
		"17 quiet times are more than 16":     {Quiet: make([]string, 17)},
		`quiet time "24:00-07:00" does not l`: {Quiet: []string{"24:00-07:00"}},
	} {
		if err := m.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", m, err, want)
		}
	}
}

// Whatever the quiet times: nothing is told in them, nothing before it happens,
// and nothing waits for longer than they may last.
func TestQuietTimesHold(t *testing.T) {
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	rapid.Check(t, func(t *rapid.T) {
		m := Manner{Zone: rapid.SampledFrom([]string{"", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"}).Draw(t, "zone")}
		for range rapid.IntRange(1, 3).Draw(t, "times") {
			hour := rapid.IntRange(0, 23)
			m.Quiet = append(m.Quiet, rapid.SampledFrom(names).Draw(t, "day")+" "+
				time.Time{}.Add(time.Duration(hour.Draw(t, "from"))*time.Hour).Format("15:04")+"-"+
				time.Time{}.Add(time.Duration(hour.Draw(t, "to"))*time.Hour+time.Minute).Format("15:04"))
		}
		if m.Check() != nil {
			return
		}
		now := time.Unix(rapid.Int64Range(1_767_225_600, 1_798_761_600).Draw(t, "now"), 0).UTC()
		told := m.when(event.Event{}, now)
		all, zone, err := m.parse()
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range all {
			if _, quiet := q.end(told.In(zone)); quiet {
				t.Fatalf("%v in %s: told at %s, which is quiet", m.Quiet, m.Zone, told)
			}
		}
		if wait := told.Sub(now); wait < 0 || wait > longestQuiet+2*time.Hour {
			t.Fatalf("%v in %s: %s waits for %s", m.Quiet, m.Zone, now, wait)
		}
	})
}

func FuzzParseQuiet(f *testing.F) {
	for _, s := range []string{"22:00-07:00", "sat,sun 00:00-24:00", "mon-fri,sun 12:30-13:00", "fri-mon 00:00-00:00", " -", "sun-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := parseQuiet(s)
		if err != nil {
			if len(err.Error()) > 500 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		if q.from < 0 || q.from >= dayMinutes || q.to < 1 || q.to > dayMinutes || q.days == [7]bool{} {
			t.Errorf("%q is read as %+v", s, q)
		}
	})
}
