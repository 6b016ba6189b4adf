package api

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
)

func TestASilenceIsMadeListedAndEnded(t *testing.T) {
	n := populate(t, newNode(t))
	w := n.as(t, auth.Responder, "POST", "/api/v1/silences", SilenceRequest{Topics: []string{"leak.>"}, Minutes: 90, Reason: "a drill"})
	made := decode[Silence](t, w)
	if w.Code != http.StatusCreated || !made.Active || made.MaxSeverity != "high" || made.Until.Sub(made.CreatedAt).Minutes() != 90 || made.Webhooks == nil {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	page := decode[SilencePage](t, n.as(t, auth.Viewer, "GET", "/api/v1/silences", nil))
	if len(page.Items) != 1 || page.Items[0].ID != made.ID {
		t.Errorf("listed: %+v", page)
	}
	end := "/api/v1/silences/" + made.ID + "/end"
	ended := decode[Silence](t, n.as(t, auth.Responder, "POST", end, nil))
	if ended.Active || ended.EndedAt == nil || ended.EndedBy == "" {
		t.Errorf("ended: %+v", ended)
	}
	wantProblem(t, n.as(t, auth.Responder, "POST", end, SilenceEnd{Reason: "again"}), 409, "is over already")
	wantProblem(t, n.as(t, auth.Responder, "POST", "/api/v1/silences/"+rowID(1)+"/end", nil), 404, "no silence")
}

func TestABadSilenceIsRefusedWithTheField(t *testing.T) {
	n := populate(t, newNode(t))
	for why, r := range map[string]SilenceRequest{
		"body.topics":       {Topics: []string{"leak..x"}, Minutes: 5, Reason: "x"},
		"body.webhooks":     {Topics: []string{"leak.>"}, Webhooks: []string{"a b"}, Minutes: 5, Reason: "x"},
		"body.fingerprints": {Topics: []string{"leak.>"}, Fingerprints: []string{"a b"}, Minutes: 5, Reason: "x"},
		"body.minutes":      {Topics: []string{"leak.>"}, Minutes: 129601, Reason: "x"},
		"body.reason":       {Topics: []string{"leak.>"}, Minutes: 5},
	} {
		wantProblem(t, n.as(t, auth.Responder, "POST", "/api/v1/silences", r), 422, why)
	}
}

// say puts events into the log, a millisecond after the one before.
func (n *node) sayAll(t *testing.T, at time.Time, severity event.Severity, all ...event.Payload) {
	t.Helper()
	n.shelf.mu.Lock()
	defer n.shelf.mu.Unlock()
	for _, p := range all {
		e, err := event.New(event.Header{Time: at, Source: "n/x", Severity: severity}, p)
		if err != nil {
			t.Fatal(err)
		}
		n.shelf.events = append(n.shelf.events, event.Record{Cursor: event.Cursor{Day: "2026-03-14", Seq: int64(len(n.shelf.events) + 1)}, Event: e})
	}
}

func TestASilenceIsPreviewed(t *testing.T) {
	n := populate(t, newNode(t))
	n.shelf.events = nil
	found := event.MessageQuarantined{Finding: event.Finding{Fingerprint: "v1:0a:0b", Rule: "r"}, Place: event.Place{SourceID: "chat"}}
	other := event.MessageQuarantined{Finding: event.Finding{Fingerprint: "v1:0a:0c", Rule: "r"}, Place: event.Place{SourceID: "logs"}}
	opened := event.IncidentOpened{Incident: event.Incident{IncidentID: rowID(1), Fingerprint: "v1:0a:0b", Rule: "r"}}
	updated := event.IncidentUpdated{Incident: opened.Incident}
	now := n.clock.Now()
	n.sayAll(t, now.AddDate(0, 0, -31), event.High, found)
	n.sayAll(t, now.Add(-time.Hour), event.High, found, other, opened, updated)
	n.sayAll(t, now.Add(-time.Minute), event.Critical, found)
	for query, want := range map[string]string{
		"topic=leak.%3E&topic=incident.%3E&fingerprint=v1:0a:0b":                       "3 hidden, 1 incidents, 2 told",
		"topic=leak.%3E&topic=incident.%3E&fingerprint=v1:0a:0b&max_severity=critical": "4 hidden, 1 incidents, 1 told",
		"topic=leak.%3E&topic=incident.%3E&rule=r&source=chat":                         "1 hidden, 0 incidents, 4 told",
		"topic=leak.%3E&fingerprint=v1:0a:0b&days=60":                                  "2 hidden, 0 incidents, 2 told",
		"topic=egress.%3E": "0 hidden, 0 incidents, 0 told",
	} {
		p := decode[SilencePreview](t, n.as(t, auth.Viewer, "GET", "/api/v1/silences/preview?"+query, nil))
		if got := fmt.Sprintf("%d hidden, %d incidents, %d told", p.Hidden, p.Incidents, p.Told); got != want || !p.Complete || !p.Since.Before(now.AddDate(0, 0, -29)) {
			t.Errorf("%s: %s, want %s; %+v", query, got, want, p)
		}
	}
	wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1/silences/preview?topic=leak..x", nil), 422, "query.topic")
	wantProblem(t, n.as(t, auth.Viewer, "GET", "/api/v1/silences/preview", nil), 422, "topic")
}

// A log that is too long to be read whole says how far a preview has come.
func TestAPreviewHasItsBound(t *testing.T) {
	n := populate(t, newNode(t))
	n.shelf.events = nil
	n.shelf.found = event.Found{Next: 7, Back: noon().Add(-time.Hour)}
	n.sayAll(t, n.clock.Now(), event.High, event.MessageQuarantined{})
	p := decode[SilencePreview](t, n.as(t, auth.Viewer, "GET", "/api/v1/silences/preview?topic=leak.%3E", nil))
	if p.Complete || !p.Since.Equal(noon().Add(-time.Hour)) || p.Hidden == 0 {
		t.Errorf("%+v", p)
	}
}
