package sqlstoretest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/egress/archive"
	"go.cordon.dev/cordon/internal/egress/killswitch"
	"go.cordon.dev/cordon/internal/egress/ledger"
	"go.cordon.dev/cordon/internal/egress/policies"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func egressScenarios() []scenario {
	return []scenario{
		{"decisions come back whole, with their events", testDecisions},
		{"lists are filtered and paged", testDecisionLists},
		{"a batch that comes again changes nothing", testDecisionsAgain},
		{"the end of a flow is told once", testFlowEnds},
		{"destinations and days are counted", testDestinations},
		{"hostile texts are stored", testDecisionTexts},
		{"how far a log was stored is kept by node and folder", testLogHeads},
		{"old decisions and destinations go", testDropDecisions},
		{"a kill switch is kept by node", testSwitches},
		{"versions of a policy follow one another", testPolicies},
	}
}

func theLog() archive.Log { return archive.Log{Node: "n1", Dir: "/var/lib/cordon/egress"} }

func newDecision(n int, verdict, host string) archive.Decision {
	return archive.Decision{Node: "n1", Line: ledger.Line{Seq: uint64(n), ID: id.New(), Entry: ledger.Entry{
		Kind: ledger.Decision, Flow: fmt.Sprint("flow-", n), Time: noon.Add(time.Duration(n) * time.Second), Decision: verdict, Rule: "payments",
		Reason: "rule", Detail: "a sentence", Would: "deny", Entrance: "connect", Client: "127.0.0.1", Host: host, Port: 443, Address: "203.0.113.9",
		Protocol: "https", Method: "POST", URL: "https://" + host + "/v1", PID: 4242, Exe: "/usr/bin/python3", Cmdline: "python3 pay.py",
		SourceFile: "pay.py", SourceLine: 7, Function: "charge", Findings: []ledger.Finding{{Rule: "github-token", Redacted: "ghp_****9fK", Fingerprint: "v1:a:b"}},
	}}}
}

// archived stores decisions as one batch and returns them as they are listed.
func archived(t testing.TB, s *store.Store, ds ...archive.Decision) []archive.Decision {
	t.Helper()
	b := archive.Batch{Log: theLog(), Head: ledger.Head{Seq: ds[len(ds)-1].Seq, Hash: "h"}, Decisions: ds}
	for _, d := range ds {
		e, err := event.New(event.Header{Time: noon, Source: "n1/egress", Severity: event.Info}, event.ConnectionAllowed{Connection: event.Connection{DecisionID: d.ID}})
		must(t, err)
		e.ID = d.ID
		b.Events = append(b.Events, e)
	}
	must(t, sqlstore.NewEgress(s).Archive(storetest.Context(t), b))
	return ds
}

func listed(t testing.TB, s *store.Store, f archive.Filter, p archive.Page) []archive.Decision {
	t.Helper()
	out, err := sqlstore.NewEgress(s).ListDecisions(storetest.Context(t), f, p)
	must(t, err)
	return out
}

func testDecisions(t *testing.T, s *store.Store, _ *clock.Fake) {
	d := archived(t, s, newDecision(1, "allow", "api.example.com"))
	same(t, "decisions", d, listed(t, s, archive.Filter{}, archive.Page{Limit: 10}))
	es := events(t, s)
	if len(es) != 2 || es[0].ID != d[0].ID || es[0].Topic != event.TopicConnectionAllowed {
		t.Errorf("events %+v", es)
	}
}

func testDecisionLists(t *testing.T, s *store.Store, _ *clock.Fake) {
	all := []archive.Decision{newDecision(1, "allow", "a.example"), newDecision(2, "deny", "b.example"), newDecision(3, "allow", "b.example")}
	all[1].Findings = []ledger.Finding{}
	archived(t, s, all...)
	for name, c := range map[string]struct {
		filter archive.Filter
		page   archive.Page
		want   []archive.Decision
	}{
		"all, newest first":  {archive.Filter{}, archive.Page{Limit: 9}, []archive.Decision{all[2], all[1], all[0]}},
		"a page":             {archive.Filter{}, archive.Page{Limit: 1}, all[2:]},
		"the page behind it": {archive.Filter{}, archive.Page{Limit: 1, After: all[2].ID}, all[1:2]},
		"by verdict":         {archive.Filter{Decision: "deny"}, archive.Page{Limit: 9}, all[1:2]},
		"by host":            {archive.Filter{Host: "a.example"}, archive.Page{Limit: 9}, all[:1]},
		"by two things":      {archive.Filter{Host: "b.example", Decision: "allow"}, archive.Page{Limit: 9}, all[2:]},
		"by program":         {archive.Filter{Program: "/usr/bin/curl"}, archive.Page{Limit: 9}, nil},
		"with secrets":       {archive.Filter{Findings: true}, archive.Page{Limit: 9}, []archive.Decision{all[2], all[0]}},
		"by rule":            {archive.Filter{Rule: "payments"}, archive.Page{Limit: 1}, all[2:]},
	} {
		same(t, name, c.want, listed(t, s, c.filter, c.page))
	}
}

func testDecisionsAgain(t *testing.T, s *store.Store, _ *clock.Fake) {
	d := newDecision(1, "allow", "a.example")
	archived(t, s, d)
	archived(t, s, d)
	same(t, "decisions", 1, len(listed(t, s, archive.Filter{}, archive.Page{Limit: 9})))
	same(t, "events", 2, len(events(t, s))) // its own, and that of the endpoint that was first seen
	ds, err := sqlstore.NewEgress(s).Destinations(storetest.Context(t), 9)
	must(t, err)
	same(t, "counted", int64(1), ds[0].Allowed)
}

func testFlowEnds(t *testing.T, s *store.Store, _ *clock.Fake) {
	d := archived(t, s, newDecision(1, "allow", "a.example"))[0]
	end := ledger.Entry{Kind: ledger.End, Flow: d.Flow, Host: d.Host, Time: noon.Add(time.Minute), BytesOut: 10, BytesIn: 20, Cut: "kill switch"}
	for range 2 {
		must(t, sqlstore.NewEgress(s).Archive(storetest.Context(t), archive.Batch{Log: theLog(), Head: ledger.Head{Seq: 2, Hash: "h2"}, Ends: []ledger.Entry{end}}))
	}
	d.BytesOut, d.BytesIn, d.Cut, d.EndedAt = 10, 20, "kill switch", ptr(noon.Add(time.Minute))
	same(t, "the decision", []archive.Decision{d}, listed(t, s, archive.Filter{}, archive.Page{Limit: 9}))
	ds, err := sqlstore.NewEgress(s).Destinations(storetest.Context(t), 9)
	must(t, err)
	same(t, "bytes in", int64(20), ds[0].BytesIn)
}

func testDestinations(t *testing.T, s *store.Store, _ *clock.Fake) {
	denied := newDecision(2, "deny", "a.example")
	denied.Reason = "expired"
	archived(t, s, newDecision(1, "allow", "a.example"), denied)
	archived(t, s, newDecision(3, "allow", "b.example"))
	e, ctx := sqlstore.NewEgress(s), storetest.Context(t)
	ds, err := e.Destinations(ctx, 9)
	must(t, err)
	same(t, "destinations", []archive.Destination{
		{Host: "b.example", Allowed: 1, FirstSeen: noon.Add(3 * time.Second), LastSeen: noon.Add(3 * time.Second), LastDecision: "allow", LastReason: "rule"},
		{Host: "a.example", Allowed: 1, Denied: 1, FirstSeen: noon.Add(time.Second), LastSeen: noon.Add(2 * time.Second), LastDecision: "deny", LastReason: "expired"},
	}, ds)
	day := noon.Format(time.DateOnly)
	days, err := e.DayCounts(ctx, day)
	must(t, err)
	same(t, "days", []archive.DayCount{{Day: day, Decision: "allow", Reason: "rule", Total: 2}, {Day: day, Decision: "deny", Reason: "expired", Total: 1}}, days)
}

// What is asked for may be anything: a name of 253 characters, bytes that are
// no text.
func testDecisionTexts(t *testing.T, s *store.Store, _ *clock.Fake) {
	d := newDecision(1, "deny", strings.Repeat("ä", 253))
	d.Exe, d.Method, d.Flow, d.Rule = strings.Repeat("/x", 300), "A\x00\xff", strings.Repeat("f", 500), strings.Repeat("r", 500)
	archived(t, s, d)
	got := listed(t, s, archive.Filter{Host: d.Host, Program: d.Exe}, archive.Page{Limit: 9})
	if len(got) != 1 || got[0].Host != d.Host || got[0].Exe != d.Exe || got[0].Method != "A\uFFFD\uFFFD" {
		t.Errorf("got %+v", got)
	}
}

func testLogHeads(t *testing.T, s *store.Store, _ *clock.Fake) {
	e, ctx := sqlstore.NewEgress(s), storetest.Context(t)
	none, err := e.Archived(ctx, theLog())
	must(t, err)
	same(t, "of a new log", ledger.Head{}, none)
	archived(t, s, newDecision(7, "allow", "a.example"))
	for log, want := range map[archive.Log]ledger.Head{
		theLog(): {Seq: 7, Hash: "h"}, {Node: "n2", Dir: theLog().Dir}: {}, {Node: "n1", Dir: "/elsewhere"}: {},
	} {
		got, err := e.Archived(ctx, log)
		must(t, err)
		same(t, fmt.Sprint("head of ", log), want, got)
	}
}

func testDropDecisions(t *testing.T, s *store.Store, _ *clock.Fake) {
	archived(t, s, newDecision(1, "allow", "a.example"))
	same(t, "dropped too early", 0, drop(t, s, sqlstore.KeptDecisions, noon.Add(-time.Hour)))
	same(t, "dropped", 1, drop(t, s, sqlstore.KeptDecisions, time.Now().Add(time.Hour)))
	ds, err := sqlstore.NewEgress(s).Destinations(storetest.Context(t), 9)
	must(t, err)
	same(t, "destinations", 0, len(ds))
	same(t, "decisions", 0, len(listed(t, s, archive.Filter{}, archive.Page{Limit: 9})))
}

func testPolicies(t *testing.T, s *store.Store, _ *clock.Fake) {
	e, ctx := sqlstore.NewEgress(s), storetest.Context(t)
	_, err := e.LastPolicy(ctx, "n1")
	if !errors.Is(err, policies.ErrNone) {
		t.Errorf("of a node without one: %v", err)
	}
	var all []policies.Version
	for n := int64(1); n <= 3; n++ {
		v := policies.Version{
			Number: n, Document: fmt.Sprintf("# é %d\nmode: strict\n", n), Hash: fmt.Sprint("hash-", n), Author: "ada", Reason: "because", Origin: policies.FromAPI, Time: noon,
		}
		must(t, e.SavePolicy(ctx, "n1", v, entry("egress.policy.change")))
		all = append(all, v)
	}
	if err := e.SavePolicy(ctx, "n1", all[2], entry("egress.policy.change")); !errors.Is(err, policies.ErrConflict) {
		t.Errorf("a number that is taken: %v", err)
	}
	must(t, e.SavePolicy(ctx, "n2", all[0], entry("egress.policy.change")))
	last, err := e.LastPolicy(ctx, "n1")
	must(t, err)
	same(t, "the last", all[2], last)
	one, err := e.Policy(ctx, "n1", 1)
	must(t, err)
	same(t, "the first", all[0], one)
	list, err := e.Policies(ctx, "n1", 3, 1)
	must(t, err)
	all[1].Document = ""
	same(t, "a page", all[1:2], list)
	same(t, "audit log", 4, len(actions(t, s)))
}

func testSwitches(t *testing.T, s *store.Store, _ *clock.Fake) {
	e, ctx := sqlstore.NewEgress(s), storetest.Context(t)
	for _, want := range []killswitch.State{
		{On: true, Reason: "leaked", By: "ada", Since: noon}, {On: false, Reason: "over", By: "bob", Since: noon.Add(time.Hour)},
	} {
		must(t, e.TurnKillSwitch(ctx, "n1", want, entry("egress.killswitch.on")))
		got, err := e.KillSwitch(ctx, "n1")
		must(t, err)
		same(t, "the switch", want, got)
	}
	other, err := e.KillSwitch(ctx, "n2")
	must(t, err)
	same(t, "of a node whose switch nobody turned", killswitch.State{}, other)
	same(t, "audit log", 2, len(actions(t, s)))
}
