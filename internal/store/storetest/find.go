package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
)

// What the events of searched are about, in turn.
var (
	findTopics   = []string{"leak.message.quarantined", "leak.finding.detected", "decky.web-1.traffic", "decky.web_1.state", "incident.i-1.opened"}
	findSubjects = []string{"GITHUB_TOKEN in chat", "50%_off\\", "Straße", "", "İSTANBUL, 300 \u212a", `quoted "GitHub" & <b>`}
)

// searched is a store with n events, one a minute from noon on, and all of them, newest
// first.
func searched(t *testing.T, url string, n int, o store.Options) (*store.Store, []event.Event) {
	now := clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	o.URL, o.Clock = url, now
	s := Open(t, o)
	var all []event.Event
	for i := range n {
		e := Event(t, findSubjects[i%len(findSubjects)])
		e.Topic, e.Severity, e.Time = findTopics[i%len(findTopics)], event.Severities()[i%4], now.Now()
		e.CorrelationID = fmt.Sprint("cause-", i%3)
		all = append(all, e)
		now.Advance(time.Minute)
	}
	must(t, Emit(Context(t), s, all...))
	slices.Reverse(all)
	return s, all
}

// findAll follows a search to its end, and returns how many calls that took.
func findAll(t *testing.T, s *store.Store, f event.Filter, limit int) (all []event.Event, calls int) {
	t.Helper()
	for before := int64(0); ; calls++ {
		found, err := s.FindEvents(Context(t), f, before, limit)
		must(t, err)
		if len(found.Records) > limit {
			t.Fatalf("%d events in a page of %d", len(found.Records), limit)
		}
		if gaveUp := len(found.Records) < limit && found.Next > 0; gaveUp == found.Back.IsZero() {
			t.Fatalf("looked back to %s; %d events, next %d", found.Back, len(found.Records), found.Next)
		}
		all = append(all, bodies(found.Records)...)
		if found.Next == 0 {
			return all, calls + 1
		}
		before = found.Next
	}
}

func passing(all []event.Event, f event.Filter) (some []event.Event) {
	for _, e := range all {
		if f.Passes(e) {
			some = append(some, e)
		}
	}
	return some
}

func testFind(t *testing.T, url string) {
	s, all := searched(t, url, 30, store.Options{})
	middle := all[15].Time
	for name, c := range map[string]struct {
		filter event.Filter
		some   bool // something passes it
	}{
		"everything":                             {event.Filter{}, true},
		"topics":                                 {event.Filter{Topics: []string{"leak.>", "incident.*.opened"}}, true},
		"one topic":                              {event.Filter{Topics: []string{"decky.web_1.state"}}, true},
		"a token is no wildcard":                 {event.Filter{Topics: []string{"decky.*"}}, false},
		"severities":                             {event.Filter{Severities: []event.Severity{event.Info, event.High}}, true},
		"no such severity":                       {event.Filter{Severities: []event.Severity{event.Critical}}, false},
		"since":                                  {event.Filter{Since: middle}, true},
		"since, a moment later":                  {event.Filter{Since: middle.Add(time.Nanosecond)}, true},
		"until":                                  {event.Filter{Until: middle}, true},
		"until, a moment later":                  {event.Filter{Until: middle.Add(time.Nanosecond)}, true},
		"since the year 1":                       {event.Filter{Since: time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC)}, true},
		"until the year 1":                       {event.Filter{Until: time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC)}, false},
		"until the year 9999":                    {event.Filter{Until: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)}, true},
		"until its last hour, elsewhere":         {event.Filter{Until: time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -12*3600))}, true},
		"since its last hour, elsewhere":         {event.Filter{Since: time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -12*3600))}, false},
		"since tomorrow":                         {event.Filter{Since: middle.Add(24 * time.Hour)}, false},
		"subject, in any case":                   {event.Filter{Subject: "github"}, true},
		"subject that LIKE would read":           {event.Filter{Subject: `50%_OFF\`}, true},
		"subject that LIKE would match":          {event.Filter{Subject: "GITHUB TOKEN"}, false},
		"subject with letters":                   {event.Filter{Subject: "STRAẞE"}, true},
		"subject of another alphabet's capitals": {event.Filter{Subject: "istanbul, 300 k"}, true},
		"subject that JSON escapes":              {event.Filter{Subject: `"GitHub" & <B>`}, true},
		"a field of the envelope":                {event.Filter{Subject: "topic"}, false},
		"a cause":                                {event.Filter{CorrelationID: "cause-1"}, true},
		"a cause in another case":                {event.Filter{CorrelationID: "Cause-1"}, false},
		"all at once": {event.Filter{
			Topics: []string{"leak.>"}, Severities: []event.Severity{event.Info}, Since: middle.Add(-time.Hour), Until: middle.Add(time.Hour), Subject: "token", CorrelationID: "cause-0",
		}, true},
	} {
		want := passing(all, c.filter)
		if c.some != (len(want) > 0) {
			t.Fatalf("%s: %d events pass", name, len(want))
		}
		for _, limit := range []int{1, 7, 100} {
			got, _ := findAll(t, s, c.filter, limit)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %d at a time (-want +got):\n%s", name, limit, diff)
			}
		}
	}
}

func testFindGivesUp(t *testing.T, url string) {
	s, all := searched(t, url, 25, store.Options{FindSpan: 4})
	rare := event.Filter{Topics: []string{"incident.>"}}
	got, calls := findAll(t, s, rare, 10)
	if diff := cmp.Diff(passing(all, rare), got); diff != "" || calls != 7 {
		t.Errorf("%d looks at four of 25 events each (-want +got):\n%s", calls, diff)
	}
	found, err := s.FindEvents(Context(t), event.Filter{Subject: "nothing"}, 0, 10)
	if err != nil || len(found.Records) != 0 || found.Next != 22 || !found.Back.Equal(all[3].Time) {
		t.Errorf("first look: %+v, %v; want to go on before 22, back to %s", found, err, all[3].Time)
	}
	for before, want := range map[int64]int{-1: 4, 1: 0, 2: 1, 26: 4, 1 << 60: 4} {
		if found, err := s.FindEvents(Context(t), event.Filter{}, before, 10); err != nil || len(found.Records) != want {
			t.Errorf("before %d: %d events, %v, want %d", before, len(found.Records), err, want)
		}
	}
}

// What is recorded late stands behind what happened after it. A search that begins at a
// time must not begin before its place.
func testFindBetween(t *testing.T, url string) {
	now := clock.NewFake(time.Date(2026, 3, 1, 22, 0, 0, 0, time.UTC))
	s := Open(t, store.Options{URL: url, Clock: now, FindSpan: 250})
	var hour []event.Event
	add := func(subject string, at time.Time) {
		e := Event(t, subject)
		e.Time = at
		hour = append(hour, e)
	}
	for i := range 300 { // from 22:00 to 02:58 of the next day
		add("on time", now.Now())
		if i%30 == 20 {
			add("late", now.Now().Add(-50*time.Minute))
		}
		if i%60 == 59 {
			must(t, Emit(Context(t), s, hour...))
			hour = nil
		}
		now.Advance(time.Minute)
	}
	since, until := time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC), time.Date(2026, 3, 2, 0, 30, 0, 0, time.UTC)
	f := event.Filter{Since: since, Until: until}
	got, calls := findAll(t, s, f, 500)
	late := passing(got, event.Filter{Subject: "late"})
	if len(got) != 62 || len(late) != 2 || calls != 1 {
		t.Errorf("%d events within the hour, %d of them late, in %d looks; want 62, 2, 1", len(got), len(late), calls)
	}
	if got, calls := findAll(t, s, event.Filter{Until: since}, 500); len(got) != 94 || calls != 1 {
		t.Errorf("%d events before, in %d looks; want 94, 1", len(got), calls)
	}
}

func testEventByID(t *testing.T, url string) {
	s, all := searched(t, url, 3, store.Options{})
	got, err := s.Event(Context(t), all[1].ID)
	if diff := cmp.Diff(event.Record{Cursor: event.Cursor{Day: "2026-03-01", Seq: 2}, Event: all[1]}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := s.Event(Context(t), Event(t, "never stored").ID); !errors.Is(err, event.ErrNotFound) {
		t.Errorf("of an unknown event: %v", err)
	}
}

// testStretch reads what happened in a stretch of time, one event at a time.
func testStretch(t *testing.T, url string) {
	s, all := searched(t, url, 1_300, store.Options{})
	slices.Reverse(all)
	from, to := all[100].Time, all[1_200].Time
	for topic, want := range map[string]int{findTopics[0]: 220, findTopics[1]: 220, "nothing.is.said": 0} {
		var got []event.Event
		size := 0
		must(t, s.EachEvent(Context(t), topic, from, to, func(e event.Event, n int) bool {
			got, size = append(got, e), size+n
			return true
		}))
		if len(got) != want || size < 100*want {
			t.Errorf("%s: %d events of %d bytes, want %d", topic, len(got), size, want)
		}
		for i, e := range got {
			if e.Topic != topic || e.Time.Before(from) || !e.Time.Before(to) || i > 0 && !got[i-1].Time.Before(e.Time) {
				t.Errorf("%d: %s at %s", i, e.Topic, e.Time)
			}
		}
	}
	seen := 0
	must(t, s.EachEvent(Context(t), findTopics[0], from, to, func(event.Event, int) bool { seen++; return seen < 7 }))
	if seen != 7 {
		t.Errorf("%d events were read after it was enough", seen-7)
	}
	must(t, Open(t, store.Options{URL: url, Clock: clock.NewFake(to)}).EachEvent(Context(t), findTopics[0], to.AddDate(1, 0, 0), to.AddDate(2, 0, 0), func(event.Event, int) bool {
		t.Error("something of the future was found")
		return false
	}))
}
