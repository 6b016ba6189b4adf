package auth_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/auth/authtest"
	"go.cordon.dev/cordon/internal/clock"
)

const (
	good  = "correct horse battery"
	other = "staple of another kind"
)

var boss = auth.Principal{Kind: auth.KindLocal, Name: "root", Role: auth.Admin}

type world struct {
	store    authtest.Store
	sessions authtest.Sessions
	clock    *clock.Fake
	log      bytes.Buffer
	users    *auth.Users
	keys     *auth.Keys
	login    *auth.Sessions
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{clock: clock.NewFake(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))}
	log := slog.New(slog.NewTextHandler(&w.log, nil))
	w.users = auth.NewUsers(auth.UsersDeps{
		Store: &w.store, Audit: &w.store, Hasher: authtest.CheapHasher(), Clock: w.clock, Log: log, FailureFloor: -1,
		Mark: func(name string) string { return fmt.Sprint("mark", len(name)) },
	})
	w.keys = auth.NewKeys(auth.KeysDeps{Store: &w.store, Clock: w.clock, Log: log})
	w.login = auth.NewSessions(auth.SessionsDeps{Store: &w.sessions, Users: &w.store, Clock: w.clock, Log: log})
	return w
}

func (w *world) add(t *testing.T, name string, role auth.Role) auth.User {
	t.Helper()
	u, err := w.users.Create(t.Context(), boss, name, role, good)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestAUserIsCreatedAndAudited(t *testing.T) {
	w := newWorld(t)
	u := w.add(t, "ada", auth.Reviewer)
	if u.PasswordHash == "" || strings.Contains(u.PasswordHash, good) {
		t.Errorf("hash %q", u.PasswordHash)
	}
	entries := w.store.Audit()
	if len(entries) != 1 || entries[0].Action != auth.ActionUserCreate || entries[0].Target != "ada" || entries[0].Actor != boss.Actor() {
		t.Fatalf("audit %+v", entries)
	}
	if got := string(entries[0].After); got != `{"name":"ada","role":"reviewer"}` {
		t.Errorf("audit after = %s", got)
	}
}

func TestAUserThatCannotBeTakenIsRefused(t *testing.T) {
	w := newWorld(t)
	w.add(t, "ada", auth.Viewer)
	tests := []struct {
		name, user, password string
		role                 auth.Role
		field                string // of the InputError; empty: ErrExists
	}{
		{"taken", "ada", good, auth.Viewer, ""},
		{"bad name", "Ada Lovelace", good, auth.Viewer, "name"},
		{"bad role", "grace", good, "root", "role"},
		{"bad password", "grace", "short", auth.Viewer, "password"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.users.Create(t.Context(), boss, tt.user, tt.role, tt.password)
			var input *auth.InputError
			switch {
			case tt.field == "" && !errors.Is(err, auth.ErrExists):
				t.Errorf("got %v, want ErrExists", err)
			case tt.field != "" && (!errors.As(err, &input) || input.Field != tt.field):
				t.Errorf("got %v, want an InputError of %s", err, tt.field)
			}
		})
	}
	if n := len(w.store.Audit()); n != 1 {
		t.Errorf("%d audit entries, want the first user's only", n)
	}
}

func TestAuthenticate(t *testing.T) {
	w := newWorld(t)
	w.add(t, "ada", auth.Reviewer)
	tests := []struct {
		name, user, password string
		want                 error
		audited              string
	}{
		{"right", "ada", good, nil, ""},
		{"another case", "ADA", good, nil, ""},
		{"wrong", "ada", other, auth.ErrCredentials, auth.ActionLoginFailed},
		{"empty", "ada", "", auth.ErrCredentials, auth.ActionLoginFailed},
		{"huge", "ada", strings.Repeat("x", 1<<20), auth.ErrCredentials, auth.ActionLoginFailed},
		{"unknown", "hunter2-typed-here", good, auth.ErrCredentials, auth.ActionLoginFailed},
		{"nothing", "", "", auth.ErrCredentials, auth.ActionLoginFailed},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := len(w.store.Audit())
			addr := "192.0.2." + string(rune('1'+i))
			u, err := w.users.Authenticate(t.Context(), tt.user, tt.password, addr)
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if err == nil && u.Name != "ada" {
				t.Errorf("got user %q", u.Name)
			}
			added := w.store.Audit()[before:]
			if tt.audited == "" && len(added) > 0 || tt.audited != "" && (len(added) != 1 || added[0].Action != tt.audited || added[0].Actor.Addr != addr) {
				t.Errorf("audit %+v, want %q", added, tt.audited)
			}
		})
	}
	if all := w.log.String() + fmt.Sprint(w.store.Audit()); strings.Contains(all, "hunter2") || !strings.Contains(all, "(unknown) mark18") {
		t.Errorf("the log names who is not a user: people type passwords there\n%s", all)
	}
}

func TestAnAuditLogThatCannotBeWrittenStillRefuses(t *testing.T) {
	w := newWorld(t)
	w.add(t, "ada", auth.Reviewer)
	w.store.Fail(errors.New("disk full"))
	if _, err := w.users.Authenticate(t.Context(), "ada", good, ""); err == nil || errors.Is(err, auth.ErrCredentials) {
		t.Errorf("got %v, want the store's failure", err)
	}
}

func TestARefusalTakesAsLongForTheUnknown(t *testing.T) {
	for _, name := range []string{"ada", "nobody"} {
		synctest.Test(t, func(t *testing.T) {
			var store authtest.Store
			users := auth.NewUsers(auth.UsersDeps{Store: &store, Audit: &store, Hasher: authtest.CheapHasher()})
			if _, err := users.Create(t.Context(), boss, "ada", auth.Viewer, good); err != nil {
				t.Fatal(err)
			}
			began := time.Now() // the bubble's clock: it moves only while everyone sleeps
			if _, err := users.Authenticate(t.Context(), name, other, "192.0.2.1"); !errors.Is(err, auth.ErrCredentials) {
				t.Fatal(err)
			}
			if took := time.Since(began); took != 250*time.Millisecond {
				t.Errorf("refusing %s took %v", name, took)
			}
		})
	}
}

func TestGuessingIsSlowedDown(t *testing.T) {
	w := newWorld(t)
	w.add(t, "ada", auth.Viewer)
	try := func(name, password, addr string) error {
		_, err := w.users.Authenticate(t.Context(), name, password, addr)
		return err
	}
	for range 5 {
		if err := try("ada", other, "192.0.2.1"); !errors.Is(err, auth.ErrCredentials) {
			t.Fatal(err)
		}
	}
	var many *auth.TooManyError
	if err := try("Ada", good, "192.0.2.1"); !errors.As(err, &many) || many.RetryAfter != 30*time.Second {
		t.Fatalf("the sixth try got %v, want to wait 30 s", err)
	}
	if err := try("ada", good, "198.51.100.7"); err != nil {
		t.Errorf("another address is locked out too: %v", err)
	}
	w.clock.Advance(30 * time.Second)
	if err := try("ada", good, "192.0.2.1"); err != nil {
		t.Errorf("after waiting: %v", err)
	}
	if err := try("ada", other, "192.0.2.1"); !errors.Is(err, auth.ErrCredentials) {
		t.Errorf("a success does not forgive the failures before it: %v", err)
	}
}

func TestSprayingOverNamesIsSlowedDownPerNetwork(t *testing.T) {
	w := newWorld(t)
	var many *auth.TooManyError
	tried := 0
	for i := range 100 {
		name, addr := "user"+string(rune('a'+i%26))+string(rune('a'+i/26)), "2001:db8::"+string(rune('1'+i%9))
		if _, err := w.users.Authenticate(t.Context(), name, other, addr); errors.As(err, &many) {
			break
		}
		tried++
	}
	if tried != 30 {
		t.Errorf("one IPv6 network tried %d names, want 30", tried)
	}
	if _, err := w.users.Authenticate(t.Context(), "x", other, "2001:db8:0:1::1"); !errors.Is(err, auth.ErrCredentials) {
		t.Errorf("another network got %v", err)
	}
}

func TestSetPassword(t *testing.T) {
	w := newWorld(t)
	w.add(t, "ada", auth.Viewer)
	if err := w.users.SetPassword(t.Context(), boss, "ada", "ada"); err == nil {
		t.Error("a bad password was taken")
	}
	if err := w.users.SetPassword(t.Context(), boss, "nobody", other); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("unknown user: %v", err)
	}
	if err := w.users.SetPassword(t.Context(), boss, "ada", other); err != nil {
		t.Fatal(err)
	}
	if _, err := w.users.Authenticate(t.Context(), "ada", other, ""); err != nil {
		t.Errorf("the new password: %v", err)
	}
	if _, err := w.users.Authenticate(t.Context(), "ada", good, ""); !errors.Is(err, auth.ErrCredentials) {
		t.Errorf("the old password: %v", err)
	}
}

func TestPrincipalsHaveDistinctLabels(t *testing.T) {
	seen := map[string]bool{}
	for _, kind := range []auth.Kind{auth.KindUser, auth.KindKey, auth.KindLocal} {
		label := auth.Principal{Kind: kind, Name: "ada"}.Label()
		if seen[label] {
			t.Errorf("%s is the label of two kinds", label)
		}
		seen[label] = true
	}
	if _, ok := auth.PrincipalFrom(t.Context()); ok {
		t.Error("nobody is somebody")
	}
}

func ptr[T any](v T) *T { return &v }

func (w *world) change(t *testing.T, name string, c auth.UserChange) auth.User {
	t.Helper()
	u, err := w.users.Change(t.Context(), boss, name, c)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestAUserIsChanged(t *testing.T) {
	w := newWorld(t)
	w.add(t, "root", auth.Admin)
	w.add(t, "ada", auth.Viewer)
	u := w.change(t, "ADA", auth.UserChange{Role: ptr(auth.Reviewer), Reason: "promoted"})
	if u.Role != auth.Reviewer || u.DisabledAt != nil {
		t.Errorf("got %+v", u)
	}
	a := w.store.Audit()
	if e := a[len(a)-1]; e.Action != auth.ActionUserChange || e.Target != "ada" || e.Reason != "promoted" ||
		string(e.Before) != `{"disabled":false,"name":"ada","role":"viewer"}` || string(e.After) != `{"disabled":false,"name":"ada","role":"reviewer"}` {
		t.Errorf("audit %+v", e)
	}
	if u = w.change(t, "ada", auth.UserChange{Disabled: ptr(true)}); u.DisabledAt == nil || u.Role != auth.Reviewer {
		t.Errorf("disabled: %+v", u)
	}
	if _, err := w.users.Authenticate(t.Context(), "ada", good, "192.0.2.1"); !errors.Is(err, auth.ErrCredentials) {
		t.Errorf("a disabled user logs in: %v", err)
	}
	w.change(t, "ada", auth.UserChange{Disabled: ptr(false)})
	if _, err := w.users.Authenticate(t.Context(), "ada", good, "192.0.2.1"); err != nil {
		t.Errorf("let in again: %v", err)
	}
	var input *auth.InputError
	if _, err := w.users.Change(t.Context(), boss, "ada", auth.UserChange{Role: ptr(auth.Role("king"))}); !errors.As(err, &input) || input.Field != "role" {
		t.Errorf("a role that is none: %v", err)
	}
	if _, err := w.users.Change(t.Context(), boss, "nobody", auth.UserChange{Role: ptr(auth.Viewer)}); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
}

// Somebody can always manage the installation.
func TestTheLastAdminStays(t *testing.T) {
	w := newWorld(t)
	w.add(t, "ada", auth.Admin)
	w.add(t, "bob", auth.Admin)
	w.change(t, "bob", auth.UserChange{Disabled: ptr(true)}) // does not count
	refused := func() map[string]error {
		_, role := w.users.Change(t.Context(), boss, "ada", auth.UserChange{Role: ptr(auth.Responder)})
		_, off := w.users.Change(t.Context(), boss, "ada", auth.UserChange{Disabled: ptr(true)})
		return map[string]error{"another role": role, "disabled": off, "deleted": w.users.Delete(t.Context(), boss, "ada", "")}
	}
	before := len(w.store.Audit())
	for what, err := range refused() {
		if !errors.Is(err, auth.ErrLastAdmin) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if u, err := w.users.Get(t.Context(), "ada"); err != nil || u.Role != auth.Admin || u.DisabledAt != nil || len(w.store.Audit()) != before {
		t.Errorf("a refused change was done: %+v, %v", u, err)
	}
	if err := w.users.Delete(t.Context(), boss, "bob", "left"); err != nil {
		t.Errorf("a disabled admin: %v", err)
	}
	w.add(t, "cid", auth.Admin)
	if err := w.users.Delete(t.Context(), boss, "ada", ""); err != nil {
		t.Errorf("with another admin: %v", err)
	}
	if err := w.users.Delete(t.Context(), boss, "ada", ""); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("twice: %v", err)
	}
}
