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

func auditScenarios() []scenario {
	return append(tamperScenarios(),
		scenario{"records come back as they were chained and check out", testAuditChain},
		scenario{"hostile text does not break the chain", testAuditHostile},
	)
}

func userScenarios() []scenario {
	return []scenario{
		{"a user comes back as created, whatever the case of the name", testUser},
		{"a name is taken once, without regard to case", testUserExists},
		{"a user is changed and audited", testChangeUser},
		{"a change that is refused changes nothing", testChangeRefused},
		{"a user is disabled and let in again", testDisableUser},
		{"a user is deleted with all sessions", testDeleteUser},
		{"what concerns no known user is refused and not audited", testNoUser},
	}
}

func keyScenarios() []scenario {
	return []scenario{
		{"a key comes back as created, by its hash", testKey},
		{"a name is taken until its key is revoked", testKeyName},
		{"using a key leaves a trace", testTouchKey},
		{"a key keeps its scopes", testKeyScopes},
	}
}

func testAuditChain(t *testing.T, s *store.Store, _ *clock.Fake) {
	a, ctx := sqlstore.NewAccess(s), storetest.Context(t)
	by := entry("user.create")
	by.Time = noon.Add(123456789 * time.Nanosecond).In(time.FixedZone("east", 7200))
	must(t, a.CreateUser(ctx, newUser("ada"), by))
	must(t, a.RecordAudit(ctx, entry("user.login")))
	same(t, "actions", []string{"user.create", "user.login"}, actions(t, s))
	log := sqlstore.NewAudit(s)
	rs, err := log.AuditRecords(ctx, 0, 1)
	must(t, err)
	by.After, by.Time = []byte(`{"name":"ada","role":"admin"}`), noon.Add(123456*time.Microsecond)
	same(t, "first record", audit.Chain(0, audit.Genesis, by), rs[0])
	rest, err := log.AuditRecords(ctx, 1, 10)
	must(t, err)
	seq, hash, err := log.AuditHead(ctx)
	must(t, err)
	same(t, "head", []any{rest[0].Seq, rest[0].Hash}, []any{seq, hash})
}

func testAuditHostile(t *testing.T, s *store.Store, _ *clock.Fake) {
	by := entry("user.create")
	by.Target, by.Reason, by.Actor.Name, by.Before = hostile, hostile, hostile, []byte("\"\xff\"")
	by.ID, by.Time = "", time.Time{}
	must(t, sqlstore.NewAccess(s).CreateUser(storetest.Context(t), newUser("ada"), by))
	same(t, "actions", []string{"user.create"}, actions(t, s))
}

func newUser(name string) auth.User {
	return auth.User{ID: id.New(), Name: name, Role: auth.Admin, PasswordHash: "$argon2id$v=19$x", CreatedAt: noon}
}

func testUser(t *testing.T, s *store.Store, _ *clock.Fake) {
	a, ctx := sqlstore.NewAccess(s), storetest.Context(t)
	ada, bob := newUser("Ada"), newUser("bob")
	must(t, a.CreateUser(ctx, bob, entry("user.create")))
	must(t, a.CreateUser(ctx, ada, entry("user.create")))
	got, err := a.UserByName(ctx, "aDA")
	must(t, err)
	same(t, "user", ada, got)
	all, err := a.ListUsers(ctx)
	must(t, err)
	same(t, "users", []auth.User{ada, bob}, all)
	n, err := a.CountUsers(ctx)
	must(t, err)
	same(t, "count", 2, n)
}

func testUserExists(t *testing.T, s *store.Store, _ *clock.Fake) {
	a, ctx := sqlstore.NewAccess(s), storetest.Context(t)
	must(t, a.CreateUser(ctx, newUser("ada"), entry("user.create")))
	if err := a.CreateUser(ctx, newUser("ADA"), entry("user.create")); !errors.Is(err, auth.ErrExists) {
		t.Errorf("CreateUser = %v, want ErrExists", err)
	}
	same(t, "audit log", []string{"user.create"}, actions(t, s))
}

func testNoUser(t *testing.T, s *store.Store, _ *clock.Fake) {
	a, ctx := sqlstore.NewAccess(s), storetest.Context(t)
	_, err := a.UserByName(ctx, hostile)
	for what, err := range map[string]error{
		"UserByName": err,
		"ChangeUser": a.ChangeUser(ctx, "nobody", to("user.change", func(*auth.User) {})),
		"DeleteUser": a.DeleteUser(ctx, "nobody", to("user.delete", func(*auth.User) {})),
	} {
		if !errors.Is(err, auth.ErrNotFound) {
			t.Errorf("%s = %v, want ErrNotFound", what, err)
		}
	}
	same(t, "audit log", nil, actions(t, s))
}

func newKey(name, hash string) auth.APIKey {
	return auth.APIKey{
		ID: id.New(), Name: name, Role: auth.Viewer, Prefix: "cdn_abcd", Hash: hash, CreatedAt: noon, CreatedBy: "ada",
		ExpiresAt: ptr(noon.Add(time.Hour)),
	}
}

func testKey(t *testing.T, s *store.Store, _ *clock.Fake) {
	a, ctx := sqlstore.NewAccess(s), storetest.Context(t)
	want := newKey("ci", "hash-1")
	must(t, a.CreateKey(ctx, want, entry("apikey.create")))
	got, err := a.KeyByHash(ctx, "hash-1")
	must(t, err)
	same(t, "key", want, got)
	if _, err := a.KeyByHash(ctx, "other"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("KeyByHash = %v, want ErrNotFound", err)
	}
}

func testKeyName(t *testing.T, s *store.Store, _ *clock.Fake) {
	a, ctx := sqlstore.NewAccess(s), storetest.Context(t)
	first, second := newKey("ci", "hash-1"), newKey("ci", "hash-2")
	must(t, a.CreateKey(ctx, first, entry("apikey.create")))
	if err := a.CreateKey(ctx, second, entry("apikey.create")); !errors.Is(err, auth.ErrExists) {
		t.Errorf("CreateKey = %v, want ErrExists", err)
	}
	must(t, a.RevokeKey(ctx, "ci", entry("apikey.revoke")))
	if err := a.RevokeKey(ctx, "ci", entry("apikey.revoke")); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("RevokeKey of a revoked key = %v, want ErrNotFound", err)
	}
	must(t, a.CreateKey(ctx, second, entry("apikey.create")))
	first.RevokedAt = ptr(noon)
	all, err := a.ListKeys(ctx)
	must(t, err)
	same(t, "keys", []auth.APIKey{second, first}, all)
	same(t, "audit log", []string{"apikey.create", "apikey.revoke", "apikey.create"}, actions(t, s))
}

func testTouchKey(t *testing.T, s *store.Store, _ *clock.Fake) {
	a, ctx := sqlstore.NewAccess(s), storetest.Context(t)
	want := newKey("ci", "hash-1")
	must(t, a.CreateKey(ctx, want, entry("apikey.create")))
	want.LastUsedAt = ptr(noon.Add(time.Minute))
	must(t, a.TouchKey(ctx, want.ID, *want.LastUsedAt))
	got, err := a.KeyByHash(ctx, "hash-1")
	must(t, err)
	same(t, "key", want, got)
}

func testKeyScopes(t *testing.T, s *store.Store, _ *clock.Fake) {
	a, ctx := sqlstore.NewAccess(s), storetest.Context(t)
	narrow, wide := newKey("narrow", "hash-1"), newKey("wide", "hash-2")
	narrow.Scopes = "events:write leak:read"
	must(t, a.CreateKey(ctx, narrow, entry("apikey.create")))
	must(t, a.CreateKey(ctx, wide, entry("apikey.create")))
	got, err := a.KeyByHash(ctx, "hash-1")
	must(t, err)
	same(t, "key", narrow, got)
	all, err := a.ListKeys(ctx)
	must(t, err)
	same(t, "keys", []auth.APIKey{wide, narrow}, all)
}
