// Package generic is the format for programs: the event's envelope as it is in
// the event log, as JSON.
//
// Level 2: a plugin of notify; it may import event.
package generic

import (
	"encoding/json"
	"fmt"

	"go.cordon.dev/cordon/internal/event"
)

// Format implements notify.Format.
type Format struct{}

// New returns the format.
func New() Format { return Format{} }

// Name implements notify.Format.
func (Format) Name() string { return "generic" }

// Render implements notify.Format.
func (Format) Render(e event.Event) ([]byte, string, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return nil, "", fmt.Errorf("encoding event %s: %w", e.ID, err)
	}
	return event.PlainJSON(body), "application/json", nil
}
