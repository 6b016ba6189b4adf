package sqlstoretest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/egress/archive"
	"go.cordon.dev/cordon/internal/egress/ledger"
	"go.cordon.dev/cordon/internal/egress/watch"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func endpointScenarios() []scenario {
	return []scenario{
		{"the first decision about an endpoint is told, the others are counted", testFirstSeen},
		{"an endpoint is told once, also when its batch comes again", testFirstSeenAgain},
		{"a decision without a host, or about who came in, is about no endpoint", testWhatIsNoEndpoint},
		{"endpoints are filtered and paged", testEndpointLists},
		{"a review is kept, with its audit record", testEndpointReview},
		{"a scan fills the queue and not the store", testEndpointFold},
		{"old endpoints go, reviewed ones stay", testDropEndpoints},
		{"programs are summed up", testPrograms},
		{"alerts and baselines are stored with their batch", testNews},
	}
}

func endpointsOf(t testing.TB, s *store.Store, f watch.Filter) []watch.Endpoint {
	t.Helper()
	out, err := sqlstore.NewEgress(s).ListEndpoints(storetest.Context(t), f, archive.Page{Limit: 100})
	must(t, err)
	return out
}

// topics are those of the events, the decisions' own left out.
func topics(t testing.TB, s *store.Store) []string {
	t.Helper()
	out := []string{}
	for _, e := range events(t, s) {
		if e.Topic != event.TopicConnectionAllowed {
			out = append(out, e.Topic)
		}
	}
	return out
}

func testFirstSeen(t *testing.T, s *store.Store, _ *clock.Fake) {
	d := []archive.Decision{newDecision(1, "deny", "a.example"), newDecision(2, "deny", "a.example"), newDecision(3, "allow", "b.example")}
	d[0].Reason, d[0].Rule = "default_policy", ""
	archived(t, s, d...)
	archived(t, s, newDecision(4, "allow", "a.example"))
	same(t, "endpoints", []watch.Endpoint{
		{ID: d[2].ID, Node: "n1", Program: "/usr/bin/python3", Host: "b.example", Port: 443, Address: "203.0.113.9", Protocol: "https",
			FirstSeen: noon.Add(3 * time.Second), LastSeen: noon.Add(3 * time.Second), Allowed: 1, LastDecision: "allow", LastReason: "rule", LastRule: "payments"},
		{ID: d[0].ID, Node: "n1", Program: "/usr/bin/python3", Host: "a.example", Port: 443, Address: "203.0.113.9", Protocol: "https",
			FirstSeen: noon.Add(time.Second), LastSeen: noon.Add(4 * time.Second), Allowed: 1, Denied: 2, LastDecision: "allow", LastReason: "rule", LastRule: "payments"},
	}, endpointsOf(t, s, watch.Filter{}))
	same(t, "events", []string{event.TopicEndpointFirstSeen, event.TopicEndpointFirstSeen}, topics(t, s))
	var p event.EndpointFirstSeen
	i := slices.IndexFunc(events(t, s), func(e event.Event) bool { return e.Topic == event.TopicEndpointFirstSeen })
	e := events(t, s)[i]
	must(t, e.Decode(&p))
	if p.EndpointID != d[0].ID || p.Host != "a.example" || p.Decision != "deny" || p.Reason != "default_policy" || e.Severity != event.Low || e.Subject != "a.example:443" {
		t.Errorf("told %+v %+v", e, p)
	}
}

// A host that is named after a secret has no name on record, so there is nothing to
// review. Who comes in is judged by another list of the policy than who goes out.
func testWhatIsNoEndpoint(t *testing.T, s *store.Store, _ *clock.Fake) {
	d := newDecision(1, "deny", "")
	d.Port, d.Reason = 0, "leak"
	in := newDecision(2, "allow", "127.0.0.1")
	in.Entrance = "inbound"
	archived(t, s, d, in)
	same(t, "endpoints", 0, len(endpointsOf(t, s, watch.Filter{})))
	same(t, "events", []string{}, topics(t, s))
}

func testFirstSeenAgain(t *testing.T, s *store.Store, _ *clock.Fake) {
	d := newDecision(1, "deny", "a.example")
	archived(t, s, d)
	archived(t, s, d)
	same(t, "denied", int64(1), endpointsOf(t, s, watch.Filter{})[0].Denied)
	same(t, "events", 1, len(topics(t, s)))
}

func testEndpointLists(t *testing.T, s *store.Store, _ *clock.Fake) {
	d := []archive.Decision{newDecision(1, "deny", "a.example"), newDecision(2, "allow", "b.example"), newDecision(3, "deny", "b.example")}
	d[2].Exe = "/usr/bin/curl"
	archived(t, s, d...)
	e, ctx := sqlstore.NewEgress(s), storetest.Context(t)
	_, err := e.ReviewEndpoint(ctx, d[1].ID, watch.Review{Verdict: watch.AllowHost, By: "ada", At: noon}, entry("egress.endpoint.review"))
	must(t, err)
	for name, c := range map[string]struct {
		filter watch.Filter
		page   archive.Page
		want   []archive.Decision
	}{
		"all, newest first":  {watch.Filter{}, archive.Page{Limit: 9}, []archive.Decision{d[2], d[1], d[0]}},
		"a page":             {watch.Filter{}, archive.Page{Limit: 1, After: d[2].ID}, d[1:2]},
		"that wait":          {watch.Filter{State: watch.StateNew}, archive.Page{Limit: 9}, []archive.Decision{d[2], d[0]}},
		"that were reviewed": {watch.Filter{State: watch.StateReviewed}, archive.Page{Limit: 9}, d[1:2]},
		"by host":            {watch.Filter{Host: "b.example"}, archive.Page{Limit: 9}, []archive.Decision{d[2], d[1]}},
		"by program":         {watch.Filter{Program: "/usr/bin/curl", State: watch.StateNew}, archive.Page{Limit: 9}, d[2:]},
	} {
		got, err := e.ListEndpoints(ctx, c.filter, c.page)
		must(t, err)
		ids := func(id string) func(watch.Endpoint) bool { return func(e watch.Endpoint) bool { return e.ID == id } }
		for i, want := range c.want {
			if len(got) != len(c.want) || slices.IndexFunc(got, ids(want.ID)) != i {
				t.Errorf("%s: %+v", name, got)
				break
			}
		}
	}
	waits, folded, err := e.EndpointQueue(ctx)
	must(t, err)
	same(t, "waiting, folded", [2]int64{2, 0}, [2]int64{waits, folded})
}

func testEndpointReview(t *testing.T, s *store.Store, _ *clock.Fake) {
	d := archived(t, s, newDecision(1, "deny", "a.example"))[0]
	e, ctx := sqlstore.NewEgress(s), storetest.Context(t)
	r := watch.Review{Verdict: watch.Denied, Note: "not ours", By: "ada", At: noon}
	got, err := e.ReviewEndpoint(ctx, d.ID, r, entry("egress.endpoint.review"))
	must(t, err)
	same(t, "the review", &r, got.Review)
	read, err := e.Endpoint(ctx, d.ID)
	must(t, err)
	same(t, "read again", got, read)
	same(t, "audit log", []string{"egress.endpoint.review"}, actions(t, s))
	archived(t, s, newDecision(2, "allow", "a.example"))
	same(t, "stays reviewed", 1, len(endpointsOf(t, s, watch.Filter{State: watch.StateReviewed})))
	if _, err := e.ReviewEndpoint(ctx, id.New(), r, entry("egress.endpoint.review")); !errors.Is(err, watch.ErrNoEndpoint) {
		t.Errorf("of one that is not there: %v", err)
	}
}

// A scan of more hosts than may wait: the queue stays full, what was let out
// stays in it, and what made way is counted.
func testEndpointFold(t *testing.T, s *store.Store, _ *clock.Fake) {
	kept := newDecision(1, "allow", "kept.example")
	archived(t, s, kept)
	n, beyond := 2, 20
	for n < watch.MaxWaiting+beyond {
		var batch []archive.Decision
		for range min(2000, watch.MaxWaiting+beyond-n) {
			batch = append(batch, newDecision(n, "deny", fmt.Sprint("h", n, ".example")))
			n++
		}
		archived(t, s, batch...)
	}
	e, ctx := sqlstore.NewEgress(s), storetest.Context(t)
	waits, folded, err := e.EndpointQueue(ctx)
	must(t, err)
	same(t, "waiting, folded", [2]int64{watch.MaxWaiting, int64(beyond - 1)}, [2]int64{waits, folded})
	_, err = e.Endpoint(ctx, kept.ID)
	must(t, err)
	same(t, "the oldest that was denied", 0, len(endpointsOf(t, s, watch.Filter{Host: "h2.example"})))
	same(t, "the newest", 1, len(endpointsOf(t, s, watch.Filter{Host: fmt.Sprint("h", n-1, ".example")})))
}

func testDropEndpoints(t *testing.T, s *store.Store, _ *clock.Fake) {
	d := archived(t, s, newDecision(1, "allow", "a.example"), newDecision(2, "deny", "b.example"))
	_, err := sqlstore.NewEgress(s).ReviewEndpoint(storetest.Context(t), d[0].ID, watch.Review{Verdict: watch.AllowHost, By: "ada", At: noon}, entry("x"))
	must(t, err)
	drop(t, s, sqlstore.KeptDecisions, time.Now().Add(time.Hour))
	left := endpointsOf(t, s, watch.Filter{})
	if len(left) != 1 || left[0].Host != "a.example" {
		t.Errorf("left %+v", left)
	}
}

func testPrograms(t *testing.T, s *store.Store, _ *clock.Fake) {
	d := []archive.Decision{newDecision(1, "allow", "a.example"), newDecision(2, "deny", "b.example"), newDecision(3, "deny", "b.example")}
	d[2].Exe = ""
	archived(t, s, d...)
	end := d[0].Entry
	end.Kind, end.BytesOut, end.BytesIn = ledger.End, 10, 20
	e, ctx := sqlstore.NewEgress(s), storetest.Context(t)
	must(t, e.Archive(ctx, archive.Batch{Log: theLog(), Head: ledger.Head{Seq: 9, Hash: "h"}, Ends: []ledger.Entry{end}}))
	got, err := e.Programs(ctx, 9)
	must(t, err)
	same(t, "programs", []watch.Program{
		{Destinations: 1, Waiting: 1, Denied: 1, FirstSeen: noon.Add(3 * time.Second), LastSeen: noon.Add(3 * time.Second)},
		{Program: "/usr/bin/python3", Destinations: 2, Waiting: 2, Allowed: 1, Denied: 1, BytesOut: 10, BytesIn: 20, FirstSeen: noon.Add(time.Second), LastSeen: noon.Add(2 * time.Second)},
	}, got)
}

func testNews(t *testing.T, s *store.Store, now *clock.Fake) {
	e, ctx := sqlstore.NewEgress(s), storetest.Context(t)
	a, b := watch.Saved{Pair: watch.Pair{Program: "/bin/x", Host: "a.example"}, State: []byte{1, 0, 255}}, watch.Saved{Pair: watch.Pair{Host: "b.example"}, State: []byte{2}}
	alert, err := event.New(event.Header{Time: noon, Source: "n1/egress", Severity: event.Medium}, event.ThresholdExceeded{Program: "/bin/x"})
	must(t, err)
	save := func(n watch.News) {
		must(t, e.Archive(ctx, archive.Batch{Log: theLog(), Head: ledger.Head{Seq: 1, Hash: "h"}, News: n}))
		now.Advance(time.Second)
	}
	save(watch.News{Saved: []watch.Saved{b}, Alerts: []event.Event{alert}})
	save(watch.News{Saved: []watch.Saved{a}})
	got, err := e.Baselines(ctx, "n1")
	must(t, err)
	same(t, "baselines, the oldest first", []watch.Saved{b, a}, got)
	same(t, "events", []string{event.TopicThresholdExceeded}, topics(t, s))
	for name, row := range map[string]struct {
		which watch.Which
		limit int
		want  []watch.Saved
	}{
		"all, those that changed last first": {watch.Which{}, 9, []watch.Saved{a, b}},
		"the first":                          {watch.Which{}, 1, []watch.Saved{a}},
		"of a program":                       {watch.Which{Program: "/bin/x"}, 9, []watch.Saved{a}},
		"to a host":                          {watch.Which{Node: "n1", Host: "b.example"}, 9, []watch.Saved{b}},
		"of another node":                    {watch.Which{Node: "n2"}, 9, nil},
	} {
		list, err := e.ListBaselines(ctx, row.which, row.limit)
		must(t, err)
		var saved []watch.Saved
		for _, l := range list {
			saved = append(saved, l.Saved)
			if l.Node != "n1" || l.UpdatedAt.Before(noon) {
				t.Errorf("%s: of %q at %v", name, l.Node, l.UpdatedAt)
			}
		}
		same(t, name, row.want, saved)
	}
	a.State = []byte{3}
	save(watch.News{Saved: []watch.Saved{a}, Gone: []watch.Pair{b.Pair}})
	got, err = e.Baselines(ctx, "n1")
	must(t, err)
	same(t, "baselines", []watch.Saved{a}, got)
	other, err := e.Baselines(ctx, "n2")
	must(t, err)
	same(t, "of another node", 0, len(other))
}
