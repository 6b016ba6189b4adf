package sqlstoretest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	gosync "sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/gossip"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func gossipScenarios() []scenario {
	return []scenario{
		{"what is quarantined anywhere is withheld, once", withholdsQuarantine},
		{"a secret that is none is free, and so are messages that hold no other", freesReviewed},
		{"a secret that was judged is not withheld again", staysFree},
		{"an operator blocks and unblocks a message, told and audited", blocksMessages},
		{"a review does not undo an operator", personCountsMore},
		{"the feed goes on behind any number and misses nothing", feedsChanges},
		{"what is withheld goes with its quarantine entries", dropsWithheld},
		{"a gateway is as it last reported, and news are told", keepsReports},
		{"a silent gateway is lost once, and comes back", losesGateways},
		{"pairs of nodes that bypass a gateway are kept once", keepsBypasses},
		{"gateways and bypasses are bounded", boundsGateways},
	}
}

// feed is what gateways withhold: "kind value" with a + or -, in the order of changes.
func feed(t testing.TB, s *store.Store) string {
	t.Helper()
	all, err := sqlstore.NewGossip(s).Withheld(storetest.Context(t), 0, 1000)
	must(t, err)
	var out []string
	for k, w := range all {
		if k > 0 && w.Seq <= all[k-1].Seq {
			t.Errorf("number %d follows %d", w.Seq, all[k-1].Seq)
		}
		out = append(out, map[bool]string{true: "+", false: "-"}[w.Blocked]+string(w.Kind)+" "+w.Value)
	}
	return strings.Join(out, "\n")
}

// holding is an entry of a message with this content that holds this secret.
func holding(i uint64, content, secret string) leak.Quarantine {
	q := newQuarantine(i)
	q.FullContentHash, q.Fingerprint = content, secret
	return q
}

func withholdsQuarantine(t *testing.T, s *store.Store, _ *clock.Fake) {
	gossiped := holding(2, "h2", "f1")
	gossiped.Disposition, gossiped.MessageID = leak.Withheld, "m-2"+hostile
	seed(t, s, holding(1, "h1", "f1"))
	seed(t, s, gossiped, holding(3, "h1", "f1"))
	same(t, "feed", "+content_hash h1\n+fingerprint f1\n+content_hash h2\n+message_id m-2"+fitted, feed(t, s))
}

func freesReviewed(t *testing.T, s *store.Store, _ *clock.Fake) {
	gossiped := holding(3, "h3", "f1")
	gossiped.Disposition = leak.Withheld
	qs := seed(t, s, holding(1, "h1", "f1"), holding(2, "h2", "f1"), holding(4, "h2", "f2"), gossiped)
	review(t, s, qs[0].ID, "false_positive")
	same(t, "after the review", "+content_hash h2\n+fingerprint f2\n-content_hash h1\n-content_hash h3\n-fingerprint f1\n-message_id msg-3", feed(t, s))
	review(t, s, qs[2].ID, "false_positive")
	if got := feed(t, s); strings.Contains(got, "+") {
		t.Errorf("after both are judged:\n%s", got)
	}
	review(t, s, qs[1].ID, "confirmed")
	if got := feed(t, s); !strings.HasSuffix(got, "+content_hash h1\n+content_hash h2\n+content_hash h3\n+fingerprint f1\n+message_id msg-3") {
		t.Errorf("after one was wrong:\n%s", got)
	}
}

func staysFree(t *testing.T, s *store.Store, _ *clock.Fake) {
	qs := seed(t, s, holding(1, "h1", "f1"))
	review(t, s, qs[0].ID, "false_positive")
	seed(t, s, holding(2, "h1", "f1"), holding(3, "h3", "f1"))
	same(t, "the secret again", "-content_hash h1\n-fingerprint f1", feed(t, s))
	seed(t, s, holding(4, "h1", "f2"))
	same(t, "another in the same message", "-fingerprint f1\n+content_hash h1\n+fingerprint f2", feed(t, s))
}

func blocksMessages(t *testing.T, s *store.Store, _ *clock.Fake) {
	g, ctx := sqlstore.NewGossip(s), storetest.Context(t)
	by := entry("gossip.block")
	by.Reason = "names a customer " + hostile
	made, err := g.Block(ctx, "m-1", "ada", by, "n/api")
	must(t, err)
	if made.Kind != gossip.MessageID || !made.Blocked || made.Origin != gossip.ByPerson || made.ChangedBy != "ada" || made.Reason != "names a customer "+fitted || made.Seq != 1 {
		t.Errorf("%+v", made)
	}
	if _, err := g.Block(ctx, "m-1", "bob", entry("gossip.block"), "n/api"); !errors.Is(err, gossip.ErrBlocked) {
		t.Errorf("blocked again: %v", err)
	}
	if _, err := g.Unblock(ctx, "m-2", "bob", entry("gossip.unblock"), "n/api"); !errors.Is(err, gossip.ErrNotBlocked) {
		t.Errorf("unblocked what is not blocked: %v", err)
	}
	_, err = g.Unblock(ctx, "m-1", "bob", entry("gossip.unblock"), "n/api")
	must(t, err)
	same(t, "feed", "-message_id m-1", feed(t, s))
	same(t, "audit log", []string{"gossip.block", "gossip.unblock"}, actions(t, s))
	var told []string
	for _, e := range events(t, s) {
		var p event.WithheldChanged
		must(t, e.Decode(&p))
		told = append(told, fmt.Sprint(e.Severity, " ", p.Blocked, " ", p.MessageID, " ", p.ChangedBy))
	}
	same(t, "events", []string{"medium true m-1 ada", "info false m-1 bob"}, told)
	now, err := g.Blocks(ctx, false, 0, 10)
	must(t, err)
	all, err := g.Blocks(ctx, true, 0, 10)
	must(t, err)
	same(t, "listed", []int{0, 1}, []int{len(now), len(all)})
}

func personCountsMore(t *testing.T, s *store.Store, _ *clock.Fake) {
	q, other := holding(1, "h1", "f1"), holding(2, "h2", "f2")
	q.Disposition, other.Disposition = leak.Withheld, leak.Withheld
	seed(t, s, q, other)
	g, ctx := sqlstore.NewGossip(s), storetest.Context(t)
	_, err := g.Block(ctx, q.MessageID, "ada", entry("gossip.block"), "n/api")
	must(t, err)
	_, err = g.Unblock(ctx, other.MessageID, "ada", entry("gossip.unblock"), "n/api")
	must(t, err)
	review(t, s, q.ID, "false_positive")
	review(t, s, other.ID, "confirmed")
	if got := feed(t, s); !strings.Contains(got, "+message_id msg-1") || !strings.Contains(got, "-message_id msg-2") {
		t.Errorf("the operator was overruled:\n%s", got)
	}
}

// Whoever reads while many write sees every value in the end, and no number late.
func feedsChanges(t *testing.T, s *store.Store, _ *clock.Fake) {
	g, ctx := sqlstore.NewGossip(s), storetest.Context(t)
	const writers, each = 4, 8
	var wg gosync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := range each {
				if _, err := g.Block(ctx, fmt.Sprint("m-", w, "-", n), "ada", entry("gossip.block"), "n/api"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	seen, after := readFeed(ctx, t, g, writers*each)
	wg.Wait()
	if len(seen) != writers*each || after != writers*each {
		t.Errorf("%d values up to number %d", len(seen), after)
	}
	if rest, err := g.Withheld(ctx, after, 10); err != nil || len(rest) > 0 {
		t.Errorf("behind the end: %+v, %v", rest, err)
	}
	if again, err := g.Withheld(ctx, after+1, 3); err != nil || len(again) != 3 || again[0].Seq != 1 {
		t.Errorf("behind a number of another store: %+v, %v", again, err)
	}
}

// readFeed follows the feed, as a gateway does, until it has seen so many values.
func readFeed(ctx context.Context, t *testing.T, g *sqlstore.Gossip, want int) (seen map[string]bool, after int64) {
	t.Helper()
	seen = map[string]bool{}
	for len(seen) < want && ctx.Err() == nil && !t.Failed() {
		page, err := g.Withheld(ctx, after, 5)
		must(t, err)
		for _, w := range page {
			if seen[w.Value] || w.Seq != after+1 {
				t.Errorf("%s has number %d behind %d", w.Value, w.Seq, after)
			}
			seen[w.Value], after = true, w.Seq
		}
	}
	return seen, after
}

func dropsWithheld(t *testing.T, s *store.Store, now *clock.Fake) {
	g, ctx := sqlstore.NewGossip(s), storetest.Context(t)
	seed(t, s, holding(1, "h1", "f1"))
	_, err := g.Block(ctx, "m-1", "ada", entry("gossip.block"), "n/api")
	must(t, err)
	now.Advance(48 * time.Hour)
	later := time.Now().Add(24 * time.Hour)
	same(t, "dropped while the entry is there", 0, drop(t, s, sqlstore.KeptWithheld, later))
	same(t, "entries dropped", 1, drop(t, s, sqlstore.KeptQuarantine, later))
	same(t, "dropped", 2, drop(t, s, sqlstore.KeptWithheld, later))
	same(t, "what stays", "+message_id m-1", feed(t, s))
	made, err := g.Block(ctx, "m-2", "ada", entry("gossip.block"), "n/api")
	must(t, err)
	same(t, "the next number", int64(4), made.Seq)
}

// report is what a gateway says of itself.
func report(t testing.TB, s *store.Store, at time.Time, p event.GatewayReported) {
	t.Helper()
	e, err := event.New(event.Header{Time: at, Source: p.GatewayID + "/gossip", Subject: p.GatewayID}, p)
	must(t, err)
	must(t, sqlstore.NewIngest(s).Ingest(storetest.Context(t), []event.Event{e}))
}

func running(id string, relayed uint64) event.GatewayReported {
	return event.GatewayReported{GatewayID: id, State: event.GatewayRunning, Version: "1", Relayed: relayed, Peers: []event.GatewayPeer{{PeerID: "p", Side: "a", Agent: "x " + fitted}}}
}

func gateways(t testing.TB, s *store.Store) []gossip.Gateway {
	t.Helper()
	all, err := sqlstore.NewGossip(s).Gateways(storetest.Context(t))
	must(t, err)
	return all
}

func keepsReports(t *testing.T, s *store.Store, now *clock.Fake) {
	report(t, s, noon, running("gate-1", 1))
	now.Advance(10 * time.Second)
	report(t, s, noon.Add(10*time.Second), running("gate-1", 5))
	report(t, s, noon.Add(5*time.Second), running("gate-1", 3))
	got := gateways(t, s)
	if len(got) != 1 || got[0].Relayed != 5 || !got[0].SeenAt.Equal(noon.Add(10*time.Second)) || !got[0].Since.Equal(noon) || !got[0].FirstAt.Equal(noon) || got[0].Peers[0].Agent != "x "+fitted {
		t.Errorf("%+v", got)
	}
	stopping := running("gate-1", 5)
	stopping.State = event.GatewayStopping
	report(t, s, noon.Add(20*time.Second), stopping)
	same(t, "told", 2, len(events(t, s)))
}

func losesGateways(t *testing.T, s *store.Store, now *clock.Fake) {
	report(t, s, noon, running("gate-1", 1))
	stopping := running("gate-2", 1)
	stopping.State = event.GatewayStopping
	report(t, s, noon, stopping)
	now.Advance(gossip.Silence)
	for _, want := range []int{0, 1, 0} { // just not, then once
		lost, err := sqlstore.NewGossip(s).Lose(storetest.Context(t), now.Now().Add(-gossip.Silence), "n/gossip")
		must(t, err)
		same(t, "lost", want, len(lost))
		now.Advance(time.Second)
	}
	all := events(t, s)
	last := all[len(all)-1]
	if len(all) != 3 || last.Severity != event.Medium || last.Topic != "leak.gateway.gate-1.state" || gateways(t, s)[0].State != event.GatewayLost {
		t.Errorf("told %d: %+v", len(all), last)
	}
	report(t, s, noon.Add(2*time.Minute), running("gate-1", 1))
	if got := gateways(t, s)[0]; got.State != event.GatewayRunning || len(events(t, s)) != 4 {
		t.Errorf("after it came back: %+v, %d events", got, len(events(t, s)))
	}
}

func bypassed(t testing.TB, s *store.Store, at time.Time, p event.GatewayBypassed) {
	t.Helper()
	e, err := event.New(event.Header{Time: at, Source: "g/gossip", Severity: event.High}, p)
	must(t, err)
	must(t, sqlstore.NewIngest(s).Ingest(storetest.Context(t), []event.Event{e, e}))
}

func keepsBypasses(t *testing.T, s *store.Store, _ *clock.Fake) {
	report(t, s, noon, running("gate-1", 1))
	bypassed(t, s, noon, event.GatewayBypassed{GatewayID: "gate-1", PeerA: "p", PeerB: "q", MessageID: "m-1", Evidence: fitted})
	bypassed(t, s, noon.Add(time.Minute), event.GatewayBypassed{GatewayID: "gate-1", PeerA: "q", PeerB: "p", MessageID: "m-2"})
	bypassed(t, s, noon.Add(time.Second), event.GatewayBypassed{GatewayID: "gate-1", PeerA: "p", PeerB: "q", MessageID: "late"})
	got := gateways(t, s)[0].Bypasses
	if len(got) != 1 || got[0].MessageID != "m-2" || !got[0].FirstAt.Equal(noon) || !got[0].LastAt.Equal(noon.Add(time.Minute)) {
		t.Errorf("%+v", got)
	}
	same(t, "told", 4, len(events(t, s)))
}

func boundsGateways(t *testing.T, s *store.Store, now *clock.Fake) {
	var all []event.Event
	for n := range gossip.MaxBypasses + 5 {
		e, err := event.New(event.Header{Time: noon.Add(time.Duration(n) * time.Second), Source: "g/gossip", Severity: event.High}, event.GatewayBypassed{GatewayID: "gate-0", PeerA: "p", PeerB: fmt.Sprint(n)})
		must(t, err)
		all = append(all, e)
	}
	must(t, sqlstore.NewIngest(s).Ingest(storetest.Context(t), all))
	report(t, s, noon, running("gate-0", 1))
	if got := gateways(t, s)[0].Bypasses; len(got) != gossip.MaxBypasses || got[0].PeerB != "204" {
		t.Errorf("%d bypasses, first %+v", len(got), got[0])
	}
	for n := range gossip.MaxGateways {
		now.Advance(time.Second)
		report(t, s, now.Now(), running(fmt.Sprint("new-", n), 1))
	}
	got := gateways(t, s)
	if len(got) != gossip.MaxGateways || got[0].GatewayID == "gate-0" {
		t.Errorf("%d gateways, the first %s", len(got), got[0].GatewayID)
	}
}

// testUpgrade opens a database that had quarantine entries before there was a list of
// what is withheld.
func testUpgrade(t *testing.T, url string) {
	old, err := store.Open(storetest.Context(t), store.Options{URL: url})
	must(t, err)
	qs := seed(t, old, holding(1, "h1", "f1"), holding(2, "h2", "f1"), holding(3, "h2", "f2"), holding(4, "h4", "f4"))
	review(t, old, qs[3].ID, "false_positive")
	must(t, old.Write(storetest.Context(t), func(ctx context.Context, tx *store.Tx) error {
		for _, table := range []string{"withheld", "withheld_head", "schema_versions WHERE version_id > 0"} {
			if _, err := tx.ExecContext(ctx, "DELETE FROM "+table); err != nil {
				return err
			}
		}
		return nil
	}))
	must(t, old.Close())
	s := storetest.Open(t, store.Options{URL: url})
	same(t, "feed", "+fingerprint f1\n+fingerprint f2\n-fingerprint f4\n+content_hash h1\n+content_hash h2\n-content_hash h4", feed(t, s))
	seed(t, s, holding(5, "h4", "f4"), holding(6, "h6", "f1"))
	if got := feed(t, s); !strings.HasSuffix(got, "-content_hash h4\n+content_hash h6") {
		t.Errorf("after more entries:\n%s", got)
	}
}
