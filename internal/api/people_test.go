package api

import (
	"net/http"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/auth"
)

func TestAUserIsChangedAndRemoved(t *testing.T) {
	n := populate(t, newNode(t, func(d *Deps) { d.Redact = func(s string) string { return strings.ReplaceAll(s, "hunter2", "****") } }))
	session := n.login(t, "bob", bobPassword)
	off := true
	w := n.as(t, auth.Admin, http.MethodPut, "/api/v1/users/bob", UserChangeRequest{Role: "reviewer", Reason: "knows hunter2"})
	if u := decode[User](t, w); w.Code != http.StatusOK || u.Role != "reviewer" || u.DisabledAt != nil {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if a := n.access.Audit(); a[len(a)-1].Reason != "knows ****" {
		t.Errorf("reason %q", a[len(a)-1].Reason)
	}
	if me := decode[Me](t, n.call(t, request{path: "/api/v1/me", cookie: session})); me.Role != "reviewer" {
		t.Errorf("the open session has the role %s", me.Role)
	}
	w = n.as(t, auth.Admin, http.MethodPut, "/api/v1/users/bob", UserChangeRequest{Disabled: &off})
	if u := decode[User](t, w); u.DisabledAt == nil || !u.DisabledAt.Equal(noon()) {
		t.Errorf("got %s", w.Body)
	}
	if w := n.call(t, request{path: "/api/v1/me", cookie: session}); w.Code != http.StatusUnauthorized {
		t.Errorf("a disabled user's session: %d", w.Code)
	}
	for path, status := range map[string]int{"ada": 409, "nobody": 404} {
		if w := n.as(t, auth.Admin, http.MethodDelete, "/api/v1/users/"+path, nil); w.Code != status {
			t.Errorf("deleting %s: %d %s", path, w.Code, w.Body)
		}
	}
	wantProblem(t, n.as(t, auth.Admin, http.MethodPut, "/api/v1/users/ada", UserChangeRequest{Role: "viewer"}), http.StatusConflict, "last administrator")
	wantProblem(t, n.as(t, auth.Admin, http.MethodPut, "/api/v1/users/bob", UserChangeRequest{Reason: "x"}), http.StatusUnprocessableEntity, "nothing to change")
	wantProblem(t, n.as(t, auth.Admin, http.MethodPut, "/api/v1/users/bob", UserChangeRequest{Role: "king"}), http.StatusUnprocessableEntity, "body.role")
	if w := n.as(t, auth.Admin, http.MethodDelete, "/api/v1/users/bob?reason=left", nil); w.Code != http.StatusNoContent {
		t.Errorf("deleting: %d %s", w.Code, w.Body)
	}
	if a := n.access.Audit(); a[len(a)-1].Action != auth.ActionUserDelete || a[len(a)-1].Reason != "left" {
		t.Errorf("audit %+v", a[len(a)-1])
	}
}

func TestAPersonSeesWhereTheyAreLoggedIn(t *testing.T) {
	n := populate(t, newNode(t))
	first, second := n.login(t, "bob", bobPassword), n.login(t, "bob", bobPassword)
	list := decode[SessionList](t, n.call(t, request{path: "/api/v1/me/sessions", cookie: first}))
	if len(list.Items) != 2 || list.Items[0].Current || !list.Items[1].Current || list.Items[0].Addr != "192.0.2.1" {
		t.Fatalf("got %+v", list)
	}
	own := map[string]string{"X-Cordon-Request": "1"}
	end := func(cookie, id string) int {
		return n.call(t, request{method: http.MethodDelete, path: "/api/v1/me/sessions/" + id, cookie: cookie, headers: own}).Code
	}
	if code := end(n.login(t, "ada", adaPassword), list.Items[0].ID); code != http.StatusNotFound {
		t.Errorf("another's session: %d", code)
	}
	if code := end(first, list.Items[0].ID); code != http.StatusNoContent {
		t.Errorf("the other session: %d", code)
	}
	if w := n.call(t, request{path: "/api/v1/me", cookie: second}); w.Code != http.StatusUnauthorized {
		t.Errorf("the ended session: %d", w.Code)
	}
	if w := n.as(t, auth.Viewer, http.MethodGet, "/api/v1/me/sessions", nil); len(decode[SessionList](t, w).Items) != 0 {
		t.Errorf("a key has sessions: %s", w.Body)
	}
}
