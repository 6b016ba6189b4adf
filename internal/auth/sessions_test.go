package auth_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/auth"
)

func (w *world) begin(t *testing.T, old string, u auth.User) string {
	t.Helper()
	c, err := w.login.Begin(t.Context(), auth.Login{User: u, Old: old, Addr: "192.0.2.1", Agent: "curl/8"})
	if err != nil {
		t.Fatal(err)
	}
	return c.Value
}

func (w *world) resume(t *testing.T, token string) error {
	t.Helper()
	_, err := w.login.Resume(t.Context(), token, "192.0.2.1", true)
	return err
}

func TestACookieIsForThisSiteAndNoScript(t *testing.T) {
	w := newWorld(t)
	u := w.add(t, "ada", auth.Viewer)
	for _, tls := range []bool{false, true} {
		c, err := w.login.Begin(t.Context(), auth.Login{User: u, TLS: tls})
		if err != nil {
			t.Fatal(err)
		}
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Secure != tls || c.Path != "/" || c.Domain != "" || c.MaxAge != 7*24*3600 {
			t.Errorf("tls=%v: cookie %v", tls, c)
		}
	}
}

func TestASessionIsWhoLoggedIn(t *testing.T) {
	w := newWorld(t)
	token := w.begin(t, "", w.add(t, "ada", auth.Reviewer))
	p, err := w.login.Resume(t.Context(), token, "192.0.2.1", true)
	want := auth.Principal{Kind: auth.KindUser, Name: "ada", Role: auth.Reviewer, Addr: "192.0.2.1"}
	if err != nil || p != want {
		t.Errorf("got %+v, %v", p, err)
	}
	stored := w.sessions.All()[0]
	if stored.TokenHash == token || strings.Contains(fmt.Sprint(stored), token) {
		t.Error("the store holds the token itself")
	}
	for _, wrong := range []string{"", "x", token + "x", stored.TokenHash, stored.ID, token[:42] + "\n"} {
		if err := w.resume(t, wrong); !errors.Is(err, auth.ErrNoSession) {
			t.Errorf("token %q: %v", wrong, err)
		}
	}
}

func TestASessionEnds(t *testing.T) {
	tests := map[string]func(t *testing.T, w *world, token string){
		"by logging out": func(t *testing.T, w *world, token string) {
			c, err := w.login.End(t.Context(), token, "192.0.2.9", false)
			if err != nil || c.MaxAge >= 0 || c.Value != "" {
				t.Errorf("cookie %v, %v", c, err)
			}
			if a := w.sessions.Audit(); len(a) != 2 || a[1].Action != auth.ActionLogout || a[1].Actor.Name != "ada" || a[1].Actor.Addr != "192.0.2.9" {
				t.Errorf("audit %+v", a)
			}
		},
		"when idle": func(_ *testing.T, w *world, _ string) { w.clock.Advance(12 * time.Hour) },
		"after a week, however busy": func(t *testing.T, w *world, token string) {
			for range 7*24/6 - 1 {
				w.clock.Advance(6 * time.Hour)
				if err := w.resume(t, token); err != nil {
					t.Fatal(err)
				}
			}
			w.clock.Advance(6 * time.Hour)
		},
		"with a new password": func(t *testing.T, w *world, _ string) {
			if err := w.users.SetPassword(t.Context(), boss, "ada", other); err != nil {
				t.Fatal(err)
			}
		},
		"when its user is disabled": func(t *testing.T, w *world, _ string) {
			w.change(t, "ada", auth.UserChange{Disabled: ptr(true)})
		},
		"when its user was disabled for a while": func(t *testing.T, w *world, _ string) {
			w.change(t, "ada", auth.UserChange{Disabled: ptr(true)})
			w.change(t, "ada", auth.UserChange{Disabled: ptr(false)})
		},
		"with its user": func(_ *testing.T, w *world, _ string) { w.store.Drop("ada") },
		"with its user, though another has the name": func(t *testing.T, w *world, _ string) {
			w.store.Drop("ada")
			w.add(t, "ada", auth.Admin)
		},
		"with the next login of the browser": func(t *testing.T, w *world, token string) {
			grace := w.add(t, "grace", auth.Viewer)
			if next := w.begin(t, token, grace); next == token {
				t.Error("the token stays the same: session fixation")
			}
		},
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			token := w.begin(t, "", w.add(t, "ada", auth.Viewer))
			if err := w.resume(t, token); err != nil {
				t.Fatal(err)
			}
			end(t, w, token)
			if err := w.resume(t, token); !errors.Is(err, auth.ErrNoSession) {
				t.Errorf("got %v, want ErrNoSession", err)
			}
		})
	}
}

func TestATokenSomebodyElseChoseIsNotTaken(t *testing.T) {
	w := newWorld(t)
	if token := w.begin(t, "chosen-by-an-attacker", w.add(t, "ada", auth.Viewer)); token == "chosen-by-an-attacker" {
		t.Error("the login kept the token it came with")
	}
}

func TestReadingDoesNotWriteMoreThanOnceAMinute(t *testing.T) {
	w := newWorld(t)
	token := w.begin(t, "", w.add(t, "ada", auth.Viewer))
	for range 12 { // two minutes of clicking
		w.clock.Advance(10 * time.Second)
		if err := w.resume(t, token); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.sessions.Commits(); n != 1+2 {
		t.Errorf("%d writes, want the login and 2", n)
	}
}

func TestALookThatIsNotAPersonsDoesNotKeepASessionOpen(t *testing.T) {
	w := newWorld(t)
	token := w.begin(t, "", w.add(t, "ada", auth.Viewer))
	for range 12 {
		if _, err := w.login.Resume(t.Context(), token, "", false); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(time.Hour)
	}
	if err := w.resume(t, token); !errors.Is(err, auth.ErrNoSession) {
		t.Errorf("an open page kept the session for 12 hours: %v", err)
	}
}

func TestAStoreThatFailsIsNotAnEndedSession(t *testing.T) {
	w := newWorld(t)
	token := w.begin(t, "", w.add(t, "ada", auth.Viewer))
	w.sessions.Fail(errors.New("disk gone"))
	if err := w.resume(t, token); err == nil || errors.Is(err, auth.ErrNoSession) {
		t.Errorf("got %v, want the store's failure", err)
	}
}

func TestAPersonSeesAndEndsTheirOwnSessions(t *testing.T) {
	w := newWorld(t)
	ada, bob := w.add(t, "ada", auth.Viewer), w.add(t, "bob", auth.Viewer)
	first, second, others := w.begin(t, "", ada), w.begin(t, "", ada), w.begin(t, "", bob)
	list, err := w.login.List(t.Context(), "ada")
	if err != nil || len(list) != 2 || !list[0].Is(second) || list[1].Is(second) || list[0].Agent != "curl/8" || list[0].Addr != "192.0.2.1" {
		t.Fatalf("got %+v, %v", list, err)
	}
	self := auth.Principal{Kind: auth.KindUser, Name: "ada", Role: auth.Viewer}
	bobs, _ := w.login.List(t.Context(), "bob")
	if err := w.login.EndOne(t.Context(), self, bobs[0].ID); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("another's session: %v", err)
	}
	if err := w.login.EndOne(t.Context(), self, list[1].ID); err != nil {
		t.Fatal(err)
	}
	if w.resume(t, first) == nil || w.resume(t, second) != nil || w.resume(t, others) != nil {
		t.Error("another session than the one that was named ended")
	}
	if a := w.sessions.Audit(); a[len(a)-1].Action != auth.ActionSessionEnd || a[len(a)-1].Target != list[1].ID {
		t.Errorf("audit %+v", a[len(a)-1])
	}
	w.clock.Advance(12 * time.Hour)
	if list, err := w.login.List(t.Context(), "ada"); err != nil || len(list) != 0 {
		t.Errorf("idle sessions are listed: %+v, %v", list, err)
	}
}

func TestALongNameOfABrowserIsCut(t *testing.T) {
	w := newWorld(t)
	if _, err := w.login.Begin(t.Context(), auth.Login{User: w.add(t, "ada", auth.Viewer), Agent: strings.Repeat("é", 5000)}); err != nil {
		t.Fatal(err)
	}
	if n := len(w.sessions.All()[0].Agent); n > 300 {
		t.Errorf("%d bytes are kept", n)
	}
}
