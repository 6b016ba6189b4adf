package notify

import (
	"context"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
)

// Silences keeps the silences.
type Silences interface {
	// SilencesAt returns those in force at a time, at most MaxSilences.
	SilencesAt(ctx context.Context, at time.Time) ([]Silence, error)
	// ListSilences returns at most limit, newest first, those before the id
	// before; ended ones too.
	ListSilences(ctx context.Context, before string, limit int) ([]Silence, error)
	// AddSilence stores one with the event and the audit entry, in one
	// transaction. ErrTooManySilences.
	AddSilence(ctx context.Context, s Silence, by audit.Entry, e event.Event) error
	// EndSilence ends one that is in force at a time, likewise; tell makes the
	// event of what it is now. ErrNotFound, ErrEnded.
	EndSilence(ctx context.Context, id, who string, at time.Time, by audit.Entry, tell func(Silence) (event.Event, error)) (Silence, error)
}
