package ingest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// nowhere is a Log that keeps nothing.
type nowhere struct{}

func (nowhere) Ingest(context.Context, []event.Event) error { return nil }

// BenchmarkTakeRecords takes batches of 500 records as far as the store. Time and
// allocations are those of one record, without what its texts cost to be searched.
func BenchmarkTakeRecords(b *testing.B) {
	i, err := Open(Deps{Log: nowhere{}, Redact: func(s string) string { return s }, Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer i.Close()
	var batch []event.SecurityRecord
	for k := range 500 {
		batch = append(batch, event.SecurityRecord{
			Kind: event.RecordAuthFailed, Time: time.Date(2026, 3, 14, 12, 0, 0, 123456000, time.UTC), SourceIP: fmt.Sprintf("203.0.113.%d", k%256), User: fmt.Sprint("user-", k),
			Attributes: map[string]string{"service": "sshd"},
		})
		if k%2 == 0 {
			batch[k].Kind, batch[k].Attributes = event.RecordHTTPRequest, map[string]string{"path": "/area/page?x=1&y=2", "status": "200", "method": "GET"}
		}
	}
	b.ReportAllocs()
	for done := 0; b.Loop(); done++ {
		if done%500 > 0 {
			continue
		}
		if _, err := i.TakeRecords(b.Context(), "", batch); err != nil {
			b.Fatal(err)
		}
	}
}
