package sqlstoretest

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/attacker"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func attackerScenarios() []scenario {
	return []scenario{
		{"one address is one attacker, said once", testOneAttacker},
		{"what he touched is counted once, over batches", testTouched},
		{"a threshold is told once, over batches", testScored},
		{"lists are ordered and paged", testAttackerLists},
		{"leaks are a sample and a total", testAttackerLeaks},
		{"his way goes from decky to decky", testTraversal},
		{"a secret in two places is a reuse, told at each growth", testReuse},
		{"a secret by two addresses is one, too", testReuseByAddresses},
		{"what answers a challenge never is", testNoReuse},
		{"reuses are filtered and paged", testReuseLists},
		{"observations and cursor are stored together", testAttackerCursor},
		{"who was not seen for long goes, with all that is known of him", testDropAttackers},
	}
}

func act(address, decky, kind, what string) attacker.Observation {
	return attacker.Observation{
		EventID: id.New(), At: noon, Address: netip.MustParseAddr(address), Decky: decky, Service: kind, Session: "s", Type: what, Times: 1,
		Interaction: what == "command",
	}
}

func secretTry(address, decky, kind, print string) attacker.Observation {
	o := act(address, decky, kind, "login_attempt")
	o.Secret = &attacker.Secret{Fingerprint: print, Kind: "plaintext"}
	return o
}

// beheld applies observations as one batch.
func beheld(t testing.TB, s *store.Store, all ...attacker.Observation) {
	t.Helper()
	must(t, sqlstore.NewAttackers(s).Observe(storetest.Context(t), nextSpan(t, s, "attacker"), all, "n1/attacker"))
}

func whoIs(t testing.TB, s *store.Store, address string) attacker.Attacker {
	t.Helper()
	a, err := sqlstore.NewAttackers(s).Attacker(storetest.Context(t), event.AttackerID(netip.MustParseAddr(address)))
	must(t, err)
	return a
}

// told are the events of a topic.
func told[P any](t testing.TB, s *store.Store, topic string) (out []P) {
	t.Helper()
	for _, e := range events(t, s) {
		if e.Topic == topic {
			var p P
			must(t, e.Decode(&p))
			out = append(out, p)
		}
	}
	return out
}

func testOneAttacker(t *testing.T, s *store.Store, _ *clock.Fake) {
	beheld(t, s, act("203.0.113.9", "web-1", "ssh", "connected"), act("203.0.113.9", "web-1", "ssh", "command"), act("2001:db8::1", "web-1", "ssh", "connected"))
	beheld(t, s, act("203.0.113.9", "web-1", "ssh", "connected"))
	got := whoIs(t, s, "203.0.113.9")
	want := attacker.Attacker{
		ID: event.AttackerID(netip.MustParseAddr("203.0.113.9")), Address: netip.MustParseAddr("203.0.113.9"), FirstSeen: noon, LastSeen: noon, LastDay: "2026-03-01",
		Days: 1, Sessions: 2, Deckies: 1, Services: 1, Interacted: 1, Acts: map[string]int{"connected": 2, "command": 1}, Score: got.Score,
	}
	same(t, "attacker", fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", got))
	first := told[event.AttackerObserved](t, s, event.TopicAttackerObserved)
	if len(first) != 2 || first[0].SourceIP != "203.0.113.9" || first[0].AttackerID != got.ID || first[0].Decky != "web-1" {
		t.Errorf("observed %+v", first)
	}
	if _, err := sqlstore.NewAttackers(s).Attacker(storetest.Context(t), "nobody"); !errors.Is(err, attacker.ErrNotFound) {
		t.Errorf("one that there is not: %v", err)
	}
}

func testTouched(t *testing.T, s *store.Store, _ *clock.Fake) {
	const he = "203.0.113.9"
	beheld(t, s, act(he, "web-1", "ssh", "connected"), act(he, "web-1", "http", "connected"), act(he, "db-1", "ssh", "connected"))
	beheld(t, s, act(he, "web-1", "ssh", "connected"), act(he, "db-2", "ssh", "command"), act(he, "web-1", "ssh", "command"))
	got := whoIs(t, s, he)
	if got.Deckies != 3 || got.Services != 2 || got.Interacted != 1 || got.Sessions != 4 {
		t.Errorf("%+v", got)
	}
	places, err := sqlstore.NewAttackers(s).Services(storetest.Context(t), got.ID)
	must(t, err)
	same(t, "services", []attacker.Place{
		{Service: "ssh", FirstSeen: noon, LastSeen: noon, Events: 5, Interactions: 2}, {Service: "http", FirstSeen: noon, LastSeen: noon, Events: 1},
	}, places)
}

func testScored(t *testing.T, s *store.Store, _ *clock.Fake) {
	const he = "203.0.113.9"
	beheld(t, s, act(he, "web-1", "ssh", "connected"), act(he, "web-1", "ssh", "logged_in"), act(he, "web-1", "ssh", "command"))
	beheld(t, s, act(he, "web-1", "ssh", "upload"), act(he, "web-1", "ssh", "fetch"))
	beheld(t, s, act(he, "web-1", "ssh", "upload"))
	var got []string
	for _, p := range told[event.AttackerScored](t, s, event.TopicAttackerScored) {
		got = append(got, fmt.Sprint(p.Threshold, " ", p.SourceIP, " ", p.Terms[0].Term))
	}
	same(t, "thresholds", []string{"25 203.0.113.9 logged_in", "50 203.0.113.9 uploads"}, got)
}

func testAttackerLists(t *testing.T, s *store.Store, _ *clock.Fake) {
	for n := range 7 {
		o := act(fmt.Sprint("203.0.113.", n), "web-1", "ssh", "connected")
		o.At = noon.Add(time.Duration(n/2) * time.Minute) // two at a time
		beheld(t, s, o)
		if n%3 == 0 {
			o.Type = "upload"
			beheld(t, s, o)
		}
	}
	a, ctx := sqlstore.NewAttackers(s), storetest.Context(t)
	for _, order := range []attacker.Order{attacker.ByTime, attacker.ByScore, ""} {
		whole, next, err := a.Attackers(ctx, attacker.Filter{Order: order}, "", 100)
		must(t, err)
		if len(whole) != 7 || next != "" || !slices.IsSortedFunc(whole, func(x, y attacker.Attacker) int {
			if order == attacker.ByScore {
				return y.Score - x.Score
			}
			return y.LastSeen.Compare(x.LastSeen)
		}) {
			t.Errorf("by %q: %d, next %q", order, len(whole), next)
		}
		var paged []attacker.Attacker
		for page, before := []attacker.Attacker(nil), ""; ; {
			page, before, err = a.Attackers(ctx, attacker.Filter{Order: order}, before, 2)
			must(t, err)
			if paged = append(paged, page...); before == "" {
				break
			}
		}
		same(t, "paged by "+string(order), fmt.Sprint(whole), fmt.Sprint(paged))
	}
	bad, _, err := a.Attackers(ctx, attacker.Filter{MinScore: 20}, "", 9)
	must(t, err)
	same(t, "with a score", 3, len(bad))
	if _, _, err := a.Attackers(ctx, attacker.Filter{}, "nonsense", 9); err == nil {
		t.Error("a page behind nonsense")
	}
}

// LEAK: ten are shown, all are counted; from twenty on it is a list that somebody
// works through.
func testAttackerLeaks(t *testing.T, s *store.Store, _ *clock.Fake) {
	for n := range attacker.Rotation {
		o := act("203.0.113.9", "web-1", "http", "request")
		o.Claimed, o.ClaimedBy, o.At = fmt.Sprint("198.51.100.", n), "X-Forwarded-For", noon.Add(time.Duration(n)*time.Second)
		beheld(t, s, o, o)
		got, err := sqlstore.NewAttackers(s).Leaks(storetest.Context(t), event.AttackerID(o.Address))
		must(t, err)
		if got.Total != n+1 || len(got.Sample) != min(n+1, attacker.LeakSample) || got.Rotation != (n+1 >= 20) {
			t.Errorf("after %d: %d of %d, rotation %t", n+1, len(got.Sample), got.Total, got.Rotation)
		}
		same(t, "the first", attacker.Leak{
			Address: "198.51.100.0", Header: "X-Forwarded-For", Decky: "web-1", Session: "s", LogID: got.Sample[0].LogID, FirstSeen: noon, LastSeen: noon, Times: 2,
		}, got.Sample[0])
	}
}

func testTraversal(t *testing.T, s *store.Store, _ *clock.Fake) {
	c := newTape(t, s)
	var visits []capture.Session
	for n, decky := range []string{"web-1", "web-1", "db-1", "web-1"} {
		v := newVisit(id.New(), decky)
		v.StartedAt = noon.Add(time.Duration(n) * time.Hour)
		v.EndedAt = ptr(v.StartedAt.Add(time.Minute))
		visits = append(visits, v)
	}
	c.keep(t, capture.Batch{Sessions: visits})
	beheld(t, s, act("203.0.113.9", "web-1", "ssh", "connected"))
	all, err := sqlstore.NewAttackers(s).Traversal(storetest.Context(t), whoIs(t, s, "203.0.113.9").ID, 100)
	must(t, err)
	var way []string
	for _, h := range all.Hops {
		way = append(way, fmt.Sprint(h.Decky, " ", len(h.Sessions), " ", h.EnteredAt.Hour(), "-", h.LeftAt.Hour()))
	}
	same(t, "the way", "web-1 2 12-13, db-1 1 14-14, web-1 1 15-15", strings.Join(way, ", "))
}

func reuseOf(t testing.TB, s *store.Store, print string) []attacker.Reuse {
	t.Helper()
	out, _, err := sqlstore.NewAttackers(s).Reuse(storetest.Context(t), attacker.ReuseFilter{Fingerprint: print}, "", 10)
	must(t, err)
	return out
}

// CRU: nothing at one place, however often; one row and one event per growth.
func testReuse(t *testing.T, s *store.Store, _ *clock.Fake) {
	const he = "203.0.113.9"
	beheld(t, s, secretTry(he, "web-1", "ssh", "p"), secretTry(he, "web-1", "ssh", "p"))
	beheld(t, s, secretTry(he, "web-1", "ssh", "p"), secretTry(he, "web-2", "ssh", "other"))
	same(t, "of one place", 0, len(reuseOf(t, s, "")))
	later := secretTry(he, "web-1", "ftp", "p")
	later.At = noon.Add(time.Minute)
	beheld(t, s, later)
	beheld(t, s, secretTry(he, "web-1", "ftp", "p")) // no growth
	beheld(t, s, secretTry(he, "db-1", "redis", "p"), secretTry("198.51.100.1", "db-1", "redis", "p"))
	all := reuseOf(t, s, "p")
	if len(all) != 1 {
		t.Fatalf("reuses %+v", all)
	}
	same(t, "reuse", attacker.Reuse{ID: all[0].ID, Fingerprint: "p", Kind: "plaintext", Targets: 3, Addresses: 2, FirstSeen: noon, LastSeen: later.At}, all[0])
	same(t, "of all", 1, len(reuseOf(t, s, "")))
	var got []string
	for _, p := range told[event.ReuseDetected](t, s, event.TopicReuseDetected) {
		got = append(got, fmt.Sprint(p.Targets, " ", p.Addresses, " ", p.Grown, " ", p.Deckies, " ", p.Services, " ", len(p.AttackerIDs), " ", p.ReuseID == all[0].ID))
	}
	same(t, "told", []string{"2 1 false [web-1] [ssh ftp] 1 true", "3 2 true [web-1 db-1] [ssh redis ftp] 2 true"}, got)
	one, places, err := sqlstore.NewAttackers(s).ReusedSecret(storetest.Context(t), all[0].ID, 2)
	must(t, err)
	same(t, "the same", all[0], one)
	same(t, "some places", 2, len(places.Targets))
	if _, _, err := sqlstore.NewAttackers(s).ReusedSecret(storetest.Context(t), "none", 2); !errors.Is(err, attacker.ErrNotFound) {
		t.Errorf("one that there is not: %v", err)
	}
}

func testReuseByAddresses(t *testing.T, s *store.Store, _ *clock.Fake) {
	leaked := secretTry("203.0.113.2", "web-1", "ssh", "p")
	leaked.Secret.Leaked = true
	beheld(t, s, secretTry("203.0.113.1", "web-1", "ssh", "p"), leaked)
	all := reuseOf(t, s, "p")
	if len(all) != 1 || all[0].Targets != 1 || all[0].Addresses != 2 || !all[0].Leaked {
		t.Errorf("reuses %+v", all)
	}
	for _, e := range events(t, s) {
		if e.Topic == event.TopicReuseDetected && e.Severity != event.Critical {
			t.Errorf("a leaked secret is %v", e.Severity)
		}
	}
}

func testNoReuse(t *testing.T, s *store.Store, _ *clock.Fake) {
	for n := range 4 {
		o := secretTry(fmt.Sprint("203.0.113.", n), fmt.Sprint("web-", n), "postgres", "p")
		o.Secret.Kind = "postgres_md5_challenge"
		beheld(t, s, o)
	}
	same(t, "reuses", 0, len(reuseOf(t, s, "")))
}

func testReuseLists(t *testing.T, s *store.Store, _ *clock.Fake) {
	for n := range 5 {
		for k := range n + 2 {
			o := secretTry("203.0.113.9", fmt.Sprint("web-", k), "ssh", fmt.Sprint("p", n))
			o.At = noon.Add(time.Duration(n) * time.Minute)
			beheld(t, s, o)
		}
	}
	a, ctx := sqlstore.NewAttackers(s), storetest.Context(t)
	var got []string
	for page, before := []attacker.Reuse(nil), ""; ; {
		var err error
		page, before, err = a.Reuse(ctx, attacker.ReuseFilter{MinTargets: 3}, before, 3)
		must(t, err)
		for _, r := range page {
			got = append(got, fmt.Sprint(r.Fingerprint, " ", r.Targets))
		}
		if before == "" {
			break
		}
	}
	same(t, "reuses", []string{"p4 6", "p3 5", "p2 4", "p1 3"}, got)
}

func testAttackerCursor(t *testing.T, s *store.Store, _ *clock.Fake) {
	a, ctx := sqlstore.NewAttackers(s), storetest.Context(t)
	read := follow.Span{Consumer: "attacker", Next: event.Cursor{Day: "2026-03-01", Seq: 42}}
	must(t, a.Observe(ctx, read, nil, "n"))
	at, err := a.Cursor(ctx, "attacker")
	must(t, err)
	same(t, "cursor", read.Next, at)
	seen := []attacker.Observation{act("203.0.113.1", "web-1", "http", "request")}
	same(t, "of who reads the same again", true, errors.Is(a.Observe(ctx, read, seen, "n"), follow.ErrMoved))
	if _, err := a.Attacker(ctx, event.AttackerID(netip.MustParseAddr("203.0.113.1"))); !errors.Is(err, attacker.ErrNotFound) {
		t.Errorf("what was refused is stored: %v", err)
	}
}

func testDropAttackers(t *testing.T, s *store.Store, _ *clock.Fake) {
	claim := act("203.0.113.1", "web-1", "http", "request")
	claim.Claimed = "198.51.100.1"
	beheld(t, s, claim, secretTry("203.0.113.1", "web-1", "ssh", "old"), secretTry("203.0.113.1", "web-2", "ssh", "old"), secretTry("203.0.113.1", "web-1", "ssh", "alone"))
	young := act("203.0.113.2", "web-1", "ssh", "connected")
	young.At = noon.Add(time.Hour)
	beheld(t, s, young)
	same(t, "dropped too early", 0, drop(t, s, sqlstore.KeptAttackers, noon))
	// places: two services, two of one decky and one of the other, two deckies, two kinds; a leak; he; a reuse; its three places and the two of the other secret
	same(t, "dropped", 3+2+2+1+1+1+3+2, drop(t, s, sqlstore.KeptAttackers, noon.Add(time.Minute)))
	left, _, err := sqlstore.NewAttackers(s).Attackers(storetest.Context(t), attacker.Filter{}, "", 9)
	if err != nil || len(left) != 1 || left[0].Address != young.Address {
		t.Errorf("left: %+v, %v", left, err)
	}
	same(t, "reuses", 0, len(reuseOf(t, s, "")))
	beheld(t, s, claim)
	same(t, "who comes back begins anew", 1, whoIs(t, s, "203.0.113.1").Claims)
}
