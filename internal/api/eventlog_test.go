package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
)

func withEvents(t *testing.T) *node {
	n := populate(t, newNode(t))
	for _, topic := range []string{"leak.message.quarantined", "decky.web-1.traffic", "leak.finding.detected"} {
		n.shelf.emit(topic)
	}
	return n
}

func TestEventsAreListedAndShown(t *testing.T) {
	n := withEvents(t)
	var page, rest EventLogPage
	n.getJSON(t, "/api/v1/events?limit=2", &page)
	if len(page.Items) != 2 || page.Items[0].Topic != "leak.finding.detected" || page.Items[0].Place != "2026-03-14/3" || string(page.Items[0].Data) != `{"n":3}` || page.NextCursor == nil || page.SearchedTo != nil {
		t.Fatalf("page: %+v", page)
	}
	n.getJSON(t, "/api/v1/events?limit=2&cursor="+*page.NextCursor, &rest)
	if len(rest.Items) != 1 || rest.Items[0].ID != rowID(1) || rest.NextCursor != nil {
		t.Errorf("rest: %+v", rest)
	}
	var one EventRecord
	n.getJSON(t, "/api/v1/events/"+strings.ToUpper(rowID(2)), &one)
	if one.Topic != "decky.web-1.traffic" || one.Severity != "info" || one.Schema != 1 || !one.Time.Equal(noon()) {
		t.Errorf("%+v", one)
	}
}

func TestEventsAreSearched(t *testing.T) {
	n := withEvents(t)
	n.getJSON(t, "/api/v1/events?topic=leak.%3E&topic=decky.*.state&severity=high&severity=info&since=2026-03-14T11:00:00Z&until=2026-03-15T00:00:00Z&subject=token&correlation_id=c-1", &EventLogPage{})
	want := event.Filter{
		Topics: []string{"leak.>", "decky.*.state"}, Severities: []event.Severity{event.High, event.Info},
		Since: noon().Add(-time.Hour), Until: noon().Add(12 * time.Hour), Subject: "token", CorrelationID: "c-1",
	}
	if diff := cmp.Diff(want, n.shelf.filter); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
}

// A page without anything that says where to go on, and how far back was looked.
func TestASearchThatGaveUpSaysSo(t *testing.T) {
	n := withEvents(t)
	n.shelf.found = event.Found{Next: 7, Back: noon().Add(-time.Hour)}
	var page EventLogPage
	n.getJSON(t, "/api/v1/events?topic=system.%3E", &page)
	if page.Items == nil || len(page.Items) != 0 || page.NextCursor == nil || page.SearchedTo == nil || !page.SearchedTo.Equal(noon().Add(-time.Hour)) {
		t.Fatalf("page: %+v", page)
	}
	if before, err := numberOf(eventList, *page.NextCursor); before != 7 || err != nil {
		t.Errorf("goes on before %d, %v", before, err)
	}
}

func TestEventsThatThereAreNot(t *testing.T) {
	n := withEvents(t)
	for path, c := range map[string]struct {
		code int
		says string
	}{
		"/" + rowID(9):      {http.StatusNotFound, "store.retention.events"},
		"/x":                {http.StatusUnprocessableEntity, "path.id"},
		"?topic=leak.%3E.x": {http.StatusUnprocessableEntity, "query.topic"},
		"?severity=worst":   {http.StatusUnprocessableEntity, "query.severity"},
		"?since=yesterday":  {http.StatusUnprocessableEntity, "query.since"},
		"?cursor=x":         {http.StatusUnprocessableEntity, "query.cursor"},
		"?cursor=YTE6NQ":    {http.StatusUnprocessableEntity, "query.cursor"}, // of the audit log
		"?limit=501":        {http.StatusUnprocessableEntity, "query.limit"},
		"?since=2026-03-14T12:00:00Z&until=2026-03-14T12:00:00Z": {http.StatusUnprocessableEntity, "query.until"},
	} {
		if w := n.as(t, auth.Viewer, "GET", "/api/v1/events"+path, nil); w.Code != c.code || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
