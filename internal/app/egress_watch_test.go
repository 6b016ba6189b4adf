package app

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/event"
)

// waiting are the endpoints that wait for review, once there are n.
func (g *guarded) waiting(n int) (items []api.EgressEndpoint) {
	g.t.Helper()
	g.until("endpoints that wait", func() bool {
		page, err := g.cli.EgressEndpoints(g.t.Context(), client.EndpointQuery{State: "new"})
		if err != nil {
			g.t.Fatal(err)
		}
		items = page.Items
		return len(items) == n
	})
	return items
}

// newStrict is a node whose gateway lets nothing out, with an origin.
func newStrict(t *testing.T, document string) *guarded {
	t.Helper()
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "hello")
	}))
	t.Cleanup(origin.Close)
	g := &guarded{house: newHouse(t, egressSection), origin: origin}
	g.write(document)
	g.cli = g.start()
	return g
}

func TestAnEndpointThatWasFirstSeenIsReviewedAndThenReached(t *testing.T) {
	g := newStrict(t, "mode: strict # by hand\n")
	if code := g.get(g.origin.URL); code != 403 {
		t.Errorf("before the review: %d", code)
	}
	first := g.waiting(1)[0]
	if first.Host != "127.0.0.1" || first.LastDecision != "deny" || first.Program == "" {
		t.Errorf("waits: %+v", first)
	}
	reviewed, err := g.cli.EgressReview(t.Context(), first.ID, api.EgressEndpointReview{Verdict: "allow_host", Reason: "our own origin"}, "", "")
	if err != nil || reviewed.State != "reviewed" {
		t.Fatalf("%+v, %v\n%s", reviewed, err, g.log.String())
	}
	if code := g.get(g.origin.URL); code != 200 {
		t.Errorf("after the review: %d", code)
	}
	g.waiting(0)
	all, err := g.cli.EgressPrograms(t.Context(), 0)
	if err != nil || len(all) != 1 || all[0].Denied == 0 || all[0].Waiting != 0 {
		t.Errorf("programs: %+v, %v", all, err)
	}
}

func TestTooManyDenialsAreToldOnce(t *testing.T) {
	g := newStrict(t, "mode: strict\nalerts: {thresholds: {blocked_requests: 5}}\n")
	for i := range 20 {
		g.get(fmt.Sprintf("http://h%d.example/", i))
	}
	g.waiting(20)
	g.stop()
	records, err := g.opened().Events(t.Context(), event.Cursor{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]int{}
	for _, r := range records {
		told[r.Event.Topic]++
	}
	if told[event.TopicThresholdExceeded] != 1 || told[event.TopicEndpointFirstSeen] != 20 {
		t.Errorf("told %v", told)
	}
}
