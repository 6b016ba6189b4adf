package api

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/egress/archive"
	"go.cordon.dev/cordon/internal/egress/watch"
)

func (f *egressFake) ListEndpoints(_ context.Context, filter watch.Filter, p archive.Page) (out []watch.Endpoint, err error) {
	f.endpointFilter = filter
	for _, e := range f.endpoints {
		if (p.After == "" || e.ID < p.After) && len(out) < p.Limit {
			out = append(out, e)
		}
	}
	return out, f.err
}

func (f *egressFake) Endpoint(_ context.Context, id string) (watch.Endpoint, error) {
	i := slices.IndexFunc(f.endpoints, func(e watch.Endpoint) bool { return e.ID == id })
	if i < 0 {
		return watch.Endpoint{}, watch.ErrNoEndpoint
	}
	return f.endpoints[i], f.err
}

func (f *egressFake) EndpointQueue(context.Context) (int64, int64, error) {
	return int64(len(f.endpoints)), 7, f.err
}

func (f *egressFake) ReviewEndpoint(_ context.Context, id string, r watch.Review, by audit.Entry) (watch.Endpoint, error) {
	i := slices.IndexFunc(f.endpoints, func(e watch.Endpoint) bool { return e.ID == id })
	f.endpoints[i].Review, f.acts = &r, append(f.acts, by)
	f.reviewed++
	return f.endpoints[i], f.err
}

func (f *egressFake) Programs(context.Context, int) ([]watch.Program, error) {
	return []watch.Program{{Program: "/usr/bin/curl", Destinations: 2, Waiting: 1, Denied: 3, BytesOut: 10}}, f.err
}

func endpointOf(i int, node string) watch.Endpoint {
	return watch.Endpoint{ID: rowID(i), Node: node, Program: "/usr/bin/curl", Host: "paste.example", Port: 443, FirstSeen: noon(), LastSeen: noon(), Denied: 3, LastDecision: "deny", LastReason: "default_policy"}
}

// newQueue is a node with a policy and an endpoint that waits.
func newQueue(t *testing.T) (*node, *egressFake) {
	t.Helper()
	n, f := newEgress(t)
	n.as(t, auth.Admin, "PUT", "/api/v1/egress/policy", EgressPolicyRequest{Document: strictPolicy, Reason: "x"})
	f.endpoints, f.acts = []watch.Endpoint{endpointOf(1, "node-1")}, nil
	return n, f
}

func (n *node) judge(t *testing.T, role auth.Role, verdict, reason string, headers map[string]string) (int, string) {
	t.Helper()
	w := n.call(t, request{method: "POST", path: "/api/v1/egress/endpoints/" + rowID(1) + "/review", key: n.keys[role], headers: headers, body: EgressEndpointReview{Verdict: verdict, Reason: reason}})
	return w.Code, w.Body.String()
}

func TestEndpointsAreListedAndFiltered(t *testing.T) {
	n, f := newQueue(t)
	f.endpoints = []watch.Endpoint{endpointOf(3, "node-1"), endpointOf(2, "node-1"), endpointOf(1, "node-1")}
	w := n.as(t, auth.Viewer, "GET", "/api/v1/egress/endpoints?limit=2&state=new&host=paste.example&program=/bin/x", nil)
	page := decode[EgressEndpointPage](t, w)
	if len(page.Items) != 2 || page.NextCursor == nil || page.Waiting != 3 || page.Folded != 7 || page.Items[0].State != "new" || page.Items[0].Verdict != nil {
		t.Errorf("got %s", w.Body)
	}
	if want := (watch.Filter{State: "new", Host: "paste.example", Program: "/bin/x"}); f.endpointFilter != want {
		t.Errorf("asked for %+v", f.endpointFilter)
	}
	rest := decode[EgressEndpointPage](t, n.as(t, auth.Viewer, "GET", "/api/v1/egress/endpoints?limit=2&cursor="+*page.NextCursor, nil))
	if len(rest.Items) != 1 || rest.Items[0].ID != rowID(1) {
		t.Errorf("got %+v", rest)
	}
}

func TestAReviewThatAllowsBecomesARuleWithItsReviewer(t *testing.T) {
	for verdict, want := range map[string][]string{
		"allow_once":   {"exe: \"/usr/bin/curl\"", "expires: \"" + noon().Add(time.Hour).Format(time.RFC3339) + "\""},
		"allow_host":   {"exe: \"/usr/bin/curl\"", "ports: [443]"},
		"allow_always": {"host: paste.example", "ports: [443]"},
		"denylist":     {"denylist:", "host: paste.example"},
	} {
		n, f := newQueue(t)
		if code, body := n.judge(t, auth.Admin, verdict, "the report tool", nil); code != 200 || !strings.Contains(body, `"state":"reviewed"`) {
			t.Fatalf("%s: %d %s", verdict, code, body)
		}
		doc := f.versions[len(f.versions)-1].Document
		for _, part := range append(want, "# ours", "the report tool") {
			if !strings.Contains(doc, part) {
				t.Errorf("%s: the policy lacks %s:\n%s", verdict, part, doc)
			}
		}
		if verdict != "denylist" && !strings.Contains(doc, `verified_by: "api-key:key-admin"`) {
			t.Errorf("%s: nobody verified it:\n%s", verdict, doc)
		}
		if (verdict == "allow_always") == strings.Contains(doc, "programs") && verdict != "denylist" {
			t.Errorf("%s: for which programs?\n%s", verdict, doc)
		}
		if len(f.acts) != 2 || f.acts[0].Action != "egress.policy.edit" || f.acts[1].Action != "egress.endpoint.review" || f.acts[1].Target != rowID(1) || f.acts[0].ID == f.acts[1].ID {
			t.Errorf("%s: audited %+v", verdict, f.acts)
		}
	}
}

func TestWhoMayReview(t *testing.T) {
	n, f := newQueue(t)
	for _, c := range []struct {
		role    auth.Role
		verdict string
		want    int
	}{
		{auth.Viewer, "deny", 403}, {auth.Responder, "allow_once", 403}, {auth.Responder, "denylist", 403}, {auth.Responder, "deny", 200}, {auth.Admin, "nonsense", 422},
	} {
		if code, body := n.judge(t, c.role, c.verdict, "why not", nil); code != c.want {
			t.Errorf("%s by %s: %d %s", c.verdict, c.role, code, body)
		}
	}
	if len(f.versions) != 1 || f.reviewed != 1 {
		t.Errorf("%d versions, %d reviews", len(f.versions), f.reviewed)
	}
	if code, _ := n.judge(t, auth.Responder, "deny", " ", nil); code != 422 {
		t.Errorf("without a reason: %d", code)
	}
}

func TestAReviewRestsOnWhatItsReviewerSaw(t *testing.T) {
	n, f := newQueue(t)
	w := n.as(t, auth.Viewer, "GET", "/api/v1/egress/endpoints/"+rowID(1), nil)
	seen := map[string]string{"If-Match": w.Header().Get("ETag")}
	if code, body := n.judge(t, auth.Admin, "deny", "no", seen); code != 200 {
		t.Fatalf("%d %s", code, body)
	}
	if code, _ := n.judge(t, auth.Admin, "allow_host", "yes", seen); code != 412 || len(f.versions) != 1 {
		t.Errorf("by another who saw it before: %d", code)
	}
	if w := n.call(t, request{method: "GET", path: "/api/v1/egress/endpoints/" + rowID(1), key: n.keys[auth.Viewer], headers: map[string]string{"If-None-Match": seen["If-Match"]}}); w.Code != 200 {
		t.Errorf("what has changed: %d", w.Code)
	}
}

func TestAReviewIsNotRepeated(t *testing.T) {
	n, f := newQueue(t)
	once := map[string]string{"Idempotency-Key": "k"}
	for range 2 {
		if code, body := n.judge(t, auth.Admin, "allow_once", "a try", once); code != 200 {
			t.Fatalf("%d %s", code, body)
		}
	}
	if f.reviewed != 1 || len(f.versions) != 2 {
		t.Errorf("%d reviews, %d versions", f.reviewed, len(f.versions))
	}
}

// The rule was written, and then the store was away: the second try finds it.
func TestARuleThatIsThereIsNoReasonNotToReview(t *testing.T) {
	n, f := newQueue(t)
	for range 2 {
		if code, body := n.judge(t, auth.Admin, "allow_always", "x", nil); code != 200 {
			t.Fatalf("%d %s", code, body)
		}
	}
	if len(f.versions) != 2 || f.reviewed != 2 {
		t.Errorf("%d versions, %d reviews", len(f.versions), f.reviewed)
	}
}

func TestEndpointsThatCannotBecomeARule(t *testing.T) {
	n, f := newQueue(t)
	f.endpoints[0].Node = "node-2"
	if code, body := n.judge(t, auth.Admin, "allow_host", "x", nil); code != 409 || !strings.Contains(body, "node-2") {
		t.Errorf("of another node: %d %s", code, body)
	}
	f.endpoints[0] = endpointOf(1, "node-1")
	f.endpoints[0].Host = "a b"
	if code, body := n.judge(t, auth.Admin, "allow_host", "x", nil); code != 422 || !strings.Contains(body, "a b") {
		t.Errorf("of a host that is none: %d %s", code, body)
	}
	f.endpoints = nil
	if code, _ := n.judge(t, auth.Admin, "deny", "x", nil); code != 404 {
		t.Errorf("that made way: %d", code)
	}
}

func TestProgramsAreListed(t *testing.T) {
	n, _ := newEgress(t)
	all := decode[EgressProgramList](t, n.as(t, auth.Viewer, "GET", "/api/v1/egress/programs", nil))
	if len(all.Items) != 1 || all.Items[0].Waiting != 1 || all.Items[0].BytesOut != 10 {
		t.Errorf("got %+v", all)
	}
}
