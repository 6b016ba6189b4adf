package sqlstoretest

import (
	"errors"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func sessionScenarios() []scenario {
	return []scenario{
		{"a session is found until it ends", testSession},
		{"a session takes the place of another, and of what has expired", testSessionReplaces},
		{"a session needs its user", testSessionNoUser},
	}
}

// to is a change that always goes through.
func to(action string, change func(u *auth.User)) auth.Change {
	return func(u *auth.User, _ int) (audit.Entry, error) {
		change(u)
		return entry(action), nil
	}
}

func testChangeUser(t *testing.T, s *store.Store, _ *clock.Fake) {
	a, ctx := sqlstore.NewAccess(s), storetest.Context(t)
	want := newUser("ada")
	must(t, a.CreateUser(ctx, want, entry("user.create")))
	must(t, a.ChangeUser(ctx, "Ada", to("user.change", func(u *auth.User) { u.Role, u.PasswordHash, u.SessionEpoch = auth.Viewer, "new", 1 })))
	got, err := a.UserByName(ctx, "ada")
	must(t, err)
	want.Role, want.PasswordHash, want.SessionEpoch = auth.Viewer, "new", 1
	same(t, "user", want, got)
	same(t, "audit log", []string{"user.create", "user.change"}, actions(t, s))
}

// A change learns how many others could take the user's place: two admins of
// four who may log in.
func testChangeRefused(t *testing.T, s *store.Store, _ *clock.Fake) {
	a, ctx := sqlstore.NewAccess(s), storetest.Context(t)
	for _, name := range []string{"ada", "bob", "cid", "dan", "eve"} {
		must(t, a.CreateUser(ctx, newUser(name), entry("user.create")))
	}
	must(t, a.ChangeUser(ctx, "dan", to("user.change", func(u *auth.User) { u.DisabledAt = ptr(noon) })))
	must(t, a.ChangeUser(ctx, "eve", to("user.change", func(u *auth.User) { u.Role = auth.Reviewer })))
	before := actions(t, s)
	refuse := func(u *auth.User, otherAdmins int) (audit.Entry, error) {
		if otherAdmins != 2 {
			t.Errorf("%d other admins, want 2", otherAdmins)
		}
		u.Role = auth.Viewer
		return audit.Entry{}, auth.ErrLastAdmin
	}
	for what, err := range map[string]error{"ChangeUser": a.ChangeUser(ctx, "ada", refuse), "DeleteUser": a.DeleteUser(ctx, "ada", refuse)} {
		if !errors.Is(err, auth.ErrLastAdmin) {
			t.Errorf("%s = %v, want ErrLastAdmin", what, err)
		}
	}
	got, err := a.UserByName(ctx, "ada")
	must(t, err)
	same(t, "role", auth.Admin, got.Role)
	same(t, "audit log", before, actions(t, s))
}

func testDisableUser(t *testing.T, s *store.Store, _ *clock.Fake) {
	a, ctx := sqlstore.NewAccess(s), storetest.Context(t)
	want := newUser("ada")
	must(t, a.CreateUser(ctx, want, entry("user.create")))
	for _, at := range []*time.Time{ptr(noon), ptr(noon.Add(time.Hour)), nil, nil} {
		must(t, a.ChangeUser(ctx, "ada", to("user.change", func(u *auth.User) { u.DisabledAt = at })))
		want.DisabledAt = at
		got, err := a.UserByName(ctx, "ada")
		must(t, err)
		same(t, "user", want, got)
		all, err := a.ListUsers(ctx)
		must(t, err)
		same(t, "users", []auth.User{want}, all)
	}
}

func testDeleteUser(t *testing.T, s *store.Store, _ *clock.Fake) {
	a, ss, ctx := sqlstore.NewAccess(s), sqlstore.NewSessions(s), storetest.Context(t)
	ada, bob := newUser("ada"), newUser("bob")
	for i, u := range []auth.User{ada, bob} {
		must(t, a.CreateUser(ctx, u, entry("user.create")))
		must(t, ss.CreateSession(ctx, newSession(u, []string{"hash-a", "hash-b"}[i]), "", entry("user.login")))
	}
	must(t, a.DeleteUser(ctx, "ADA", to("user.delete", func(*auth.User) {})))
	if _, err := a.UserByName(ctx, "ada"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("UserByName = %v, want ErrNotFound", err)
	}
	if _, err := ss.SessionByHash(ctx, "hash-a"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("the deleted user's session = %v, want ErrNotFound", err)
	}
	if _, err := ss.SessionByHash(ctx, "hash-b"); err != nil {
		t.Errorf("another user's session = %v", err)
	}
	must(t, a.CreateUser(ctx, newUser("ada"), entry("user.create")))
}

func newSession(u auth.User, hash string) auth.Session {
	return auth.Session{
		ID: id.New(), TokenHash: hash, UserID: u.ID, UserName: u.Name, Mark: "mark", CreatedAt: noon, SeenAt: noon,
		ExpiresAt: noon.Add(time.Hour), Addr: "192.0.2.1", Agent: hostile,
	}
}

func testSession(t *testing.T, s *store.Store, _ *clock.Fake) {
	a, ss, ctx := sqlstore.NewAccess(s), sqlstore.NewSessions(s), storetest.Context(t)
	ada := newUser("ada")
	must(t, a.CreateUser(ctx, ada, entry("user.create")))
	want := newSession(ada, "hash-1")
	want.Agent = "curl/8"
	must(t, ss.CreateSession(ctx, want, "", entry("user.login")))
	got, err := ss.SessionByHash(ctx, "hash-1")
	must(t, err)
	same(t, "session", want, got)
	u, err := a.UserByName(ctx, "ada")
	must(t, err)
	same(t, "last login", ptr(noon), u.LastLoginAt)
	want.SeenAt = noon.Add(time.Minute)
	must(t, ss.TouchSession(ctx, want.ID, want.SeenAt))
	all, err := ss.ListSessions(ctx, ada.ID)
	must(t, err)
	same(t, "sessions", []auth.Session{want}, all)
	must(t, ss.EndSession(ctx, want.ID, entry("user.logout")))
	must(t, ss.TouchSession(ctx, want.ID, noon))
	if err := ss.EndSession(ctx, want.ID, entry("user.logout")); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("ending it again = %v, want ErrNotFound", err)
	}
	if _, err := ss.SessionByHash(ctx, "hash-1"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("after its end = %v, want ErrNotFound", err)
	}
	same(t, "audit log", []string{"user.create", "user.login", "user.logout"}, actions(t, s))
}

func testSessionReplaces(t *testing.T, s *store.Store, now *clock.Fake) {
	a, ss, ctx := sqlstore.NewAccess(s), sqlstore.NewSessions(s), storetest.Context(t)
	ada := newUser("ada")
	must(t, a.CreateUser(ctx, ada, entry("user.create")))
	expired, old, other, next := newSession(ada, "expired"), newSession(ada, "old"), newSession(ada, "other"), newSession(ada, "next")
	expired.ExpiresAt = noon.Add(time.Minute)
	for _, n := range []auth.Session{expired, old, other} {
		must(t, ss.CreateSession(ctx, n, "", entry("user.login")))
	}
	now.Advance(time.Minute)
	must(t, ss.CreateSession(ctx, next, "old", entry("user.login")))
	all, err := ss.ListSessions(ctx, ada.ID)
	must(t, err)
	var got []string
	for _, n := range all {
		got = append(got, n.TokenHash)
	}
	same(t, "sessions", []string{"next", "other"}, got)
}

func testSessionNoUser(t *testing.T, s *store.Store, _ *clock.Fake) {
	ss, ctx := sqlstore.NewSessions(s), storetest.Context(t)
	if err := ss.CreateSession(ctx, newSession(newUser("ada"), "hash-1"), "", entry("user.login")); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("CreateSession = %v, want ErrNotFound", err)
	}
	if _, err := ss.SessionByHash(ctx, "hash-1"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("SessionByHash = %v, want ErrNotFound", err)
	}
	same(t, "audit log", nil, actions(t, s))
}
