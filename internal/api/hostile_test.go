package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/auth"
)

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestABadQueryIsRefusedByName(t *testing.T) {
	n := populate(t, newNode(t))
	tests := map[string]string{ // path below /api/v1 -> what detail says
		"/quarantine?color=red":                              "query.color",
		"/me?x=1":                                            "query.x",
		"/quarantine?Limit=5":                                "query.Limit",
		"/quarantine?limit=0":                                "query.limit",
		"/quarantine?limit=501":                              "query.limit",
		"/quarantine?limit=-1":                               "query.limit",
		"/quarantine?limit=ten":                              "query.limit",
		"/quarantine?limit=99999999999999999999":             "query.limit",
		"/quarantine?limit=5&limit=6":                        "query.limit: is given more than once",
		"/quarantine?severity=info":                          "query.severity",
		"/quarantine?severity=HIGH":                          "query.severity",
		"/quarantine?reviewed=maybe":                         "query.reviewed",
		"/quarantine?source=%00":                             "query.source: holds control characters",
		"/quarantine?source=%1b%5b31m":                       "query.source: holds control characters",
		"/quarantine?source=%ff%fe":                          "query.source: holds control characters or is not valid UTF-8",
		"/quarantine?source=%zz":                             "query: cannot be read",
		"/quarantine?source=a;rule=b":                        "query: cannot be read",
		"/quarantine?%ff=1":                                  "query.",
		"/quarantine?source=" + strings.Repeat("a", 129):     "query.source",
		"/quarantine?" + strings.Repeat("severity=low&", 17): "query.severity: is given more than 16 times",
		"/findings?fingerprint=" + strings.Repeat("f", 129):  "query.fingerprint",
		"/overview?hours=0":                                  "query.hours",
		"/overview?hours=2161":                               "query.hours",
		"/metrics/detection?from=yesterday":                  "query.from",
		"/metrics/detection?to=2026-02-30":                   "query.to",
		"/metrics/detection?from=2026-03-15&to=2026-03-14":   "query.from",
		"/metrics/detection?from=2020-01-01&to=2026-03-14":   "query.from",
		"/stream?after=yesterday":                            "query.after",
		"/stream?topics=leak..x":                             "query.topics",
	}
	for path, detail := range tests {
		t.Run(path[:min(len(path), 40)], func(t *testing.T) {
			wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1"+path, nil), 422, detail)
		})
	}
}

func TestABadBodyIsRefusedByName(t *testing.T) {
	const json415 = "text/plain"
	review, users, login := "/quarantine/"+rowID(1)+"/review", "/users", "/login"
	deep := strings.Repeat("[", 20_000)
	tests := map[string]struct {
		path, body, contentType string
		status                  int
		detail                  string
	}{
		"nothing":                {review, "", "", 400, "body"},
		"null":                   {review, "null", "", 422, "body"},
		"a list":                 {review, "[]", "", 422, "body"},
		"not JSON":               {review, "action=confirmed", "", 400, "body"},
		"two values":             {review, `{"action":"confirmed"}{}`, "", 400, "body"},
		"unknown field":          {review, `{"action":"confirmed","color":"red"}`, "", 422, "body.color"},
		"field in other case":    {review, `{"Action":"confirmed"}`, "", 400, `field "Action"`},
		"a second in other case": {review, `{"action":"confirmed","ACTION":"nonsense"}`, "", 400, `field "ACTION"`},
		"a second with a long s": {review, `{"action":"confirmed","reaſon":"x"}`, "", 400, "names of fields"},
		"nested in other case":   {review, `{"action":[{"X":1}]}`, "", 400, `field "X"`},
		"missing field":          {review, `{}`, "", 422, "action"},
		"unknown action":         {review, `{"action":"accept"}`, "", 422, "body.action"},
		"wrong type":             {review, `{"action":1}`, "", 422, "body.action"},
		"long reason":            {review, `{"action":"confirmed","reason":"` + strings.Repeat("x", 2001) + `"}`, "", 422, "body.reason"},
		"invalid UTF-8":          {review, "{\"action\":\"confirmed\",\"reason\":\"\xff\"}", "", 400, "not valid UTF-8"},
		"deep":                   {review, `{"action":` + deep, "", 400, "body"},
		"deep value":             {review, `{"action":"confirmed","reason":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, "", 422, "body.reason"},
		"too large":              {review, `{"reason":"` + strings.Repeat("x", 70_000) + `"}`, "", 413, "too large"},
		"a form":                 {review, `{"action":"confirmed"}`, "application/x-www-form-urlencoded", 415, "content type"},
		"plain text":             {review, `{"action":"confirmed"}`, json415, 415, "content type"},
		"XML":                    {review, `<a/>`, "application/xml", 415, "content type"},
		"no such role":           {users, `{"name":"grace","role":"root","password":"` + bobPassword + `"}`, "", 422, "body.role"},
		"no such name":           {users, `{"name":"<script>","role":"viewer","password":"` + bobPassword + `"}`, "", 422, "body.name"},
		"short password":         {users, `{"name":"grace","role":"viewer","password":"tiny!pw"}`, "", 422, "body.password"}, // cordon:allow
		"name is taken":          {users, `{"name":"bob","role":"viewer","password":"` + bobPassword + `"}`, "", 409, "taken"},
		"password too long":      {login, `{"name":"ada","password":"` + strings.Repeat("tiny!pw", 150) + `"}`, "", 422, "body.password"},
		"password as number":     {login, `{"name":"ada","password":[8675309]}`, "", 422, "body.password"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n := populate(t, newNode(t))
			ct := tt.contentType
			if ct == "" {
				ct = "application/json; charset=utf-8"
			}
			w := n.call(t, request{method: "POST", path: "/api/v1" + tt.path, body: tt.body, key: n.keys[auth.Admin], headers: map[string]string{"Content-Type": ct}})
			wantProblem(t, w, tt.status, tt.detail)
			for _, typed := range []string{"tiny!pw", "8675309", bobPassword} {
				if strings.Contains(w.Body.String(), typed) {
					t.Errorf("the answer sends back what was typed: %s", w.Body)
				}
			}
			if n.shelf.reviews > 0 {
				t.Error("the refused review was stored")
			}
		})
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	n := populate(t, newNode(t))
	for _, path := range []string{"/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/me", "/api/v1/nothing", "/api/v1/me/", "/api/v1/quarantine/a/b/c"} {
		w := n.as(t, auth.Admin, "GET", path, nil)
		wantProblem(t, w, 404, "no such operation")
	}
	w := n.as(t, auth.Admin, "DELETE", "/api/v1/quarantine/"+rowID(1)+"/review", nil)
	wantProblem(t, w, 405, "POST")
	if allow := w.Header().Get("Allow"); allow != "POST" {
		t.Errorf("Allow: %q", allow)
	}
	w = n.as(t, auth.Admin, "PATCH", "/api/v1/users", nil)
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, POST" {
		t.Errorf("got %d, Allow: %q", w.Code, w.Header().Get("Allow"))
	}
}
