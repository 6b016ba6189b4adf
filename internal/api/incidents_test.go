package api

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/incident"
)

// cases is an in-memory store of incidents, oldest first.
type cases struct {
	mu    sync.Mutex
	all   []incident.Incident
	lines []incident.Entry
	audit []audit.Entry
	asked incident.Filter
	acts  []incident.Act
	last  incident.Deed

	omitted []incident.Omitted
}

func (c *cases) ListIncidents(_ context.Context, f incident.Filter, before string, limit int) (out []incident.Incident, _ error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = f
	if f.Order == incident.Gravest {
		return c.gravest(before, limit)
	}
	for _, i := range slices.Backward(c.all) {
		if (before == "" || i.ID < before) && (len(f.States) == 0 || slices.Contains(f.States, i.State)) && len(out) < limit {
			out = append(out, i)
		}
	}
	return out, nil
}

func (c *cases) gravest(before string, limit int) (out []incident.Incident, _ error) {
	rank, id, err := incident.Gravest.ReadPlace(before)
	for _, i := range c.all {
		if i.Rank() < rank || i.Rank() == rank && i.ID < id {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b incident.Incident) int {
		return cmp.Or(cmp.Compare(b.Rank(), a.Rank()), cmp.Compare(b.ID, a.ID))
	})
	return out[:min(len(out), limit)], err
}

func (c *cases) OpenIncidents(context.Context) (map[event.Severity]int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := map[event.Severity]int64{}
	for _, i := range c.all {
		if i.State.Open() {
			n[i.Severity]++
		}
	}
	return n, nil
}

func (c *cases) find(id string) *incident.Incident {
	for k := range c.all {
		if c.all[k].ID == id {
			return &c.all[k]
		}
	}
	return nil
}

func (c *cases) Incident(_ context.Context, id string) (incident.Incident, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := c.find(id); i != nil {
		return *i, nil
	}
	return incident.Incident{}, incident.ErrNotFound
}

func (c *cases) Timeline(_ context.Context, _, before string, limit int) (out []incident.Entry, _ error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range slices.Backward(c.lines) {
		if (before == "" || l.ID < before) && len(out) < limit {
			out = append(out, l)
		}
	}
	return out, nil
}

func (c *cases) Digest(ctx context.Context, id string, limit int) (incident.Digest, error) {
	lines, err := c.Timeline(ctx, id, "", limit)
	return incident.Digest{Lines: lines, Omitted: c.omitted}, err
}

func (c *cases) ActOnIncident(_ context.Context, id string, a incident.Act, by audit.Entry, _ string) (incident.Incident, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := c.find(id)
	if i == nil {
		return incident.Incident{}, incident.ErrNotFound
	}
	c.acts = append(c.acts, a)
	if a.Verb == incident.MergeInto {
		other := c.find(a.Into)
		if other == nil {
			return incident.Incident{}, &incident.ActError{Problem: "there is no such incident"}
		}
		other.Merge(i, a.By, noon())
		return *i, nil
	}
	if err := c.do(i, a); err != nil {
		return incident.Incident{}, err
	}
	c.audit = append(c.audit, by)
	return *i, nil
}

func (c *cases) do(i *incident.Incident, a incident.Act) error {
	if a.Verb == incident.Undo {
		_, err := i.TakeBack(c.last, a, noon())
		c.last = incident.Deed{}
		return err
	}
	before := *i
	change, err := i.Do(a, noon())
	if d, ok := incident.DeedOf(a, change, before, *i); ok && err == nil {
		c.last = d
	}
	return err
}

// withCases is a node with three incidents, the second of them joined.
func withCases(t *testing.T) *node {
	n := populate(t, newNode(t, func(d *Deps) { d.Redact = func(s string) string { return strings.ReplaceAll(s, "hunter2", "****") } }))
	for k := 1; k <= 3; k++ {
		o := incident.Observation{
			EventID: rowID(500 + k), Topic: event.TopicMessageQuarantined, At: noon(), Key: incident.Key{Kind: incident.Secret, Value: "v1:x:" + string(rune('a'+k))},
			Sensor: incident.Leak, Severity: event.High, Rule: "github-pat", SecretType: "GITHUB_TOKEN", Redacted: "ghp_****", Place: "chat #1", Summary: "found",
		}
		i, _ := incident.Open(rowID(k), o, noon())
		if k == 2 {
			o.Sensor, o.Topic = incident.Egress, event.TopicLeakBlocked
			i.Observe(o, noon().Add(time.Minute))
		}
		n.cases.all = append(n.cases.all, i)
		n.cases.lines = append(n.cases.lines, o.Line(rowID(600+k)))
	}
	return n
}

func TestIncidentsAreListedAndShown(t *testing.T) {
	n := withCases(t)
	var page IncidentPage
	n.getJSON(t, "/api/v1/incidents?sort=newest&limit=2&state=triggered&severity=high&severity=critical&assignee=@me", &page)
	if len(page.Items) != 2 || page.NextCursor == nil || page.Items[0].ID != rowID(3) || page.Items[1].Join != "leaked_secret_in_use" || page.Items[1].Severity != "critical" {
		t.Errorf("page: %+v", page)
	}
	if f := n.cases.asked; len(f.States) != 1 || len(f.Severities) != 2 || f.Assignee != "api-key:key-viewer" {
		t.Errorf("asked for %+v", f)
	}
	n.getJSON(t, "/api/v1/incidents?sort=newest&limit=2&cursor="+*page.NextCursor, &page)
	if len(page.Items) != 1 || page.Items[0].ID != rowID(1) || page.NextCursor != nil {
		t.Errorf("second page: %+v", page)
	}
	n.getJSON(t, "/api/v1/incidents?snoozed=false", &page)
	if s := n.cases.asked.Snoozed; s == nil || *s {
		t.Errorf("asked for %+v", n.cases.asked)
	}
	n.getJSON(t, "/api/v1/incidents?address=203.0.113.9", &page)
	if n.cases.asked.Address != "203.0.113.9" {
		t.Errorf("asked for %+v", n.cases.asked)
	}
	if r := n.call(t, request{method: "GET", path: "/api/v1/incidents?address=nowhere", key: n.keys[auth.Viewer]}); r.Code != 422 || !strings.Contains(r.Body.String(), "query.address") {
		t.Errorf("no address: %d %s", r.Code, r.Body)
	}
	n.cases.omitted = []incident.Omitted{{Lane: incident.Lane{Sensor: incident.Deception, Kind: incident.Detection}, Severity: event.Critical, Times: 70, Kept: 7}}
	var one IncidentDetail
	n.getJSON(t, "/api/v1/incidents/"+rowID(2), &one)
	if one.Title != "Leaked secret in use: GITHUB_TOKEN" || one.Observations != 2 || len(one.Timeline) != 3 || one.Timeline[0].Topic == "" {
		t.Errorf("detail: %+v", one)
	}
	if o := one.Omitted; len(o) != 1 || o[0].Sensor != "deception" || o[0].Kind != "detection" || o[0].Severity != "critical" || o[0].Times != 70 || o[0].Kept != 7 {
		t.Errorf("left out: %+v", o)
	}
	if b := one.Brief; !strings.HasPrefix(b.Happened, "This secret was found") || len(b.Next) < 2 || b.Next[len(b.Next)-1].Command == "" {
		t.Errorf("brief: %+v", b)
	}
	var lines IncidentTimelinePage
	n.getJSON(t, "/api/v1/incidents/"+rowID(2)+"/timeline?limit=1", &lines)
	if len(lines.Items) != 1 || lines.NextCursor == nil {
		t.Errorf("timeline: %+v", lines)
	}
}

// Who looks at three in the morning sees the gravest first, whenever it was opened.
func TestTheGravestIncidentsComeFirst(t *testing.T) {
	n := withCases(t)
	closed := n.cases.all[0]
	closed.ID, closed.State, closed.Severity = rowID(4), incident.Resolved, event.Critical
	n.cases.all = append(n.cases.all, closed)
	var seen []string
	for cursor := ""; ; {
		var page IncidentPage
		n.getJSON(t, "/api/v1/incidents?limit=1&cursor="+cursor, &page)
		seen = append(seen, page.Items[0].ID)
		if page.NextCursor == nil {
			break
		}
		cursor = *page.NextCursor
	}
	if want := []string{rowID(2), rowID(3), rowID(1), rowID(4)}; !slices.Equal(seen, want) {
		t.Errorf("%v, want %v", seen, want)
	}
	var open OpenIncidents
	n.getJSON(t, "/api/v1/incidents/open", &open)
	if open != (OpenIncidents{Total: 3, High: 2, Critical: 1}) {
		t.Errorf("%+v", open)
	}
}

// A cursor of one order means nothing in the other, nor does one that somebody made up.
func TestCursorsOfIncidentsAreOfOneOrder(t *testing.T) {
	n := withCases(t)
	var gravest, newest IncidentPage
	n.getJSON(t, "/api/v1/incidents?limit=1", &gravest)
	n.getJSON(t, "/api/v1/incidents?limit=1&sort=newest", &newest)
	for _, query := range []string{
		"sort=newest&cursor=" + *gravest.NextCursor, "cursor=" + *newest.NextCursor, "cursor=" + encodeCursor(gravestList, rowID(1)),
		"cursor=" + encodeCursor(gravestList, "99_"+rowID(1)), "cursor=" + encodeCursor(gravestList, "9_x"), "cursor=!", "sort=oldest",
	} {
		if r := n.call(t, request{method: "GET", path: "/api/v1/incidents?" + query, key: n.keys[auth.Viewer]}); r.Code != 422 {
			t.Errorf("%s: %d %s", query, r.Code, r.Body)
		}
	}
}

func (n *node) getJSON(t *testing.T, path string, out any) {
	t.Helper()
	r := n.call(t, request{method: "GET", path: path, key: n.keys[auth.Viewer]})
	if r.Code != 200 {
		t.Fatalf("%s: %d %s", path, r.Code, r.Body.String())
	}
	if err := json.Unmarshal(r.Body.Bytes(), out); err != nil {
		t.Fatal(err)
	}
}

func TestActsOnIncidents(t *testing.T) {
	n := withCases(t)
	act := func(body IncidentAct, match string) *httptest.ResponseRecorder {
		r := request{method: "POST", path: "/api/v1/incidents/" + rowID(1) + "/act", key: n.keys[auth.Reviewer], body: body}
		if match != "" {
			r.headers = map[string]string{"If-Match": match}
		}
		return n.call(t, r)
	}
	for _, c := range []struct {
		name  string
		body  IncidentAct
		match string
		code  int
		says  string
	}{
		{"close without a reason", IncidentAct{Action: "resolve"}, "", 409, "without a reason"},
		{"take on", IncidentAct{Action: "acknowledge"}, `"1"`, 200, `"assignee":"api-key:key-reviewer"`},
		{"take on what has changed", IncidentAct{Action: "acknowledge"}, `"1"`, 412, "read it again"},
		{"put aside for too long", IncidentAct{Action: "snooze", Until: new(noon().AddDate(1, 0, 0))}, "", 409, "90 days at most"},
		{"put aside", IncidentAct{Action: "snooze", Until: new(noon().Add(time.Hour))}, "", 200, `"snoozed_until":"`},
		{"wake", IncidentAct{Action: "wake"}, "", 200, `"snoozed_until":null`},
		{"take on twice", IncidentAct{Action: "acknowledge"}, "", 409, "acknowledged already"},
		{"an ETag of something else", IncidentAct{Action: "note", Reason: "x"}, `"abc"`, 412, "read it again"},
		{"an empty note", IncidentAct{Action: "note"}, "", 409, "no words"},
		{"give to nobody", IncidentAct{Action: "assign"}, "*", 200, `"assignee":""`},
		{"close", IncidentAct{Action: "resolve", Reason: "revoked; it was hunter2"}, "", 200, `"reason":"revoked; it was ****"`},
		{"close twice", IncidentAct{Action: "ignore", Reason: "x"}, "", 409, "reopen it first"},
		{"undo", IncidentAct{Action: "undo"}, "", 200, `"state":"acknowledged"`},
		{"undo what is undone", IncidentAct{Action: "undo"}, "", 409, "nothing that was done to it can be undone"},
		{"reopen", IncidentAct{Action: "reopen"}, "", 200, `"state":"triggered"`},
		{"an action that there is not", IncidentAct{Action: "dance"}, "", 422, "action"},
	} {
		if r := act(c.body, c.match); r.Code != c.code || !strings.Contains(r.Body.String(), c.says) {
			t.Errorf("%s: %d %s", c.name, r.Code, r.Body.String())
		}
	}
	if k := len(n.cases.audit); k != 7 || n.cases.audit[4].Action != "incident.resolve" || strings.Contains(n.cases.audit[4].Reason, "hunter2") {
		t.Errorf("%d audit entries: %+v", k, n.cases.audit)
	}
	if r := n.call(t, request{method: "GET", path: "/api/v1/incidents/" + rowID(99), key: n.keys[auth.Viewer]}); r.Code != 404 {
		t.Errorf("one that there is not: %d", r.Code)
	}
}

// An incident says what it is about, and what it became part of.
func TestIncidentsAreMerged(t *testing.T) {
	n := withCases(t)
	o := incident.Observation{Key: incident.Key{Kind: incident.Address, Value: "203.0.113.9"}, Sensor: incident.Access, SourceIP: "203.0.113.9", Severity: event.Low, Place: "API"}
	before := o
	before.Sensor = incident.Deception
	i, _ := incident.Open(rowID(9), o, noon(), before)
	n.cases.all = append(n.cases.all, i)
	var page IncidentPage
	n.getJSON(t, "/api/v1/incidents?sort=newest&limit=1", &page)
	if got := page.Items[0]; got.KeyKind != "address" || got.Key != "203.0.113.9" || got.Fingerprint != "" || got.Join != "attacker_used_api_key" || got.MergedInto != nil || got.Merged == nil {
		t.Errorf("%+v", got)
	}
	merge := func(into string) *httptest.ResponseRecorder {
		return n.call(t, request{method: "POST", path: "/api/v1/incidents/" + rowID(9) + "/act", key: n.keys[auth.Reviewer], body: IncidentAct{Action: "merge", Into: into}})
	}
	if r := merge(rowID(99)); r.Code != 409 {
		t.Errorf("into one that there is not: %d %s", r.Code, r.Body.String())
	}
	r := merge(strings.ToUpper(rowID(1)))
	if r.Code != 200 || !strings.Contains(r.Body.String(), `"merged_into":"`+rowID(1)+`"`) || !strings.Contains(r.Body.String(), `"state":"resolved"`) {
		t.Errorf("%d %s", r.Code, r.Body.String())
	}
	var whole IncidentDetail
	n.getJSON(t, "/api/v1/incidents/"+rowID(1), &whole)
	if !slices.Equal(whole.Merged, []string{rowID(9)}) || whole.Severity != "critical" {
		t.Errorf("%+v", whole)
	}
}
