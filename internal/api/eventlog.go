package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// eventList is the kind of list, in its cursors.
const eventList = "e1"

// EventRecord is an event in its place in the log.
type EventRecord struct {
	ID            string          `json:"id" format:"uuid" example:"01936d2c-5f8e-7abc-9def-0123456789ab"`
	Place         string          `json:"place" example:"2026-03-14/42" doc:"Day and number in the log. GET /api/v1/stream takes it as after."`
	Topic         string          `json:"topic" example:"leak.message.quarantined" doc:"What kind of thing happened; docs/event-catalog.md lists all."`
	Time          time.Time       `json:"time" doc:"When it happened."`
	Source        string          `json:"source" example:"node-1/leak" doc:"Who says it: node/service."`
	Severity      string          `json:"severity" enum:"info,low,medium,high,critical" doc:"How bad it is."`
	Subject       string          `json:"subject" doc:"What it is about, for people; may be empty."`
	CorrelationID string          `json:"correlation_id" doc:"Joins all that one cause led to; empty when nothing else belongs to it."`
	Schema        int             `json:"schema" minimum:"1" doc:"Version of the form of data."`
	Data          json.RawMessage `json:"data" doc:"As the event catalogue describes it for the topic."`
}

// EventLogPage is what one search of the event log found.
type EventLogPage struct {
	Items      []EventRecord `json:"items" nullable:"false" doc:"Newest first: in the order in which they were recorded."`
	NextCursor *string       `json:"next_cursor" doc:"Where the search goes on; null: there is no more. A page with few events, or none, need not be the last."`
	SearchedTo *time.Time    `json:"searched_to" doc:"When a search gave up before the page was full: how far back it has looked. Else null."`
}

type listEventsInput struct {
	PageQuery
	Topic         []string  `query:"topic,explode" maxItems:"16" nullable:"false" example:"leak.>" doc:"Only these topics: patterns, in which * stands for one part and a last > for the rest; may repeat."`
	Severity      []string  `query:"severity,explode" enum:"info,low,medium,high,critical" nullable:"false" doc:"Only of these severities; may repeat."`
	Since         time.Time `query:"since" doc:"Only what happened then or later."`
	Until         time.Time `query:"until" doc:"Only what happened before. What was recorded more than an hour late may be missed."`
	Subject       string    `query:"subject" maxLength:"256" doc:"Only where the subject holds this text, in whatever case."`
	CorrelationID string    `query:"correlation_id" maxLength:"64" doc:"Only what this cause led to."`
}

func (in *listEventsInput) filter() (event.Filter, error) {
	f := event.Filter{Topics: in.Topic, Since: in.Since, Until: in.Until, Subject: in.Subject, CorrelationID: in.CorrelationID}
	for _, t := range in.Topic {
		if err := event.CheckPattern(t); err != nil {
			return f, invalid("query.topic", err.Error())
		}
	}
	if !in.Since.IsZero() && !in.Until.IsZero() && !in.Since.Before(in.Until) {
		return f, invalid("query.until", "is not after since: nothing happened between the two")
	}
	var err error
	f.Severities, err = severities(in.Severity)
	return f, err
}

type eventLogOutput struct{ Body EventLogPage }

func (s *server) listEvents(ctx context.Context, in *listEventsInput) (*eventLogOutput, error) {
	before, err := numberOf(eventList, in.Cursor)
	if err != nil {
		return nil, err
	}
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	found, err := s.Events.FindEvents(ctx, f, before, in.Limit)
	if err != nil {
		return nil, err
	}
	page := EventLogPage{Items: convert(found.Records, eventOut)}
	if found.Next > 0 {
		page.NextCursor = new(numberCursor(eventList, found.Next))
	}
	if !found.Back.IsZero() {
		page.SearchedTo = new(utc(found.Back))
	}
	return &eventLogOutput{page}, nil
}

type eventPath struct {
	ID string `path:"id" format:"uuid" doc:"The event's id."`
}

type eventOutput struct{ Body EventRecord }

func (s *server) getEvent(ctx context.Context, in *eventPath) (*eventOutput, error) {
	r, err := s.Events.Event(ctx, strings.ToLower(in.ID))
	if errors.Is(err, event.ErrNotFound) {
		return nil, problem(http.StatusNotFound, "there is no event %s; it may have been dropped with its day (store.retention.events)", in.ID)
	}
	if err != nil {
		return nil, err
	}
	return &eventOutput{eventOut(r)}, nil
}

func eventOut(r event.Record) EventRecord {
	e := r.Event
	return EventRecord{
		ID: e.ID, Place: r.Cursor.String(), Topic: e.Topic, Time: utc(e.Time), Source: e.Source, Severity: e.Severity.String(),
		Subject: e.Subject, CorrelationID: e.CorrelationID, Schema: e.Schema, Data: e.Data,
	}
}

// eventRoutes lists the operations on the event log.
func (s *server) eventRoutes() {
	handle(s, route{call: "GET /events", gate: viewer, id: "listEvents", tag: "events", summary: "Search the event log",
		more: "One call looks at 50,000 events at most, so that it costs little whatever is asked for: follow next_cursor to look further back."}, s.listEvents)
	handle(s, route{call: "GET /events/{id}", gate: viewer, id: "getEvent", tag: "events", summary: "Show an event", errors: []int{404}}, s.getEvent)
}
