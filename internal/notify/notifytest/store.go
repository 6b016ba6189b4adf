package notifytest

import (
	"context"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
)

// Store is what the scenarios need: notify's five interfaces, a way to put
// events into the log, and the audit log.
type Store interface {
	notify.Queue
	notify.Waiting
	notify.Subscriptions
	notify.Letters
	notify.Silences
	Log
}

// Log is the event log and the audit log.
type Log interface {
	// Append adds events to the log, in this order.
	Append(ctx context.Context, events ...event.Event) error
	// Audit returns the audit log's entries, oldest first.
	Audit(ctx context.Context) ([]audit.Entry, error)
}
