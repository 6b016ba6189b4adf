package sqlstoretest

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/respond"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func blockScenarios() []scenario {
	return []scenario{
		{"an entry is kept as it is, with its event and audit entry", keepsBlocks},
		{"an entry is ended once, and no longer in force", endsBlocks},
		{"a playbook blocks a network once for an event", blocksOnce},
		{"the last entry that a playbook made for a network is found", findsLastBlock},
		{"entries are paged, in force or all", listsBlocks},
		{"entries that ran out go by age; those in force stay", dropsBlocks},
		{"operators are where sessions are open and keys are used", findsOperators},
	}
}

func blockOf(n int, network string) respond.Block {
	return respond.Block{
		ID: fmt.Sprintf("01936d2c-5f8e-7abc-9def-%012d", n), Network: netip.MustParsePrefix(network), Origin: respond.ByPerson, By: "ada", Reason: "guesses\x00 " + hostile,
		CreatedAt: noon, Until: noon.Add(time.Hour),
	}
}

func addBlock(t *testing.T, s *sqlstore.Responses, b respond.Block) error {
	t.Helper()
	e, err := b.Event("n/respond", b.By, b.Reason, noon)
	must(t, err)
	return s.AddBlock(t.Context(), b, entry("block.add"), e)
}

func endBlock(t *testing.T, s *sqlstore.Responses, id string, at time.Time) (respond.Block, error) {
	t.Helper()
	return s.EndBlock(t.Context(), id, "bob", at, entry("block.end"), func(b respond.Block) (event.Event, error) {
		return b.Event("n/respond", "bob", "over", at)
	})
}

func keepsBlocks(t *testing.T, db *store.Store, _ *clock.Fake) {
	s, want := sqlstore.NewResponses(db), blockOf(1, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/128")
	must(t, addBlock(t, s, want))
	got, err := s.BlocksAt(t.Context(), noon)
	must(t, err)
	if len(got) != 1 || got[0].Network != want.Network || got[0].By != "ada" || !got[0].Until.Equal(want.Until) || got[0].Origin != respond.ByPerson || got[0].EndedAt != nil {
		t.Errorf("%+v", got)
	}
	same(t, "audit log", []string{"block.add"}, actions(t, db))
	records, err := db.Events(t.Context(), event.Cursor{}, 10)
	must(t, err)
	if len(records) != 1 || records[0].Event.Topic != event.TopicBlockChanged {
		t.Errorf("events: %+v", records)
	}
}

func endsBlocks(t *testing.T, db *store.Store, _ *clock.Fake) {
	s, b := sqlstore.NewResponses(db), blockOf(1, "203.0.113.9/32")
	must(t, addBlock(t, s, b))
	ended, err := endBlock(t, s, b.ID, noon.Add(time.Minute))
	must(t, err)
	if ended.EndedBy != "bob" || ended.ActiveAt(noon) {
		t.Errorf("%+v", ended)
	}
	_, err = endBlock(t, s, b.ID, noon.Add(time.Minute))
	same(t, "ended twice", true, errors.Is(err, respond.ErrEnded))
	_, err = endBlock(t, s, id.New(), noon)
	same(t, "one that there is not", true, errors.Is(err, respond.ErrNotFound))
	must(t, addBlock(t, s, blockOf(2, "203.0.113.10/32")))
	_, err = endBlock(t, s, blockOf(2, "203.0.113.10/32").ID, noon.Add(time.Hour))
	same(t, "one that ran out", true, errors.Is(err, respond.ErrEnded))
	now, err := s.BlocksAt(t.Context(), noon.Add(59*time.Minute))
	must(t, err)
	later, err := s.BlocksAt(t.Context(), noon.Add(time.Hour))
	must(t, err)
	same(t, "in force now and later", []int{1, 0}, []int{len(now), len(later)})
	same(t, "audit log", []string{"block.add", "block.end", "block.add"}, actions(t, db))
}

func blocksOnce(t *testing.T, db *store.Store, _ *clock.Fake) {
	s := sqlstore.NewResponses(db)
	answer := func(n int, network, event string) respond.Block {
		b := blockOf(n, network)
		b.Origin, b.By, b.EventID = respond.ByPlaybook, "guessers", event
		return b
	}
	first, second := id.New(), id.New()
	must(t, addBlock(t, s, answer(1, "203.0.113.9/32", first)))
	if err := addBlock(t, s, answer(2, "203.0.113.9/32", first)); !errors.Is(err, respond.ErrDone) {
		t.Errorf("blocked twice for one event: %v", err)
	}
	must(t, addBlock(t, s, answer(3, "203.0.113.9/32", second)))
	must(t, addBlock(t, s, answer(4, "203.0.113.10/32", first)))
	same(t, "audit log", 3, len(actions(t, db)))
}

func findsLastBlock(t *testing.T, db *store.Store, _ *clock.Fake) {
	s := sqlstore.NewResponses(db)
	for n, of := range []struct {
		network, by string
		origin      respond.Origin
	}{
		{"203.0.113.9/32", "guessers", respond.ByPlaybook}, {"203.0.113.9/32", "guessers", respond.ByPlaybook}, {"203.0.113.9/32", "guessers", respond.ByPerson},
		{"203.0.113.9/32", "others", respond.ByPlaybook}, {"203.0.113.0/24", "guessers", respond.ByPlaybook},
	} {
		b := blockOf(n, of.network)
		b.By, b.Origin = of.by, of.origin
		must(t, addBlock(t, s, b))
	}
	b, ok, err := s.LastBlock(t.Context(), "guessers", netip.MustParsePrefix("203.0.113.9/32"))
	if err != nil || !ok || b.ID != blockOf(1, "203.0.113.9/32").ID {
		t.Errorf("%+v, %t, %v", b, ok, err)
	}
	if _, ok, err := s.LastBlock(t.Context(), "nobody", netip.MustParsePrefix("203.0.113.9/32")); ok || err != nil {
		t.Errorf("%t, %v", ok, err)
	}
}

func listsBlocks(t *testing.T, db *store.Store, _ *clock.Fake) {
	s := sqlstore.NewResponses(db)
	for n := range 5 {
		must(t, addBlock(t, s, blockOf(n, fmt.Sprintf("203.0.113.%d/32", n))))
	}
	_, err := endBlock(t, s, blockOf(3, "203.0.113.3/32").ID, noon)
	must(t, err)
	ids := func(blocks []respond.Block, err error) (out string) {
		must(t, err)
		for _, b := range blocks {
			out += b.ID[len(b.ID)-1:]
		}
		return out
	}
	same(t, "all, first page", "432", ids(s.ListBlocks(t.Context(), nil, "", 3)))
	same(t, "all, second page", "10", ids(s.ListBlocks(t.Context(), nil, blockOf(2, "203.0.113.2/32").ID, 3)))
	same(t, "in force", "4210", ids(s.ListBlocks(t.Context(), new(noon), "", 10)))
	same(t, "in force later", "", ids(s.ListBlocks(t.Context(), new(noon.Add(time.Hour)), "", 10)))
}

func dropsBlocks(t *testing.T, db *store.Store, _ *clock.Fake) {
	s := sqlstore.NewResponses(db)
	long := blockOf(2, "203.0.113.10/32")
	long.Until = noon.Add(48 * time.Hour)
	must(t, addBlock(t, s, blockOf(1, "203.0.113.9/32")))
	must(t, addBlock(t, s, long))
	n, more, err := sqlstore.NewRetention(db).Drop(t.Context(), sqlstore.KeptBlocks, noon.Add(2*time.Hour), nil)
	must(t, err)
	same(t, "dropped and more", []any{1, false}, []any{n, more})
	left, err := s.ListBlocks(t.Context(), nil, "", 10)
	must(t, err)
	if len(left) != 1 || left[0].ID != long.ID {
		t.Errorf("left: %+v", left)
	}
}

func findsOperators(t *testing.T, db *store.Store, _ *clock.Fake) {
	a, ctx := sqlstore.NewAccess(db), storetest.Context(t)
	ada := newUser("ada")
	must(t, a.CreateUser(ctx, ada, entry("user.create")))
	open := auth.Session{ID: id.New(), TokenHash: "a", UserID: ada.ID, UserName: "ada", CreatedAt: noon, SeenAt: noon, ExpiresAt: noon.Add(time.Hour), Addr: "198.51.100.1"}
	must(t, sqlstore.NewSessions(db).CreateSession(ctx, open, "", entry("user.login")))
	use := func(name, from string, at time.Time, revoke bool) {
		k := auth.APIKey{ID: id.New(), Name: name, Role: auth.Viewer, Prefix: "cdn_x", Hash: name, CreatedAt: noon, CreatedBy: "ada"}
		must(t, a.CreateKey(ctx, k, entry("api_key.create")))
		must(t, a.NoteKeyUse(ctx, auth.KeyUse{Key: k, Address: from, At: at}, "n/api"))
		if revoke {
			must(t, a.RevokeKey(ctx, name, entry("api_key.revoke")))
		}
	}
	use("in use", "2001:db8::7", noon, false)
	use("used long ago", "198.51.100.2", noon.Add(-48*time.Hour), false)
	use("stolen and revoked", "203.0.113.9", noon, true)
	s := sqlstore.NewResponses(db)
	got, err := s.OperatorAddresses(ctx, noon, noon.Add(-24*time.Hour))
	must(t, err)
	same(t, "operators", "[198.51.100.1 2001:db8::7]", fmt.Sprint(got))
	later, err := s.OperatorAddresses(ctx, noon.Add(2*time.Hour), noon.Add(-24*time.Hour))
	must(t, err)
	same(t, "once the session has expired", "[2001:db8::7]", fmt.Sprint(later))
}
