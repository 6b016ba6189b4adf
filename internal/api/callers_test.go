package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/auth"
)

// areas returns the operations of the OpenAPI document with the scope that a
// narrowed key needs; empty: none.
func areas(t *testing.T) map[string]string {
	t.Helper()
	b, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct{ Tags []string }
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for path, methods := range doc.Paths {
		for method, o := range methods {
			if len(o.Tags) != 1 {
				t.Fatalf("%s %s has the tags %v, want one: it is the area of a scope", method, path, o.Tags)
			}
			reads := method == "get" && path != "/api/v1/gossip/withheld" // which is for those who report
			scope := o.Tags[0] + map[bool]string{true: ":read", false: ":write"}[reads]
			if o.Tags[0] == "session" {
				scope = ""
			}
			all[strings.ToUpper(method)+" "+path] = scope
		}
	}
	return all
}

// nobodies are callers who had the right once, or never: credentials that end.
func nobodies(t *testing.T, n *node) map[string]request {
	t.Helper()
	root := auth.Principal{Kind: auth.KindLocal, Name: "root", Role: auth.Admin}
	ends := n.clock.Now().Add(time.Minute)
	key := func(name string, ends *time.Time) string {
		secret, _, err := n.Keys.Create(t.Context(), root, auth.NewKey{Name: name, Role: auth.Admin, ExpiresAt: ends})
		if err != nil {
			t.Fatal(err)
		}
		return secret.Reveal()
	}
	user := func(name string) string {
		if _, err := n.Users.Create(t.Context(), root, name, auth.Admin, bobPassword); err != nil {
			t.Fatal(err)
		}
		return n.login(t, name, bobPassword)
	}
	off := true
	all := map[string]request{
		"nobody":                         {},
		"an expired key":                 {key: key("expired", &ends)},
		"a revoked key":                  {key: key("revoked", nil)},
		"a key that never was":           {key: auth.KeyPrefix + strings.Repeat("A", 43)},
		"a deleted user's session":       {cookie: user("deleted")},
		"a disabled user's session":      {cookie: user("disabled")},
		"a session that was ended":       {cookie: user("ended")},
		"a session of a replaced secret": {cookie: user("changed")},
		"a session that never was":       {cookie: strings.Repeat("A", 43)},
	}
	n.clock.Advance(time.Minute)
	_, disabled := n.Users.Change(t.Context(), root, "disabled", auth.UserChange{Disabled: &off})
	_, ended := n.Sessions.End(t.Context(), all["a session that was ended"].cookie, "", false)
	for _, err := range []error{
		n.Keys.Revoke(t.Context(), root, "revoked"), n.Users.Delete(t.Context(), root, "deleted", ""), disabled, ended,
		n.Users.SetPassword(t.Context(), root, "changed", adaPassword),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// Every operation that is not public refuses whoever is nobody (any more), and
// does nothing. The operations come from the document, so that a new one cannot
// be forgotten.
func TestWhoIsNobodyIsRefusedEverywhere(t *testing.T) {
	n := populate(t, newNode(t))
	callers := nobodies(t, n)
	before := len(n.access.Audit()) + len(n.audit.Records) + len(n.shelf.audit) + n.sessions.Commits()
	for name, o := range matrix() {
		method, _, _ := strings.Cut(name, " ")
		for caller, q := range callers {
			if o.least == "" {
				continue
			}
			q.method, q.path, q.body, q.headers = method, o.path, o.body, map[string]string{"X-Cordon-Request": "1"}
			if w := n.call(t, q); w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == "" {
				t.Errorf("%s by %s: %d %s", name, caller, w.Code, w.Body)
			}
		}
	}
	if after := len(n.access.Audit()) + len(n.audit.Records) + len(n.shelf.audit) + n.sessions.Commits(); after != before {
		t.Errorf("%d things were done", after-before)
	}
}

// A narrowed key gets where its scopes lead and nowhere else, whatever its role.
func TestScopesOfKeys(t *testing.T) {
	all := areas(t)
	every := map[string]bool{}
	for _, scope := range all {
		if scope != "" {
			every[scope] = true
		}
	}
	for name, o := range matrix() {
		if o.least == "" {
			continue
		}
		need := all[name]
		var others []string
		for scope := range every {
			if scope != need {
				others = append(others, scope)
			}
		}
		t.Run(name, func(t *testing.T) {
			n := populate(t, newNode(t)) // for both: who lacks the scope does nothing
			wide := tryScopes(t, n, "wide", name, o, others)
			if refused := wide == http.StatusForbidden; refused == (need == "") {
				t.Errorf("with every scope but %q: %d", need, wide)
			}
			if need == "" {
				return
			}
			if narrow := tryScopes(t, n, "narrow", name, o, []string{need}); narrow == http.StatusForbidden || narrow == http.StatusUnauthorized {
				t.Errorf("with the scope %s alone: %d", need, narrow)
			}
		})
	}
}

// A key that may read how a node is doing, as a collector of metrics has, learns
// nothing of what happened; and who may stop a worker does not carry the database away.
func TestScopesOfTheNodeAreAboutTheNode(t *testing.T) {
	for call, want := range map[string]string{"GET /api/v1/stream": "events:read", "POST /api/v1/backup": "backup:write"} {
		if got := areas(t)[call]; got != want {
			t.Errorf("%s needs the scope %s, want %s", call, got, want)
		}
	}
}

// tryScopes is the answer to an operation that is asked with a new key of these scopes.
func tryScopes(t *testing.T, n *node, key, name string, o op, scopes []string) int {
	t.Helper()
	root := auth.Principal{Kind: auth.KindLocal, Name: "root", Role: auth.Admin}
	secret, _, err := n.Keys.Create(t.Context(), root, auth.NewKey{Name: key, Role: auth.Admin, Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop() // so that the stream ends at once
	method, _, _ := strings.Cut(name, " ")
	return n.call(t, request{method: method, path: o.path, body: o.body, key: secret.Reveal(), ctx: stopped}).Code
}

func TestAScopeOfAnAreaThatThereIsNotIsRefused(t *testing.T) {
	n := populate(t, newNode(t))
	for _, scope := range []string{"everything:read", "session:read", "leak:all", "leak"} {
		w := n.as(t, auth.Admin, "POST", "/api/v1/api-keys", APIKeyRequest{Name: "x", Role: "viewer", Scopes: []string{scope}})
		wantProblem(t, w, http.StatusUnprocessableEntity, "body.scopes")
	}
	w := n.as(t, auth.Admin, "POST", "/api/v1/api-keys", APIKeyRequest{Name: "x", Role: "viewer", Scopes: []string{"leak:read"}})
	if k := decode[APIKeyCreated](t, w); w.Code != http.StatusCreated || len(k.Scopes) != 1 {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
