package api

import (
	"net/http"
	"testing"

	"go.cordon.dev/cordon/internal/auth"
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
		"body.topics":   {Topics: []string{"leak..x"}, Minutes: 5, Reason: "x"},
		"body.webhooks": {Topics: []string{"leak.>"}, Webhooks: []string{"a b"}, Minutes: 5, Reason: "x"},
		"body.minutes":  {Topics: []string{"leak.>"}, Minutes: 129601, Reason: "x"},
		"body.reason":   {Topics: []string{"leak.>"}, Minutes: 5},
	} {
		wantProblem(t, n.as(t, auth.Responder, "POST", "/api/v1/silences", r), 422, why)
	}
}
