package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/ingest"
	"go.cordon.dev/cordon/internal/ingest/spool"
)

// maxEventsBody is the largest batch of events in bytes.
const maxEventsBody = 1 << 20

// Intake takes events of other processes.
type Intake interface {
	Take(ctx context.Context, key string, events []event.Event) (spooled bool, err error)
	TakeRecords(ctx context.Context, key string, records []event.SecurityRecord) (spooled bool, err error)
}

// EventsRequest is a batch of events from another process of Cordon.
type EventsRequest struct {
	Events []EventIn `json:"events" minItems:"1" maxItems:"256" nullable:"false" doc:"In the order in which they happened."`
}

// EventIn is an event's envelope.
type EventIn struct {
	ID            string          `json:"id,omitempty" format:"uuid" doc:"UUIDv7 by which the event is taken once. May be left out when the request has an Idempotency-Key."`
	Topic         string          `json:"topic" maxLength:"256" example:"leak.message.quarantined" doc:"leak.finding.detected, leak.message.quarantined, leak.source.{id}.state, leak.gateway.{id}.state or leak.gateway.{id}.bypass."`
	Time          time.Time       `json:"time" doc:"When it happened."`
	Source        string          `json:"source" minLength:"1" maxLength:"128" example:"gate-1/gossip" doc:"Who says it: node/service."`
	Severity      string          `json:"severity" enum:"info,low,medium,high,critical" doc:"How bad it is."`
	Subject       string          `json:"subject,omitempty" maxLength:"4096" doc:"What it is about, for people."`
	CorrelationID string          `json:"correlation_id,omitempty" maxLength:"64" doc:"Joins all that one cause led to."`
	Schema        int             `json:"schema" minimum:"1" doc:"Version of the form of data."`
	Data          json.RawMessage `json:"data" doc:"As the event catalogue describes it for the topic; other fields are refused."`
}

// EventsTaken says what became of a batch.
type EventsTaken struct {
	Accepted int  `json:"accepted" minimum:"1" doc:"Events of the batch, those that were known already included."`
	Spooled  bool `json:"spooled" doc:"True: they wait on disk for the store. False: they are stored."`
}

type takeEventsInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"128" doc:"Any unique text: a repeat of the batch with the same one stores nothing again, also when its events have no ids."`
	Body EventsBody
}

type takeEventsOutput struct{ Body EventsTaken }

func (s *server) takeEvents(ctx context.Context, in *takeEventsInput) (*takeEventsOutput, error) {
	if s.Intake == nil {
		return nil, problem(http.StatusServiceUnavailable, "this process takes no events; a server does")
	}
	key := in.Key
	if key != "" {
		who, _ := auth.PrincipalFrom(ctx)
		key = who.Label() + " " + key
	}
	if in.Body.list() {
		return s.takeRecords(ctx, key, in.Body)
	}
	body, err := readAs[EventsRequest](s, in.Body, in.Body.schemas(s.huma.OpenAPI().Components.Schemas)[0])
	if err != nil {
		return nil, err
	}
	batch, err := eventsOf(body.Events)
	if err != nil {
		return nil, err
	}
	spooled, err := s.Intake.Take(ctx, key, batch)
	if err != nil {
		return nil, s.notTaken(ctx, "body.events", err)
	}
	return &takeEventsOutput{EventsTaken{len(batch), spooled}}, nil
}

// notTaken turns why a batch was not taken into what the caller may know. where is its
// list.
func (s *server) notTaken(ctx context.Context, where string, err error) error {
	var refused *ingest.Refused
	switch {
	case errors.As(err, &refused) && refused.Index >= 0:
		return invalid(fmt.Sprintf("%s[%d]", where, refused.Index), refused.Why)
	case errors.As(err, &refused):
		return invalid(where, refused.Why)
	case errors.Is(err, spool.ErrFull):
		s.Log.ErrorContext(ctx, "events refused", "error", err)
		return retryAfter(problem(http.StatusServiceUnavailable, "the store is away and the spool is full; keep the events and send them again later"), 30*time.Second)
	}
	return fmt.Errorf("taking events: %w", err)
}

func eventsOf(in []EventIn) ([]event.Event, error) {
	out := make([]event.Event, len(in))
	for i, e := range in {
		severity, err := event.ParseSeverity(e.Severity)
		if err != nil {
			return nil, invalid(fmt.Sprintf("body.events[%d].severity", i), err.Error())
		}
		out[i] = event.Event{
			ID: e.ID, Topic: e.Topic, Time: e.Time.UTC().Truncate(time.Microsecond), Source: e.Source, Severity: severity,
			Subject: e.Subject, CorrelationID: e.CorrelationID, Schema: e.Schema, Data: e.Data,
		}
	}
	return out, nil
}
