package api

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/egress/archive"
	"go.cordon.dev/cordon/internal/egress/ledger"
	"go.cordon.dev/cordon/internal/egress/policies"
	"go.cordon.dev/cordon/internal/egress/watch"
)

const (
	strictPolicy = "# ours\nmode: strict\ndefault_policy: deny\n"
	watchPolicy  = "mode: audit\ndefault_policy: allow\n"
)

// egressFake is the egress sensor's store, switch and gateway.
type egressFake struct {
	asked     EgressQuestion
	heard     EgressMessage
	decisions []archive.Decision // oldest first
	filter    archive.Filter
	versions  []policies.Version
	acts      []audit.Entry
	active    bool
	rotated   int
	report    ledger.Report
	err       error

	endpoints      []watch.Endpoint // newest first
	endpointFilter watch.Filter
	reviewed       int

	baselines []watch.Stored
	which     watch.Which
}

func (f *egressFake) ListDecisions(_ context.Context, filter archive.Filter, p archive.Page) (out []archive.Decision, err error) {
	f.filter = filter
	for _, d := range slices.Backward(f.decisions) {
		if (p.After == "" || d.ID < p.After) && len(out) < p.Limit {
			out = append(out, d)
		}
	}
	return out, f.err
}

func (f *egressFake) Destinations(context.Context, int) ([]archive.Destination, error) {
	return []archive.Destination{{Host: "api.example.com", Allowed: 3, LastDecision: "allow"}}, f.err
}

func (f *egressFake) DayCounts(_ context.Context, from string) ([]archive.DayCount, error) {
	return []archive.DayCount{{Day: from, Decision: "allow", Reason: "rule", Total: 5}, {Day: from, Decision: "deny", Reason: "expired", Total: 2}}, f.err
}

func (f *egressFake) LastPolicy(context.Context, string) (policies.Version, error) {
	if len(f.versions) == 0 {
		return policies.Version{}, policies.ErrNone
	}
	return f.versions[len(f.versions)-1], nil
}

func (f *egressFake) Policy(_ context.Context, _ string, n int64) (policies.Version, error) {
	if n > int64(len(f.versions)) {
		return policies.Version{}, policies.ErrNone
	}
	return f.versions[n-1], nil
}

func (f *egressFake) Policies(_ context.Context, _ string, before int64, limit int) (out []policies.Version, err error) {
	for _, v := range slices.Backward(f.versions) {
		if (before == 0 || v.Number < before) && len(out) < limit {
			v.Document = ""
			out = append(out, v)
		}
	}
	return out, nil
}

func (f *egressFake) SavePolicy(_ context.Context, _ string, v policies.Version, by audit.Entry) error {
	f.versions, f.acts = append(f.versions, v), append(f.acts, by)
	return nil
}

func (f *egressFake) KillSwitch() EgressKillSwitch { return EgressKillSwitch{Active: f.active} }

func (f *egressFake) TurnKillSwitch(_ context.Context, on bool, by audit.Entry) error {
	f.active, f.acts = on, append(f.acts, by)
	return f.err
}

func (f *egressFake) Listens() EgressDoors {
	return EgressDoors{Gateway: "127.0.0.1:8421", DNS: "127.0.0.1:8453"}
}

func (f *egressFake) Authority() (EgressCA, error) {
	return EgressCA{Certificate: "PEM", Fingerprint: strconv.Itoa(f.rotated)}, f.err
}

func (f *egressFake) Look() EgressCAState {
	return EgressCAState{Exists: f.rotated > 0, Path: "/keys/egress-ca.pem", Problem: text(f.err)}
}

func (f *egressFake) names(context.Context) []EgressNameServer {
	return []EgressNameServer{{Address: "192.0.2.53:53", Problem: "it answered Refused"}}
}

func (f *egressFake) RotateAuthority() error {
	f.rotated++
	return f.err
}
func (f *egressFake) Flows() []EgressFlow { return []EgressFlow{{ID: "f1", Host: "api.example.com"}} }
func (f *egressFake) Recording() error    { return f.err }

func (f *egressFake) ask(_ context.Context, q EgressQuestion) policy.Decision {
	f.asked = q
	return policy.Decision{Result: policy.Deny, Reason: policy.ReasonDefaultPolicy}
}

func (f *egressFake) hear(_ context.Context, m EgressMessage) policy.Decision {
	f.heard = m
	return policy.Decision{Result: policy.Allow, Reason: policy.ReasonRule, RuleID: "files"}
}

// newEgress is a populated node with an egress sensor.
func newEgress(t *testing.T) (*node, *egressFake) {
	t.Helper()
	f := &egressFake{}
	m, err := policies.Open(t.Context(), policies.Deps{File: filepath.Join(t.TempDir(), "policy.yaml"), Store: f, Node: "node-1"})
	if err != nil {
		t.Fatal(err)
	}
	n := populate(t, newNode(t, func(d *Deps) {
		d.Egress = &Egress{Store: f, Endpoints: f, Baselines: f, Policies: m, Switch: f, Gateway: f, Ask: f.ask, Hear: f.hear, Authority: f, Names: f.names, Verify: func(context.Context) (ledger.Report, error) { return f.report, f.err }}
		d.Redact = func(text string) string { return strings.ReplaceAll(text, "hunter2", "[redacted]") }
	}))
	return n, f
}

func TestWithoutTheSensorItsOperationsSaySo(t *testing.T) {
	n := populate(t, newNode(t))
	if w := n.as(t, auth.Admin, "GET", "/api/v1/egress/decisions", nil); w.Code != 409 || !strings.Contains(w.Body.String(), "section egress") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestAResponderStopsEverythingAndOnlyAnAdminLetsItGoOn(t *testing.T) {
	n, f := newEgress(t)
	turn := func(role auth.Role, on bool, reason string) int {
		return n.as(t, role, "POST", "/api/v1/egress/killswitch", EgressKillSwitchRequest{Active: on, Reason: reason}).Code
	}
	if code := turn(auth.Responder, true, " "); code != 422 || f.active {
		t.Errorf("without a reason: %d", code)
	}
	if code := turn(auth.Responder, true, "the token hunter2 leaked"); code != 200 || !f.active {
		t.Errorf("on: %d", code)
	}
	if code := turn(auth.Responder, false, "over"); code != 403 || !f.active {
		t.Errorf("off by a responder: %d", code)
	}
	if code := turn(auth.Admin, false, "over"); code != 200 || f.active {
		t.Errorf("off by an admin: %d", code)
	}
	if len(f.acts) != 2 || f.acts[0].Action != "egress.killswitch.on" || f.acts[0].Reason != "the token [redacted] leaked" || f.acts[1].Actor.Role != "admin" {
		t.Errorf("audited %+v", f.acts)
	}
}

func TestAPolicyIsReplacedReadAndRolledBack(t *testing.T) {
	n, f := newEgress(t)
	if w := n.as(t, auth.Viewer, "GET", "/api/v1/egress/policy", nil); w.Code != 404 {
		t.Errorf("before there is one: %d", w.Code)
	}
	put := func(document, match string) (int, string) {
		w := n.call(t, request{method: "PUT", path: "/api/v1/egress/policy", key: n.keys[auth.Admin], headers: map[string]string{"If-Match": match}, body: EgressPolicyRequest{Document: document, Reason: "because"}})
		return w.Code, w.Header().Get("ETag")
	}
	if code, _ := put(strictPolicy, "*"); code != 412 {
		t.Errorf("on any, when there is none: %d", code)
	}
	code, first := put(strictPolicy, "")
	if code != 200 || first == "" {
		t.Fatalf("got %d, %q", code, first)
	}
	if code, _ := put(watchPolicy, first); code != 200 {
		t.Errorf("on what it is: %d", code)
	}
	if code, _ := put(strictPolicy, first); code != 412 {
		t.Errorf("on what it was: %d", code)
	}
	w := n.as(t, auth.Admin, "POST", "/api/v1/egress/policy/rollback", EgressRollbackRequest{Version: 1, Reason: "too loose"})
	if p := decode[EgressPolicy](t, w); p.Version != 3 || p.Document != strictPolicy || p.Origin != "rollback" || p.Author != "key-admin" {
		t.Errorf("got %+v", p)
	}
	w = n.as(t, auth.Viewer, "GET", "/api/v1/egress/policy/versions?limit=2", nil)
	page := decode[EgressVersionPage](t, w)
	if len(page.Items) != 2 || page.Items[0].Version != 3 || page.Next == nil || *page.Next != 2 {
		t.Errorf("got %s", w.Body)
	}
	if f.acts[2].Action != "egress.policy.rollback" {
		t.Errorf("audited %+v", f.acts[2])
	}
}

func TestAPolicyThatIsWrongIsRefusedWithItsLine(t *testing.T) {
	n, f := newEgress(t)
	w := n.as(t, auth.Admin, "PUT", "/api/v1/egress/policy", EgressPolicyRequest{Document: "mode: strict\nnonsense: 1\n", Reason: "x"})
	if w.Code != 422 || !strings.Contains(w.Body.String(), "line ") || len(f.versions) > 0 {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestAnEditOfThePolicyKeepsItsComments(t *testing.T) {
	n, f := newEgress(t)
	n.as(t, auth.Admin, "PUT", "/api/v1/egress/policy", EgressPolicyRequest{Document: strictPolicy, Reason: "x"})
	w := n.as(t, auth.Admin, "POST", "/api/v1/egress/policy/edit", EgressEditRequest{Action: "add", Target: "api.example.com:443", Description: "payments", Reason: "x"})
	if w.Code != 200 {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	doc := f.versions[len(f.versions)-1].Document
	if !strings.Contains(doc, "# ours") || !strings.Contains(doc, "api.example.com") || !strings.Contains(doc, "payments") {
		t.Errorf("the document is now\n%s", doc)
	}
	for _, bad := range []EgressEditRequest{{Action: "add", Target: "a b", Reason: "x"}, {Action: "remove", Reason: "x"}, {Action: "mode", Reason: "x"}} {
		if w := n.as(t, auth.Admin, "POST", "/api/v1/egress/policy/edit", bad); w.Code != 422 {
			t.Errorf("%+v: %d %s", bad, w.Code, w.Body)
		}
	}
}

func decided(i int, verdict, host string) archive.Decision {
	return archive.Decision{Node: "node-1", Line: ledger.Line{Seq: uint64(i), ID: rowID(i), Entry: ledger.Entry{
		Time: noon(), Decision: verdict, Host: host, Port: 443, Protocol: "https", Reason: "rule",
	}}}
}

func TestDecisionsAreListedAndFiltered(t *testing.T) {
	n, f := newEgress(t)
	for i := 1; i <= 3; i++ {
		f.decisions = append(f.decisions, decided(i, "deny", "a.example"))
	}
	w := n.as(t, auth.Viewer, "GET", "/api/v1/egress/decisions?limit=2&verdict=deny&host=a.example&program=/bin/x&rule=r", nil)
	page := decode[EgressDecisionPage](t, w)
	if len(page.Items) != 2 || page.Items[0].Seq != 3 || page.NextCursor == nil {
		t.Fatalf("got %s", w.Body)
	}
	if want := (archive.Filter{Decision: "deny", Host: "a.example", Program: "/bin/x", Rule: "r"}); f.filter != want {
		t.Errorf("asked for %+v", f.filter)
	}
	page = decode[EgressDecisionPage](t, n.as(t, auth.Viewer, "GET", "/api/v1/egress/decisions?limit=2&cursor="+*page.NextCursor, nil))
	if len(page.Items) != 1 || page.Items[0].Seq != 1 || page.NextCursor != nil {
		t.Errorf("got %+v", page)
	}
}

func TestADryRunSaysWhatWouldChange(t *testing.T) {
	n, f := newEgress(t)
	f.decisions = []archive.Decision{decided(1, "allow", "a.example"), decided(2, "allow", "a.example"), decided(3, "deny", "b.example"), decided(4, "allow", "127.0.0.1")}
	f.decisions[3].Entrance = "inbound" // judged by another list of the policy
	w := n.as(t, auth.Reviewer, "POST", "/api/v1/egress/policy/dry-run", EgressDryRunRequest{Document: strictPolicy})
	got := decode[EgressDryRun](t, w)
	if got.Total != 3 || got.NewlyBlocked != 2 || got.NewlyAllowed != 0 || len(got.Changes) != 1 || got.Changes[0].Count != 2 || got.Changes[0].Now != string(policy.Deny) {
		t.Errorf("got %s", w.Body)
	}
}

func TestTheSensorsStatus(t *testing.T) {
	n, f := newEgress(t)
	got := decode[EgressStatus](t, n.as(t, auth.Viewer, "GET", "/api/v1/egress", nil))
	if got.Version != 0 || got.Mode != "strict" || got.Default != "deny" || got.Listen != "127.0.0.1:8421" || got.Flows != 1 {
		t.Errorf("got %+v", got)
	}
	f.err, f.active = errors.New("the disk is full"), true
	got = decode[EgressStatus](t, n.as(t, auth.Viewer, "GET", "/api/v1/egress", nil))
	if got.Recording != "the disk is full" || !got.KillSwitch.Active {
		t.Errorf("got %+v", got)
	}
}

func TestTheLogIsVerified(t *testing.T) {
	n, f := newEgress(t)
	f.report = ledger.Report{Lines: 7, Head: ledger.Head{Seq: 7, Hash: "h"}, Problems: []audit.Problem{{Seq: 3, Kind: audit.Changed, Detail: "line 3 was changed"}}}
	got := decode[EgressAuditReport](t, n.as(t, auth.Admin, "POST", "/api/v1/egress/audit/verify", nil))
	if got.OK || got.Last != 7 || len(got.Problems) != 1 || got.Problems[0].Kind != "changed" {
		t.Errorf("got %+v", got)
	}
}

func TestCountsAndDestinations(t *testing.T) {
	n, _ := newEgress(t)
	stats := decode[EgressStats](t, n.as(t, auth.Viewer, "GET", "/api/v1/egress/stats?days=3", nil))
	if stats.Allowed != 5 || stats.Denied != 2 || stats.Days[0].Day != noon().Add(-48*time.Hour).Format(time.DateOnly) {
		t.Errorf("got %+v", stats)
	}
	all := decode[EgressDestinationList](t, n.as(t, auth.Viewer, "GET", "/api/v1/egress/destinations", nil))
	if len(all.Items) != 1 || all.Items[0].Allowed != 3 {
		t.Errorf("got %+v", all)
	}
	flows := decode[EgressFlowList](t, n.as(t, auth.Viewer, "GET", "/api/v1/egress/flows", nil))
	if len(flows.Items) != 1 || flows.Items[0].ID != "f1" {
		t.Errorf("got %+v", flows)
	}
}

// A check says what is wrong, by line, or what the tests say and what changes.
func TestAPolicyIsChecked(t *testing.T) {
	n, _ := newEgress(t)
	check := func(r EgressCheckRequest) EgressCheck {
		t.Helper()
		return decode[EgressCheck](t, n.as(t, auth.Reviewer, "POST", "/api/v1/egress/policy/check", r))
	}
	got := check(EgressCheckRequest{Document: "mode: lax\nallowlist:\n  rules:\n    - host: a b\n    - {host: a.example, when: 'hots'}\n"})
	if len(got.Problems) != 3 || got.Problems[0].Line != 1 || got.Problems[0].Key != "mode" || got.Problems[2].Line != 5 || !strings.Contains(got.Problems[2].Problem, "undeclared reference") || got.Problems[1].Hint == "" || len(got.Tests) != 0 {
		t.Errorf("what is wrong: %+v", got)
	}
	doc := "allowlist: {rules: [{id: a, host: a.example, when: 'port == 443'}]}\ntests: [{request: 'a.example:443', expect: allow}, {request: 'a.example:80', expect: allow}]\n"
	got = check(EgressCheckRequest{Document: doc})
	if len(got.Problems) != 0 || len(got.Tests) != 2 || !got.Tests[0].Passed || got.Tests[1].Passed || got.Tests[1].Reason != "when_mismatch" {
		t.Errorf("its tests: %+v", got)
	}
	if d := got.Differences[len(got.Differences)-1]; d.Kind != "added" || d.What != "rule a" || !strings.Contains(d.Text, "when port == 443") {
		t.Errorf("against no policy: %+v", got.Differences)
	}
	for _, d := range []string{"mode: strict\n", "mode: audit\n"} {
		if w := n.as(t, auth.Admin, "PUT", "/api/v1/egress/policy", EgressPolicyRequest{Document: d, Reason: "x"}); w.Code != 200 {
			t.Fatal(w.Body)
		}
	}
	if got := check(EgressCheckRequest{Document: "mode: audit\n"}); len(got.Differences) != 0 {
		t.Errorf("against itself: %+v", got.Differences)
	}
	if got := check(EgressCheckRequest{Document: "mode: audit\n", Against: 1}); len(got.Differences) != 1 || got.Differences[0].Text != "mode was strict and becomes audit" {
		t.Errorf("against version 1: %+v", got.Differences)
	}
	if w := n.as(t, auth.Reviewer, "POST", "/api/v1/egress/policy/check", EgressCheckRequest{Document: "mode: audit\n", Against: 9}); w.Code != 404 {
		t.Errorf("against no version: %d", w.Code)
	}
}

// Who asks with an API key is no program that is known, and only a server answers.
func TestAProgramAsks(t *testing.T) {
	n, f := newEgress(t)
	var asked EgressQuestion
	ask := func(r EgressDecideRequest) (int, EgressDecideAnswer) {
		w := n.as(t, auth.Responder, "POST", "/api/v1/egress/decide", r)
		if w.Code != 200 {
			return w.Code, EgressDecideAnswer{}
		}
		return w.Code, decode[EgressDecideAnswer](t, w)
	}
	code, a := ask(EgressDecideRequest{Host: "a.example", Port: 443, Address: "9.9.9.9", Protocol: "https", TLS: true, Final: true, SourceFile: "/m.go", SourceLine: 3})
	asked = f.asked
	if code != 200 || a.Result != "deny" || a.Reason != "default_policy" || asked.PID != 0 || asked.Address.String() != "9.9.9.9" || asked.SourceLine != 3 || !asked.Final {
		t.Errorf("%d %+v, asked %+v", code, a, asked)
	}
	for _, bad := range []EgressDecideRequest{{Host: "a", Address: "x"}, {Host: "a", Protocol: "gopher"}} {
		if code, _ := ask(bad); code != 422 {
			t.Errorf("%+v: %d", bad, code)
		}
	}
}

// A message is judged whole, for a server of this machine and no other.
func TestAMessageIsHeard(t *testing.T) {
	n, f := newEgress(t)
	hear := func(r EgressHearRequest) int {
		return n.as(t, auth.Responder, "POST", "/api/v1/egress/hear", r).Code
	}
	if code := hear(EgressHearRequest{Server: "files.localhost", FromServer: true, Text: []byte("a\xff\n")}); code != 200 || f.heard.Server != "files.localhost" || string(f.heard.Text) != "a\xff\n" || !f.heard.FromServer || f.heard.PID != 0 {
		t.Errorf("%d, heard %+v", code, f.heard)
	}
	for name, bad := range map[string]EgressHearRequest{
		"another host":  {Server: "files.example", Text: []byte("x")},
		"not normal":    {Server: "Files.localhost", Text: []byte("x")},
		"no name":       {Server: ".localhost", Text: []byte("x")},
		"nothing":       {Server: "files.localhost"},
		"both":          {Server: "files.localhost", Text: []byte("x"), Unseen: "long"},
		"a long reason": {Server: "files.localhost", Unseen: strings.Repeat("x", 201)},
	} {
		if code := hear(bad); code != 422 {
			t.Errorf("%s: %d", name, code)
		}
	}
}
