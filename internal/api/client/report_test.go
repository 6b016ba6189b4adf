package client_test

import (
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/api"
)

func TestReport(t *testing.T) {
	c, got := recording(t, 202, `{"accepted":1,"spooled":true}`)
	at := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	taken, err := c.Report(t.Context(), []api.RecordIn{{Kind: "auth_failed", Time: at, SourceIP: "203.0.113.9"}})
	if err != nil || taken != (api.EventsTaken{Accepted: 1, Spooled: true}) {
		t.Errorf("answer %+v, %v", taken, err)
	}
	if want := `[{"kind":"auth_failed","time":"2026-03-14T12:00:00Z","source_ip":"203.0.113.9"}]`; got.Call != "POST /api/v1/events" || got.Body != want {
		t.Errorf("%s %s", got.Call, got.Body)
	}
}
