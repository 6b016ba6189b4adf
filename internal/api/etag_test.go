package api

import (
	"net/http/httptest"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/auth"
)

// change is a PUT or POST that may rest on an ETag; of is what the ETag is of.
type change struct {
	what, of, method, path string
	role                   auth.Role
	body                   any
}

func (c change) on(t *testing.T, n *node, match string) *httptest.ResponseRecorder {
	t.Helper()
	return n.call(t, request{method: c.method, path: c.path, key: n.keys[c.role], body: c.body, headers: map[string]string{"If-Match": match}})
}

// RFC 9110, 13.1.1: If-Match compares strongly, If-None-Match weakly. A proxy that
// compresses makes ETags weak; to be told to read again would help nobody then.
func TestAWeakETagIsEnoughToReadAndNotToChange(t *testing.T) {
	queue, _ := newQueue(t)
	sensor, _ := newEgress(t)
	if w := sensor.as(t, auth.Admin, "PUT", "/api/v1/egress/policy", EgressPolicyRequest{Document: strictPolicy, Reason: "x"}); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	cases, plain := withCases(t), populate(t, newNode(t))
	plain.as(t, auth.Admin, "POST", "/api/v1/webhooks", newHook("new"))
	for _, c := range []struct {
		n *node
		change
		reads bool // without what the caller has already
	}{
		{queue, change{"an endpoint", "/api/v1/egress/endpoints/" + rowID(1), "POST", "/api/v1/egress/endpoints/" + rowID(1) + "/review", auth.Admin, EgressEndpointReview{Verdict: "deny", Reason: "x"}}, true},
		{sensor, change{"the policy", "/api/v1/egress/policy", "PUT", "/api/v1/egress/policy", auth.Admin, EgressPolicyRequest{Document: watchPolicy, Reason: "x"}}, true},
		{cases, change{"an incident", "/api/v1/incidents/" + rowID(1), "POST", "/api/v1/incidents/" + rowID(1) + "/act", auth.Reviewer, IncidentAct{Action: "acknowledge"}}, false},
		{plain, change{"an entry", "/api/v1/quarantine/" + rowID(1), "POST", "/api/v1/quarantine/" + rowID(1) + "/review", auth.Reviewer, ReviewRequest{Action: "confirmed"}}, true},
		{plain, change{"a rule", "/api/v1/rules/acme-token", "PUT", "/api/v1/rules/acme-token", auth.Admin, `{"active":false}`}, true},
		{plain, change{"a webhook", "/api/v1/webhooks/new", "PUT", "/api/v1/webhooks/new", auth.Admin, WebhookUpdate{WebhookSettings: WebhookSettings{Topics: []string{"leak.>"}}}}, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			tag := c.n.as(t, c.role, "GET", c.of, nil).Header().Get("ETag")
			if !strings.HasPrefix(tag, `"`) {
				t.Fatalf("ETag %s", tag)
			}
			if c.reads {
				w := c.n.call(t, request{path: c.of, key: c.n.keys[c.role], headers: map[string]string{"If-None-Match": `"other", W/` + tag}})
				if w.Code != 304 {
					t.Errorf("read again: %d", w.Code)
				}
			}
			wantProblem(t, c.on(t, c.n, "W/"+tag), 412, "weak ETag")
			wantProblem(t, c.on(t, c.n, `W/"other"`), 412, "read it again")
			wantProblem(t, c.on(t, c.n, strings.Trim(tag, `"`)), 412, "read it again")
			if w := c.on(t, c.n, `"other" , `+tag); w.Code != 200 {
				t.Errorf("one of two: %d %s", w.Code, w.Body)
			}
			wantProblem(t, c.on(t, c.n, tag), 412, "read it again")
		})
	}
}
