package sqlstoretest

import (
	"testing"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func ingestScenarios() []scenario {
	return []scenario{
		{"what another process says is stored with its rows, once", testIngest},
		{"what cannot be stored leaves nothing of its batch", testIngestFails},
	}
}

// outside is what another process says of one message.
func outside(t testing.TB, c *clock.Fake) []event.Event {
	t.Helper()
	var out []event.Event
	for _, entry := range event.Catalogue() {
		switch entry.Example.(type) {
		case event.FindingDetected, event.MessageQuarantined, event.SourceStateChanged:
			e, err := event.New(event.Header{Time: c.Now(), Source: "gate-1/gossip", Severity: event.Critical, CorrelationID: "c"}, entry.Example)
			must(t, err)
			out = append(out, e)
		}
	}
	return out
}

func testIngest(t *testing.T, s *store.Store, c *clock.Fake) {
	events := outside(t, c)
	in := sqlstore.NewIngest(s)
	for range 2 {
		must(t, in.Ingest(storetest.Context(t), events))
	}
	records, err := s.Events(storetest.Context(t), event.Cursor{}, 100)
	must(t, err)
	same(t, "events", len(events), len(records))
	qs, fs := listQuarantine(t, s, leak.QuarantineFilter{}), listFindings(t, s, leak.FindingFilter{})
	same(t, "entries", 1, len(qs))
	same(t, "findings", 1, len(fs))
	same(t, "the finding's entry", qs[0].ID, fs[0].QuarantineID)
	same(t, "fingerprint", qs[0].Fingerprint, fs[0].Fingerprint)
	same(t, "severity", event.Critical, qs[0].Severity)
	same(t, "where", "chat", qs[0].SourceID)
	totals, err := sqlstore.NewAPI(s).Totals(storetest.Context(t))
	must(t, err)
	same(t, "counted", int64(1), totals.Quarantined)
}

func testIngestFails(t *testing.T, s *store.Store, c *clock.Fake) {
	events := outside(t, c)
	events[len(events)-1].Topic = "not a topic"
	if err := sqlstore.NewIngest(s).Ingest(storetest.Context(t), events); err == nil {
		t.Error("an event without a topic was stored")
	}
	same(t, "entries", 0, len(listQuarantine(t, s, leak.QuarantineFilter{})))
	head, err := s.Head(storetest.Context(t))
	must(t, err)
	same(t, "events", int64(0), head.Seq)
}
