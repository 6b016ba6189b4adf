package anomaly

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/event"
)

// replayOf makes a replay of one rule over an hour from noon.
func replayOf(t testing.TB, text string) *Replay {
	t.Helper()
	r, err := rule.One([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewReplay(r, noon, noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// at takes a record so many seconds after noon.
func (p *Replay) at(seconds int, r event.SecurityRecord) {
	r.Time = noon.Add(time.Duration(seconds) * time.Second)
	p.Take([]event.SecurityRecord{r}, r.Time)
}

// before takes a record so many seconds before noon, which is before the stretch.
func (p *Replay) before(seconds int, r event.SecurityRecord) {
	r.Time = noon.Add(time.Duration(seconds) * time.Second)
	p.WarmUp([]event.SecurityRecord{r}, r.Time)
}

func TestAReplaySaysWhatARuleWouldHaveOpened(t *testing.T) {
	p := replayOf(t, "id: a\non: [auth_failed]\nthreshold: 3\nwindow: 1m")
	for i := range 12 {
		p.at(10+i, failed("203.0.113.9", "root", noon))
	}
	p.at(1800, failed("203.0.113.8", "root", noon))
	for i := range 3 {
		p.at(3590+i, failed("203.0.113.7", "bob", noon))
	}
	p.at(3595, event.SecurityRecord{Kind: event.RecordAuthFailed, User: "nobody knows where"})
	p.at(3596, event.SecurityRecord{Kind: event.RecordRateLimited, SourceIP: "203.0.113.9"})
	got := p.End(noon.Add(time.Hour))
	if got.Matched != 17 || got.Keyless != 1 || got.Opened != 2 || len(got.Episodes) != 2 || got.Unjudged {
		t.Fatalf("%+v", got)
	}
	first, last := got.Episodes[0], got.Episodes[1]
	if first.Key != "203.0.113.9" || first.Count != 12 || first.Grown != 2 || first.ClosedAt == nil || !first.ClosedAt.Equal(noon.Add(81*time.Second)) {
		t.Errorf("the first: %+v", first)
	}
	if last.Key != "203.0.113.7" || last.ClosedAt != nil || last.User != "bob" {
		t.Errorf("the last goes on: %+v", last)
	}
}

// What is drawn is how much the worst key had: where that reaches the threshold, an
// episode opens.
func TestAReplayIsDrawnAgainstTheThreshold(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		peaks []int
	}{
		"threshold": {"id: a\non: [auth_failed]\nthreshold: 4\nwindow: 1m", []int{3, 1, 4}},
		"distinct":  {"id: a\non: [auth_failed]\ndistinct: {of: user, count: 4}\nwindow: 1m", []int{3, 1, 4}},
		"sequence":  {"id: a\nwindow: 1m\nsequence: [{on: [auth_failed], count: 3}, {on: [auth_failed], when: 'user == \"u3\"'}]", []int{3, 1, 4}},
	} {
		p := replayOf(t, c.text)
		for i := range 3 {
			p.at(i, failed("203.0.113.9", fmt.Sprintf("u%d", i), noon))
		}
		p.at(600, failed("203.0.113.9", "u0", noon))
		for i := range 4 {
			p.at(1200+i, failed("203.0.113.9", fmt.Sprintf("u%d", i), noon))
		}
		got := p.End(noon.Add(time.Hour))
		var peaks []int
		for _, b := range got.Buckets {
			if b.Matched > 0 {
				peaks = append(peaks, b.Peak)
			}
		}
		if !slices.Equal(peaks, c.peaks) || got.Opened != 1 || got.Width != 31*time.Second || !got.Buckets[1].At.Equal(noon.Add(got.Width)) {
			t.Errorf("%s: peaks %v, opened %d, %+v", name, peaks, got.Opened, got.Buckets)
		}
	}
}

// Whatever is replayed, what is kept of it is bounded.
func TestAReplayIsBounded(t *testing.T) {
	p := replayOf(t, "id: a\non: [auth_failed]\nthreshold: 1\nwindow: 1s")
	for minute := range 60 {
		for i := range 40 {
			p.at(60*minute, failed(fmt.Sprintf("10.0.%d.%d", minute, i), "root", noon))
		}
	}
	p.at(-1000, failed("203.0.113.9", "root", noon))
	p.at(10_000, failed("203.0.113.9", "root", noon))
	got := p.End(noon.Add(3 * time.Hour))
	if len(got.Episodes) != MostEpisodes || got.Opened < 60*31 || len(got.Buckets) > MostBuckets || got.Matched != 2402 {
		t.Errorf("%d of %d episodes, %d buckets, %d records", len(got.Episodes), got.Opened, len(got.Buckets), got.Matched)
	}
	if !slices.ContainsFunc(got.Episodes, func(e Played) bool { return e.KeyKind == Global && e.Count == 10 }) {
		t.Error("those that are too many in a minute are not one")
	}
}

// What a window already holds when the stretch begins counts; what opened before it is no
// anomaly of the stretch.
func TestAReplayKnowsWhatWasBeforeItsStretch(t *testing.T) {
	p := replayOf(t, "id: a\non: [auth_failed]\nthreshold: 4\nwindow: 1m")
	for i := range 4 {
		p.before(-70+i, failed("203.0.113.7", "root", noon)) // is over when the stretch begins
	}
	for i := range 3 {
		p.before(-30+i, failed("203.0.113.9", "root", noon)) // one is missing
	}
	for i := range 4 {
		p.before(-20+i, failed("203.0.113.8", "root", noon)) // goes on
	}
	for i := range 8 {
		p.at(1+i, failed("203.0.113.8", "root", noon))
	}
	p.at(10, failed("203.0.113.9", "root", noon))
	got := p.End(noon.Add(time.Hour))
	if got.Opened != 1 || len(got.Episodes) != 1 || got.Episodes[0].Key != "203.0.113.9" || got.Episodes[0].Count != 4 {
		t.Errorf("opened %d: %+v", got.Opened, got.Episodes)
	}
	if got.Already != 1 || got.Matched != 9 || got.Buckets[0].Peak != 12 {
		t.Errorf("already open %d, matched %d, peak %d", got.Already, got.Matched, got.Buckets[0].Peak)
	}
}

// A stretch in which nothing happens says all the same what was open when it began.
func TestAReplayOfAQuietStretch(t *testing.T) {
	p := replayOf(t, "id: a\non: [auth_failed]\nthreshold: 1\nwindow: 1m")
	p.before(-1, failed("203.0.113.9", "root", noon))
	if got := p.End(noon.Add(time.Hour)); got.Already != 1 || got.Opened != 0 || got.Matched != 0 {
		t.Errorf("%+v", got)
	}
}

func TestRecordsOfLines(t *testing.T) {
	all, err := ReadRecords(strings.NewReader("{\"kind\": \"auth_failed\"}\n\n{\"kind\": \"rate_limited\", \"time\": \"2026-03-14T12:00:00Z\"}\n{\"kind\": \"auth_failed\"}"))
	if err != nil || len(all) != 3 {
		t.Fatal(all, err)
	}
	Timed(all, noon.Add(time.Hour))
	for i, r := range all {
		if !r.Time.Equal(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)) {
			t.Errorf("record %d is of %s", i, r.Time)
		}
	}
	for lines, want := range map[string]string{
		"{\"kind\": \"auth_failed\"}\n{": "line 2: it is no record",
		"{\"kind\": \"auth_failed\"} {}": "line 1: it is no record: something follows",
		"{\"kind\": \"weather\"}":        "line 1: it is no record: kind \"weather\" is not one of",
		"{\"colour\": \"red\"}":          "line 1: it is no record: json: unknown field \"colour\"",
		strings.Repeat("x", MaxLine+1):   "line 1: ",
	} {
		if _, err := ReadRecords(strings.NewReader(lines)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v", lines, err)
		}
	}
}
