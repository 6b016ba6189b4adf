package anomaly

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	guard "go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
)

func rulesOf(t testing.TB, text string) []*rule.Rule {
	t.Helper()
	all, err := rule.Parse([]byte("rules:\n"+text), Kinds())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func ruledTracker(t testing.TB, text string) *tracker {
	t.Helper()
	tr, err := newTracker(nil, rulesOf(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// at takes a record so many seconds after noon, when what is over is over.
func (t *tracker) at(seconds int, r event.SecurityRecord) {
	r.Time = noon.Add(time.Duration(seconds) * time.Second)
	t.sweep(r.Time)
	t.take([]event.SecurityRecord{r}, r.Time)
}

func TestARuleCountsWhatItsConditionSays(t *testing.T) {
	tr := ruledTracker(t, "  - {id: vpn_guessing, on: [auth_failed], when: 'attributes.service == \"vpn\"', threshold: 3, window: 1m}\n")
	for i := range 3 {
		tr.at(i, failed("203.0.113.9", "root", noon))
	}
	wantStory(t, tr)
	r := failed("203.0.113.9", "root", noon)
	r.Attributes = map[string]string{"service": "vpn"}
	for i := range 4 {
		tr.at(3+i, r)
	}
	tr.sweep(noon.Add(time.Hour))
	wantStory(t, tr, "opened vpn_guessing ip 203.0.113.9 3", "closed vpn_guessing ip 203.0.113.9 4")
}

// One password tried on many users is seen, one user's many tries are not.
func TestDistinctValues(t *testing.T) {
	tr := ruledTracker(t, "  - {id: spraying, on: [auth_failed], by: ip, distinct: {of: user, count: 4}, window: 1m}\n")
	for i := range 40 {
		tr.at(i, failed("203.0.113.9", fmt.Sprint("user", i%3), noon))
	}
	tr.at(40, failed("203.0.113.9", "", noon)) // it does not say
	wantStory(t, tr)
	tr.at(41, failed("198.51.100.9", "user7", noon))
	tr.at(42, failed("203.0.113.9", "user7", noon))
	wantStory(t, tr, "opened spraying ip 203.0.113.9 4")
	tr.at(43, failed("203.0.113.9", "user7", noon))
	tr.sweep(noon.Add(time.Hour))
	wantStory(t, tr, "closed spraying ip 203.0.113.9 5")
}

const breakIn = "  - {id: break_in, by: ip, window: 1m, severity: critical, sequence: [{on: [auth_failed], count: 3}, {on: [http_request], when: 'attributes.status == \"200\"'}]}\n"

func TestASequence(t *testing.T) {
	in := event.SecurityRecord{Kind: event.RecordHTTPRequest, SourceIP: "203.0.113.9", Attributes: map[string]string{"path": "/admin", "status": "200"}}
	for name, c := range map[string]struct {
		fails []int
		in    int
		opens bool
	}{
		"three, then in":            {[]int{0, 1, 2}, 3, true},
		"two, then in":              {[]int{0, 1}, 3, false},
		"in before the third":       {[]int{0, 1, 9}, 3, false},
		"too long ago":              {[]int{0, 1, 2}, 70, false},
		"the latest three count":    {[]int{0, 50, 55, 60}, 100, true},
		"the third is too late":     {[]int{0, 1, 65}, 66, false},
		"exactly a window is over":  {[]int{0, 1, 2}, 60, false},
		"many, slowly, then in":     {[]int{0, 30, 60, 90, 119}, 120, false},
		"many, then in":             {[]int{0, 30, 60, 62, 64}, 100, true},
		"three at once, then in":    {[]int{0, 0, 0}, 0, true},
		"in first, then it is late": {[]int{5, 6, 7}, 4, false},
	} {
		tr := ruledTracker(t, breakIn)
		done := false
		for _, f := range c.fails {
			if !done && c.in < f {
				tr.at(c.in, in)
				done = true
			}
			tr.at(f, failed("203.0.113.9", "root", noon))
		}
		if !done {
			tr.at(c.in, in)
		}
		if got := story(t, tr); (len(got) == 1) != c.opens || c.opens && got[0] != "opened break_in ip 203.0.113.9 4" {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// While a rule cools down its episode goes on, and nothing new opens; a tracker that is
// made anew in between keeps to it.
func TestCooldown(t *testing.T) {
	const text = "  - {id: slow, on: [auth_failed], threshold: 2, window: 1m, cooldown: 1h}\n"
	tr := ruledTracker(t, text)
	twice := func(at int) {
		tr.at(at, failed("203.0.113.9", "root", noon))
		tr.at(at+1, failed("203.0.113.9", "root", noon))
	}
	twice(0)
	wantStory(t, tr, "opened slow ip 203.0.113.9 2")
	tr.at(600, failed("203.0.113.9", "root", noon)) // one is not too much
	wantStory(t, tr)
	twice(1200)
	wantStory(t, tr)
	open := tr.open[place{0, "203.0.113.9"}].Episode
	if open.Count != 3 {
		t.Errorf("%+v", open)
	}
	tr = ruledTracker(t, text)
	tr.restore([]Episode{open}, noon.Add(1300*time.Second))
	twice(2400)
	wantStory(t, tr, "growing slow ip 203.0.113.9 4")
	tr.sweep(noon.Add(2401*time.Second + time.Hour - time.Second))
	wantStory(t, tr)
	tr.sweep(noon.Add(2401*time.Second + time.Hour))
	wantStory(t, tr, "closed slow ip 203.0.113.9 4")
	if len(tr.open)+len(tr.cooling)+len(tr.loose) != 0 {
		t.Errorf("%d open, %d cooling, %d loose", len(tr.open), len(tr.cooling), len(tr.loose))
	}
}

// Against an exact count: a rule says nothing of a key that did not have so many
// different values, and misses none unless it says that it forgot a key.
func TestDistinctAgainstAnExactCount(t *testing.T) {
	for seed := range uint64(20) {
		rules := rulesOf(t, "  - {id: spraying, on: [auth_failed], distinct: {of: user, count: 5}, window: 1m}\n")
		v, r := newValues(rules[0]), rand.New(rand.NewPCG(seed, 1))
		exact := map[string]map[string]int{}
		for now := range 5_000 {
			from, user := netip.AddrFrom4([4]byte{203, 0, byte(r.IntN(2)), byte(r.IntN(200))}), fmt.Sprint(r.IntN(40))
			seen := exact[from.String()]
			if seen == nil {
				seen = map[string]int{}
				exact[from.String()] = seen
			}
			seen[user] = now
			want := 0
			for _, last := range seen {
				if now-last < 600 {
					want++
				}
			}
			n, enough := v.add(guard.SourceKey(from), 1, &event.SecurityRecord{User: user}, noon.Add(time.Duration(now)*100*time.Millisecond))
			if enough && want < 5 || v.lost() == 0 && enough != (want >= 5) || n > want {
				t.Fatalf("seed %d, record %d: %d, %t; %d in truth, %d keys forgotten", seed, now, n, enough, want, v.lost())
			}
		}
	}
}

// Ten million sources take no more memory than the first thousands, and are told of.
func TestRulesRememberInBoundedMemory(t *testing.T) {
	tr := ruledTracker(t, breakIn+"  - {id: spraying, on: [auth_failed], distinct: {of: user, count: 256}, window: 1h}\n")
	for i := range uint32(60_000) {
		from := netip.AddrFrom4([4]byte{byte(i>>24) + 11, byte(i >> 16), byte(i >> 8), byte(i)}).String()
		tr.at(0, failed(from, "root", noon))
	}
	for _, d := range tr.detectors {
		if d.recall.lost() == 0 {
			t.Errorf("%s has forgotten nobody", d.Type)
		}
	}
	wantStory(t, tr)
}

// Other rules come into force without a restart: what is over is over, and what came
// before counts.
func TestRulesChangeWhileTheyRun(t *testing.T) {
	m, now := newMemory(), clock.NewFake(noon)
	s, err := New(Deps{Log: m, Store: m, Node: "n/anomaly", Clock: now, Rules: rulesOf(t, "  - {id: early, on: [auth_failed], threshold: 3}\n")})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = s.Run(ctx) })
	defer running.Wait()
	defer stop()
	until := func(want string) {
		t.Helper()
		for deadline := time.Now().Add(2 * time.Minute); m.story() != want; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s, want %s", m.story(), want)
			}
			if now.Waiting() > 0 {
				now.Advance(time.Second)
			}
		}
	}
	m.add(t, noon, 4)
	until("opened 203.0.113.9 3")
	if err := s.SetRules(rulesOf(t, "  - {id: late, on: [auth_failed], threshold: 5}\n")); err != nil {
		t.Fatal(err)
	}
	m.add(t, noon, 1)
	until("opened 203.0.113.9 3, closed 203.0.113.9 4, opened 203.0.113.9 5")
}

// A rule that stays goes on counting where it was when others come and go.
func TestRulesThatStayCountOn(t *testing.T) {
	ctx, m := t.Context(), newMemory()
	stays := "  - {id: stays, on: [auth_failed], threshold: 3}\n"
	s, err := New(Deps{Log: m, Store: m, Node: "n/anomaly", Clock: clock.NewFake(noon), Rules: rulesOf(t, stays)})
	if err != nil {
		t.Fatal(err)
	}
	for _, rules := range []string{stays, stays + "  - {id: other, on: [rate_limited], threshold: 9}\n", stays} {
		if err := s.SetRules(rulesOf(t, rules)); err != nil {
			t.Fatal(err)
		}
		m.add(t, noon, 1)
		if err := s.CatchUp(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if want := "opened 203.0.113.9 3"; m.story() != want {
		t.Errorf("%q, want %q", m.story(), want)
	}
}

func TestTry(t *testing.T) {
	said, err := Try(rulesOf(t, "  - {id: two, on: [auth_failed], threshold: 2, window: 1m}\n"), []event.SecurityRecord{
		failed("203.0.113.9", "root", noon), failed("203.0.113.9", "root", time.Time{}), failed("198.51.100.9", "root", noon.Add(time.Hour)),
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range said {
		got = append(got, fmt.Sprint(s.State, s.Episode.Key, s.Episode.Count))
	}
	if want := []string{"opened203.0.113.92", "closed203.0.113.92"}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// sixty are rules as operators write them: most are about one service, path or user.
func sixty() string {
	var b strings.Builder
	for i := range 20 {
		fmt.Fprintf(&b, "  - {id: service%d, on: [auth_failed], when: 'attributes.service == \"service-%d\"', threshold: 50}\n", i, i)
		fmt.Fprintf(&b, "  - {id: path%d, on: [http_request], when: 'attributes.path.startsWith(\"/area-%d/\") && attributes.status == \"403\"', threshold: 50}\n", i, i)
		fmt.Fprintf(&b, "  - {id: user%d, on: [auth_failed], when: 'user.endsWith(\"-admin%d\")', by: user, distinct: {of: source_ip, count: 10}}\n", i, i)
	}
	return b.String()
}

// BenchmarkRecord reads a batch of a hundred records, asks sixty rules and all builtin
// detectors about each, and counts. Time and allocations are those of one record.
func BenchmarkRecord(b *testing.B) {
	tr, err := newTracker(guard.Defaults(), rulesOf(b, sixty()))
	if err != nil {
		b.Fatal(err)
	}
	p := event.RecordsReceived{}
	for i := range 100 {
		r := failed(fmt.Sprintf("203.0.%d.%d", i%7, i), fmt.Sprint("user-", i), noon)
		r.Attributes = map[string]string{"service": fmt.Sprintf("service-%d", i%25)}
		if i%2 == 0 {
			r.Kind, r.Attributes = event.RecordHTTPRequest, map[string]string{"path": fmt.Sprintf("/area-%d/page?x=1", i%25), "status": "200", "method": "GET"}
		}
		p.Records = append(p.Records, r)
	}
	e, err := event.New(event.Header{Time: noon, Source: "n/ingest"}, p)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for done := 0; b.Loop(); done++ {
		if done%100 > 0 {
			continue
		}
		var p event.RecordsReceived
		if err := e.Decode(&p); err != nil {
			b.Fatal(err)
		}
		tr.take(p.Records, noon)
	}
}
