package sqlstoretest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/respond"
	"go.cordon.dev/cordon/internal/respond/playbook"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
)

func actionScenarios() []scenario {
	return []scenario{
		{"an action is kept as it is, with its event and the cursor", keepsActions},
		{"an event is answered once by a playbook", answersOnce},
		{"who has read the log meanwhile is not overtaken", proposesOnce},
		{"what is too many within an hour is counted, not stored", boundsActions},
		{"a change is stored with its event and audit entry, or not at all", changesActions},
		{"actions are paged by state and playbook", listsActions},
		{"actions go by age", dropsActions},
		{"what waits or is to be done stays, however old", keepsWaiting},
		{"a secret that was only found is withheld and gets an entry", withholdsFound},
		{"a secret of nobody's finding is withheld", withholdsUnknown},
		{"a secret that is withheld already stays as it is", withholdsOnce},
		{"a person's review counts more than a playbook", reviewCountsMore},
		{"a message is withheld by its id and released", withholdsMessage},
		{"a person's word about a message counts more than a playbook", peopleCountMore},
		{"a secret that was released is withheld again when it is quarantined", releasesForNow},
		{"a secret that another action wants stays withheld", releasesLast},
	}
}

func actionOf(n int, playbookID, eventID string) respond.Action {
	return respond.Action{
		ID: fmt.Sprintf("01936d2c-5f8e-7abc-9def-%012d", n), Playbook: playbookID, Kind: playbook.BlockAddress, Target: "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
		For: 90 * time.Minute, Text: hostile, EventID: eventID, Topic: "anomaly.brute_force.detected", CorrelationID: "c", Severity: event.High,
		State: respond.ActionPending, CreatedAt: noon, Expires: noon.Add(time.Hour),
	}
}

func at(seq int64) event.Cursor { return event.Cursor{Day: "2026-03-14", Seq: seq} }

// propose stores actions and moves the cursor from one number to the next.
func propose(t *testing.T, s *sqlstore.Responses, from event.Cursor, perHour int, all ...respond.Action) error {
	t.Helper()
	p := respond.Proposal{Span: follow.Span{Consumer: respond.Consumer, From: from, Next: at(from.Seq + 1)}, Since: noon.Add(-time.Hour)}
	for _, a := range all {
		e, err := a.Event("n/respond", noon)
		must(t, err)
		p.Actions = append(p.Actions, respond.Proposed{Action: a, Event: e, PerHour: perHour})
	}
	return s.Propose(t.Context(), p)
}

func actionsOf(t *testing.T, s *sqlstore.Responses, f respond.ActionFilter) (out string) {
	t.Helper()
	all, err := s.ListActions(t.Context(), f, "", 100)
	must(t, err)
	for _, a := range all {
		out += a.ID[len(a.ID)-1:]
	}
	return out
}

func keepsActions(t *testing.T, db *store.Store, _ *clock.Fake) {
	s, want := sqlstore.NewResponses(db), actionOf(1, "p", id.New())
	must(t, propose(t, s, event.Cursor{}, 5, want))
	got, err := s.ListActions(t.Context(), respond.ActionFilter{}, "", 10)
	must(t, err)
	want.Text = got[0].Text // what a store cannot hold of a text is replaced
	same(t, "action", fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", got[0]))
	records, err := s.Events(t.Context(), event.Cursor{}, 10)
	must(t, err)
	same(t, "events", 1, len(records))
	now, err := s.Cursor(t.Context(), respond.Consumer)
	must(t, err)
	same(t, "cursor", at(1), now)
}

func answersOnce(t *testing.T, db *store.Store, _ *clock.Fake) {
	s, e := sqlstore.NewResponses(db), id.New()
	must(t, propose(t, s, event.Cursor{}, 5, actionOf(1, "p", e)))
	other := actionOf(4, "p", e)
	other.Target = "203.0.113.9"
	must(t, propose(t, s, at(1), 5, actionOf(2, "p", e), actionOf(3, "q", e), other))
	same(t, "actions", "431", actionsOf(t, s, respond.ActionFilter{}))
}

func proposesOnce(t *testing.T, db *store.Store, _ *clock.Fake) {
	s := sqlstore.NewResponses(db)
	must(t, propose(t, s, event.Cursor{}, 5, actionOf(1, "p", id.New())))
	err := propose(t, s, event.Cursor{}, 5, actionOf(2, "p", id.New()))
	same(t, "moved", true, errors.Is(err, follow.ErrMoved))
	same(t, "actions", "1", actionsOf(t, s, respond.ActionFilter{}))
}

func boundsActions(t *testing.T, db *store.Store, _ *clock.Fake) {
	s := sqlstore.NewResponses(db)
	old := actionOf(1, "p", id.New())
	old.CreatedAt = noon.Add(-2 * time.Hour)
	must(t, propose(t, s, event.Cursor{}, 2, old))
	must(t, propose(t, s, at(1), 2, actionOf(2, "p", id.New()), actionOf(3, "p", id.New()), actionOf(4, "p", id.New()), actionOf(5, "q", id.New())))
	must(t, propose(t, s, at(2), 2, actionOf(6, "p", id.New())))
	same(t, "actions", "5321", actionsOf(t, s, respond.ActionFilter{}))
	dropped, err := s.Dropped(t.Context())
	must(t, err)
	same(t, "dropped", "map[p:2]", fmt.Sprint(dropped))
}

func changesActions(t *testing.T, db *store.Store, _ *clock.Fake) {
	s, a := sqlstore.NewResponses(db), actionOf(1, "p", id.New())
	must(t, propose(t, s, event.Cursor{}, 5, a))
	reject := func(a *respond.Action) (event.Event, error) {
		a.State, a.DecidedBy, a.DecidedAt, a.Reason = respond.ActionRejected, "bob", new(noon), "ours"
		return a.Event("n/respond", noon)
	}
	now, err := s.ChangeAction(t.Context(), a.ID, entry("action.reject"), reject)
	must(t, err)
	same(t, "state", respond.ActionRejected, now.State)
	_, err = s.ChangeAction(t.Context(), a.ID, entry("action.approve"), func(a *respond.Action) (event.Event, error) {
		a.State = respond.ActionDue
		return event.Event{}, respond.ErrNotPending
	})
	same(t, "refused", true, errors.Is(err, respond.ErrNotPending))
	_, err = s.ChangeAction(t.Context(), id.New(), entry("action.approve"), reject)
	same(t, "none", true, errors.Is(err, respond.ErrNoAction))
	same(t, "rejected", "1", actionsOf(t, s, respond.ActionFilter{State: respond.ActionRejected}))
	same(t, "audit log", []string{"action.reject"}, actions(t, db))
	records, err := s.Events(t.Context(), event.Cursor{}, 10)
	must(t, err)
	same(t, "events", 2, len(records))
}

func listsActions(t *testing.T, db *store.Store, _ *clock.Fake) {
	s := sqlstore.NewResponses(db)
	due := actionOf(3, "p", id.New())
	due.State = respond.ActionDue
	must(t, propose(t, s, event.Cursor{}, 9, actionOf(1, "p", id.New()), actionOf(2, "q", id.New()), due, actionOf(4, "p", id.New())))
	same(t, "pending", "421", actionsOf(t, s, respond.ActionFilter{State: respond.ActionPending}))
	same(t, "of p", "431", actionsOf(t, s, respond.ActionFilter{Playbook: "p"}))
	same(t, "pending of p", "41", actionsOf(t, s, respond.ActionFilter{Playbook: "p", State: respond.ActionPending}))
	page, err := s.ListActions(t.Context(), respond.ActionFilter{}, due.ID, 1)
	must(t, err)
	same(t, "a page", "q", page[0].Playbook)
}

func dropsActions(t *testing.T, db *store.Store, _ *clock.Fake) {
	s := sqlstore.NewResponses(db)
	young := actionOf(2, "p", id.New())
	young.CreatedAt = noon.Add(time.Hour)
	old := actionOf(1, "p", id.New())
	old.State, young.State = respond.ActionExpired, respond.ActionExpired
	must(t, propose(t, s, event.Cursor{}, 9, old, young))
	n, more, err := sqlstore.NewRetention(db).Drop(t.Context(), sqlstore.KeptActions, noon.Add(time.Minute), nil)
	must(t, err)
	same(t, "dropped and more", []any{1, false}, []any{n, more})
	same(t, "left", "2", actionsOf(t, s, respond.ActionFilter{}))
}

func keepsWaiting(t *testing.T, db *store.Store, _ *clock.Fake) {
	s := sqlstore.NewResponses(db)
	due := actionOf(2, "p", id.New())
	due.State = respond.ActionDue
	must(t, propose(t, s, event.Cursor{}, 9, actionOf(1, "p", id.New()), due))
	n, _, err := sqlstore.NewRetention(db).Drop(t.Context(), sqlstore.KeptActions, noon.Add(time.Hour), nil)
	must(t, err)
	same(t, "dropped", 0, n)
	same(t, "left", "21", actionsOf(t, s, respond.ActionFilter{}))
}
