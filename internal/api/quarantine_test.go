package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak"
)

func TestQuarantineIsPagedNewestFirst(t *testing.T) {
	n := populate(t, newNode(t))
	var got []string
	path, pages := "/api/v1/quarantine?limit=10", 0
	for {
		p := decode[QuarantinePage](t, n.as(t, auth.Viewer, "GET", path, nil))
		pages++
		for _, q := range p.Items {
			got = append(got, q.ID)
		}
		if p.NextCursor == nil {
			break
		}
		path = "/api/v1/quarantine?limit=10&cursor=" + *p.NextCursor
	}
	var want []string
	for i := 25; i >= 1; i-- {
		want = append(want, rowID(i))
	}
	if !slices.Equal(got, want) || pages != 3 {
		t.Errorf("%d pages: %v", pages, got)
	}
}

func TestAFullLastPageHasNoNext(t *testing.T) {
	n := populate(t, newNode(t))
	for _, limit := range []string{"25", "26"} {
		if p := decode[QuarantinePage](t, n.as(t, auth.Viewer, "GET", "/api/v1/quarantine?limit="+limit, nil)); len(p.Items) != 25 || p.NextCursor != nil {
			t.Errorf("limit %s: %d items, next %v", limit, len(p.Items), p.NextCursor)
		}
	}
}

func TestAnEmptyListIsAList(t *testing.T) {
	n := populate(t, newNode(t))
	n.shelf.rows, n.shelf.findings = nil, nil
	for _, path := range []string{"/api/v1/quarantine", "/api/v1/findings"} {
		if got := n.as(t, auth.Viewer, "GET", path, nil).Body.String(); got != `{"items":[],"next_cursor":null}`+"\n" {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestFilters(t *testing.T) {
	yes, no := true, false
	quarantine := func(f leak.QuarantineFilter) any { return f }
	finding := func(f leak.FindingFilter) any { return f }
	tests := map[string]any{
		"quarantine?source=chat&rule=github-token":        quarantine(leak.QuarantineFilter{Source: "chat", Rule: "github-token"}),
		"quarantine?severity=high&severity=critical":      quarantine(leak.QuarantineFilter{Severities: []event.Severity{event.High, event.Critical}}),
		"quarantine?reviewed=true":                        quarantine(leak.QuarantineFilter{Reviewed: &yes}),
		"quarantine?reviewed=false":                       quarantine(leak.QuarantineFilter{Reviewed: &no}),
		"quarantine?source=%27%20OR%201%3D1%20--":         quarantine(leak.QuarantineFilter{Source: "' OR 1=1 --"}),
		"findings?severity=info&source=a&rule=b":          finding(leak.FindingFilter{Source: "a", Rule: "b", Severities: []event.Severity{event.Info}}),
		"findings?fingerprint=v1%3A5f2a9c01%3A9b1d6e0f3c": finding(leak.FindingFilter{Fingerprint: "v1:5f2a9c01:9b1d6e0f3c"}),
	}
	for path, want := range tests {
		t.Run(path, func(t *testing.T) {
			n := populate(t, newNode(t))
			if w := n.as(t, auth.Viewer, "GET", "/api/v1/"+path, nil); w.Code != 200 {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			if got, want := jsonOf(t, n.shelf.filter), jsonOf(t, want); got != want {
				t.Errorf("the store was asked for %s, want %s", got, want)
			}
		})
	}
}

func TestDetail(t *testing.T) {
	n := populate(t, newNode(t))
	path := "/api/v1/quarantine/" + rowID(3)
	w := n.as(t, auth.Viewer, "GET", path, nil)
	d := decode[QuarantineDetail](t, w)
	if d.ID != rowID(3) || *d.Position != 3 || d.Severity != "critical" || d.Recommendation != "revoke the github-token" || d.ReviewAction != nil || d.Reviewer != nil {
		t.Errorf("got %s", w.Body)
	}
	if len(d.Findings) != 1 || d.Findings[0].Decoders == nil || len(d.Timeline) != 2 || d.Timeline[0].What != "detected" || d.Timeline[1].What != "quarantined" {
		t.Errorf("findings and timeline: %s", w.Body)
	}
	if strings.Contains(w.Body.String(), "<script>") {
		t.Error("angle brackets are not escaped")
	}
	tag := w.Header().Get("ETag")
	if w := n.call(t, request{path: path, key: n.keys[auth.Viewer], headers: map[string]string{"If-None-Match": tag}}); w.Code != http.StatusNotModified || w.Body.Len() > 0 || w.Header().Get("ETag") != tag {
		t.Errorf("unchanged: %d %s", w.Code, w.Body)
	}
	wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1/quarantine/"+rowID(999), nil), 404, rowID(999))
	wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1/quarantine/1%27--", nil), 422, "path.id")
}

func (n *node) review(t *testing.T, id string, body any, headers map[string]string) *responseOf {
	t.Helper()
	w := n.call(t, request{method: "POST", path: "/api/v1/quarantine/" + id + "/review", body: body, key: n.keys[auth.Reviewer], headers: headers})
	return &responseOf{w.Code, w.Body.String(), w.Header().Get("ETag")}
}

type responseOf struct {
	code int
	body string
	etag string
}

func TestAReviewIsStoredWithItsReviewerAndAudited(t *testing.T) {
	n := populate(t, newNode(t))
	w := n.as(t, auth.Reviewer, "POST", "/api/v1/quarantine/"+rowID(1)+"/review", ReviewRequest{Action: "confirmed", Reason: "live token; <b>revoked</b>"})
	q := decode[Quarantine](t, w)
	if w.Code != 200 || !q.Reviewed || *q.ReviewAction != "confirmed" || *q.Reviewer != "api-key:key-reviewer" || !q.ReviewTimestamp.Equal(noon()) {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	e := n.shelf.audit[0]
	if e.Action != "quarantine.review" || e.Target != rowID(1) || e.Reason != "live token; <b>revoked</b>" || e.Actor.Kind != "api_key" || e.Actor.Addr != "192.0.2.1" || string(e.After) != `"node-1/api"` {
		t.Errorf("audit %+v %s", e, e.After)
	}
	d := decode[QuarantineDetail](t, n.as(t, auth.Viewer, "GET", "/api/v1/quarantine/"+rowID(1), nil))
	if last := d.Timeline[len(d.Timeline)-1]; last.What != "reviewed" || last.Who != "api-key:key-reviewer" || last.Detail != "confirmed: live token; <b>revoked</b>" {
		t.Errorf("timeline ends with %+v", last)
	}
}

func TestOfTwoWhoJudgeOneVersionOneGetsThrough(t *testing.T) {
	n := populate(t, newNode(t))
	tag := n.as(t, auth.Viewer, "GET", "/api/v1/quarantine/"+rowID(1), nil).Header().Get("ETag")
	var wg sync.WaitGroup
	codes := make(chan int, 8)
	for range 8 {
		wg.Go(func() {
			codes <- n.review(t, rowID(1), ReviewRequest{Action: "uncertain"}, map[string]string{"If-Match": tag}).code
		})
	}
	wg.Wait()
	close(codes)
	got := map[int]int{}
	for c := range codes {
		got[c]++
	}
	if got[200] != 1 || got[412] != 7 {
		t.Errorf("answers %v", got)
	}
	if r := n.review(t, rowID(1), ReviewRequest{Action: "confirmed"}, map[string]string{"If-Match": "*"}); r.code != 200 || r.etag == tag {
		t.Errorf("any version: %d, ETag %s", r.code, r.etag)
	}
}

func TestARepeatWithOneKeyGetsOneAnswer(t *testing.T) {
	n := populate(t, newNode(t))
	key := map[string]string{"Idempotency-Key": "abc"}
	first := n.review(t, rowID(1), ReviewRequest{Action: "confirmed"}, key)
	n.clock.Advance(time.Hour)
	again := n.review(t, rowID(1), ReviewRequest{Action: "confirmed"}, key)
	if *first != *again || n.shelf.reviews != 1 {
		t.Errorf("%d reviews;\nfirst %+v\nagain %+v", n.shelf.reviews, first, again)
	}
	if r := n.review(t, rowID(1), ReviewRequest{Action: "uncertain"}, key); r.code != 422 || !strings.Contains(r.body, "Idempotency-Key") {
		t.Errorf("the key with another body: %+v", r)
	}
	if r := n.review(t, rowID(2), ReviewRequest{Action: "confirmed"}, key); r.code != 422 {
		t.Errorf("the key with another entry: %+v", r)
	}
	w := n.call(t, request{method: "POST", path: "/api/v1/quarantine/" + rowID(2) + "/review", body: ReviewRequest{Action: "confirmed"}, key: n.keys[auth.Admin], headers: key})
	if w.Code != 200 {
		t.Errorf("somebody else's key: %d %s", w.Code, w.Body)
	}
	n.clock.Advance(24 * time.Hour)
	if r := n.review(t, rowID(1), ReviewRequest{Action: "uncertain"}, key); r.code != 200 {
		t.Errorf("a day later: %+v", r)
	}
}

func TestManyRepeatsAtOnceGetOneAnswer(t *testing.T) {
	n := populate(t, newNode(t))
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if r := n.review(t, rowID(1), ReviewRequest{Action: "confirmed"}, map[string]string{"Idempotency-Key": "k"}); r.code != 200 {
				t.Errorf("got %+v", r)
			}
		})
	}
	wg.Wait()
	if n.shelf.reviews != 1 {
		t.Errorf("%d reviews", n.shelf.reviews)
	}
}

// A fault while a request is served leaves nothing behind that its repeats wait for.
func TestAFaultIsNotRemembered(t *testing.T) {
	r := newReviews[int](clock.Real{})
	func() {
		defer func() { _ = recover() }()
		_, _ = r.once(t.Context(), "k", "request", func() (*int, error) { panic("a fault") })
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	got, err := r.once(ctx, "k", "request", func() (*int, error) { return new(7), nil })
	if err != nil || *got != 7 {
		t.Errorf("the repeat gets %v, %v", got, err)
	}
}

func TestAFailureIsNotRemembered(t *testing.T) {
	n := populate(t, newNode(t))
	key := map[string]string{"Idempotency-Key": "k"}
	n.shelf.fail(errors.New("disk full at /var/lib/cordon"))
	r := n.review(t, rowID(1), ReviewRequest{Action: "confirmed"}, key)
	if r.code != 500 || strings.Contains(r.body, "/var/lib") {
		t.Errorf("got %+v", r)
	}
	n.shelf.fail(nil)
	if r := n.review(t, rowID(1), ReviewRequest{Action: "confirmed"}, key); r.code != 200 {
		t.Errorf("after the failure: %+v", r)
	}
}

func TestTheMemoryOfAnswersIsBounded(t *testing.T) {
	r := newReviews[quarantineOutput](newNode(t).clock)
	for i := range answersKept + 10 {
		if _, err := r.once(t.Context(), rowID(i), "x", func() (*quarantineOutput, error) { return &quarantineOutput{}, nil }); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.byKey) != answersKept || r.order.Len() != answersKept {
		t.Errorf("%d answers are kept", len(r.byKey))
	}
}

func TestCursorsBelongToTheirList(t *testing.T) {
	n := populate(t, newNode(t))
	p := decode[QuarantinePage](t, n.as(t, auth.Viewer, "GET", "/api/v1/quarantine?limit=1", nil))
	wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1/findings?cursor="+*p.NextCursor, nil), 422, "query.cursor")
	for _, bad := range []string{"x", "%3D%3D", rowID(1), encodeCursor(quarantineList, "'; DROP TABLE quarantine"), *p.NextCursor + "A"} {
		wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1/quarantine?cursor="+strings.ReplaceAll(bad, " ", "%20"), nil), 422, "query.cursor")
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(encodeCursor(quarantineList, rowID(1)))
	f.Add("cTE6")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := decodeCursor(quarantineList, s)
		if err == nil && encodeCursor(quarantineList, id) != s {
			t.Errorf("cursor %q is another name of %q", s, id)
		}
		if _, err := decodeCursor(findingList, s); err == nil && id != "" {
			t.Errorf("cursor %q belongs to two lists", s)
		}
	})
}
