package app

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/ingest"
	"go.cordon.dev/cordon/internal/ingest/parse"
)

// logRecorder has the intake keep what logs tell of. What nobody counts, such as a login
// that went well, is not kept.
type logRecorder struct {
	intake *ingest.Intake
	log    *slog.Logger
}

// Record implements parse.Recorder.
func (r logRecorder) Record(ctx context.Context, batch []parse.Record) error {
	var kept []event.SecurityRecord
	for _, b := range batch {
		if slices.Contains(event.RecordKinds(), string(b.Kind)) {
			kept = append(kept, recordOf(b))
		}
	}
	if len(kept) == 0 {
		return nil
	}
	_, err := r.intake.TakeRecords(ctx, "", kept)
	if refused := (*ingest.Refused)(nil); errors.As(err, &refused) { // it would be the next time, too
		r.log.Error("records of a log are refused", "records", len(kept), "error", err)
		return nil
	}
	return err
}

func recordOf(b parse.Record) event.SecurityRecord {
	r := event.SecurityRecord{ID: b.ID, Kind: string(b.Kind), Time: b.Time, User: b.User, Attributes: b.Attributes}
	if b.SourceIP.IsValid() {
		r.SourceIP = b.SourceIP.String()
	}
	return r
}
