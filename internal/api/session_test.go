package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/auth"
)

func TestTheFirstAdministrator(t *testing.T) {
	n := newNode(t)
	setup := func(token, password string) request {
		return request{method: "POST", path: "/api/v1/setup", body: SetupRequest{token, "ada", password}}
	}
	if s := decode[SetupState](t, n.call(t, request{path: "/api/v1/setup"})); !s.Needed {
		t.Fatal("setup is not needed without users")
	}
	wantProblem(t, n.call(t, setup("guess", adaPassword)), 403, "setup link")
	link, err := n.Setup.Open()
	if err != nil {
		t.Fatal(err)
	}
	_, token, _ := strings.Cut(link.Reveal(), "#token=")
	wantProblem(t, n.call(t, setup("guess", adaPassword)), 403, "setup link")
	wantProblem(t, n.call(t, setup(token, "adaadaadaada")), 422, "body.password")
	w := n.call(t, setup(token, adaPassword))
	if w.Code != 201 || decode[Me](t, w) != (Me{"ada", "admin", "user"}) {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	cookie := w.Result().Cookies()[0].Value
	if w := n.call(t, request{path: "/api/v1/me", cookie: cookie}); w.Code != 200 {
		t.Errorf("the new admin is not logged in: %d", w.Code)
	}
	wantProblem(t, n.call(t, setup(token, adaPassword)), 409, "exists already")
	if s := decode[SetupState](t, n.call(t, request{path: "/api/v1/setup"})); s.Needed {
		t.Error("setup is still needed")
	}
	if a := n.access.Audit(); a[0].Action != auth.ActionUserCreate || a[0].Actor.Name != "setup-link" || a[0].Actor.Addr != "192.0.2.1" {
		t.Errorf("audit %+v", a[0])
	}
}

func TestWithoutALinkThereIsNoSetup(t *testing.T) {
	n := newNode(t, func(d *Deps) { d.Setup = nil })
	wantProblem(t, n.call(t, request{method: "POST", path: "/api/v1/setup", body: SetupRequest{"x", "ada", adaPassword}}), 403, "cordon user add")
}

func TestLogin(t *testing.T) {
	n := populate(t, newNode(t))
	login := func(name, password string) request {
		return request{method: "POST", path: "/api/v1/login", body: LoginRequest{name, password}}
	}
	wrong, unknown := n.call(t, login("bob", "wrong password")), n.call(t, login("nobody", "wrong password"))
	wantProblem(t, wrong, 401, "name or password is wrong")
	if wrong.Body.String() != unknown.Body.String() {
		t.Errorf("a wrong password: %s\nan unknown name: %s", wrong.Body, unknown.Body)
	}
	w := n.call(t, login("Bob", bobPassword))
	if w.Code != 200 || decode[Me](t, w) != (Me{"bob", "viewer", "user"}) {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	c := w.Result().Cookies()[0]
	if c.Name != "cordon_session" || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Secure {
		t.Errorf("cookie %v", c)
	}
	for range 5 {
		n.call(t, login("ada", "wrong password"))
	}
	w = n.call(t, login("ada", adaPassword))
	wantProblem(t, w, 429, "too many attempts")
	if w.Header().Get("Retry-After") != "30" {
		t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
	}
	n.clock.Advance(30 * time.Second)
	if w := n.call(t, login("ada", adaPassword)); w.Code != 200 {
		t.Errorf("after waiting: %d", w.Code)
	}
}

func TestLogout(t *testing.T) {
	n := populate(t, newNode(t))
	session := n.login(t, "ada", adaPassword)
	own := map[string]string{"X-Cordon-Request": "1"}
	w := n.call(t, request{method: "POST", path: "/api/v1/logout", cookie: session, headers: own})
	if c := w.Result().Cookies(); w.Code != 204 || len(c) != 1 || c[0].MaxAge >= 0 {
		t.Errorf("got %d, cookies %v", w.Code, c)
	}
	if w := n.call(t, request{path: "/api/v1/me", cookie: session}); w.Code != 401 {
		t.Errorf("after logging out: %d", w.Code)
	}
	if w := n.as(t, auth.Viewer, "POST", "/api/v1/logout", nil); w.Code != 204 || len(w.Result().Cookies()) != 0 {
		t.Errorf("a key: %d %v", w.Code, w.Result().Cookies())
	}
}

func TestPasswords(t *testing.T) {
	const next = "a third one, quite long"
	own := map[string]string{"X-Cordon-Request": "1"}
	tests := map[string]struct {
		who, of string // who: a session of a user, or a role's key
		body    PasswordRequest
		status  int
		detail  string
	}{
		"own":                             {"bob", "bob", PasswordRequest{next, bobPassword}, 204, ""},
		"own, wrong current":              {"bob", "bob", PasswordRequest{next, adaPassword}, 422, "body.current"},
		"own, without current":            {"bob", "bob", PasswordRequest{Password: next}, 422, "body.current"},
		"own, weak":                       {"bob", "bob", PasswordRequest{"bobbobbobbob", bobPassword}, 422, "body.password"},
		"another's":                       {"bob", "ada", PasswordRequest{next, bobPassword}, 403, "only an admin"},
		"another's, by an admin":          {"ada", "bob", PasswordRequest{Password: next}, 204, ""},
		"an admin's own, without current": {"ada", "ada", PasswordRequest{Password: next}, 422, "body.current"},
		"nobody's":                        {"ada", "nobody", PasswordRequest{Password: next}, 404, ""},
		"by a key":                        {"key", "bob", PasswordRequest{next, bobPassword}, 403, "only an admin"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := populate(t, newNode(t))
			q := request{method: "PUT", path: "/api/v1/users/" + tt.of + "/password", body: tt.body, headers: own}
			switch tt.who {
			case "ada":
				q.cookie = n.login(t, "ada", adaPassword)
			case "bob":
				q.cookie = n.login(t, "bob", bobPassword)
			default:
				q.key = n.keys[auth.Reviewer]
			}
			w := n.call(t, q)
			if tt.status != 204 {
				wantProblem(t, w, tt.status, tt.detail)
				return
			}
			if w.Code != 204 {
				t.Fatalf("got %d %s", w.Code, w.Body)
			}
			n.login(t, tt.of, next)
			if w := n.call(t, request{path: "/api/v1/me", cookie: q.cookie}); tt.who == tt.of && w.Code != 401 {
				t.Errorf("the session from before the new password: %d", w.Code)
			}
			if cookies := w.Result().Cookies(); tt.who == tt.of {
				if w := n.call(t, request{path: "/api/v1/me", cookie: cookies[0].Value}); w.Code != 200 {
					t.Errorf("the new session: %d", w.Code)
				}
			}
		})
	}
}

func TestAKeyOfAUsersNameIsNotTheUser(t *testing.T) {
	n := populate(t, newNode(t))
	secret, _, err := n.Keys.Create(t.Context(), auth.Principal{Kind: auth.KindLocal, Role: auth.Admin}, auth.NewKey{Name: "bob", Role: auth.Viewer})
	if err != nil {
		t.Fatal(err)
	}
	w := n.call(t, request{method: "PUT", path: "/api/v1/users/bob/password", body: PasswordRequest{adaPassword, bobPassword}, key: secret.Reveal()})
	wantProblem(t, w, 403, "only an admin")
}

func TestUsersAndKeys(t *testing.T) {
	n := populate(t, newNode(t))
	w := n.as(t, auth.Admin, "POST", "/api/v1/users", UserRequest{"grace", "reviewer", "hopper and her nanoseconds"})
	if u := decode[User](t, w); w.Code != 201 || u != (User{Name: "grace", Role: "reviewer", CreatedAt: noon()}) {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	w = n.as(t, auth.Admin, "GET", "/api/v1/users", nil)
	if l := decode[UserList](t, w); len(l.Items) != 3 || strings.Contains(w.Body.String(), "argon2") {
		t.Errorf("got %s", w.Body)
	}
	ends := noon().Add(time.Hour)
	w = n.as(t, auth.Admin, "POST", "/api/v1/api-keys", APIKeyRequest{Name: "deploy", Role: "viewer", ExpiresAt: &ends})
	k := decode[APIKeyCreated](t, w)
	if w.Code != 201 || k.Prefix != k.Key[:8] || k.CreatedBy != "api-key:key-admin" || !k.ExpiresAt.Equal(ends) || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if w := n.call(t, request{path: "/api/v1/me", key: k.Key}); decode[Me](t, w).Name != "deploy" {
		t.Errorf("the new key: %s", w.Body)
	}
	w = n.as(t, auth.Admin, "GET", "/api/v1/api-keys", nil)
	if l := decode[APIKeyList](t, w); len(l.Items) != 5 || strings.Contains(w.Body.String(), k.Key) || strings.Contains(w.Body.String(), "hash") {
		t.Errorf("got %s", w.Body)
	}
	wantProblem(t, n.as(t, auth.Admin, "POST", "/api/v1/api-keys", APIKeyRequest{Name: "deploy", Role: "viewer"}), 409, "taken")
	past := noon().Add(-time.Hour)
	wantProblem(t, n.as(t, auth.Admin, "POST", "/api/v1/api-keys", APIKeyRequest{Name: "old", Role: "viewer", ExpiresAt: &past}), 422, "body.expires_at")
	if w := n.as(t, auth.Admin, "DELETE", "/api/v1/api-keys/deploy", nil); w.Code != 204 {
		t.Errorf("revoking: %d %s", w.Code, w.Body)
	}
	wantProblem(t, n.as(t, auth.Admin, "DELETE", "/api/v1/api-keys/deploy", nil), 404, "")
	if w := n.call(t, request{path: "/api/v1/me", key: k.Key}); w.Code != 401 {
		t.Errorf("the revoked key: %d", w.Code)
	}
}
