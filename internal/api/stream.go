package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/event"
)

// The stream's rhythm and bounds.
const (
	streamBatch    = 256              // events read at a time
	streamBeat     = 15 * time.Second // comment that keeps proxies from closing, and look whether the caller may still read
	streamPoll     = 5 * time.Second  // look for events when nothing wakes
	streamWrite    = 10 * time.Second // a client that takes longer is cut off; it resumes by Last-Event-ID
	streamRead     = 10 * time.Second // deadline of a query
	streamsAll     = 256              // open at a time
	streamsPerUser = 16               // of them for one caller
)

// streams counts what stays open and ends it.
type streams struct {
	ctx   context.Context
	close context.CancelFunc
	most  int    // at a time
	each  int    // of them for one caller
	named string // what is counted, in the plural
	mu    sync.Mutex
	total int
	by    map[string]int
}

func newStreams(named string, most, each int) *streams {
	ctx, cancel := context.WithCancel(context.Background())
	return &streams{ctx: ctx, close: cancel, named: named, most: most, each: each, by: map[string]int{}}
}

// open takes a place; an error says why there is none.
func (s *streams) open(who string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ctx.Err() != nil:
		return retryAfter(problem(http.StatusServiceUnavailable, "the server is stopping"), time.Second)
	case s.total >= s.most:
		return retryAfter(problem(http.StatusTooManyRequests, "%d %s are open, which is the most; close some", s.most, s.named), time.Minute)
	case s.by[who] >= s.each:
		return retryAfter(problem(http.StatusTooManyRequests, "%s has %d %s open, which is the most; close some", who, s.each, s.named), time.Minute)
	}
	s.total++
	s.by[who]++
	return nil
}

func (s *streams) done(who string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total--
	if s.by[who]--; s.by[who] == 0 {
		delete(s.by, who)
	}
}

func streamOperation() huma.Operation {
	op := route{call: "GET /stream", gate: viewer, id: "stream", tag: "events", summary: "Follow events live",
		more: "Server-sent events: id is a place in the event log, event the topic, data the event's envelope. " +
			"With Last-Event-ID or after it goes on behind that place, otherwise it begins with what happens next. " +
			"A comment every 15 seconds keeps it open.", errors: []int{429}}.operation()
	op.Responses = map[string]*huma.Response{"200": {
		Description: "Events until the caller, or the server, has enough.",
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: "string"}}},
	}}
	return op
}

type streamInput struct {
	LastEventID string   `header:"Last-Event-ID" maxLength:"64" doc:"Id of the last event the caller has."`
	After       string   `query:"after" maxLength:"64" example:"2026-03-14/42" doc:"The same, where headers cannot be set. Last-Event-ID wins."`
	Topics      []string `query:"topics,explode" maxItems:"16" nullable:"false" doc:"Only these topics: patterns such as leak.>; may repeat."`
}

func (s *server) stream(ctx context.Context, in *streamInput) (*huma.StreamResponse, error) {
	for _, t := range in.Topics {
		if err := event.CheckPattern(t); err != nil {
			return nil, invalid("query.topics", err.Error())
		}
	}
	from, err := s.startOf(ctx, in)
	if err != nil {
		return nil, s.answer(ctx, err)
	}
	who, _ := auth.PrincipalFrom(ctx)
	if err := s.streams.open(who.Label()); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer s.streams.done(who.Label())
		s.follow(hc, from, in.Topics)
	}}, nil
}

// startOf returns the place a stream begins behind: the one the caller names,
// or the head of the log. A place beyond the head is of another log (the data
// directory was replaced): to wait until this one gets there would be silence.
func (s *server) startOf(ctx context.Context, in *streamInput) (event.Cursor, error) {
	where, text := "header.Last-Event-ID", in.LastEventID
	if text == "" {
		where, text = "query.after", in.After
	}
	asked, err := event.ParseCursor(text)
	if err != nil {
		return asked, invalid(where, err.Error())
	}
	ctx, cancel := context.WithTimeout(ctx, streamRead)
	defer cancel()
	head, err := s.Events.Head(ctx)
	if err != nil {
		return head, fmt.Errorf("reading the head of the event log: %w", err)
	}
	if head == (event.Cursor{}) {
		head = event.Cursor{Day: "1970-01-01"} // an empty id would not make a browser resume
	}
	if text == "" || asked.Seq > head.Seq {
		return head, nil
	}
	return asked, nil
}

// follow writes the stream until somebody has enough.
func (s *server) follow(hc huma.Context, from event.Cursor, topics []string) {
	r, w := humago.Unwrap(hc)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.streams.ctx, cancel)()
	f := &follower{server: s, out: w, control: http.NewResponseController(w), again: peerOf(ctx).again, at: from, said: from, topics: topics}
	hc.SetHeader("Content-Type", "text/event-stream")
	hc.SetHeader("X-Accel-Buffering", "no") // asks nginx to pass events on at once
	hc.SetStatus(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	if err := f.run(ctx); err != nil && ctx.Err() == nil {
		s.Log.InfoContext(ctx, "stream ended", "reason", err)
	}
}

// follower is one open stream.
type follower struct {
	*server
	out     http.ResponseWriter
	control *http.ResponseController
	again   func(context.Context) error
	at      event.Cursor // read up to here
	said    event.Cursor // the client knows it is up to here
	topics  []string
}

func (f *follower) run(ctx context.Context) error {
	wake, unsubscribe := f.subscribe()
	defer unsubscribe()
	// The place comes first: a client that is cut off before its first event
	// then resumes here and misses nothing.
	if err := f.write(fmt.Appendf(nil, "retry: 2000\nid: %s\n\n", f.at)); err != nil {
		return err
	}
	beat, poll := f.Clock.After(streamBeat), f.Clock.After(streamPoll)
	for {
		n, err := f.forward(ctx)
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-more(n):
		case <-wake:
		case <-poll:
			poll = f.Clock.After(streamPoll)
		case <-beat:
			if err := f.beat(ctx); err != nil {
				return err
			}
			beat = f.Clock.After(streamBeat)
		}
	}
}

// more is ready when a full batch says that there may be more to read at once.
func more(n int) <-chan struct{} {
	if n < streamBatch {
		return nil
	}
	ready := make(chan struct{})
	close(ready)
	return ready
}

func (f *follower) subscribe() (<-chan struct{}, func()) {
	if f.Wake == nil {
		return nil, func() {}
	}
	return f.Wake()
}

// forward reads one batch and writes what the caller asked for.
func (f *follower) forward(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, streamRead)
	defer cancel()
	records, err := f.Events.Events(ctx, f.at, streamBatch)
	if err != nil {
		return 0, fmt.Errorf("reading events: %w", err)
	}
	var out bytes.Buffer
	for _, r := range records {
		f.at = r.Cursor
		if !f.wanted(r.Event.Topic) {
			continue
		}
		data, err := json.Marshal(r.Event)
		if err != nil {
			return 0, fmt.Errorf("encoding event %s: %w", r.Event.ID, err)
		}
		fmt.Fprintf(&out, "id: %s\nevent: %s\ndata: %s\n\n", r.Cursor, r.Event.Topic, event.PlainJSON(data))
		f.said = r.Cursor
	}
	if out.Len() == 0 {
		return len(records), nil
	}
	return len(records), f.write(out.Bytes())
}

func (f *follower) wanted(topic string) bool {
	return len(f.topics) == 0 || slices.ContainsFunc(f.topics, func(p string) bool { return event.Match(p, topic) })
}

// beat keeps the connection open and looks whether the caller may still read.
// When events passed that were not asked for, it moves the place to resume at.
func (f *follower) beat(ctx context.Context) error {
	if err := f.again(ctx); err != nil {
		return fmt.Errorf("caller may not read any more: %w", err)
	}
	line := []byte(": still here\n\n")
	if f.said != f.at {
		line = fmt.Appendf(line, "id: %s\n\n", f.at)
		f.said = f.at
	}
	return f.write(line)
}

func (f *follower) write(b []byte) error {
	err := f.control.SetWriteDeadline(time.Now().Add(streamWrite))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("setting write deadline: %w", err)
	}
	if _, err := f.out.Write(b); err != nil {
		return fmt.Errorf("writing to stream: %w", err)
	}
	if err := f.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("flushing stream: %w", err)
	}
	return nil
}
