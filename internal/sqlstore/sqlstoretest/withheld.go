package sqlstoretest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/respond"
	"go.cordon.dev/cordon/internal/respond/playbook"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// found stores a finding of a secret that was below the policy's bar.
func found(t *testing.T, s *store.Store, n uint64, secret string, severity event.Severity) leak.Finding {
	t.Helper()
	f := newFinding(holding(n, "", secret))
	f.QuarantineID, f.Severity = "", severity
	c := commitOf(t)
	c.Findings = []leak.Row[leak.Finding]{row(t, f)}
	_, err := sqlstore.NewLeak(s).Commit(storetest.Context(t), c)
	must(t, err)
	return f
}

// wanting is an action that is to withhold a secret.
func wanting(n int, secret string) respond.Action {
	a := actionOf(n, "p", id.New())
	a.Kind, a.Target, a.State = playbook.Quarantine, secret, respond.ActionDone
	return a
}

func withholdSecret(t *testing.T, s *store.Store, a respond.Action) string {
	t.Helper()
	by := entry("gossip.withhold")
	by.Reason = "playbook p"
	made, err := sqlstore.NewResponses(s).Withhold(t.Context(), a, by, "n/respond")
	must(t, err)
	return made
}

func release(t *testing.T, s *store.Store, a respond.Action) string {
	t.Helper()
	still, err := sqlstore.NewResponses(s).Release(t.Context(), a, entry("gossip.release"))
	must(t, err)
	return still
}

func withholdsFound(t *testing.T, s *store.Store, _ *clock.Fake) {
	found(t, s, 1, "f1", event.Low)
	f := found(t, s, 2, "f1", event.Info)
	found(t, s, 3, "f2", event.Low)
	a := wanting(1, "f1")
	made := withholdSecret(t, s, a)
	same(t, "done again", made, withholdSecret(t, s, a))
	same(t, "feed", "+fingerprint f1", feed(t, s))
	q, err := sqlstore.NewAPI(s).Quarantine(t.Context(), made)
	must(t, err)
	if q.Fingerprint != "f1" || q.MessageID != f.MessageID || q.Severity != event.Low || q.RedactedContent != f.Redacted || q.Disposition != leak.Observed || q.Reviewed || q.CorrelationID != f.CorrelationID {
		t.Errorf("%+v", q)
	}
	all, err := sqlstore.NewAPI(s).ListFindings(t.Context(), leak.FindingFilter{Quarantine: made}, leak.Page{Limit: 9})
	must(t, err)
	if len(all) != 1 || all[0].ID != f.ID {
		t.Errorf("findings of the entry: %+v", all)
	}
	es := events(t, s)
	var p event.MessageQuarantined
	must(t, es[len(es)-1].Decode(&p))
	same(t, "told", []any{"v1", made, "n/respond", 4}, []any{"v1", p.QuarantineID, es[len(es)-1].Source, len(es)})
	same(t, "released", "", release(t, s, a))
	same(t, "released again", "", release(t, s, a))
	same(t, "feed after that", "-fingerprint f1", feed(t, s))
	same(t, "audit log", []string{"gossip.withhold", "gossip.release"}, actions(t, s))
	review(t, s, made, "confirmed")
	same(t, "after somebody confirmed it", "+fingerprint f1", feed(t, s))
}

func withholdsUnknown(t *testing.T, s *store.Store, _ *clock.Fake) {
	same(t, "entry", "", withholdSecret(t, s, wanting(1, "f1")))
	same(t, "feed", "+fingerprint f1", feed(t, s))
	later := time.Now().Add(24 * time.Hour)
	same(t, "dropped by age", 1, drop(t, s, sqlstore.KeptWithheld, later))
}

func withholdsOnce(t *testing.T, s *store.Store, _ *clock.Fake) {
	seed(t, s, holding(1, "h1", "f1"))
	before := feed(t, s)
	a := wanting(1, "f1")
	same(t, "entry", "", withholdSecret(t, s, a))
	if still := release(t, s, a); !strings.Contains(still, "a quarantine entry holds it") {
		t.Errorf("still: %q", still)
	}
	same(t, "feed", before, feed(t, s))
	same(t, "audit log", 0, len(actions(t, s)))
}

func reviewCountsMore(t *testing.T, s *store.Store, _ *clock.Fake) {
	qs := seed(t, s, holding(1, "h1", "f1"))
	review(t, s, qs[0].ID, "false_positive")
	_, err := sqlstore.NewResponses(s).Withhold(t.Context(), wanting(1, "f1"), entry("gossip.withhold"), "n/respond")
	same(t, "refused", true, errors.Is(err, respond.ErrJudged))
	found(t, s, 2, "f2", event.Low)
	found(t, s, 3, "f3", event.Low)
	made := withholdSecret(t, s, wanting(2, "f2"))
	withholdSecret(t, s, wanting(3, "f3"))
	review(t, s, made, "false_positive")
	if got := feed(t, s); !strings.HasSuffix(got, "+fingerprint f3\n-fingerprint f2") {
		t.Errorf("feed:\n%s", got)
	}
}

func releasesForNow(t *testing.T, s *store.Store, _ *clock.Fake) {
	a := wanting(1, "f1")
	withholdSecret(t, s, a)
	same(t, "released", "", release(t, s, a))
	seed(t, s, holding(1, "h1", "f1"))
	same(t, "feed", "+content_hash h1\n+fingerprint f1", feed(t, s))
}

func releasesLast(t *testing.T, s *store.Store, _ *clock.Fake) {
	one, two := wanting(1, "f1"), wanting(2, "f1")
	must(t, propose(t, sqlstore.NewResponses(s), event.Cursor{}, 9, one, two))
	withholdSecret(t, s, one)
	withholdSecret(t, s, two)
	if still := release(t, s, one); !strings.Contains(still, "another action") {
		t.Errorf("still: %q", still)
	}
	_, err := sqlstore.NewResponses(s).ChangeAction(t.Context(), one.ID, entry("action.undo"), func(a *respond.Action) (event.Event, error) {
		a.State = respond.ActionUndone
		return a.Event("n/respond", noon)
	})
	must(t, err)
	same(t, "the last", "", release(t, s, two))
	same(t, "feed", "-fingerprint f1", feed(t, s))
}

// wantingMessage is an action that is to withhold a gossip message.
func wantingMessage(n int, messageID string) respond.Action {
	a := wanting(n, messageID)
	a.Kind = playbook.QuarantineMessage
	return a
}

func withholdsMessage(t *testing.T, s *store.Store, _ *clock.Fake) {
	found(t, s, 1, "f1", event.Low)
	a := wantingMessage(1, "12D3KooW-58322")
	same(t, "no entry is made", "", withholdSecret(t, s, a))
	same(t, "done again", "", withholdSecret(t, s, a))
	same(t, "feed", "+message_id 12D3KooW-58322", feed(t, s))
	same(t, "audit log", 1, len(actions(t, s)))
	same(t, "released", "", release(t, s, a))
	same(t, "feed", "-message_id 12D3KooW-58322", feed(t, s))
}

func peopleCountMore(t *testing.T, s *store.Store, _ *clock.Fake) {
	people := sqlstore.NewGossip(s)
	_, err := people.Block(t.Context(), "m1", "ada", entry("gossip.block"), "n/api")
	must(t, err)
	a := wantingMessage(1, "m1")
	withholdSecret(t, s, a)
	if still := release(t, s, a); !strings.Contains(still, "a person blocks it") {
		t.Errorf("still: %q", still)
	}
	_, err = people.Unblock(t.Context(), "m1", "ada", entry("gossip.unblock"), "n/api")
	must(t, err)
	_, err = sqlstore.NewResponses(s).Withhold(t.Context(), a, entry("gossip.withhold"), "n/respond")
	same(t, "refused", true, errors.Is(err, respond.ErrMayPass))
	same(t, "feed", "-message_id m1", feed(t, s))
}
